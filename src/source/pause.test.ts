import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';

import { Backoff, grown, sleep } from './pause.ts';

describe('a pause', () => {
  it('ends at once when the signal says so, or has said so', async () => {
    const start = performance.now();
    await sleep(60_000, AbortSignal.abort());
    await sleep(60_000, AbortSignal.timeout(5));
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  it('leaves no listener behind', async () => {
    const { signal } = new AbortController();
    const sleeping = sleep(1, signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await sleeping;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('grows by doubling, up to the most', () => {
    expect([0, 1, 2, 3, 4, 1000].map((times) => grown(5, 60, times))).toEqual([
      5, 10, 20, 40, 60, 60,
    ]);
  });

  it('after a failure lies between half and all of what it may be, and starts over', () => {
    const backoff = new Backoff({ firstMs: 100, mostMs: 1_000 });
    for (const limit of [100, 200, 400, 800, 1_000, 1_000]) {
      const pauseMs = backoff.next();
      expect(pauseMs).toBeGreaterThanOrEqual(limit / 2);
      expect(pauseMs).toBeLessThanOrEqual(limit);
    }
    backoff.reset();
    expect(backoff.next()).toBeLessThanOrEqual(100);
  });
});
