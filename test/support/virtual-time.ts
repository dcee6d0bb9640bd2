// Time that passes only when everybody who uses it is waiting for it.

import type { Clock } from '../../src/ports.ts';

export type VirtualTime = {
  readonly clock: Clock;
  readonly sleep: (durationMs: number, signal: AbortSignal) => Promise<void>;
  /** Lets so much time pass, and everything happen that happens in it. */
  pass(durationMs: number): Promise<void>;
};

type Sleeper = { readonly atMs: number; readonly wake: () => void };

export function virtualTime(startMs: number): VirtualTime {
  let nowMs = startMs;
  const sleepers = new Set<Sleeper>();
  return {
    clock: () => nowMs,
    sleep: (durationMs, signal) =>
      new Promise((done) => {
        const sleeper: Sleeper = {
          atMs: nowMs + durationMs,
          wake() {
            sleepers.delete(sleeper);
            signal.removeEventListener('abort', sleeper.wake);
            done();
          },
        };
        if (signal.aborted) {
          done();
          return;
        }
        sleepers.add(sleeper);
        signal.addEventListener('abort', sleeper.wake);
      }),
    async pass(durationMs) {
      const endMs = nowMs + durationMs;
      for (;;) {
        await settle();
        const next = [...sleepers].toSorted((a, b) => a.atMs - b.atMs)[0];
        if (next === undefined || next.atMs > endMs) break;
        nowMs = Math.max(nowMs, next.atMs);
        next.wake();
      }
      nowMs = endMs;
    },
  };
}

/** Lets everything happen that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((done) => setImmediate(done));
}
