import { describe, expect, test } from 'vitest';
import {
  aLogCase,
  aLogQuery,
  aLogRule,
  aRecord,
  findings,
} from '../../../test/support/log-rules.ts';
import type { JsonObject } from '../../model/json.ts';
import type { LogQuery, LogRule, NewValueOptions } from '../../model/rule.ts';
import { valueText } from './log-match.ts';

function aNewValueRule(
  newValue: Partial<NewValueOptions> = {},
  query: Partial<LogQuery> = {},
): LogRule {
  return aLogRule({
    queries: [aLogQuery({ aggregation: 'new_value', metrics: ['@awsRegion'], ...query })],
    cases: [aLogCase({ condition: null })],
    options: { detectionMethod: 'new_value', newValue },
  });
}

/** The new values with the time of day, after their group where there is one. */
function told(rule: LogRule, records: readonly JsonObject[]): readonly string[] {
  return findings(rule, records).flatMap(({ groupBy, triggers }) =>
    triggers.map(({ timeMs, newValue }) => {
      const group = groupBy.map(({ value }) => `${value}: `).join('');
      return `${group}${valueText(newValue ?? '[]')} ${new Date(timeMs).toISOString().slice(11, 19)}`;
    }),
  );
}

function at(time: string, awsRegion: string, arn = 'alice'): JsonObject {
  return aRecord(time, { awsRegion, userIdentity: { type: 'IAMUser', arn } });
}

describe('learning for a time', () => {
  const hour = { learningDurationSeconds: 3600 };

  test('values are learned without a word, up to its last second', () => {
    expect(
      told(aNewValueRule(hour), [
        at('08:00:00', 'r1'),
        at('08:30:00', 'r2'),
        at('09:00:00', 'r3'),
        at('09:00:01', 'r4'),
        at('09:00:02', 'r2'),
      ]),
    ).toEqual(['r4 09:00:01']);
  });

  test('of no length still learns the first values', () => {
    expect(
      told(aNewValueRule(), [at('08:00:00', 'r1'), at('08:00:00', 'r2'), at('08:00:01', 'r3')]),
    ).toEqual(['r3 08:00:01']);
  });

  test('a value that fired is known from then on', () => {
    expect(
      told(aNewValueRule(), [at('08:00:00', 'r1'), at('08:01:00', 'r2'), at('08:02:00', 'r2')]),
    ).toEqual(['r2 08:01:00']);
  });

  test('starts anew in each group', () => {
    const rule = aNewValueRule(hour, { groupByFields: ['@userIdentity.arn'] });
    expect(
      told(rule, [
        at('08:00:00', 'r1', 'alice'),
        at('10:00:00', 'r2', 'alice'),
        at('10:00:00', 'r2', 'bob'),
        at('10:30:00', 'r3', 'bob'),
        at('11:00:01', 'r4', 'bob'),
      ]),
    ).toEqual(['alice: r2 10:00:00', 'bob: r4 11:00:01']);
  });

  test('counts from the first record of any group with an instantaneous baseline', () => {
    const rule = aNewValueRule(
      { ...hour, instantaneousBaseline: true },
      { groupByFields: ['@userIdentity.arn'] },
    );
    expect(
      told(rule, [
        at('08:00:00', 'r1', 'alice'),
        at('09:00:00', 'r2', 'bob'),
        at('10:00:00', 'r3', 'bob'),
        at('10:00:00', 'r3', 'carol'),
      ]),
    ).toEqual(['bob: r3 10:00:00', 'carol: r3 10:00:00']);
  });
});

describe('learning from a number of records', () => {
  const learn = (learningThreshold: number) =>
    aNewValueRule({ learningMethod: 'threshold', learningThreshold });

  test('values of that many records are learned', () => {
    const records = [at('08:00:00', 'r1'), at('08:01:00', 'r2'), at('08:02:00', 'r3')];
    expect(told(learn(0), records)).toEqual(['r1 08:00:00', 'r2 08:01:00', 'r3 08:02:00']);
    expect(told(learn(1), records)).toEqual(['r2 08:01:00', 'r3 08:02:00']);
    expect(told(learn(2), records)).toEqual(['r3 08:02:00']);
  });

  test('records of one second are learned together', () => {
    const records = [at('08:00:00', 'r1'), at('08:00:00', 'r2'), at('08:00:01', 'r3')];
    expect(told(learn(1), records)).toEqual(['r3 08:00:01']);
  });
});

