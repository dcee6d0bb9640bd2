import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planDigest, WINDOW_MS } from './digest.ts';

describe('planDigest', () => {
  test('sends each by itself while there is room', () => {
    expect(planDigest(2, [0], 1000, 3)).toEqual({ kind: 'each' });
  });

  test('sends all together where there is not room for each', () => {
    expect(planDigest(3, [0], 1000, 3)).toEqual({ kind: 'together' });
  });

  test('waits until the first of the last messages is a minute old', () => {
    expect(planDigest(1, [0, 10, 20], 1000, 3)).toEqual({ kind: 'wait', untilMs: WINDOW_MS });
  });

  test('forgets what is a minute old', () => {
    expect(planDigest(3, [0, 10, 20], WINDOW_MS + 20, 3)).toEqual({ kind: 'each' });
  });
});

type Message = { readonly atMs: number; readonly notices: readonly number[] };

/** Notices that come at these times, and what is sent of them when. */
function simulate(arrivals: readonly number[], limit: number): readonly Message[] {
  const messages: Message[] = [];
  let waiting: number[] = [];
  let nowMs = 0;
  let next = 0;
  while (next < arrivals.length || waiting.length > 0) {
    while (next < arrivals.length && (arrivals[next] ?? 0) <= nowMs) waiting.push(next++);
    if (waiting.length === 0) {
      nowMs = arrivals[next] ?? nowMs;
      continue;
    }
    const plan = planDigest(
      waiting.length,
      messages.map(({ atMs }) => atMs),
      nowMs,
      limit,
    );
    if (plan.kind === 'wait') {
      expect(plan.untilMs).toBeGreaterThan(nowMs);
      nowMs = plan.untilMs;
      continue;
    }
    const atMs = nowMs;
    if (plan.kind === 'together') messages.push({ atMs, notices: waiting });
    else messages.push(...waiting.map((notice) => ({ atMs, notices: [notice] })));
    waiting = [];
  }
  return messages;
}

describe('whatever comes when', () => {
  const arrivals = fc
    .array(fc.integer({ min: 0, max: 400_000 }), { maxLength: 60 })
    .map((times) => times.toSorted((a, b) => a - b));
  const limits = fc.integer({ min: 1, max: 8 });

  test('each notice is in one message, in order', () => {
    fc.assert(
      fc.property(arrivals, limits, (times, limit) => {
        const all = simulate(times, limit).flatMap(({ notices }) => notices);
        expect(all).toEqual(times.map((_, index) => index));
      }),
    );
  });

  test('no minute has more messages than the limit', () => {
    fc.assert(
      fc.property(arrivals, limits, (times, limit) => {
        const sentMs = simulate(times, limit).map(({ atMs }) => atMs);
        for (const start of sentMs) {
          const inMinute = sentMs.filter((ms) => ms >= start && ms < start + WINDOW_MS);
          expect(inMinute.length).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });

  test('no notice waits longer than a minute', () => {
    fc.assert(
      fc.property(arrivals, limits, (times, limit) => {
        for (const { atMs, notices } of simulate(times, limit)) {
          for (const notice of notices) {
            expect(atMs - (times[notice] ?? 0)).toBeLessThanOrEqual(WINDOW_MS);
          }
        }
      }),
    );
  });

  test('where no minute has too many, each is sent by itself, at once', () => {
    fc.assert(
      fc.property(arrivals, limits, (times, limit) => {
        fc.pre(
          times.every(
            (start) => times.filter((ms) => ms >= start && ms < start + WINDOW_MS).length <= limit,
          ),
        );
        expect(simulate(times, limit)).toEqual(
          times.map((atMs, index) => ({ atMs, notices: [index] })),
        );
      }),
    );
  });
});
