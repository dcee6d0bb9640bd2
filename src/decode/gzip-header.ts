// The header of a gzip member (RFC 1952), read as its bytes come, however they are cut. Refuses what
// zlib refuses, in zlib's words; names and comments are passed over, whatever their length.

import { crc32 } from 'node:zlib';
import { InflateError } from './inflater.ts';

const hasHeaderSum = 2;
const hasExtra = 4;
const hasName = 8;
const hasComment = 16;
const unknownFlags = 0xe0;

const steps = ['fixed', 'extraLength', 'extra', 'name', 'comment', 'sum', 'done'] as const;
type Step = (typeof steps)[number];

/** The flag without which a step has nothing to read. */
const flagOf: Partial<Record<Step, number>> = {
  extraLength: hasExtra,
  extra: hasExtra,
  name: hasName,
  comment: hasComment,
  sum: hasHeaderSum,
};

const fixedBytes = 10;

export class GzipHeader {
  #step: Step = 'fixed';
  /** Bytes of this step that were read. */
  #read = 0;
  #last = 0;
  #flags = 0;
  #extraBytes = 0;
  #sum = 0;

  get isDone(): boolean {
    return this.#step === 'done';
  }

  /**
   * Reads on in `bytes`; returns how many of them belong to the header.
   *
   * @throws InflateError with zlib's words where this is no header
   */
  read(bytes: Uint8Array): number {
    let at = 0;
    while (at < bytes.length && this.#step !== 'done') {
      const from = at;
      const step = this.#step;
      while (at < bytes.length && this.#step === step) this.#take(bytes[at++] ?? 0);
      if (step !== 'sum') this.#sum = crc32(bytes.subarray(from, at), this.#sum);
    }
    return at;
  }

  #take(byte: number): void {
    this.#read += 1;
    switch (this.#step) {
      case 'fixed':
        this.#takeFixed(byte);
        break;
      case 'extraLength':
        if (this.#read === 2) {
          this.#extraBytes = this.#last + 256 * byte;
          this.#next();
          if (this.#extraBytes === 0) this.#next();
        }
        break;
      case 'extra':
        if (this.#read === this.#extraBytes) this.#next();
        break;
      case 'name':
      case 'comment':
        if (byte === 0) this.#next();
        break;
      case 'sum':
        if (this.#read === 2) {
          if (this.#last + 256 * byte !== this.#sum % 65_536) {
            throw new InflateError('header crc mismatch', false);
          }
          this.#next();
        }
        break;
      case 'done':
        break;
      default:
        this.#step satisfies never;
    }
    this.#last = byte;
  }

  /** As zlib does, two bytes are looked at together. */
  #takeFixed(byte: number): void {
    if (this.#read === 2 && (this.#last !== 0x1f || byte !== 0x8b)) {
      throw new InflateError('incorrect header check', false);
    }
    if (this.#read === 4) {
      if (this.#last !== 8) throw new InflateError('unknown compression method', false);
      if ((byte & unknownFlags) !== 0) throw new InflateError('unknown header flags set', false);
      this.#flags = byte;
    }
    if (this.#read === fixedBytes) this.#next();
  }

  #next(): void {
    this.#read = 0;
    do this.#step = steps[steps.indexOf(this.#step) + 1] ?? 'done';
    while (this.#isLeftOut());
  }

  #isLeftOut(): boolean {
    const flag = flagOf[this.#step];
    return flag !== undefined && (this.#flags & flag) === 0;
  }
}
