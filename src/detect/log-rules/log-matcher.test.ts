import { describe, expect, test } from 'vitest';
import { aLogQuery, aLogRule, aRecord, matchesOf } from '../../../test/support/log-rules.ts';
import type { JsonObject } from '../../model/json.ts';
import type { LogQuery } from '../../model/rule.ts';
import { groupKey, valueKey, type LogHit } from './log-match.ts';
import { LogMatcher } from './log-matcher.ts';
import { planLogRules } from './plan-log-rules.ts';

function matcherFor(...queries: readonly string[]): LogMatcher {
  const rules = queries.map((query, index) =>
    aLogRule({ id: `rule-${index}`, queries: [aLogQuery({ query })] }),
  );
  return new LogMatcher(planLogRules(rules).runnable);
}

/** Positions of the rules that match. */
function rulesOf(matcher: LogMatcher, record: JsonObject): readonly number[] {
  const matched = matcher.match(record);
  return matched.outcome === 'matched' ? matched.matches.map(({ rule }) => rule) : [];
}

function hitOf(query: Partial<LogQuery>, record: JsonObject): LogHit | undefined {
  const method = query.aggregation === 'new_value' ? 'new_value' : 'threshold';
  const rule = aLogRule({ queries: [aLogQuery(query)], options: { detectionMethod: method } });
  return matchesOf(rule, aRecord('08:00:00', record))[0]?.hits[0];
}

describe('which rules a record matches', () => {
  test('is told by the event name and by everything else in the query', () => {
    const matcher = matcherFor(
      '@evt.name:A',
      '@awsRegion:us-east-1',
      '@evt.name:(A OR B) @awsRegion:eu-west-1',
    );
    const at = (eventName: unknown, awsRegion: string) =>
      rulesOf(matcher, aRecord('08:00:00', { eventName, awsRegion }));
    expect(at('A', 'us-east-1')).toEqual([0, 1]);
    expect(at('A', 'eu-west-1')).toEqual([0, 2]);
    expect(at('B', 'eu-west-1')).toEqual([2]);
    expect(at('C', 'us-east-1')).toEqual([1]);
    expect(at('C', 'eu-west-1')).toEqual([]);
  });

  test('counts names in a list, and records without a name', () => {
    const matcher = matcherFor('@eventName:A', '@awsRegion:us-east-1');
    expect(rulesOf(matcher, aRecord('08:00:00', { eventName: ['B', 'A'] }))).toEqual([0, 1]);
    expect(rulesOf(matcher, aRecord('08:00:00', { eventName: undefined }))).toEqual([1]);
  });

  test('is told by derived attributes too', () => {
    const matcher = matcherFor('source:cloudtrail @evt.outcome:failure @usr.name:alice');
    expect(rulesOf(matcher, aRecord('08:00:00', { errorCode: 'AccessDenied' }))).toEqual([0]);
    expect(rulesOf(matcher, aRecord('08:00:00'))).toEqual([]);
  });

  test('is told by objects of derived attributes, and by any attribute', () => {
    const matcher = matcherFor('@evt:* @usr:*', '*:failure', 'evt:*', '*:alice');
    const failed = aRecord('08:00:00', { errorCode: 'AccessDenied' });
    expect(rulesOf(matcher, failed)).toEqual([0, 1, 2, 3]);
    expect(rulesOf(matcher, aRecord('08:00:00'))).toEqual([0, 2, 3]);
  });

  test('is told by what stands in the place of a derived attribute', () => {
    const matcher = matcherFor('@usr.name:mallory', '@usr.name:alice', 'status:odd', 'status:info');
    const own = aRecord('08:00:00', { usr: { name: 'mallory' }, status: 'odd' });
    expect(rulesOf(matcher, own)).toEqual([0, 2]);
    expect(rulesOf(matcher, aRecord('08:00:00'))).toEqual([1, 3]);
  });

  test('a match names the event, its time, and every query that it matches', () => {
    const rule = aLogRule({
      queries: [
        aLogQuery({ name: 'a', query: '@evt.name:Other' }),
        aLogQuery({ name: 'b', query: '@evt.name:GetSecretValue' }),
        aLogQuery({ name: 'c', query: '@awsRegion:us-*', groupByFields: ['@awsRegion'] }),
      ],
    });
    const [match] = matchesOf(rule, aRecord('08:00:00', { eventID: 'e-1' }));
    expect(match).toMatchObject({
      rule: 0,
      eventId: 'e-1',
      eventTime: '2026-03-01T08:00:00Z',
      eventTimeMs: Date.parse('2026-03-01T08:00:00Z'),
      hits: [
        { query: 1, groups: ['[]'], values: [] },
        { query: 2, groups: ['["us-east-1"]'], values: [] },
      ],
    });
  });

  test('keeps what messages need of the record, and not the event’s own id and time', () => {
    const record = aRecord('08:00:00', {
      requestParameters: { secretId: 'db', versionId: 'v1' },
      additionalEventData: { large: true },
    });
    expect(matchesOf(aLogRule(), record)[0]?.context).toEqual({
      eventName: 'GetSecretValue',
      eventSource: 'secretsmanager.amazonaws.com',
      awsRegion: 'us-east-1',
      recipientAccountId: '111122223333',
      sourceIPAddress: '198.51.100.7',
      userIdentity: { type: 'IAMUser', userName: 'alice', arn: 'arn:alice' },
      requestParameters: { secretId: 'db' },
    });
  });
});

