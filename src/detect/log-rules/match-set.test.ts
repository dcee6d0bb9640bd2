import { describe, expect, test } from 'vitest';
import { LogMatch, type MatchKind } from './log-match.ts';
import { MatchSet } from './match-set.ts';

const kind: MatchKind = {
  rule: 0,
  hits: [{ query: 0, groups: ['[]'], values: [] }],
  context: { eventName: 'A' },
};

function aMatch(eventId = 'e1', eventTimeMs = 1000, given: Partial<MatchKind> = {}): LogMatch {
  return new LogMatch(eventId, eventTimeMs, { ...kind, ...given }, null);
}

function setOf(...matches: readonly LogMatch[]): MatchSet {
  const set = new MatchSet();
  for (const match of matches) set.add(match);
  return set;
}

test('an event counts once under each rule', () => {
  const set = setOf(aMatch(), aMatch(), aMatch('e1', 1000, { rule: 1 }), aMatch('e2'));
  expect([...set.values()].map(({ rule, eventId }) => [rule, eventId])).toEqual([
    [0, 'e1'],
    [0, 'e2'],
    [1, 'e1'],
  ]);
});

test('the matches of a rule come by time, then by event id', () => {
  const set = setOf(
    aMatch('b', 2000),
    aMatch('c', 1000),
    aMatch('a', 2000),
    aMatch('d', 0, { rule: 1 }),
  );
  expect(set.ofRule(0).map(({ eventId }) => eventId)).toEqual(['c', 'a', 'b']);
  expect(set.ofRule(7)).toEqual([]);
});

describe('of two records that are said to be one event', () => {
  test.each([
    ['the earlier counts', aMatch('e1', 999), aMatch('e1', 10_000)],
    [
      'of one time, always the same',
      aMatch('e1', 1000, { context: { a: 1 } }),
      aMatch('e1', 1000, { context: { b: 1 } }),
    ],
  ])('%s', (_, first, second) => {
    expect(setOf(first, second).ofRule(0)).toEqual([first]);
    expect(setOf(second, first).ofRule(0)).toEqual([first]);
  });
});
