/**
 * A record of which a new version costs only what has changed: entries lie in buckets by their key, and all buckets but one are shared with the
 * version before. It never changes, and is told in the order in which keys came in. In JSON it is a list of keys with their values: an object would tell
 * keys that look like numbers first, and what is decided by the first that fits would be decided otherwise after a start.
 */
interface Entry<T> {
  readonly key: string;
  readonly hash: number;
  /** Counts the keys that came in. */
  readonly place: number;
  readonly value: T;
}

type Bucket<T> = readonly Entry<T>[];

/** Buckets and what lies in each grow alike: about as many entries are copied as buckets. */
const FEWEST = 4;
const isCramped = (size: number, buckets: number): boolean => size > (buckets * buckets) / 2;

/** Values of which something can be asked in groups: the group that each belongs to, by the name of the grouping. */
export type Groupings<T, G extends string> = Readonly<Record<G, (value: T) => string>>;

export class Table<T, G extends string = never> {
  readonly size: number;
  readonly #buckets: readonly Bucket<T>[];
  readonly #places: number;
  readonly #groupings: Groupings<T, G>;
  /** For each grouping the keys of each of its groups. */
  readonly #groups: ReadonlyMap<G, Table<readonly string[]>>;
  #told: readonly Entry<T>[] | undefined;

  private constructor(buckets: readonly Bucket<T>[], size: number, places: number, groupings: Groupings<T, G>, groups: Groups<G>) {
    this.#buckets = buckets;
    this.size = size;
    this.#places = places;
    this.#groupings = groupings;
    this.#groups = groups;
  }

  static of<T>(entries: Iterable<readonly [string, T]>): Table<T> {
    return Table.grouped(entries, {});
  }

  static grouped<T, G extends string>(entries: Iterable<readonly [string, T]>, groupings: Groupings<T, G>): Table<T, G> {
    const names = Object.keys(groupings) as G[];
    const none: Groups<G> = new Map(names.map((name) => [name, NONE] as const));
    const empty = new Table<T, G>(
      Array.from({ length: FEWEST }, () => []),
      0,
      0,
      groupings,
      none,
    );
    return [...entries].reduce((table, [key, value]) => table.with(key, value), empty);
  }

  get(key: string): T | undefined {
    return this.#find(key, hashOf(key))?.value;
  }

  has(key: string): boolean {
    return this.#find(key, hashOf(key)) !== undefined;
  }

  /** In the order in which they came in, as all that follow. */
  keys(): readonly string[] {
    return this.#entries().map(({ key }) => key);
  }

  values(): readonly T[] {
    return this.#entries().map(({ value }) => value);
  }

  entries(): readonly (readonly [string, T])[] {
    return this.#entries().map(({ key, value }) => [key, value] as const);
  }

  [Symbol.iterator](): Iterator<readonly [string, T]> {
    return this.entries()[Symbol.iterator]();
  }

  toJSON(): readonly (readonly [string, T])[] {
    return this.entries();
  }

  /** The values of one group. */
  in(grouping: G, group: string): readonly T[] {
    const keys = this.#groups.get(grouping)?.get(group) ?? [];
    return keys.flatMap((key) => this.get(key) ?? []);
  }

  /** The values part by part: a part is the same object for as long as nothing in it has changed. */
  get parts(): readonly (readonly { readonly key: string; readonly value: T }[])[] {
    return this.#buckets;
  }

