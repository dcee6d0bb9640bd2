import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRateLimit } from './rate-limit.ts';

test('nobody gets more than a minute of it at once and its rate after that, and nobody gets less', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300 }),
      fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 300 }),
      (perMinute, pauses) => {
        let nowMs = 0;
        const limit = createRateLimit(perMinute, () => nowMs);
        let allowed = 0;
        for (const pause of pauses) {
          nowMs += pause;
          const waitSeconds = limit.take('one');
          if (waitSeconds === 0) allowed += 1;
          expect(waitSeconds).toBeLessThanOrEqual(Math.ceil(60 / perMinute));
        }
        expect(allowed).toBeLessThanOrEqual(perMinute + (nowMs * perMinute) / 60_000 + 1e-6);
        expect(allowed).toBeGreaterThanOrEqual(Math.min(pauses.length, perMinute));
      },
    ),
  );
});

test('whoever waits as long as they are told gets in', () => {
  let nowMs = 0;
  const limit = createRateLimit(7, () => nowMs);
  for (let count = 0; count < 7; count += 1) expect(limit.take('one')).toBe(0);
  nowMs += limit.take('one') * 1000;
  expect(limit.take('one')).toBe(0);
});

test('one does not wait for another', () => {
  const limit = createRateLimit(1, () => 0);
  expect([limit.take('one'), limit.take('one'), limit.take('two')]).toEqual([0, 60, 0]);
});

test('a clock that is set back gives nothing away', () => {
  let nowMs = 100_000;
  const limit = createRateLimit(1, () => nowMs);
  expect(limit.take('one')).toBe(0);
  nowMs = 0;
  expect(limit.take('one')).toBe(60);
});

test('those who asked last are remembered, however many there are', () => {
  const limit = createRateLimit(1, () => 0);
  for (let count = 0; count < 25_000; count += 1) limit.take(`caller ${count}`);
  expect(limit.take('caller 24999')).toBe(60);
  expect(limit.take('caller 0')).toBe(0);
});
