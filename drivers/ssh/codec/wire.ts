/** The few data types of SSH that keys and certificates are made of (RFC 4251, section 5). Nothing here throws. */

/** Reads fields one after another; once the bytes do not suffice every further field is undefined, and `whole` stays false. */
export class Fields {
  readonly #bytes: Buffer;
  #at = 0;
  #short = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes read so far. */
  get at(): number {
    return this.#at;
  }

  /** Every field was there, and nothing is left. */
  get whole(): boolean {
    return !this.#short && this.#at === this.#bytes.length;
  }

  /** `string`: a length in 4 bytes, and so many bytes. */
  string(): Uint8Array | undefined {
    const length = this.#take(4)?.readUInt32BE(0);
    return length === undefined ? undefined : this.#take(length);
  }

  /** A `string` that holds text. */
  text(): string | undefined {
    const bytes = this.string();
    return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
  }

  uint32(): number | undefined {
    return this.#take(4)?.readUInt32BE(0);
  }

  uint64(): bigint | undefined {
    return this.#take(8)?.readBigUInt64BE(0);
  }

  #take(length: number): Buffer | undefined {
    if (this.#short || length > this.#bytes.length - this.#at) {
      this.#short = true;
      return undefined;
    }
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }
}

/** Every `string` of a list that is nothing but strings; undefined where it is cut, or longer than `most`. */
export function strings(bytes: Uint8Array, most: number): readonly Uint8Array[] | undefined {
  const fields = new Fields(bytes);
  const found: Uint8Array[] = [];
  while (!fields.whole) {
    const next = fields.string();
    if (next === undefined || found.length >= most) return undefined;
    found.push(next);
  }
  return found;
}

export function stringField(value: string | Uint8Array): Uint8Array {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** An `mpint` that is not negative, without leading zeros; undefined where it is negative. */
export function magnitude(mpint: Uint8Array): Uint8Array | undefined {
  if ((mpint[0] ?? 0) >= 0x80) return undefined;
  const first = mpint.findIndex((byte) => byte !== 0);
  return first < 0 ? new Uint8Array(0) : mpint.subarray(first);
}

export const sameBytes = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;
