/** What comes over the wire is untrusted JSON: everything is read by name, type and length, and links stay on the device. */
import { type Meaning, MESSAGES } from './quirks.ts';

export type Resource = Readonly<Record<string, unknown>>;

const isMap = (value: unknown): value is Resource => typeof value === 'object' && value !== null && !Array.isArray(value);

/** An own member; never something inherited. */
export const member = (value: unknown, name: string): unknown => (isMap(value) && Object.hasOwn(value, name) ? value[name] : undefined);

/** Follows names from map to map. */
export const inside = (value: unknown, ...names: readonly string[]): unknown => names.reduce(member, value);

const MAX_TEXT = 1024;

export function text(value: unknown, ...names: readonly string[]): string | undefined {
  const found = inside(value, ...names);
  return typeof found === 'string' && found !== '' && found.length <= MAX_TEXT ? found : undefined;
}

/** A list of texts; undefined where it is no list. Whatever in it is no text is left out. */
export function texts(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.filter((each): each is string => typeof each === 'string' && each.length <= MAX_TEXT).slice(0, 256);
}

export const amount = (value: unknown, ...names: readonly string[]): number | undefined => {
  const found = inside(value, ...names);
  return typeof found === 'number' && Number.isFinite(found) && found >= 0 ? found : undefined;
};

/** The resource that the JSON of a body holds, or undefined. */
export function parseResource(body: string): Resource | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return isMap(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The path (with query) that a link leads to on `origin` (`https://host:port`), or undefined where it leads elsewhere, is too long or is
 * no link. Fragments are dropped.
 */
export function pathOn(origin: string, link: unknown): string | undefined {
  if (typeof link !== 'string' || link === '' || link.length > 2048 || /[\x00-\x20\\]/.test(link)) return undefined;
  if (!URL.canParse(link, `${origin}/`)) return undefined;
  const url = new URL(link, `${origin}/`);
  if (url.origin !== new URL(origin).origin || url.username !== '' || url.password !== '') return undefined;
  // `/.//other/x` is a path on the device and would be a link to somebody else when it is resolved once more.
  if (url.pathname.startsWith('//')) return undefined;
  return url.pathname + url.search;
}

/** The link to another resource: `{ "@odata.id": … }`. */
export const linkOf = (value: unknown, ...names: readonly string[]): string | undefined => text(value, ...names, '@odata.id');

/** Are these two links of one device the same resource? A slash at the end makes no difference. */
export const sameLink = (a: string, b: string): boolean => a.replace(/\/+$/, '') === b.replace(/\/+$/, '');

/** The last part of a path: what a collection calls its member. */
export function lastPart(path: string): string {
  const part = path.replace(/\/+$/, '').split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export interface Said {
  /** Ids and texts of the messages of an error, joined for people. */
  readonly text: string;
  readonly means: Meaning | undefined;
}

/** Reads an error body: `error` of the specification, or its `@Message.ExtendedInfo` at the top, as some services have it. */
export function saidIn(body: Resource | undefined): Said {
  const error = member(body, 'error');
  const lists = [inside(error, '@Message.ExtendedInfo'), member(body, '@Message.ExtendedInfo')].filter((each) => Array.isArray(each));
  const infos = lists.flat().slice(0, 16) as readonly unknown[];
  const ids = [text(error, 'code'), ...infos.map((info) => text(info, 'MessageId'))].filter((each) => each !== undefined);
  const words = [text(error, 'message'), ...infos.map((info) => text(info, 'Message'))].filter((each) => each !== undefined);
  const found = MESSAGES.find(({ pattern }) => [...ids, ...words].some((each) => pattern.test(each)));
  return { text: [...new Set([...ids, ...words])].join('; '), means: found?.means };
}
