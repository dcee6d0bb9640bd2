// Cuts a stream of JSON, in any of the layouts in which CloudTrail records are kept, into units and
// hands on the parsed ones that can matter. Exact for well-formed input: the same units as a
// reader that parses everything. For malformed input it reports the place and finds the next record.
// Memory is bounded by the largest unit held (`maxUnitBytes`), whatever the size of the stream.

import { isUtf8 } from 'node:buffer';
import type { ProblemCode } from '../errors/catalogue.ts';
import { createKernel, historyBytes, kernelStatus, unitFlag, type Kernel } from './kernel.ts';

export type Place = {
  /** Index of the unit in its stream, from 0. */
  readonly record: number;
  /** Byte offset of its first byte in the unpacked stream. */
  readonly offset: number;
};

export type ScannerSink = {
  /** A unit that can matter, parsed: a record, or an envelope that may hold some. */
  unit(value: unknown, place: Place): void;
  problem(code: ProblemCode, message: string, place: Place): void;
};

export type ScannerTotals = {
  /** Units in the stream, whether handed on or not. */
  readonly units: number;
  /** Units handed on as candidates, including those that turned out not to be JSON. */
  readonly candidates: number;
  /** Bytes of the stream. */
  readonly bytes: number;
};

export type RecordScannerOptions = {
  /** The event names that can matter; null hands on every unit. */
  readonly eventNames: ReadonlySet<string> | null;
  /** The largest unit that is held in memory, in bytes. */
  readonly maxUnitBytes?: number;
};

const wasmPageBytes = 65_536;
/** A name and its value are read whole: blocks end this far before the data does. */
const lookaheadBytes = 256;
const paddingBytes = 512;
const minRoomBytes = 131_072;
const defaultMaxUnitBytes = 33_554_432;
const contextBytes = 16;
const byteOrderMark = 0xefbbbf;
const byteOrderMarkBytes = 3;
/** Room for an envelope's key, every letter escaped, and blanks. */
const keyBytes = 256;

const envelopeKeys = new Set(['Records', 'records', 'Events', 'logEvents', 'Messages']);

export class RecordScanner {
  readonly #kernel: Kernel;
  readonly #dataStart: number;
  readonly #maxUnitBytes: number;
  readonly #all: boolean;
  #bytes: Buffer;
  #sink: ScannerSink = { unit: () => undefined, problem: () => undefined };
  /** One past the last byte of data. */
  #dataEnd = 0;
  /** Where the next block begins. */
  #scanned = 0;
  /** Offset in the stream of the byte at `#dataStart`. */
  #base = 0;
  #candidates = 0;
  #rescannedBytes = 0;
  #sawEnvelope = false;

  constructor({ eventNames, maxUnitBytes = defaultMaxUnitBytes }: RecordScannerOptions) {
    this.#kernel = createKernel();
    this.#dataStart = this.#kernel.dataStart();
    this.#maxUnitBytes = maxUnitBytes;
    this.#all = eventNames === null;
    this.#bytes = Buffer.from(this.#kernel.memory.buffer);
    for (const name of eventNames ?? []) {
      const length = this.#bytes.write(name, this.#dataStart, 'utf8');
      this.#kernel.addName(this.#dataStart, length);
    }
  }

  /** The kernel whose memory the rooms are in. */
  get kernel(): Kernel {
    return this.#kernel;
  }

  /** Begins another stream. */
  begin(sink: ScannerSink): void {
    this.#sink = sink;
    this.#dataEnd = this.#dataStart;
    this.#scanned = this.#dataStart;
    this.#base = 0;
    this.#candidates = 0;
    this.#rescannedBytes = 0;
    this.#sawEnvelope = false;
    // The kernel looks a little behind; what stands there is of the last stream.
    this.#bytes.fill(0, this.#dataStart - contextBytes, this.#dataStart);
    this.#kernel.begin(this.#all ? 1 : 0);
  }

  /**
   * Where to write the next bytes of the stream: at least 128 KiB of the kernel's memory, right behind
   * the last 32 KiB that were committed.
   * Valid until the next call of this scanner; tell how much was written with `commit`.
   */
  room(): Buffer {
    const [from, to] = this.roomAddresses();
    return this.#bytes.subarray(from, to);
  }

