// One file, object or stream: from bytes as stored to CloudTrail records. Tells the packing from the
// first bytes, never from the name. Whatever the bytes are, it does not throw: what cannot be read
// becomes a problem with its place, and everything else is still read.

import { catalogue, type ProblemCode } from '../errors/catalogue.ts';
import type { JsonObject } from '../model/json.ts';
import type { Problem } from '../model/problem.ts';
import { createInflater } from './inflate.ts';
import { InflateError, type Inflater } from './inflater.ts';
import type { Place, RecordScanner } from './record-scanner.ts';
import { looksPacked, unwrap } from './unwrap.ts';

export type RecordHandler = {
  /** A CloudTrail record that can matter. */
  record(record: JsonObject, place: Place): void;
  problem(problem: Problem): void;
};

export type DecodeOptions = {
  /** Path, `s3://` address, or `-`. */
  readonly file: string;
  /** Unpacked bytes per packed byte above which a file is a bomb. */
  readonly maxRatio: number;
};

export type DecodeTotals = {
  readonly compressedBytes: number;
  readonly bytes: number;
  /** Records that were looked at closely. */
  readonly candidateRecords: number;
  /** Records whose event name cannot matter. */
  readonly skippedRecords: number;
  /** Stretches that should be records and could not be read. */
  readonly rejectedRecords: number;
  /** Whether the file as a whole could not be read, or not to its end. */
  readonly rejected: boolean;
};

/** An honest log may repeat itself; below this size nobody minds. */
const bombFloorBytes = 67_108_864;
/** Problems of one kind that are listed for one file; the rest is counted. */
const listedProblems = 10;
const sniffedBytes = 4;

class BombError extends Error {}

export class StreamDecoder {
  readonly #scanner: RecordScanner;
  readonly #handler: RecordHandler;
  readonly #options: DecodeOptions;
  readonly #counts = new Map<ProblemCode, number>();
  #head: Buffer = Buffer.alloc(0);
  #consume: ((chunk: Uint8Array) => void | Promise<void>) | undefined;
  #inflater: Inflater | undefined;
  #base64 = '';
  #compressedBytes = 0;
  #bytes = 0;
  #records = 0;
  #foreign = 0;
  #rejectedRecords = 0;
  #rejected = false;
  /** Set once reading cannot go on; later chunks are ignored. */
  #over = false;

  constructor(scanner: RecordScanner, handler: RecordHandler, options: DecodeOptions) {
    this.#scanner = scanner;
    this.#handler = handler;
    this.#options = options;
    scanner.begin({
      unit: (value, place) => {
        this.#unit(value, place);
      },
      problem: (code, message, place) => {
        this.#problem(code, message, place);
      },
    });
  }

  /** Whether the rest of the input need not be fetched. */
  get over(): boolean {
    return this.#over;
  }

