import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aLogQuery } from '../../../test/support/log-rules.ts';
import type { Aggregation } from '../../model/rule.ts';
import type { LogHit } from './log-match.ts';
import { createWindow } from './sliding-window.ts';

function hit(...values: readonly (string | number)[]): LogHit {
  return { query: 0, groups: ['[]'], values };
}

function windowOf(aggregation: Aggregation) {
  return createWindow(aLogQuery({ aggregation }));
}

const meaning: Readonly<Record<string, (hits: readonly LogHit[]) => number>> = {
  count: (hits) => hits.length,
  cardinality: (hits) => new Set(hits.flatMap(({ values }) => values)).size,
  sum: (hits) => hits.reduce((sum, { values }) => sum + Number(values[0]), 0),
  max: (hits) =>
    hits.length === 0 ? Number.NaN : Math.max(...hits.map(({ values }) => Number(values[0]))),
};

/** True: the next hit enters; false: the first one leaves. */
const steps = fc.array(fc.boolean(), { maxLength: 60 });

describe.each(['count', 'cardinality', 'sum', 'max'] as const)('%s', (aggregation) => {
  const values: fc.Arbitrary<(string | number)[]> =
    aggregation === 'cardinality'
      ? fc.array(fc.constantFrom('x', 'y', 'z'), { maxLength: 3 })
      : fc.tuple(fc.integer({ min: -9, max: 9 }));

  test('is what the hits in the window come to, however it slides', () => {
    fc.assert(
      fc.property(steps, fc.array(values, { minLength: 60, maxLength: 60 }), (moves, entering) => {
        const window = windowOf(aggregation);
        const inside: LogHit[] = [];
        for (const [index, enters] of moves.entries()) {
          if (enters) {
            const next = hit(...(entering[index] ?? []));
            window.enter(next);
            inside.push(next);
          } else {
            const leaving = inside.shift();
            if (leaving !== undefined) window.leave(leaving);
          }
          expect(window.value()).toBe(meaning[aggregation]?.(inside));
        }
      }),
    );
  });
});

test('nothing comes to nothing, and the greatest of nothing is no number', () => {
  expect(windowOf('count').value()).toBe(0);
  expect(windowOf('cardinality').value()).toBe(0);
  expect(windowOf('sum').value()).toBe(0);
  expect(windowOf('max').value()).toBeNaN();
});

test('a sum is not worn out by what has left', () => {
  const window = windowOf('sum');
  window.enter(hit(1e17));
  window.enter(hit(0.25));
  window.leave(hit(1e17));
  expect(window.value()).toBe(0.25);
});

test('what is not put together in a window has none', () => {
  for (const aggregation of ['new_value', 'geo_data', 'event_count', 'none'] as const) {
    expect(() => windowOf(aggregation)).toThrow(`no window can tell ${aggregation}`);
  }
});
