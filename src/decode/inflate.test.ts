import {
  constants,
  crc32,
  deflateRawSync,
  gunzipSync,
  gzipSync,
  zstdCompressSync,
  type ZlibOptions,
} from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choices } from '../../test/support/spelled-json.ts';
import type { KernelTarget } from './gzip-inflater.ts';
import { createInflater } from './inflate.ts';
import { InflateError, type InflateTarget, type Inflater } from './inflater.ts';
import { createKernel, historyBytes } from './kernel.ts';
import { createStreamInflater, createZstdInflater } from './zstd-inflater.ts';

const text = Buffer.from(
  Array.from({ length: 20_000 }, (_, index) => `line ${(index * 7919) % 1000}\n`).join(''),
);

/** What stands behind a room stays. */
const untouched = Buffer.alloc(1_000, 0xa5);

type Harness = { readonly target: InflateTarget & KernelTarget; readonly parts: Buffer[] };

const kernel = createKernel();
kernel.memory.grow(40);
const memory = Buffer.from(kernel.memory.buffer);
const dataStart = kernel.dataStart();

/** A target in the kernel's memory that moves what was committed out of the room, at once. */
function inKernel(roomBytes: number): Harness {
  const parts: Buffer[] = [];
  const roomEnd = dataStart + roomBytes;
  const room = memory.subarray(dataStart, roomEnd);
  untouched.copy(memory, roomEnd);
  const target = {
    kernel,
    room: () => room,
    roomAddresses: () => [dataStart, roomEnd] as const,
    commit: (length: number) => {
      parts.push(Buffer.from(room.subarray(0, length)));
      if (untouched.compare(memory, roomEnd, roomEnd + untouched.length) !== 0) {
        throw new Error('wrote behind the room');
      }
      const end = dataStart + length;
      memory.copyWithin(dataStart - historyBytes, end - historyBytes, end);
    },
  };
  return { target, parts };
}

type Outcome = {
  readonly bytes: Buffer;
  /** What was wrong, as zlib says it; null when nothing was. */
  readonly fault: string | null;
  readonly truncated: boolean;
};

async function unpack(
  create: Create,
  pieces: readonly Uint8Array[],
  roomBytes = 1_024,
): Promise<Outcome> {
  const { target, parts } = inKernel(roomBytes);
  const inflater = create(target);
  let error: unknown = null;
  try {
    for (const piece of pieces) await inflater.push(piece);
    await inflater.finish();
  } catch (thrown) {
    error = thrown;
  }
  inflater.close();
  if (error !== null && !(error instanceof InflateError)) throw error;
  return {
    bytes: Buffer.concat(parts),
    fault: error?.message ?? null,
    truncated: error?.truncated ?? false,
  };
}

type Create = (target: Harness['target']) => Inflater;

const gunzip: Create = (target) => createInflater('gzip', target);

function split(bytes: Buffer, length: number): readonly Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / length) }, (_, index) =>
    bytes.subarray(index * length, (index + 1) * length),
  );
}

