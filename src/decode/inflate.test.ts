import { gzipSync, zstdCompressSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choices } from '../../test/support/spelled-json.ts';
import { createInflater, createStreamInflater, InflateError } from './inflate.ts';
import type { InflateTarget, Inflater, Packing } from './inflate.ts';

type Create = (packing: Packing, target: InflateTarget) => Inflater;

const text = Buffer.from(
  Array.from({ length: 20_000 }, (_, index) => `line ${(index * 7919) % 1000}\n`).join(''),
);
const pack = { gzip: gzipSync, zstd: zstdCompressSync } as const;

async function unpack(
  create: Create,
  packing: Packing,
  pieces: readonly Uint8Array[],
  roomBytes = 1_000,
): Promise<{ bytes: Buffer; error: unknown }> {
  const parts: Buffer[] = [];
  const room = Buffer.alloc(roomBytes);
  const inflater = create(packing, {
    room: () => room,
    commit: (length) => parts.push(Buffer.from(room.subarray(0, length))),
  });
  let error: unknown = null;
  try {
    for (const piece of pieces) await inflater.push(piece);
    await inflater.finish();
  } catch (thrown) {
    error = thrown;
  }
  inflater.close();
  return { bytes: Buffer.concat(parts), error };
}

function split(bytes: Buffer, length: number): readonly Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / length) }, (_, index) =>
    bytes.subarray(index * length, (index + 1) * length),
  );
}

const kinds: readonly (readonly [string, Create])[] = [
  ['the direct inflater', createInflater],
  ['the stream inflater', createStreamInflater],
];

describe.each(kinds)('%s', (_name, create) => {
  describe.each(['gzip', 'zstd'] as const)('on %s', (packing) => {
    const packed = pack[packing](text);
    it.each([1, 7, 1_000, packed.length])(
      'gives the bytes back from pieces of %i',
      async (length) => {
        const { bytes, error } = await unpack(create, packing, split(packed, length));
        expect(error).toBeNull();
        expect(bytes.equals(text)).toBe(true);
      },
    );

    it.each([1, 1_000, packed.length, 1_000_000])(
      'reads all members of a file, in pieces of %i',
      async (length) => {
        const members = Buffer.concat([packed, packed, packed]);
        const { bytes, error } = await unpack(create, packing, split(members, length));
        expect(error).toBeNull();
        expect(bytes.equals(Buffer.concat([text, text, text]))).toBe(true);
      },
    );

    it('says that the end is missing, after what is there', async () => {
      const { bytes, error } = await unpack(create, packing, [packed.subarray(0, -10)]);
      expect(error).toBeInstanceOf(InflateError);
      expect((error as InflateError).truncated).toBe(true);
      expect(bytes.length).toBeGreaterThan(100_000);
      expect(text.subarray(0, bytes.length).equals(bytes)).toBe(true);
    });
  });

  it('takes zeros behind the end for padding', async () => {
    const padded = Buffer.concat([gzipSync(text), Buffer.alloc(10_000)]);
    const { bytes, error } = await unpack(create, 'gzip', split(padded, 5_000));
    expect(error).toBeNull();
    expect(bytes.equals(text)).toBe(true);
  });

  it('says that bytes are damaged', async () => {
    const damaged = gzipSync(text);
    damaged.fill(0xff, damaged.length / 2, damaged.length / 2 + 8);
    const { error } = await unpack(create, 'gzip', [damaged]);
    expect(error).toBeInstanceOf(InflateError);
    expect((error as InflateError).truncated).toBe(false);
  });
});

describe('the direct inflater', () => {
  it('gives what came before the damage, to within a match, even in a large room', async () => {
    const packed = gzipSync(text);
    packed.fill(0xff, packed.length / 2, packed.length / 2 + 8);
    const { bytes } = await unpack(createInflater, 'gzip', [packed], 1_000_000);
    expect(bytes.length).toBeGreaterThan(1_000);
    const sound = bytes.subarray(0, bytes.length - 300);
    expect(text.subarray(0, sound.length).equals(sound)).toBe(true);
  });

  it('keeps everything where only the checksum is wrong', async () => {
    const packed = gzipSync(text);
    packed.writeUInt32LE(0, packed.length - 8);
    const { bytes, error } = await unpack(createInflater, 'gzip', [packed], 1_000_000);
    expect(error).toBeInstanceOf(InflateError);
    expect(bytes.equals(text)).toBe(true);
  });

  it('gives any bytes back, whatever the pieces and the room', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 3_000 }),
        fc.constantFrom<Packing>('gzip', 'zstd'),
        fc.integer({ min: 1, max: 4_000 }),
        fc.integer(),
        async (raw, packing, roomBytes, seed) => {
          const choose = choices(seed);
          const packed = pack[packing](raw);
          const pieces: Buffer[] = [];
          for (let at = 0; at < packed.length;) {
            const length = 1 + choose(500);
            pieces.push(packed.subarray(at, at + length));
            at += length;
          }
          const { bytes, error } = await unpack(createInflater, packing, pieces, roomBytes);
          expect(error).toBeNull();
          expect(bytes.equals(Buffer.from(raw))).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});