  /** A key that is there keeps its place. */
  with(key: string, value: T): Table<T, G> {
    const hash = hashOf(key);
    const before = this.#find(key, hash);
    if (before !== undefined && before.value === value) return this;
    const entry: Entry<T> = { key, hash, place: before?.place ?? this.#places, value };
    const groups = this.#regrouped(key, before?.value, value);
    if (before === undefined && isCramped(this.size + 1, this.#buckets.length))
      return new Table(
        [...spread([...this.#buckets.flat(), entry], this.#buckets.length * 2)],
        this.size + 1,
        this.#places + 1,
        this.#groupings,
        groups,
      );
    const at = hash & (this.#buckets.length - 1);
    const bucket = this.#buckets[at] ?? [];
    const after = before === undefined ? [...bucket, entry] : bucket.with(bucket.indexOf(before), entry);
    const added = before === undefined ? 1 : 0;
    return new Table(this.#buckets.with(at, after), this.size + added, this.#places + added, this.#groupings, groups);
  }

  without(key: string): Table<T, G> {
    const hash = hashOf(key);
    const before = this.#find(key, hash);
    if (before === undefined) return this;
    const at = hash & (this.#buckets.length - 1);
    const bucket = this.#buckets[at] ?? [];
    const groups = this.#regrouped(key, before.value, undefined);
    return new Table(
      this.#buckets.with(at, bucket.toSpliced(bucket.indexOf(before), 1)),
      this.size - 1,
      this.#places,
      this.#groupings,
      groups,
    );
  }

  /** Each value changed; those that are undefined are left out. */
  map(change: (value: T, key: string) => T | undefined): Table<T, G> {
    return this.entries().reduce((table: Table<T, G>, [key, value]) => {
      const after = change(value, key);
      return after === undefined ? table.without(key) : table.with(key, after);
    }, this);
  }

  #find(key: string, hash: number): Entry<T> | undefined {
    return this.#buckets[hash & (this.#buckets.length - 1)]?.find((entry) => entry.hash === hash && entry.key === key);
  }

  #entries(): readonly Entry<T>[] {
    this.#told ??= this.#buckets.flat().sort((a, b) => a.place - b.place);
    return this.#told;
  }

  #regrouped(key: string, before: T | undefined, after: T | undefined): Groups<G> {
    let groups = this.#groups;
    for (const [grouping, keys] of this.#groups) {
      const groupOf = this.#groupings[grouping];
      const [from, to] = [before === undefined ? undefined : groupOf(before), after === undefined ? undefined : groupOf(after)];
      if (from === to) continue;
      let moved = keys;
      if (from !== undefined) {
        const left = (moved.get(from) ?? []).filter((one) => one !== key);
        moved = left.length === 0 ? moved.without(from) : moved.with(from, left);
      }
      if (to !== undefined) moved = moved.with(to, [...(moved.get(to) ?? []), key]);
      groups = new Map(groups).set(grouping, moved);
    }
    return groups;
  }
}

type Groups<G> = ReadonlyMap<G, Table<readonly string[]>>;

/** No keys of any group. */
const NONE: Table<readonly string[]> = Table.of([]);

/** Keys of which the two tables say something else. What they share is not looked at. */
export function changedIn<T>(before: Table<T, string>, after: Table<T, string>): readonly string[] {
  if (before === after) return [];
  const [was, is] = [before.parts, after.parts];
  const keys = new Set<string>();
  for (let at = 0; at < Math.max(was.length, is.length); at += 1) {
    if (was.length === is.length && was[at] === is[at]) continue;
    for (const { key } of [...(was[at] ?? []), ...(is[at] ?? [])]) if (before.get(key) !== after.get(key)) keys.add(key);
  }
  return [...keys];
}

/** What is made of the values of each part of a table. Of a part that has not changed since, it is not made again. */
export class Summary<T, R> {
  readonly #make: (values: readonly T[]) => R;
  readonly #made = new WeakMap<object, R>();
  /** Of the table that was looked at last: most parts of the next one are the same. */
  #seen: Table<T, string>['parts'] = [];
  #told: readonly R[] = [];

  constructor(make: (values: readonly T[]) => R) {
    this.#make = make;
  }

  /** One for each part, also for those that are empty. */
  of({ parts }: Table<T, string>): readonly R[] {
    if (parts === this.#seen) return this.#told;
    const [seen, told] = [this.#seen, this.#told];
    this.#told = parts.map((part, at) => (part === seen[at] ? (told[at] as R) : this.#ofPart(part)));
    this.#seen = parts;
    return this.#told;
  }

  #ofPart(part: readonly { readonly value: T }[]): R {
    const known = this.#made.get(part);
    if (known !== undefined) return known;
    const made = this.#make(part.map(({ value }) => value));
    this.#made.set(part, made);
    return made;
  }
}

function spread<T>(entries: readonly Entry<T>[], buckets: number): readonly Bucket<T>[] {
  const spread: Entry<T>[][] = Array.from({ length: buckets }, () => []);
  for (const entry of entries) spread[entry.hash & (buckets - 1)]?.push(entry);
  return spread;
}

/** FNV-1a over UTF-16 code units, with its high bits mixed in, since only the lowest choose the bucket. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at += 1) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}