function splitAnyhow(bytes: Buffer, choose: (below: number) => number): readonly Buffer[] {
  const pieces: Buffer[] = [];
  const longest = Math.max(bytes.length / 500, [3, 40, 500, 5_000, 100_000][choose(5)] ?? 1);
  for (let at = 0; at < bytes.length;) {
    const length = choose(Math.floor(longest) + 1);
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

const kinds: readonly (readonly [string, Create, (bytes: Buffer) => Buffer])[] = [
  ['the inflater of gzip', gunzip, (bytes) => gzipSync(bytes)],
  ['the direct inflater of zstd', createZstdInflater, (bytes) => zstdCompressSync(bytes)],
  ['the stream inflater of zstd', createStreamInflater, (bytes) => zstdCompressSync(bytes)],
];

describe.each(kinds)('%s', (_name, create, pack) => {
  const packed = pack(text);
  it.each([1, 7, 1_000, packed.length])(
    'gives the bytes back from pieces of %i',
    async (length) => {
      const { bytes, fault } = await unpack(create, split(packed, length));
      expect(fault).toBeNull();
      expect(bytes.equals(text)).toBe(true);
    },
  );

  it.each([1, 1_000, packed.length, 1_000_000])(
    'reads all members of a file, in pieces of %i',
    async (length) => {
      const members = Buffer.concat([packed, packed, packed]);
      const { bytes, fault } = await unpack(create, split(members, length));
      expect(fault).toBeNull();
      expect(bytes.equals(Buffer.concat([text, text, text]))).toBe(true);
    },
  );

  it('says that the end is missing, after what is there', async () => {
    const { bytes, truncated } = await unpack(create, [packed.subarray(0, -10)]);
    expect(truncated).toBe(true);
    expect(bytes.length).toBeGreaterThan(100_000);
    expect(text.subarray(0, bytes.length).equals(bytes)).toBe(true);
  });

  it('says that nothing at all is too little', async () => {
    expect(await unpack(create, [])).toMatchObject({ truncated: true });
  });

  it('says that bytes are damaged', async () => {
    const damaged = Buffer.from(packed);
    const middle = Math.floor(packed.length / 2);
    damaged.fill(0xff, middle, middle + 8);
    const { fault, truncated } = await unpack(create, [damaged]);
    expect(fault).not.toBeNull();
    expect(truncated).toBe(false);
  });

  it('gives any bytes back, whatever the pieces and the room', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 1_024, max: 9_000 }), async (seed, room) => {
        const choose = choices(seed);
        const raw = anyBytes(choose, 30_000);
        const { bytes, fault } = await unpack(create, splitAnyhow(pack(raw), choose), room);
        expect(fault).toBeNull();
        expect(bytes.equals(raw)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});

/** Stretches of noise, of few letters, of one letter, and of what came before. */
function anyBytes(choose: (below: number) => number, most: number): Buffer {
  const bytes = Buffer.alloc(choose(most));
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + 1 + choose([10, 300, 5_000][choose(3)] ?? 1));
    const kind = choose(5);
    if (kind === 0) bytes.fill(choose(256), at, end);
    else if (kind === 1 && at > 0) {
      const from = choose(at);
      bytes.fill(bytes.subarray(from, Math.min(at, from + 1 + choose(400))), at, end);
    } else {
      const letters = [256, 4, 40][kind - 2] ?? 256;
      for (let index = at; index < end; index += 1) bytes[index] = 60 + choose(letters);
    }
    at = end;
  }
  return bytes;
}

/** Every way in which zlib can pack. */
function anyOptions(choose: (below: number) => number): ZlibOptions {
  return {
    level: choose(10),
    strategy:
      [
        constants.Z_DEFAULT_STRATEGY,
        constants.Z_FILTERED,
        constants.Z_HUFFMAN_ONLY,
        constants.Z_RLE,
        constants.Z_FIXED,
      ][choose(5)] ?? 0,
    memLevel: 1 + choose(9),
    windowBits: 9 + choose(7),
  };
}

/** What zlib says to bytes. */
function ask(packed: Uint8Array): Outcome {
  try {
    return { bytes: gunzipSync(packed), fault: null, truncated: false };
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error);
    return { bytes: Buffer.alloc(0), fault, truncated: fault === 'unexpected end of file' };
  }
}

/** What zlib makes of bytes whose end is missing. */
function askForStart(packed: Uint8Array): Buffer {
  return gunzipSync(packed, { finishFlush: constants.Z_SYNC_FLUSH });
}

/** What zlib and what the inflater answer: the fault, or the bytes' length and checksum. */
async function answers(
  packed: Buffer,
  choose: (below: number) => number,
): Promise<{ readonly zlib: string; readonly ours: string }> {
  const ours = await unpack(gunzip, splitAnyhow(packed, choose), 1_024 + choose(5_000));
  return { zlib: answer(ask(packed)), ours: answer(ours) };
}

function answer({ bytes, fault, truncated }: Outcome): string {
  if (truncated) return 'truncated';
  return fault ?? `${bytes.length} bytes, ${crc32(bytes)}`;
}

