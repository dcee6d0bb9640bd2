import * as fc from 'fast-check';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

import { heapBytes } from '../../test/support/heap.ts';
import { memoryCheckpoints } from '../../test/support/memory-checkpoints.ts';
import { memoryObjectStore } from '../../test/support/memory-object-store.ts';
import type { Delivery, ObjectStore } from '../ports.ts';
import { createS3TrailSource, type S3TrailSourceOptions } from './s3-trail-source.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const startMs = Date.parse('2026-03-01T22:00:00Z');
const lane = 'AWSLogs/111122223333/CloudTrail/us-east-1/';

function keyAt(timeMs: number, name: string): string {
  const time = new Date(timeMs).toISOString();
  const stamp = time.slice(0, 16).replaceAll(/[-:]/g, '');
  return `${lane}${time.slice(0, 10).replaceAll('-', '/')}/111122223333_CloudTrail_us-east-1_${stamp}Z_${name}.json.gz`;
}

/** A bucket that grows. */
function growing(): ObjectStore & { readonly keys: Set<string> } {
  const keys = new Set<string>();
  return {
    keys,
    listPage: (bucket, prefix, options) =>
      memoryObjectStore(keys, { pageSize: 3 }).listPage(bucket, prefix, options),
    read: (bucket, key) => memoryObjectStore([]).read(bucket, key),
  };
}

type Fate = 'done' | 'back' | 'left';

type Step =
  /** Files that appear, each so many minutes late. */
  | { readonly kind: 'appear'; readonly lateMinutes: readonly number[] }
  /** What becomes of the next deliveries: acknowledged, given back, or left as they are. */
  | { readonly kind: 'take'; readonly fates: readonly Fate[] }
  | { readonly kind: 'restart' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('appear' as const),
    lateMinutes: fc.array(fc.nat(179), { maxLength: 4 }),
  }),
  fc.record({
    kind: fc.constant('take' as const),
    fates: fc.array(fc.constantFrom<Fate[]>('done', 'back', 'left'), { maxLength: 4 }),
  }),
  fc.record({ kind: fc.constant('restart' as const) }),
);

describe('the source that looks into a bucket', () => {
  it('loses no file and repeats none that is done, whatever happens to it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const bucket = growing();
        let nowMs = startMs;
        const options: S3TrailSourceOptions = {
          name: 's',
          bucket: 'logs',
          prefix: lane,
          objectStore: bucket,
          checkpoints: memoryCheckpoints(),
          clock: () => nowMs,
          sinceMs: startMs - 4 * hourMs,
          pollMs: 1,
          firstReturnMs: 1,
          mostReturnMs: 1,
        };
        const done = new Set<string>();
        const left = new Set<string>();
        let abort = new AbortController();
        let run = createS3TrailSource(options).deliveries(abort.signal)[Symbol.asyncIterator]();
        const settle = async (delivery: Delivery, fate: Fate) => {
          expect(done.has(delivery.name)).toBe(false);
          if (fate === 'back') await delivery.giveBack();
          if (fate !== 'done') return;
          await delivery.acknowledge();
          done.add(delivery.name);
        };
        const restart = async (): Promise<void> => {
          abort.abort();
          await run.next();
          left.clear();
          abort = new AbortController();
          run = createS3TrailSource(options).deliveries(abort.signal)[Symbol.asyncIterator]();
        };
        for (const [index, one] of steps.entries()) {
          nowMs += 25 * minuteMs;
          if (one.kind === 'restart') await restart();
          else if (one.kind === 'appear') {
            for (const [file, minutes] of one.lateMinutes.entries()) {
              bucket.keys.add(keyAt(nowMs - minutes * minuteMs, `${index}-${file}`));
            }
          } else {
            for (const fate of one.fates) {
              // What was left before is in the hands of this run and does not come again.
              if (left.size + done.size >= bucket.keys.size) break;
              const result = await run.next();
              if (result.done === true) throw new Error('It ended too early.');
              if (fate === 'left') left.add(result.value.name);
              await settle(result.value, fate);
            }
          }
        }
        await restart();
        while (done.size < bucket.keys.size) {
          const result = await run.next();
          if (result.done === true) throw new Error('It ended too early.');
          await settle(
            result.value,
            done.size % 3 === 0 && result.value.attempt < 3 ? 'back' : 'done',
          );
        }
        const quiet = await Promise.race([run.next(), pause(15)]);
        expect(quiet).toBeUndefined();
        abort.abort();
      }),
      { numRuns: 60 },
    );
  });

  it('needs no more memory after weeks than after days', async () => {
    const bucket = growing();
    const checkpoints = memoryCheckpoints();
    let nowMs = startMs;
    const source = createS3TrailSource({
      name: 's',
      bucket: 'logs',
      prefix: lane,
      objectStore: bucket,
      checkpoints,
      clock: () => nowMs,
      pollMs: 0,
    });
    const ending = new AbortController();
    let files = 0;
    const appear = (): void => {
      nowMs += 15 * minuteMs;
      files += 1;
      bucket.keys.add(keyAt(nowMs, String(files)));
      // The bucket's own memory is not what is measured.
      for (const key of bucket.keys) {
        if (bucket.keys.size <= 20) break;
        bucket.keys.delete(key);
      }
    };
    appear();
    let early = 0;
    for await (const delivery of source.deliveries(ending.signal)) {
      await delivery.acknowledge();
      if (files === 300) early = heapBytes();
      if (files === 3_000) ending.abort();
      appear();
    }
    expect(heapBytes() - early).toBeLessThan(3_000_000);
    const [kept = ''] = checkpoints.kept.values();
    // Three hours, at four files an hour.
    expect(kept.length).toBeLessThan(1_500);
  });
});
