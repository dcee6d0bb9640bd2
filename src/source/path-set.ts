// Remembers which paths were met, at eight bytes each, so that a million files cost megabytes.
// Two paths are taken for one when 64 bits of their SHA-256 agree, which honest names never do.

import { hash } from 'node:crypto';

export class PathSet {
  // Open addressing; 0 marks a free place.
  #slots = new BigUint64Array(1024);
  #size = 0;

  /** True when the path was not there before. */
  add(path: string): boolean {
    if (this.#size * 2 >= this.#slots.length) this.#grow();
    const isNew = put(this.#slots, fingerprint(path));
    if (isNew) this.#size += 1;
    return isNew;
  }

  #grow(): void {
    const larger = new BigUint64Array(this.#slots.length * 2);
    for (const value of this.#slots) if (value !== 0n) put(larger, value);
    this.#slots = larger;
  }
}

function fingerprint(path: string): bigint {
  const value = hash('sha256', path, 'buffer').readBigUInt64LE();
  return value === 0n ? 1n : value;
}

function put(slots: BigUint64Array, value: bigint): boolean {
  const mask = slots.length - 1;
  let index = Number(value & BigInt(mask));
  for (;;) {
    const there = slots[index];
    if (there === value) return false;
    if (there === 0n) {
      slots[index] = value;
      return true;
    }
    index = (index + 1) & mask;
  }
}
