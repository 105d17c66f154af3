/** The settings of a person. */
import type { SettingsSchema } from '../kit/contract.ts';

export const settings: SettingsSchema = {
  who: { kind: 'string', says: 'who is called: a name, a role, a rota', required: true, pattern: /\S/, maxBytes: 200 },
  contact: { kind: 'string', says: 'how they are reached: a telephone number, a channel', pattern: /\S/, maxBytes: 200 },
  does: { kind: 'string', says: 'what they are to do: `pull both cords of rack 3, unit 12`', pattern: /\S/, maxBytes: 500 },
};

export interface Person {
  /** Name and, where it is told, how they are reached. */
  readonly called: string;
  readonly does: string | undefined;
}

/** `checked` has passed checkSettings. */
export function personOf(checked: Readonly<Record<string, unknown>>): Person {
  const text = (name: string): string | undefined => (typeof checked[name] === 'string' ? checked[name] : undefined);
  const contact = text('contact');
  return { called: `${text('who') ?? 'somebody'}${contact === undefined ? '' : ` (${contact})`}`, does: text('does') };
}