  /** Where the room begins and ends in the kernel's memory. */
  roomAddresses(): readonly [number, number] {
    if (this.#capacity() - this.#dataEnd < minRoomBytes) this.#makeRoom();
    return [this.#dataEnd, this.#capacity()];
  }

  commit(bytes: number): void {
    this.#dataEnd += bytes;
    this.#run(false);
  }

  /** Copies a chunk in. */
  write(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      const room = this.room();
      const length = Math.min(room.length, chunk.length - at);
      room.set(chunk.subarray(at, at + length));
      this.commit(length);
      at += length;
    }
  }

  /**
   * Ends the stream.
   *
   * @param cut whether the end is known to be missing, and so need not be reported again
   */
  end(cut = false): ScannerTotals {
    this.#run(true);
    while (this.#isUnfinished()) {
      const start = this.#kernel.getUnitStart();
      const place = this.#place(start === -1 ? this.#dataEnd : start);
      const next = start === -1 || this.#kernel.isMuted() !== 0 ? -1 : this.#findRecord(start + 1);
      if (next === -1) {
        if (!cut) {
          this.#sink.problem('record/truncated', 'the file ends in the middle of a record', place);
        }
        break;
      }
      this.#sink.problem('record/bad-json', 'this record has no end', place);
      this.#resumeAt(next);
      this.#run(true);
    }
    const units = this.#kernel.getUnitCount();
    const bytes = this.#base + this.#dataEnd - this.#dataStart;
    this.#kernel.readGap(this.#dataEnd);
    this.#reportGap(units === 0 && !this.#sawEnvelope);
    return { units, candidates: this.#candidates, bytes };
  }

  #capacity(): number {
    return this.#bytes.length - paddingBytes;
  }

  #place(address: number): Place {
    return {
      record: this.#kernel.getUnitCount(),
      offset: this.#base + address - this.#dataStart,
    };
  }

  #run(final: boolean): void {
    let to = this.#dataEnd - lookaheadBytes;
    if (final) {
      this.#bytes.fill(0x20, this.#dataEnd, this.#dataEnd + paddingBytes);
      to = this.#dataEnd + 128;
    }
    if (this.#scanned === this.#dataStart && this.#base === 0) this.#skipByteOrderMark();
    while (to - this.#scanned >= 64) {
      this.#scanned = this.#kernel.scan(this.#scanned, to, this.#dataEnd);
      const status = this.#kernel.getStatus();
      if (this.#takeUnits()) continue;
      switch (status) {
        case kernelStatus.done:
          return;
        case kernelStatus.unitsFull:
          break;
        case kernelStatus.containerClosed:
          this.#leaveContainer();
          break;
        case kernelStatus.arrayOpened:
          this.#enterArray();
          break;
        case kernelStatus.broken:
          this.#skipBroken();
          break;
        default:
          throw new Error(`the structural scan answered ${status}`);
      }
    }
  }

  /** Some programs begin a file of UTF-8 with it, though JSON has none. */
  #skipByteOrderMark(): void {
    const start = this.#dataStart;
    if (this.#bytes.readUIntBE(start, byteOrderMarkBytes) !== byteOrderMark) return;
    this.#scanned = start + byteOrderMarkBytes;
    this.#kernel.resume(this.#scanned, 0, 0, 0);
  }

  /** Handles the units found; returns true when one was broken and scanning goes on inside it. */
  #takeUnits(): boolean {
    const found = this.#kernel.takeUnits();
    if (found === 0) return false;
    const list = new Int32Array(
      this.#kernel.memory.buffer,
      this.#kernel.unitsStart(),
      found * 4,
    ).slice();
    for (let index = 0; index < found; index += 1) {
      const [start = 0, end = 0, record = 0, flags = 0] = list.subarray(index * 4, index * 4 + 4);
      const place = { record, offset: this.#base + start - this.#dataStart };
      if ((flags & unitFlag.gapBefore) !== 0) {
        this.#sink.problem(
          'record/bad-json',
          'something other than JSON stands before this',
          place,
        );
      }
      if ((flags & unitFlag.candidate) === 0) continue;
      this.#candidates += 1;
      if ((flags & unitFlag.discarded) !== 0) {
        this.#sink.problem('record/too-large', `more than ${this.#maxUnitBytes} bytes`, place);
      } else if ((flags & unitFlag.tooDeep) !== 0) {
        this.#sink.problem('record/too-deep', 'more than 256 levels of brackets', place);
      } else {
        const next = this.#parse(start, end, place);
        if (next === -1) continue;
        this.#rescannedBytes += this.#scanned - next;
        const { unitDepth } = this.#depths();
        this.#kernel.resume(next, unitDepth, unitDepth, record + 1);
        this.#scanned = next;
        return true;
      }
    }
    return false;
  }