describe('a record that matches and cannot be placed in time', () => {
  const matcher = matcherFor('@evt.name:A');
  const outcome = (fields: JsonObject) =>
    matcher.match(aRecord('08:00:00', { eventName: 'A', ...fields }));

  test.each([
    [{ eventID: undefined }, 'eventID is missing or not a text'],
    [{ eventID: 7 }, 'eventID is missing or not a text'],
    [
      { eventTime: undefined },
      'eventTime is missing or not a UTC time such as 2026-03-01T08:00:00Z',
    ],
    [
      { eventTime: 'yesterday' },
      'eventTime is missing or not a UTC time such as 2026-03-01T08:00:00Z',
    ],
  ])('is rejected: %j', (fields, reason) => {
    expect(outcome(fields)).toEqual({ outcome: 'rejected', reason });
  });

  test('is none of our business when it does not match', () => {
    expect(outcome({ eventName: 'B', eventID: undefined })).toEqual({ outcome: 'none' });
  });
});

test('the newest record that a rule was asked about is remembered', () => {
  const matcher = matcherFor('@evt.name:A @awsRegion:nowhere');
  expect(matcher.latestMs).toBeNull();
  matcher.match(aRecord('08:00:00', { eventName: 'A' }));
  matcher.match(aRecord('09:00:00', { eventName: 'A' }));
  matcher.match(aRecord('08:30:00', { eventName: 'A' }));
  matcher.match(aRecord('10:00:00', { eventName: 'B' }));
  matcher.match(aRecord('11:00:00', { eventName: 'A', eventTime: 'odd' }));
  expect(matcher.latestMs).toBe(Date.parse('2026-03-01T09:00:00Z'));
});

test('a time that is not written in the usual way is kept as it is', () => {
  const timeOf = (eventTime: string) =>
    matchesOf(aLogRule(), aRecord('08:00:00', { eventTime })).map((match) => [
      match.eventTime,
      match.unusualTime,
    ]);
  for (const usual of [
    '2026-03-01T08:00:00Z',
    '2026-03-31T08:00:00Z',
    '2026-03-01T08:00:00.250Z',
  ]) {
    expect(timeOf(usual)).toEqual([[usual, null]]);
  }
  for (const odd of [
    '2026-03-01T08:00:00.000Z',
    '2026-02-30T08:00:00Z',
    '2026-03-01T24:00:00Z',
    '2026-03-01T08:00:00.25Z',
  ]) {
    expect(timeOf(odd)).toEqual([[odd, odd]]);
  }
});

test('kinds of matches are shared, and forgotten when there are many', () => {
  const matcher = matcherFor('@evt.name:A');
  const kindOf = (sourceIPAddress: string) => {
    const matched = matcher.match(aRecord('08:00:00', { eventName: 'A', sourceIPAddress }));
    return matched.outcome === 'matched' ? matched.matches[0]?.kind : undefined;
  };
  const first = kindOf('198.51.100.1');
  expect(kindOf('198.51.100.1')).toBe(first);
  for (let index = 0; index < 5000; index += 1) kindOf(`10.0.${index >> 8}.${index & 255}`);
  expect(kindOf('198.51.100.1')).not.toBe(first);
  expect(kindOf('198.51.100.1')).toEqual(first);
});

