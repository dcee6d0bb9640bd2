// How often somebody may ask. Each has a bucket that fills evenly and holds a minute's worth, so that a
// burst is possible and a flood is not. The number of buckets is bounded: the longest unused one goes.

import type { Clock } from '../../ports.ts';

export type RateLimit = {
  /** Takes one; resolves to seconds to wait where there is none, else 0. */
  take(key: string): number;
};

const mostBuckets = 20_000;

export function createRateLimit(perMinute: number, clock: Clock): RateLimit {
  const buckets = new Map<string, { readonly left: number; readonly atMs: number }>();
  const perMs = perMinute / 60_000;
  return {
    take(key) {
      const nowMs = clock();
      const before = buckets.get(key);
      const passedMs = before === undefined ? 0 : Math.max(0, nowMs - before.atMs);
      const left = Math.min(perMinute, (before?.left ?? perMinute) + passedMs * perMs);
      // Put at the end: the map's order is that of the last use.
      buckets.delete(key);
      buckets.set(key, { left: left >= 1 ? left - 1 : left, atMs: nowMs });
      const oldest = buckets.size > mostBuckets ? buckets.keys().next().value : undefined;
      if (oldest !== undefined) buckets.delete(oldest);
      return left >= 1 ? 0 : Math.ceil((1 - left) / perMs / 1000);
    },
  };
}
