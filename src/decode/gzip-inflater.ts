// Unpacks gzip with the kernel, to where the kernel looks for records: nothing is copied on the way.
// Accepts what zlib accepts, and says what is wrong in zlib's words. What was unpacked before the
// damage, to the byte, is committed.

import { crc32 } from 'node:zlib';
import { GzipHeader } from './gzip-header.ts';
import { InflateError, type Inflater } from './inflater.ts';
import {
  foldMinBytes,
  inflateErrors,
  inflateStatus,
  minInflateRoomBytes,
  restBytes,
  stageBytes,
  type Kernel,
} from './kernel.ts';

/**
 * A target in the kernel's memory, for one stream at a time: every room has at least 1 KiB, and right
 * before it stands what was committed last, up to 32 KiB.
 */
export type KernelTarget = {
  readonly kernel: Kernel;
  /** Where the room begins and ends, until the next `commit`. */
  roomAddresses(): readonly [number, number];
  commit(bytes: number): void;
};

type State = 'header' | 'data' | 'sum' | 'length' | 'padding';

export class GzipInflater implements Inflater {
  readonly #target: KernelTarget;
  readonly #kernel: Kernel;
  readonly #stage: number;
  #memory: Buffer;
  #rest: Uint8Array;
  /** Addresses of the packed bytes in the stage that are not used up. */
  #from: number;
  #end: number;
  #state: State = 'header';
  #header = new GzipHeader();
  /** Of the member so far: its checksum, and its unpacked bytes modulo 2 to the 32. */
  #sum = 0;
  #length = 0;

  constructor(target: KernelTarget) {
    this.#target = target;
    this.#kernel = target.kernel;
    this.#stage = target.kernel.stageStart();
    this.#memory = Buffer.from(target.kernel.memory.buffer);
    this.#rest = restOf(target.kernel);
    this.#from = this.#stage;
    this.#end = this.#stage;
  }

  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) {
      // What is left over is less than a block's header.
      this.#bytes().copyWithin(this.#stage, this.#from, this.#end);
      this.#end -= this.#from - this.#stage;
      this.#from = this.#stage;
      const bytes = Math.min(this.#stage + stageBytes - this.#end, chunk.length - at);
      this.#bytes().set(chunk.subarray(at, at + bytes), this.#end);
      this.#end += bytes;
      at += bytes;
      this.#run(false);
    }
  }

  finish(): void {
    this.#run(true);
    if (this.#state !== 'padding') throw new InflateError('unexpected end of file', true);
  }

  close(): void {
    // The kernel holds nothing that is not used again.
  }

  /** The kernel's memory, which is another buffer whenever it has grown. */
  #bytes(): Buffer {
    const { buffer } = this.#kernel.memory;
    if (this.#memory.buffer !== buffer) {
      this.#memory = Buffer.from(buffer);
      this.#rest = restOf(this.#kernel);
    }
    return this.#memory;
  }

  #run(isWhole: boolean): void {
    while (this.#step(isWhole));
  }

  /** Reads one part to its end; returns false when that needs more input. */
  #step(isWhole: boolean): boolean {
    switch (this.#state) {
      case 'header':
        return this.#readHeader();
      case 'data':
        return this.#unpack(isWhole);
      case 'sum':
        return this.#compare(this.#sum, 'incorrect data check', 'length');
      case 'length':
        return this.#compare(this.#length, 'incorrect length check', 'padding');
      case 'padding':
        return this.#skipPadding();
      default:
        return this.#state satisfies never;
    }
  }

  #readHeader(): boolean {
    this.#from += this.#header.read(this.#bytes().subarray(this.#from, this.#end));
    if (!this.#header.isDone) return false;
    this.#kernel.beginInflate();
    this.#sum = 0;
    this.#length = 0;
    this.#state = 'data';
    return true;
  }

  #unpack(isWhole: boolean): boolean {
    const [to, roomEnd] = this.#target.roomAddresses();
    if (roomEnd - to < minInflateRoomBytes) throw new RangeError('the room is too small');
    const status = this.#kernel.inflate(this.#from, this.#end, Number(isWhole), to, roomEnd);
    this.#from = this.#kernel.getInput();
    const bytes = this.#kernel.getOutput() - to;
    if (bytes > 0) {
      this.#sum = this.#checksum(to, bytes);
      this.#length = (this.#length + bytes) % 2 ** 32;
      this.#target.commit(bytes);
    }
    switch (status) {
      case inflateStatus.needsInput:
        return false;
      case inflateStatus.needsRoom:
        return true;
      case inflateStatus.ended:
        this.#state = 'sum';
        return true;
      default:
        throw new InflateError(inflateErrors[status - 3] ?? `inflate answered ${status}`, false);
    }
  }

  /** The member's checksum with these bytes. */
  #checksum(from: number, bytes: number): number {
    const memory = this.#bytes();
    if (bytes < foldMinBytes) return crc32(memory.subarray(from, from + bytes), this.#sum);
    this.#kernel.fold(from, from + bytes, ~this.#sum);
    // Node begins with the complement of what it is given.
    return crc32(this.#rest, 0xffffffff);
  }

  #compare(found: number, message: string, next: State): boolean {
    if (this.#end - this.#from < 4) return false;
    if (this.#bytes().readUInt32LE(this.#from) !== found) throw new InflateError(message, false);
    this.#from += 4;
    this.#state = next;
    return true;
  }

  /** Zeros behind a member are padding; anything else has to be another member. */
  #skipPadding(): boolean {
    const bytes = this.#bytes();
    while (this.#from < this.#end && bytes[this.#from] === 0) this.#from += 1;
    if (this.#from === this.#end) return false;
    this.#header = new GzipHeader();
    this.#state = 'header';
    return true;
  }
}

/** The bytes that folding leaves. */
function restOf(kernel: Kernel): Uint8Array {
  return new Uint8Array(kernel.memory.buffer, kernel.restStart(), restBytes);
}
