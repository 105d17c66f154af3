/** Listening for secrets: what is printed past the tools, and the shapes in which a secret could be told. */

interface Ears {
  readonly heard: readonly string[];
  end(): void;
}

const LEVELS = ['log', 'info', 'warn', 'error', 'debug'] as const;

/** Everything printed on the console or on the standard streams from now until `end`; it is still printed as well. */
export function overhear(): Ears {
  const heard: string[] = [];
  const undo: (() => void)[] = [];
  for (const level of LEVELS) {
    const original = console[level];
    console[level] = (...args: unknown[]) => {
      heard.push(args.map(textOf).join(' '));
      original.apply(console, args);
    };
    undo.push(() => {
      console[level] = original;
    });
  }
  for (const stream of [process.stdout, process.stderr]) {
    const before = Object.getOwnPropertyDescriptor(stream, 'write');
    const write = stream.write.bind(stream);
    const listening = (...args: Parameters<typeof write>): boolean => {
      heard.push(textOf(args[0]));
      return write(...args);
    };
    stream.write = listening as typeof write;
    undo.push(() => {
      if (before === undefined) Reflect.deleteProperty(stream, 'write');
      else Object.defineProperty(stream, 'write', before);
    });
  }
  const end = (): void => {
    for (const step of undo.reverse()) step();
  };
  return { heard, end };
}

/** The secret as it is, and as the encodings in which protocols and logs carry it. */
export function spellings(secret: string): readonly { readonly as: string; readonly text: string }[] {
  const bytes = Buffer.from(secret, 'utf8');
  const hex = bytes.toString('hex');
  return [
    { as: 'in the clear', text: secret },
    { as: 'as JSON', text: JSON.stringify(secret).slice(1, -1) },
    { as: 'as hexadecimal', text: hex },
    { as: 'as hexadecimal', text: hex.toUpperCase() },
    { as: 'as hexadecimal bytes', text: (hex.match(/../g) ?? []).join(' ') },
    { as: 'as base64', text: bytes.toString('base64').replace(/=+$/, '') },
    { as: 'percent-encoded', text: encodeURIComponent(secret) },
  ];
}

/** Any value as a text in which nothing that could be printed is hidden. Bytes are shown as they read. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  if (value instanceof Error) return `${value.stack ?? value.message} ${textOf(value.cause)}`;
  const seen = new Set<unknown>();
  try {
    const text: string | undefined = JSON.stringify(value, (_key, item: unknown) => {
      if (typeof item === 'bigint') return String(item);
      if (item instanceof Error) return textOf(item);
      if (item instanceof Map || item instanceof Set) return [...(item as Iterable<unknown>)];
      if (typeof item !== 'object' || item === null) return item;
      if (seen.has(item)) return '(seen above)';
      seen.add(item);
      return item;
    });
    return text ?? String(value);
  } catch (error) {
    return String(error);
  }
}