  /** Takes the next bytes as stored. Wait for a returned promise before the next call. */
  push(chunk: Uint8Array): void | Promise<void> {
    if (this.#over) return;
    this.#compressedBytes += chunk.length;
    if (this.#consume === undefined) {
      // A first piece is mostly large, and used up before the next comes: only a short one is copied.
      const head =
        this.#head.length === 0
          ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
          : Buffer.concat([this.#head, chunk]);
      const isShort = head.length < sniffedBytes;
      this.#head = isShort ? Buffer.from(head) : head;
      return isShort ? undefined : this.#start();
    }
    return this.#guard(() => this.#consume?.(chunk));
  }

  /** The input cannot be read on; what has come counts, and `problem` says why there is no more. */
  async fail(problem: Problem): Promise<DecodeTotals> {
    if (!this.#over) {
      this.#rejected = true;
      this.#list(problem);
      this.#over = true;
    }
    return this.finish();
  }

  async finish(): Promise<DecodeTotals> {
    if (!this.#over) {
      if (this.#consume === undefined) await this.#start();
      await this.#guard(() => {
        if (this.#base64 !== '') return this.#inflater?.push(Buffer.from(this.#base64, 'base64'));
      });
      if (!this.#over) await this.#guard(() => this.#inflater?.finish());
    }
    this.#inflater?.close();
    const totals = this.#scanner.end(this.#over);
    if (totals.bytes === 0 && !this.#over) this.#fileProblem('input/empty', 'no bytes');
    this.#reportForeign();
    for (const [code, count] of this.#counts) {
      if (count > listedProblems) {
        this.#handler.problem({
          code: 'input/more',
          file: this.#options.file,
          message: `${count - listedProblems} more problems of kind ${code}`,
        });
      }
    }
    return {
      compressedBytes: this.#compressedBytes,
      bytes: totals.bytes,
      candidateRecords: totals.candidates,
      skippedRecords: totals.units - totals.candidates,
      rejectedRecords: this.#rejectedRecords,
      rejected: this.#rejected,
    };
  }

  #start(): void | Promise<void> {
    const head = this.#head;
    this.#head = Buffer.alloc(0);
    if (head.length >= 2 && head[0] === 0x1f && head[1] === 0x8b) {
      this.#unpack('gzip');
    } else if (head.length >= 4 && head.readUInt32LE(0) === 0xfd2fb528) {
      this.#unpack('zstd');
    } else if (looksPacked(head.toString('latin1', 0, sniffedBytes))) {
      this.#unpack('gzip');
      this.#consume = (chunk) => this.#pushBase64(chunk);
    } else {
      this.#consume = (chunk) => {
        this.#scanner.write(chunk);
      };
    }
    return this.#guard(() => this.#consume?.(head));
  }

  #unpack(packing: 'gzip' | 'zstd'): void {
    const scanner = this.#scanner;
    this.#inflater = createInflater(packing, {
      kernel: scanner.kernel,
      room: () => scanner.room(),
      roomAddresses: () => scanner.roomAddresses(),
      commit: (length) => {
        this.#bytes += length;
        scanner.commit(length);
        this.#checkRatio();
      },
    });
    const inflater = this.#inflater;
    this.#consume = (chunk) => inflater.push(chunk);
  }

  #checkRatio(): void {
    if (
      this.#bytes > bombFloorBytes &&
      this.#bytes > this.#compressedBytes * this.#options.maxRatio
    ) {
      throw new BombError();
    }
  }

  #pushBase64(chunk: Uint8Array): void | Promise<void> {
    const text = this.#base64 + Buffer.from(chunk).toString('latin1').replaceAll(/\s+/g, '');
    const whole = text.length - (text.length % 4);
    this.#base64 = text.slice(whole);
    return this.#inflater?.push(Buffer.from(text.slice(0, whole), 'base64'));
  }

  /** Runs a step that unpacks; damage ends the input, not the scan. Synchronous where it can be. */
  #guard(step: () => void | Promise<void>): void | Promise<void> {
    try {
      const pending = step();
      if (pending !== undefined) {
        return pending.catch((error: unknown) => {
          this.#damaged(error);
        });
      }
    } catch (error) {
      this.#damaged(error);
    }
  }

  #damaged(error: unknown): void {
    this.#over = true;
    if (error instanceof BombError) {
      this.#fileProblem(
        'input/bomb',
        `${this.#bytes} bytes from ${this.#compressedBytes}, more than ${this.#options.maxRatio} to 1`,
      );
    } else if (error instanceof InflateError) {
      this.#fileProblem(
        error.truncated ? 'input/truncated-compression' : 'input/corrupt-compression',
        error.message,
      );
    } else {
      throw error;
    }
  }

  #unit(value: unknown, place: Place): void {
    for (const item of unwrap(value)) {
      switch (item.kind) {
        case 'record':
          this.#records += 1;
          this.#handler.record(item.record, place);
          break;
        case 'object':
          this.#problem(
            'input/notification',
            `names s3://${item.bucket}/${item.key}; scan that object`,
            place,
          );
          break;
        case 'nothing':
          break;
        case 'broken':
          this.#problem('record/bad-json', item.reason, place);
          break;
        case 'foreign':
          this.#foreign += 1;
          if (this.#foreign === 1) this.#firstForeign = place;
          break;
        default:
          item satisfies never;
      }
    }
  }

  #firstForeign: Place = { record: 0, offset: 0 };

  /** One report for all of a file's foreign values: a log of something else may have millions. */
  #reportForeign(): void {
    if (this.#foreign === 0) return;
    if (this.#records === 0) {
      this.#fileProblem(
        'input/not-cloudtrail',
        'the file is JSON, but holds no CloudTrail records',
      );
    } else {
      this.#problem(
        'record/bad-field',
        `${this.#foreign} values are not CloudTrail records; this is the first`,
        this.#firstForeign,
      );
    }
  }

  #fileProblem(code: ProblemCode, message: string): void {
    this.#rejected = true;
    this.#list({ code, file: this.#options.file, message: withNextStep(code, message) });
  }

  #problem(code: ProblemCode, message: string, place: Place): void {
    if (code.startsWith('input/')) {
      this.#rejected ||= code !== 'input/notification';
      this.#list({ code, file: this.#options.file, message: withNextStep(code, message) });
      return;
    }
    if (code !== 'record/invalid-utf8') this.#rejectedRecords += 1;
    this.#list({ code, file: this.#options.file, ...place, message: withNextStep(code, message) });
  }

  #list(problem: Problem): void {
    const count = (this.#counts.get(problem.code) ?? 0) + 1;
    this.#counts.set(problem.code, count);
    if (count <= listedProblems) this.#handler.problem(problem);
  }
}

/** A problem's text: what was found, and what a person can do. */
export function withNextStep(code: ProblemCode, found: string): string {
  const { meaning, nextStep } = catalogue[code];
  return `${meaning.replace(/\.$/, '')} (${found}). ${nextStep}`;
}