describe('the groups of a record', () => {
  const tags = (...values: readonly string[]) => ({
    requestParameters: { tags: values.map((key) => ({ key })) },
  });
  const both = ['@awsRegion', '@requestParameters.tags.key'];

  test('are one for each combination of values, each value once', () => {
    expect(hitOf({ groupByFields: both }, tags('x', 'y', 'x'))?.groups).toEqual([
      groupKey(['us-east-1', 'x']),
      groupKey(['us-east-1', 'y']),
    ]);
  });

  test('are none where an attribute is missing, unless it is optional', () => {
    expect(hitOf({ groupByFields: both }, tags())).toBeUndefined();
    expect(hitOf({ groupByFields: both, hasOptionalGroupByFields: true }, tags())?.groups).toEqual([
      groupKey(['us-east-1', null]),
    ]);
    expect(
      hitOf({ groupByFields: both, hasOptionalGroupByFields: true }, tags('x'))?.groups,
    ).toEqual([groupKey(['us-east-1', 'x'])]);
  });

  test('are the same for a number and its text', () => {
    const of = (port: unknown) =>
      hitOf({ groupByFields: ['@requestParameters.port'] }, { requestParameters: { port } })
        ?.groups;
    expect(of(22)).toEqual(of('22'));
    expect(of(true)).toEqual([groupKey(['true'])]);
  });

  test('are bounded, whatever a record holds', () => {
    const many = Array.from({ length: 5000 }, (_, index) => `t${index}`);
    const field = '@requestParameters.tags.key';
    expect(hitOf({ groupByFields: [field] }, tags(...many))?.groups).toHaveLength(100);
    expect(hitOf({ groupByFields: [field, field] }, tags(...many))?.groups).toHaveLength(1000);
    const [group = ''] = hitOf({ groupByFields: [field] }, tags('x'.repeat(10_000)))?.groups ?? [];
    expect(group).toBe(groupKey(['x'.repeat(2048)]));
    const [first = ''] =
      hitOf({ groupByFields: [field] }, tags('x'.repeat(10_000), 'y'))?.groups ?? [];
    expect(first).toBe(groupKey(['x'.repeat(2048)]));
  });
});

describe('what an aggregation needs of a record', () => {
  const fields = { distinctFields: ['@awsRegion', '@requestParameters.name'] };

  test('are the combinations of values for cardinality and new values', () => {
    const record = { requestParameters: { name: ['x', 'y'] } };
    const expected = [valueKey(['us-east-1', 'x']), valueKey(['us-east-1', 'y'])];
    expect(hitOf({ aggregation: 'cardinality', ...fields }, record)?.values).toEqual(expected);
    expect(
      hitOf({ aggregation: 'new_value', metrics: fields.distinctFields }, record)?.values,
    ).toEqual(expected);
  });

  test('a record that lacks a value does not count', () => {
    expect(hitOf({ aggregation: 'cardinality', ...fields }, {})).toBeUndefined();
  });

  const numberOf = (aggregation: 'sum' | 'max', size: unknown) =>
    hitOf({ aggregation, metrics: ['@requestParameters.size'] }, { requestParameters: { size } })
      ?.values;

  test.each([
    ['sum', 3, [3]],
    ['sum', '2.5', [2.5]],
    ['sum', [1, '2', 'many', true, null, 4], [7]],
    ['max', [1, '2', 'many', 4], [4]],
    ['max', [-3, -2], [-2]],
    ['sum', 'many', undefined],
    ['max', Infinity, undefined],
    ['sum', [1e308, 1e308], [Number.MAX_VALUE]],
    ['sum', [-1e308, -1e308], [-Number.MAX_VALUE]],
    ['max', [-0], [0]],
    ['sum', undefined, undefined],
  ] as const)('%s of %j', (aggregation, size, expected) => {
    expect(numberOf(aggregation, size)).toEqual(expected);
  });

  test('numbers are bounded, whatever a record holds', () => {
    expect(
      numberOf(
        'sum',
        Array.from({ length: 500 }, () => 1),
      ),
    ).toEqual([100]);
  });
});
