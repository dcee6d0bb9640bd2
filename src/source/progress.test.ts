import { setTimeout as pause } from 'node:timers/promises';

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { memoryCheckpoints } from '../../test/support/memory-checkpoints.ts';
import type { PortcullisError } from '../errors/portcullis-error.ts';
import { Progress, type ProgressOptions } from './progress.ts';

function load(options: Partial<ProgressOptions> = {}): Promise<Progress> {
  return Progress.load({
    checkpoints: memoryCheckpoints(),
    name: 'p',
    startMs: 0,
    nowMs: 2_000_000,
    onFault: () => {},
    ...options,
  });
}

describe('progress', () => {
  it('begins where it is told, and goes on where it was', async () => {
    const checkpoints = memoryCheckpoints();
    const first = await load({ checkpoints, startMs: 1_000 });
    expect(first.fromMs).toBe(1_000);
    first.begin('a', 5_000);
    first.passed(9_000, 1_000);
    await first.acknowledge('a');
    expect(first.fromMs).toBe(8_000);
    const second = await load({ checkpoints, startMs: 1_000 });
    expect(second.fromMs).toBe(8_000);
  });

  it('does not believe a checkpoint from the future', async () => {
    const checkpoints = memoryCheckpoints();
    await checkpoints.save('p', { fromMs: 9_000_000, done: { a: 9_000_001 } });
    const progress = await load({ checkpoints, nowMs: 5_000 });
    expect(progress.fromMs).toBe(5_000);
    expect(progress.isKnown('b', 6_000)).toBe(false);
  });

  it('does not go back', async () => {
    const progress = await load({ startMs: 1_000 });
    progress.passed(500, 0);
    expect(progress.fromMs).toBe(1_000);
  });

  it('knows what is too old, in hand or done, and nothing else', async () => {
    const progress = await load({ startMs: 1_000 });
    progress.begin('hand', 2_000);
    progress.begin('done', 2_000);
    await progress.acknowledge('done');
    progress.begin('untaken', 2_000);
    progress.forget('untaken');
    expect(progress.isKnown('old', 999)).toBe(true);
    expect(progress.isKnown('hand', 2_000)).toBe(true);
    expect(progress.isKnown('done', 2_000)).toBe(true);
    expect(progress.isKnown('untaken', 2_000)).toBe(false);
    expect(progress.isKnown('new', 1_000)).toBe(false);
  });

  it('keeps what is not acknowledged in sight of the next process', async () => {
    const checkpoints = memoryCheckpoints();
    const progress = await load({ checkpoints });
    progress.begin('gap', 1_000);
    progress.begin('after', 2_000);
    progress.passed(1_000_000, 0);
    await progress.acknowledge('after');
    expect(progress.fromMs).toBe(1_000_000);
    const next = await load({ checkpoints });
    expect(next.isKnown('gap', 1_000)).toBe(false);
    expect(next.isKnown('after', 2_000)).toBe(true);
  });

  it('counts attempts over restarts, until it is acknowledged', async () => {
    const checkpoints = memoryCheckpoints();
    const first = await load({ checkpoints });
    expect(first.begin('a', 1)).toBe(1);
    await first.giveBack('a');
    expect(first.begin('a', 1)).toBe(2);
    await first.giveBack('a');
    const second = await load({ checkpoints });
    expect(second.begin('a', 1)).toBe(3);
    await second.acknowledge('a');
    expect(checkpoints.kept.get('p')).toContain('"attempts":{}');
  });

  it('writes once for what happens in the same breath, and one at a time', async () => {
    const checkpoints = memoryCheckpoints();
    const progress = await load({ checkpoints });
    const ids = Array.from({ length: 100 }, (_, index) => `id-${index}`);
    for (const id of ids) progress.begin(id, 1);
    await Promise.all(ids.map((id) => progress.acknowledge(id)));
    expect(checkpoints.saves()).toBe(1);
    expect((await load({ checkpoints })).isKnown('id-99', 1)).toBe(true);
  });

  it('spends no more than a part of the time on writing', async () => {
    const kept = memoryCheckpoints();
    const slow: typeof kept = {
      ...kept,
      async save(name, value) {
        await pause(20);
        await kept.save(name, value);
      },
    };
    const progress = await load({ checkpoints: slow });
    const settling: Promise<void>[] = [];
    const start = performance.now();
    for (let index = 0; performance.now() - start < 400; index += 1) {
      progress.begin(String(index), 1);
      settling.push(progress.acknowledge(String(index)));
      await pause(2);
    }
    await Promise.all(settling);
    expect(kept.saves()).toBeLessThan(8);
    expect(
      Object.keys((JSON.parse(kept.kept.get('p') ?? '') as { done: object }).done),
    ).toHaveLength(settling.length);
  });

  it('tells that it could not be kept, does not reject, and keeps all of it the next time', async () => {
    const checkpoints = memoryCheckpoints();
    const faults: PortcullisError[] = [];
    const progress = await load({ checkpoints, onFault: (fault) => void faults.push(fault) });
    progress.begin('a', 1);
    progress.begin('b', 1);
    checkpoints.fail(true);
    await progress.acknowledge('a');
    expect(faults).toMatchObject([
      {
        code: 'source/not-noted',
        message: 'How far the source p came could not be kept: the disk is full.',
      },
    ]);
    checkpoints.fail(false);
    await progress.acknowledge('b');
    expect((await load({ checkpoints })).isKnown('a', 1)).toBe(true);
  });

  it('says so when a checkpoint cannot be read', async () => {
    const checkpoints = {
      ...memoryCheckpoints(),
      load: () => Promise.reject(new Error('the database is locked')),
    };
    await expect(load({ checkpoints })).rejects.toMatchObject({ code: 'source/not-noted' });
  });

  it('takes a checkpoint that is not as expected for none', async () => {
    const checkpoints = memoryCheckpoints();
    await checkpoints.save('p', { fromMs: 'x', done: { a: 'x', b: 1 }, attempts: [] });
    const progress = await load({ checkpoints, startMs: 0 });
    expect(progress.isKnown('a', 1)).toBe(false);
    expect(progress.isKnown('b', 1)).toBe(true);
  });

  it('remembers no more than it may, and then looks less far back', async () => {
    const checkpoints = memoryCheckpoints();
    const progress = await load({ checkpoints, maxKept: 10 });
    for (let timeMs = 1; timeMs <= 1_000; timeMs += 1) {
      progress.begin(`id-${timeMs}`, timeMs);
      await progress.acknowledge(`id-${timeMs}`);
      progress.passed(timeMs, 500);
    }
    expect(progress.fromMs).toBe(991);
    expect(checkpoints.kept.get('p')?.length).toBeLessThan(400);
  });

  it('loses nothing, whatever is acknowledged, given back, left, or cut off by a restart', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('acknowledge' as const), index: fc.nat(30) }),
      fc.record({ kind: fc.constant('giveBack' as const), index: fc.nat(30) }),
      fc.record({ kind: fc.constant('restart' as const), index: fc.nat(30) }),
      fc.record({ kind: fc.constant('find' as const), index: fc.nat(30) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), fc.nat(40), async (steps, overlapMs) => {
        const checkpoints = memoryCheckpoints();
        let progress = await load({ checkpoints, maxKept: 8 });
        const acknowledged = new Set<string>();
        const timeOf = (id: string): number => Number(id) * 10;
        let found = 0;
        /** A whole look, as sources do it: what is not known is handed out, in order. */
        const look = (): void => {
          for (let index = 0; index < found; index += 1) {
            const id = String(index);
            if (!progress.isKnown(id, timeOf(id))) progress.begin(id, timeOf(id));
          }
          if (found > 0) progress.passed(timeOf(String(found - 1)), overlapMs);
        };
        for (const { kind, index } of steps) {
          const id = String(index);
          if (kind === 'find') found = Math.min(31, found + 3);
          if (kind === 'restart') progress = await load({ checkpoints, maxKept: 8 });
          look();
          if (kind === 'acknowledge' && index < found) {
            await progress.acknowledge(id);
            acknowledged.add(id);
          }
          if (kind === 'giveBack') await progress.giveBack(id);
        }
        // In a new process, all that was never acknowledged is found again.
        progress = await load({ checkpoints, maxKept: 8 });
        for (let index = 0; index < found; index += 1) {
          const id = String(index);
          if (!acknowledged.has(id)) expect(progress.isKnown(id, timeOf(id))).toBe(false);
        }
      }),
    );
  });
});