  /** Parses one unit. Where it is not JSON, returns where the next record in it begins, else -1. */
  #parse(start: number, end: number, place: Place): number {
    let value: unknown;
    try {
      value = JSON.parse(this.#bytes.toString('utf8', start, end));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#sink.problem('record/bad-json', shorten(reason), place);
      return this.#mayRescan() ? this.#findRecord(start + 1, end) : -1;
    }
    if (!isUtf8(this.#bytes.subarray(start, end))) {
      this.#sink.problem('record/invalid-utf8', 'some bytes are not UTF-8', place);
    }
    this.#sink.unit(value, place);
    return -1;
  }

  #depths(): { depth: number; unitDepth: number } {
    return { depth: this.#kernel.getDepth(), unitDepth: this.#kernel.getUnitDepth() };
  }

  #leaveContainer(): void {
    const { unitDepth } = this.#depths();
    const closing = this.#bytes[this.#scanned - 1];
    if (unitDepth > 0 && closing === 0x5d) {
      this.#kernel.readGap(this.#scanned - 1);
      this.#reportGap(false);
      this.#kernel.leaveArray(this.#scanned);
      return;
    }
    this.#sink.problem(
      'record/bad-json',
      'a closing bracket too many',
      this.#place(this.#scanned - 1),
    );
    this.#kernel.resume(this.#scanned, unitDepth, unitDepth, this.#kernel.getUnitCount());
  }

  #enterArray(): void {
    if (this.#kernel.getDepth() === 1) {
      this.#sawEnvelope = true;
      this.#kernel.enterArray(this.#scanned);
    } else if (envelopeKeys.has(this.#keyBefore(this.#scanned - 1))) {
      this.#sawEnvelope = true;
      this.#kernel.enterArray(this.#scanned);
    }
  }

  /** The key whose value begins at an address; empty where there is none, or none of interest. */
  #keyBefore(address: number): string {
    const from = Math.max(this.#dataStart, address - keyBytes);
    const before = this.#bytes.toString('latin1', from, address);
    const key = /(?<!\\)("(?:[^"\\]|\\.)*")\s*:\s*$/.exec(before)?.[1] ?? '""';
    return key.includes('\\') ? decodeKey(key) : key.slice(1, -1);
  }

  #skipBroken(): void {
    const start = this.#kernel.getUnitStart();
    // Scanning stopped at the key itself; going on there would stop there again.
    const behind = this.#scanned + 1;
    // Without an open record, its beginning was taken for part of a text after the last one.
    const from = start === -1 ? this.#kernel.getGapStart() : start + 1;
    this.#sink.problem(
      'record/bad-json',
      'a quote is missing or one too many',
      this.#place(start === -1 ? this.#scanned : start),
    );
    const next = this.#mayRescan() ? this.#findRecord(from) : -1;
    this.#resumeAt(next === -1 ? behind : next);
  }

  #resumeAt(address: number): void {
    const { unitDepth } = this.#depths();
    this.#rescannedBytes += Math.max(0, this.#scanned - address);
    this.#kernel.resume(address, unitDepth, unitDepth, this.#kernel.getUnitCount() + 1);
    this.#scanned = address;
  }

  /** Finding records in broken input reads bytes again; no input may make that its main work. */
  #mayRescan(): boolean {
    return this.#rescannedBytes <= 67_108_864 + 4 * this.#base;
  }

  /** The next place at or after an address where a record seems to begin; -1 for none. */
  #findRecord(from: number, to = this.#dataEnd): number {
    if (!this.#mayRescan()) return -1;
    const text = this.#bytes.toString('latin1', from, to);
    const marked = text.search(/\{\s{0,64}"eventVersion"\s{0,64}:/);
    const line = text.search(/(?<=\n)\{/);
    const found = marked === -1 ? line : line === -1 ? marked : Math.min(marked, line);
    return found === -1 ? -1 : from + found;
  }

  #isUnfinished(): boolean {
    const { depth } = this.#depths();
    return depth > 0 || this.#kernel.isInString() !== 0;
  }

  #reportGap(isWholeFile: boolean): void {
    if (this.#kernel.takeGap() === 0) return;
    if (isWholeFile) {
      this.#sink.problem('input/not-cloudtrail', 'the file is not JSON', { record: 0, offset: 0 });
    } else {
      this.#sink.problem(
        'record/bad-json',
        'something other than JSON stands here',
        this.#place(Math.min(this.#scanned, this.#dataEnd)),
      );
    }
  }

  /** Moves what is still needed to the front, then grows the memory, then gives the unit up. */
  #makeRoom(): void {
    const kernel = this.#kernel;
    kernel.readGap(this.#scanned);
    let start = kernel.getUnitStart();
    const held = start === -1 ? 0 : this.#dataEnd - start;
    if (held > this.#maxUnitBytes) {
      // A record without its end swallows those behind it; a truly large one has none inside.
      const next = this.#findRecord(start + 1, this.#scanned);
      if (next === -1) {
        kernel.discardUnit(Math.max(start, this.#scanned - contextBytes));
        start = kernel.getUnitStart();
      } else {
        this.#sink.problem('record/bad-json', 'this record has no end', this.#place(start));
        this.#resumeAt(next);
        this.#run(false);
        start = kernel.getUnitStart();
      }
    }
    const keep = Math.min(start === -1 ? this.#scanned : start, this.#scanned);
    const distance = keep - this.#dataStart;
    if (distance > 0) {
      // What stands before moves as well: unpacking copies from it.
      const from = keep - historyBytes;
      this.#bytes.copyWithin(from - distance, from, this.#dataEnd);
      this.#dataEnd -= distance;
      this.#scanned -= distance;
      this.#base += distance;
      kernel.moved(distance);
    }
    if (this.#capacity() - this.#dataEnd < minRoomBytes) {
      kernel.memory.grow(kernel.memory.buffer.byteLength / wasmPageBytes);
      this.#bytes = Buffer.from(kernel.memory.buffer);
    }
  }
}

function decodeKey(key: string): string {
  try {
    return String(JSON.parse(key));
  } catch {
    return '';
  }
}

function shorten(reason: string): string {
  return reason.length > 160 ? `${reason.slice(0, 160)}…` : reason;
}