describe('forgetting', () => {
  const rule = aNewValueRule({ forgetAfterSeconds: 3600 });

  test('a value that was not seen for longer is new again', () => {
    const then = (time: string) => told(rule, [at('08:00:00', 'r1'), at(time, 'r1')]);
    expect(then('09:00:00')).toEqual([]);
    expect(then('09:00:01')).toEqual(['r1 09:00:01']);
  });

  test('being seen keeps a value known', () => {
    expect(told(rule, [at('08:00:00', 'r1'), at('08:45:00', 'r1'), at('09:30:00', 'r1')])).toEqual(
      [],
    );
  });
});

test('a late record can make a value known, or new earlier', () => {
  const rule = aNewValueRule();
  const records = [at('08:00:00', 'r1'), at('08:10:00', 'r2')];
  expect(told(rule, [...records, at('08:05:00', 'r2')])).toEqual(['r2 08:05:00']);
  expect(told(rule, [...records, at('07:00:00', 'r2')])).toEqual(['r1 08:00:00']);
});

test('several attributes make one value together', () => {
  const rule = aNewValueRule({}, { metrics: ['@userIdentity.arn', '@awsRegion'] });
  expect(
    told(rule, [
      at('08:00:00', 'r1', 'alice'),
      at('08:01:00', 'r2', 'bob'),
      at('08:02:00', 'r2', 'alice'),
      at('08:03:00', 'r1', 'alice'),
    ]),
  ).toEqual(['bob, r2 08:01:00', 'alice, r2 08:02:00']);
});

test('records that brought a value are its events, and values of one second come in their order', () => {
  const records = [
    at('08:00:00', 'r0'),
    aRecord('08:01:00', { eventID: 'e3', awsRegion: 'rb' }),
    aRecord('08:01:00', { eventID: 'e2', awsRegion: 'ra' }),
    aRecord('08:01:00', { eventID: 'e1', awsRegion: 'rb' }),
    aRecord('08:02:00', { eventID: 'e4', awsRegion: 'rb' }),
  ];
  const [found] = findings(aNewValueRule(), records);
  expect(
    found?.triggers.map(({ newValue, from, to }) => [
      newValue,
      found.events.slice(from, to).map(({ match, queries }) => [match.eventId, queries]),
    ]),
  ).toEqual([
    ['["ra"]', [['e2', [0]]]],
    [
      '["rb"]',
      [
        ['e1', [0]],
        ['e3', [0]],
      ],
    ],
  ]);
});

describe('several queries', () => {
  const rule = (...conditions: readonly (string | null)[]): LogRule =>
    aLogRule({
      queries: [
        aLogQuery({ name: 'regions', aggregation: 'new_value', metrics: ['@awsRegion'] }),
        aLogQuery({ name: 'people', aggregation: 'new_value', metrics: ['@userIdentity.arn'] }),
      ],
      cases: conditions.map((condition) => aLogCase({ condition })),
      options: { detectionMethod: 'new_value' },
    });
  const records = [
    at('08:00:00', 'r1', 'alice'),
    at('08:02:00', 'r1', 'bob'),
    at('08:01:00', 'r2', 'alice'),
  ];

  test('learn apart, and their values are told in the order of time', () => {
    expect(told(rule(null), records)).toEqual(['r2 08:01:00', 'bob 08:02:00']);
  });

  test('a case asks which query found the value', () => {
    expect(told(rule('people > 0'), records)).toEqual(['bob 08:02:00']);
    const [found] = findings(rule('people > 0', 'regions > 0'), records);
    expect(found?.triggers.map(({ caseIndex }) => caseIndex)).toEqual([1, 0]);
    expect(findings(rule('people > 1'), records)).toEqual([]);
  });
});