describe('the inflater of gzip, beside zlib', () => {
  it('unpacks what zlib packs, however it does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const choose = choices(seed);
        const members = Array.from({ length: 1 + choose(3) }, () => anyBytes(choose, 80_000));
        const packed = members.map((member) => gzipSync(member, anyOptions(choose)));
        const { bytes, fault } = await unpack(
          gunzip,
          splitAnyhow(Buffer.concat(packed), choose),
          1_024 + choose(100_000),
        );
        expect(fault).toBeNull();
        expect(bytes.equals(Buffer.concat(members))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('gives the same, and says the same, wherever the end is cut off', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const choose = choices(seed);
        const packed = gzipSync(anyBytes(choose, 400), anyOptions(choose));
        for (let length = 0; length < packed.length; length += 1) {
          const start = packed.subarray(0, length);
          const { bytes, truncated } = await unpack(gunzip, splitAnyhow(start, choose));
          expect(truncated).toBe(true);
          if (length > 0) expect(bytes.equals(askForStart(start))).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('says the same to flipped bits', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const choose = choices(seed);
        const packed = gzipSync(anyBytes(choose, 3_000), anyOptions(choose));
        // Most often in the header of the first block.
        const end = choose(3) === 0 ? packed.length : Math.min(packed.length, 80);
        for (let flips = 1 + choose(3); flips > 0; flips -= 1) {
          const at = choose(end);
          packed[at] = (packed[at] ?? 0) ^ (1 << choose(8));
        }
        const { zlib, ours } = await answers(packed, choose);
        expect(ours).toBe(zlib);
      }),
      { numRuns: 300 },
    );
  });

  it('says the same to noise behind a header', async () => {
    const header = gzipSync('').subarray(0, 10);
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const choose = choices(seed);
        const noise = Buffer.from(Array.from({ length: choose(200) }, () => choose(256)));
        // The first three bits say that codes follow, or that they are the fixed ones.
        if (noise.length > 0) noise[0] = ((noise[0] ?? 0) & ~7) | choose(8);
        const { zlib, ours } = await answers(Buffer.concat([header, noise]), choose);
        expect(ours).toBe(zlib);
      }),
      { numRuns: 300 },
    );
  });

  it('says the same to every first 16 bits', async () => {
    const choose = choices(1);
    const header = gzipSync('').subarray(0, 10);
    const behind = Buffer.from(Array.from({ length: 60 }, () => choose(256)));
    for (let first = 0; first < 65_536; first += 251) {
      const start = Buffer.from([first % 256, first >> 8]);
      const { zlib, ours } = await answers(Buffer.concat([header, start, behind]), choose);
      expect(ours).toBe(zlib);
    }
  });

  it('reads a header with all its parts, or says what is wrong with it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const choose = choices(seed);
        const raw = anyBytes(choose, 100);
        const packed = Buffer.concat([anyHeader(choose), deflateRawSync(raw), trailer(raw)]);
        if (choose(2) === 0) packed[choose(40) % packed.length] = choose(256);
        const { zlib, ours } = await answers(packed, choose);
        expect(ours).toBe(zlib);
      }),
      { numRuns: 300 },
    );
  });

  it('gives what came before the damage, to within a match', async () => {
    const damaged = gzipSync(text);
    damaged.fill(0xff, 2_000, 2_008);
    const { bytes, fault } = await unpack(gunzip, [damaged], 1_000_000);
    expect(fault).not.toBeNull();
    expect(bytes.length).toBeGreaterThan(1_000);
    const sound = bytes.subarray(0, -300);
    expect(text.subarray(0, sound.length).equals(sound)).toBe(true);
  });

  it('keeps everything where only the checksum or the length is wrong', async () => {
    const packed = gzipSync(text);
    packed.writeUInt32LE(0, packed.length - 8);
    const wrongSum = await unpack(gunzip, [packed], 1_000_000);
    expect(wrongSum.fault).toBe('incorrect data check');
    expect(wrongSum.bytes.equals(text)).toBe(true);
    const longer = gzipSync(text);
    longer.writeUInt32LE(text.length + 1, longer.length - 4);
    const wrongLength = await unpack(gunzip, [longer], 1_000_000);
    expect(wrongLength.fault).toBe('incorrect length check');
    expect(wrongLength.bytes.equals(text)).toBe(true);
  });

  it('takes zeros behind a member for padding, and anything else for damage', async () => {
    const packed = gzipSync(text);
    const padded = Buffer.concat([packed, Buffer.alloc(100_000)]);
    expect(await unpack(gunzip, split(padded, 5_000))).toMatchObject({ fault: null });
    const followed = await unpack(gunzip, [Buffer.concat([padded, packed])]);
    expect(followed.fault).toBeNull();
    expect(followed.bytes.equals(Buffer.concat([text, text]))).toBe(true);
    for (const rest of ['something else', '\0\0something else']) {
      const { bytes, fault } = await unpack(gunzip, [Buffer.concat([packed, Buffer.from(rest)])]);
      expect(fault).toBe('incorrect header check');
      expect(bytes.equals(text)).toBe(true);
    }
  });

  it('copies from as far back as 32 KiB, and not from a byte before the member', async () => {
    const noise = Buffer.from(Array.from({ length: 32_768 }, (_, index) => (index * 7919) % 251));
    const raw = Buffer.concat([noise, noise.subarray(0, 300)]);
    const packed = gzipSync(raw);
    expect((await unpack(gunzip, [packed])).bytes.equals(raw)).toBe(true);
    // A match of three bytes, one byte back, as the first symbol: fixed codes.
    const early = Buffer.from([0b0000_0011, 0b0000_0010, 0, 0, 0, 0, 0, 0, 0, 0]);
    const header = gzipSync('').subarray(0, 10);
    const { fault, bytes } = await unpack(gunzip, [packed, header, early]);
    expect(fault).toBe('invalid distance too far back');
    expect(bytes.equals(raw)).toBe(true);
  });
});

/** A gzip header with any of the parts that it may have. */
function anyHeader(choose: (below: number) => number): Buffer {
  const flags = choose(32);
  const parts = [Buffer.from([0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 255])];
  if ((flags & 4) !== 0) {
    const extra = Buffer.alloc([0, 7, 300, 65_535][choose(4)] ?? 0, 1);
    parts.push(Buffer.from([extra.length % 256, extra.length >> 8]), extra);
  }
  if ((flags & 8) !== 0) parts.push(Buffer.from(`${'name'.repeat(choose(100))}\0`));
  if ((flags & 16) !== 0) parts.push(Buffer.from(`${'comment'.repeat(choose(100))}\0`));
  if ((flags & 2) !== 0) {
    const sum = crc32(Buffer.concat(parts)) % 65_536;
    parts.push(Buffer.from([sum % 256, sum >> 8]));
  }
  return Buffer.concat(parts);
}

function trailer(raw: Buffer): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(crc32(raw));
  bytes.writeUInt32LE(raw.length, 4);
  return bytes;
}
