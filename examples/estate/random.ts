// A small seeded source of pseudo-random values.
// The same seed gives the same values on every machine and in every run: only 32-bit integer
// arithmetic is used, and nothing here reads a clock.

export type Seed = string;

const hexPairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** FNV-1a over the seed's characters, started from `basis`, with a last mix of the bits. */
function hash(text: string, basis: number): number {
  let value = basis;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x45d9f3b);
  return (value ^ (value >>> 15)) | 0;
}

/** Values drawn from the `sfc32` generator. */
export class Random {
  readonly #seed: Seed;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: Seed) {
    this.#seed = seed;
    this.#a = hash(seed, 0x811c9dc5 | 0);
    this.#b = hash(seed, 0x9e3779b9 | 0);
    this.#c = hash(seed, 0x2545f491);
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** A generator of its own, so that drawing more here does not change what is drawn there. */
  fork(label: string): Random {
    return new Random(`${this.#seed}/${label}`);
  }

  uint32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }

  /** At least 0 and below 1. */
  unit(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  /** A whole number from 0 to `limit - 1`. */
  below(limit: number): number {
    return Math.floor(this.unit() * limit);
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError('cannot pick from an empty list');
    return item;
  }

  hex(length: number): string {
    let text = '';
    while (text.length < length) {
      const word = this.uint32();
      text +=
        (hexPairs[word >>> 24] ?? '') +
        (hexPairs[(word >>> 16) & 255] ?? '') +
        (hexPairs[(word >>> 8) & 255] ?? '') +
        (hexPairs[word & 255] ?? '');
    }
    return text.slice(0, length);
  }

  /** A random UUID, version 4. */
  uuid(): string {
    const hex = this.hex(32);
    const variant = '89ab'.charAt(this.uint32() & 3);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
  }

  /** Upper-case letters and digits, as in AWS's unique ids and key ids. */
  base32(length: number): string {
    return this.#text(base32, length);
  }

  /** As in session tokens and other opaque values. */
  base64(length: number): string {
    return this.#text(base64, length);
  }

  alphanumeric(length: number): string {
    return this.#text(letters, length);
  }

  /** The same items in another order. */
  shuffle<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const held = shuffled[i];
      const other = shuffled[j];
      if (held !== undefined && other !== undefined) {
        shuffled[i] = other;
        shuffled[j] = held;
      }
    }
    return shuffled;
  }

  #text(alphabet: string, length: number): string {
    let text = '';
    for (let i = 0; i < length; i++) text += alphabet.charAt(this.below(alphabet.length));
    return text;
  }
}

/** Draws items as often as their weights say. Weights are relative; their sum does not matter. */
export class WeightedTable<T> {
  readonly #items: readonly T[];
  readonly #upTo: Float64Array;
  readonly #total: number;

  constructor(weighted: readonly (readonly [item: T, weight: number])[]) {
    this.#items = weighted.map(([item]) => item);
    this.#upTo = new Float64Array(weighted.length);
    let total = 0;
    for (const [index, [, weight]] of weighted.entries()) {
      total += weight;
      this.#upTo[index] = total;
    }
    this.#total = total;
  }

  draw(random: Random): T {
    const at = random.unit() * this.#total;
    let low = 0;
    let high = this.#upTo.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#upTo[middle] ?? 0) > at) high = middle;
      else low = middle + 1;
    }
    const item = this.#items[low];
    if (item === undefined) throw new RangeError('cannot draw from an empty table');
    return item;
  }
}
