// Unpacks zstd piece by piece, straight into memory that the caller provides.
//
// Node's public streams hand out a new buffer for every piece; allocating and copying those takes
// about as long as the unpacking. `DirectInflater` therefore drives the stream's own native handle,
// which takes the place to write to. That handle is not a documented interface, so its shape is
// checked when an inflater is made, and where it is not as expected `StreamInflater`, which uses
// public interfaces only, does the same job. One test suite runs on both.

import { constants, createZstdDecompress, type ZstdDecompress } from 'node:zlib';
import { InflateError, type Inflater, type InflateTarget } from './inflater.ts';

export function createZstdInflater(target: InflateTarget): Inflater {
  isDirect ??= canDriveDirectly();
  return isDirect ? new DirectInflater(target) : new StreamInflater(target);
}

/** An inflater on public interfaces only. */
export function createStreamInflater(target: InflateTarget): Inflater {
  return new StreamInflater(target);
}

/** Looked at once: the handle's shape does not change while the process runs. */
let isDirect: boolean | undefined;

function canDriveDirectly(): boolean {
  const stream = createZstdDecompress();
  const native = nativeOf(stream);
  stream.destroy();
  return native !== undefined;
}

type NativeHandle = {
  writeSync(
    flush: number,
    input: Uint8Array,
    inputAt: number,
    inputLength: number,
    output: Uint8Array,
    outputAt: number,
    outputLength: number,
  ): void;
  onerror: (message: string, errno: number, code: string) => void;
};

type Native = {
  readonly handle: NativeHandle;
  /** Bytes left over after a write: of the output, of the input. */
  readonly left: Uint32Array;
};

function nativeOf(stream: ZstdDecompress): Native | undefined {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- looked at before it is used
  const inner = stream as unknown as { _handle?: Partial<NativeHandle>; _writeState?: unknown };
  const { _handle: handle, _writeState: left } = inner;
  return typeof handle?.writeSync === 'function' && left instanceof Uint32Array && left.length >= 2
    ? { handle: handle as NativeHandle, left } // oxlint-disable-line typescript/no-unsafe-type-assertion -- checked just above
    : undefined;
}

const nothing = new Uint8Array(0);
const mark = 0xff;

class DirectInflater implements Inflater {
  readonly #target: InflateTarget;
  #stream: ZstdDecompress | undefined;
  #native: Native | undefined;
  #error: InflateError | undefined;

  constructor(target: InflateTarget) {
    this.#target = target;
  }

  push(chunk: Uint8Array): void {
    this.#write(chunk, constants.ZSTD_e_continue);
  }

  finish(): void {
    this.#write(nothing, constants.ZSTD_e_end);
  }

  close(): void {
    this.#stream?.destroy();
  }

  #write(chunk: Uint8Array, flush: number): void {
    let inputAt = 0;
    for (;;) {
      const { handle, left } = this.#open();
      const room = this.#target.room();
      // On damage the handle does not say how much it wrote before; the mark shows it. UTF-8 has
      // no such byte.
      room.fill(mark);
      handle.writeSync(flush, chunk, inputAt, chunk.length - inputAt, room, 0, room.length);
      if (this.#error !== undefined) {
        this.#target.commit(room.findLastIndex((byte) => byte !== mark) + 1);
        throw this.#error;
      }
      const outputLeft = left[0] ?? 0;
      inputAt = chunk.length - (left[1] ?? 0);
      this.#target.commit(room.length - outputLeft);
      if (outputLeft === 0) continue;
      // Space left over means that the input is used up, or that a frame ended before it. Further frames
      // Node reads by itself from 26 on.
      if (inputAt === chunk.length) return;
      this.close();
      this.#native = undefined;
    }
  }

  #open(): Native {
    if (this.#native !== undefined) return this.#native;
    this.#stream = createZstdDecompress();
    const native = nativeOf(this.#stream);
    if (native === undefined) throw new Error('the native handle is not as it was a moment ago');
    native.handle.onerror = (message, _errno, code) => {
      this.#error = new InflateError(message, isTruncation(message, code));
    };
    this.#native = native;
    return native;
  }
}

class StreamInflater implements Inflater {
  readonly #target: InflateTarget;
  #stream: ZstdDecompress;
  #error: InflateError | undefined;
  /** The frame is over. */
  #ended = false;
  /** Packed bytes given to this stream. */
  #given = 0;
  /** Ends the wait of the push or finish under way. */
  #settle: () => void = () => undefined;

  constructor(target: InflateTarget) {
    this.#target = target;
    this.#stream = this.#open();
  }

  async push(chunk: Uint8Array): Promise<void> {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#ended) {
        this.#stream = this.#open();
      }
      const piece = rest;
      this.#given += piece.length;
      await this.#wait(() => {
        this.#stream.write(piece, () => {
          this.#settle();
        });
      });
      if (!this.#ended) return;
      rest = piece.subarray(piece.length - (this.#given - this.#stream.bytesWritten));
    }
  }

  async finish(): Promise<void> {
    await this.#wait(() => {
      this.#stream.end();
    });
  }

  close(): void {
    this.#stream.destroy();
  }

  #open(): ZstdDecompress {
    const stream = createZstdDecompress();
    this.#ended = false;
    this.#given = 0;
    stream.on('data', (data: Uint8Array) => {
      let at = 0;
      while (at < data.length) {
        const room = this.#target.room();
        const length = Math.min(room.length, data.length - at);
        room.set(data.subarray(at, at + length));
        this.#target.commit(length);
        at += length;
      }
    });
    stream.on('end', () => {
      this.#ended = true;
      this.#settle();
    });
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.#error ??= new InflateError(error.message, isTruncation(error.message, error.code), {
        cause: error,
      });
      this.#settle();
    });
    return stream;
  }

  async #wait(start: () => void): Promise<void> {
    if (this.#error === undefined && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#settle = resolve;
        start();
      });
    }
    if (this.#error !== undefined) throw this.#error;
  }
}

function isTruncation(message: string, code: string | undefined): boolean {
  return code === 'Z_BUF_ERROR' || /unexpected end/i.test(message);
}
