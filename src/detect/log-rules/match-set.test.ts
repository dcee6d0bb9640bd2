import { describe, expect, test } from 'vitest';
import type { LogMatch } from './log-match.ts';
import { MatchSet } from './match-set.ts';

function aMatch(given: Partial<LogMatch> = {}): LogMatch {
  return {
    rule: 0,
    eventId: 'e1',
    eventTime: '2026-03-01T08:00:00Z',
    eventTimeMs: 1000,
    hits: [{ query: 0, groups: ['[]'], values: [] }],
    context: { eventName: 'A' },
    ...given,
  };
}

function setOf(...matches: readonly LogMatch[]): MatchSet {
  const set = new MatchSet();
  for (const match of matches) set.add(match);
  return set;
}

test('an event counts once under each rule', () => {
  const set = setOf(aMatch(), aMatch(), aMatch({ rule: 1 }), aMatch({ eventId: 'e2' }));
  expect([...set.values()].map(({ rule, eventId }) => [rule, eventId])).toEqual([
    [0, 'e1'],
    [0, 'e2'],
    [1, 'e1'],
  ]);
});

test('the matches of a rule come by time, then by event id', () => {
  const set = setOf(
    aMatch({ eventId: 'b', eventTimeMs: 2000 }),
    aMatch({ eventId: 'c', eventTimeMs: 1000 }),
    aMatch({ eventId: 'a', eventTimeMs: 2000 }),
    aMatch({ rule: 1 }),
  );
  expect(set.ofRule(0).map(({ eventId }) => eventId)).toEqual(['c', 'a', 'b']);
  expect(set.ofRule(7)).toEqual([]);
});

describe('of two records that are said to be one event', () => {
  test.each([
    ['the earlier counts', aMatch({ eventTimeMs: 999 }), aMatch({ eventTimeMs: 10_000 })],
    ['of one time, always the same', aMatch({ context: { a: 1 } }), aMatch({ context: { b: 1 } })],
  ])('%s', (_, first, second) => {
    const [one] = setOf(first, second).ofRule(0);
    const [other] = setOf(second, first).ofRule(0);
    expect(one).toEqual(first);
    expect(other).toEqual(first);
  });
});

test('equal contexts are held once, and stay so on the way to another thread', () => {
  const set = setOf(
    aMatch({ eventId: 'a' }),
    aMatch({ eventId: 'b' }),
    aMatch({ eventId: 'c', context: { eventName: 'B' } }),
  );
  const sent = structuredClone([...set.values()]);
  const [a, b, c] = setOf(...sent)
    .ofRule(0)
    .map(({ context }) => context);
  expect(a).toBe(b);
  expect(c).toEqual({ eventName: 'B' });
  expect(c).not.toBe(a);
});
