import { describe, expect, test } from 'vitest';
import {
  aLogCase,
  aLogQuery,
  aLogRule,
  aRecord,
  findings,
} from '../../../test/support/log-rules.ts';
import type { JsonObject } from '../../model/json.ts';
import type { LogRule } from '../../model/rule.ts';

/** For each moment at which a case held: the group, the time of day, the case, and the events. */
function told(rule: LogRule, records: readonly JsonObject[]): readonly string[] {
  return findings(rule, records).flatMap(({ groupBy, triggers, events }) =>
    triggers.map(({ timeMs, caseIndex, from, to }) => {
      const group = groupBy.map(({ attribute, value }) => `${attribute}=${value}`).join(' ');
      const ids = events.slice(from, to).map(({ match }) => match.eventId);
      return `${group} ${new Date(timeMs).toISOString().slice(11, 19)} case ${caseIndex}: ${ids.join(' ')}`.trim();
    }),
  );
}

function at(time: string, eventID: string, given: JsonObject = {}): JsonObject {
  return aRecord(time, { eventID, ...given });
}

function by(arn: string): JsonObject {
  return { userIdentity: { type: 'IAMUser', arn } };
}

describe('the evaluation window', () => {
  const rule = aLogRule({ cases: [aLogCase({ condition: 'a > 2' })] });

  test('reaches back as far as it is long, and not a second further', () => {
    const upTo = (last: string) =>
      told(rule, [at('08:00:00', 'e1'), at('08:02:00', 'e2'), at(last, 'e3')]);
    expect(upTo('08:05:00')).toEqual(['08:05:00 case 0: e1 e2 e3']);
    expect(upTo('08:05:01')).toEqual([]);
  });

  test('slides: each moment is asked over the window before it', () => {
    const times = ['08:00:00', '08:04:00', '08:05:00', '08:09:00', '08:15:00'];
    expect(
      told(
        rule,
        times.map((time, index) => at(time, `e${index}`)),
      ),
    ).toEqual(['08:05:00 case 0: e0 e1 e2', '08:09:00 case 0: e1 e2 e3']);
  });

  test('of no length is one second', () => {
    const short = { ...rule, options: { ...rule.options, evaluationWindowSeconds: 0 } };
    const records = [at('08:00:00', 'e1'), at('08:00:01', 'e2'), at('08:00:01', 'e3')];
    expect(told(short, records)).toEqual([]);
    expect(told(short, [...records, at('08:00:01', 'e0')])).toEqual(['08:00:01 case 0: e0 e2 e3']);
  });

  test('takes records of one second together, whatever their ids', () => {
    const one = aLogRule({ cases: [aLogCase({ condition: 'a > 0' })] });
    expect(told(one, [at('08:00:00', 'z'), at('08:00:00', 'b')])).toEqual(['08:00:00 case 0: b z']);
  });
});

describe('late and repeated records', () => {
  const rule = aLogRule({ cases: [aLogCase({ condition: 'a >= 2' })] });

  test('a late record counts at its own time', () => {
    const early = [at('08:10:00', 'e2')];
    expect(told(rule, early)).toEqual([]);
    expect(told(rule, [...early, at('08:08:00', 'e1')])).toEqual(['08:10:00 case 0: e1 e2']);
  });

  test('a repeated record counts once', () => {
    expect(told(rule, [at('08:00:00', 'e1'), at('08:00:00', 'e1')])).toEqual([]);
  });
});

describe('cases', () => {
  test('are asked in order, and the first that holds is the one', () => {
    const rule = aLogRule({
      cases: [
        aLogCase({ condition: 'a > 2' }),
        aLogCase({ condition: 'a > 1' }),
        aLogCase({ condition: null }),
      ],
    });
    const times = ['08:00:00', '08:01:00', '08:02:00'];
    expect(
      told(
        rule,
        times.map((time, index) => at(time, `e${index}`)),
      ).map((text) => text.slice(0, 15)),
    ).toEqual(['08:00:00 case 2', '08:01:00 case 1', '08:02:00 case 0']);
  });

  test('may ask for several queries', () => {
    const rule = aLogRule({
      queries: [
        aLogQuery({
          name: 'lists',
          query: '@evt.name:ListSecrets',
          aggregation: 'cardinality',
          distinctFields: ['@awsRegion'],
        }),
        aLogQuery({ name: 'reads' }),
      ],
      cases: [aLogCase({ condition: 'lists > 1 && reads > 0' })],
    });
    const list = (time: string, id: string, awsRegion: string) =>
      at(time, id, { eventName: 'ListSecrets', awsRegion });
    const read = at('08:02:00', 'e3');
    expect(told(rule, [list('08:00:00', 'e1', 'r1'), list('08:01:00', 'e2', 'r1'), read])).toEqual(
      [],
    );
    expect(told(rule, [list('08:00:00', 'e1', 'r1'), list('08:01:00', 'e2', 'r2'), read])).toEqual([
      '08:02:00 case 0: e1 e2 e3',
    ]);
  });
});

describe('groups', () => {
  const groupByFields = ['@userIdentity.arn'];
  const rule = aLogRule({
    queries: [aLogQuery({ groupByFields })],
    cases: [aLogCase({ condition: 'a > 1' })],
  });

  test('are counted apart', () => {
    expect(
      told(rule, [
        at('08:00:00', 'e1', by('alice')),
        at('08:01:00', 'e2', by('bob')),
        at('08:02:00', 'e3', by('alice')),
      ]),
    ).toEqual(['@userIdentity.arn=alice 08:02:00 case 0: e1 e3']);
  });

  test('leave out records that lack the attribute, unless it is optional', () => {
    const nameless = ['e1', 'e2'].map((id) =>
      at('08:00:00', id, { userIdentity: { type: 'AWSService' } }),
    );
    expect(told(rule, nameless)).toEqual([]);
    const optional = aLogRule({
      queries: [aLogQuery({ groupByFields, hasOptionalGroupByFields: true })],
      cases: [aLogCase({ condition: 'a > 1' })],
    });
    expect(told(optional, nameless)).toEqual(['@userIdentity.arn=null 08:00:00 case 0: e1 e2']);
  });

  test('join queries by value, whatever the attributes are called', () => {
    const joined = aLogRule({
      queries: [
        aLogQuery({ name: 'reads', groupByFields }),
        aLogQuery({
          name: 'keys',
          query: '@evt.name:CreateAccessKey',
          groupByFields: ['@requestParameters.for'],
        }),
      ],
      cases: [aLogCase({ condition: 'reads > 0 && keys > 0' })],
    });
    const key = at('08:01:00', 'e2', {
      eventName: 'CreateAccessKey',
      requestParameters: { for: 'alice' },
    });
    expect(told(joined, [at('08:00:00', 'e1', by('alice')), key])).toEqual([
      '@userIdentity.arn=alice 08:01:00 case 0: e1 e2',
    ]);
    expect(told(joined, [at('08:00:00', 'e1', by('bob')), key])).toEqual([]);
  });

  test('of different sizes are named by the query that they belong to', () => {
    const mixed = aLogRule({
      queries: [
        aLogQuery({ name: 'all', query: '@evt.name:Other' }),
        aLogQuery({ name: 'reads', groupByFields }),
      ],
      cases: [aLogCase({ condition: 'all > 0 || reads > 0' })],
    });
    expect(
      told(mixed, [
        at('08:00:00', 'e1', by('alice')),
        at('08:01:00', 'e2', { eventName: 'Other' }),
      ]),
    ).toEqual(['@userIdentity.arn=alice 08:00:00 case 0: e1', '08:01:00 case 0: e2']);
  });

  test('a record of several groups counts in each', () => {
    const tagged = aLogRule({
      queries: [aLogQuery({ groupByFields: ['@requestParameters.tags.key'] })],
    });
    const tags = { requestParameters: { tags: [{ key: 'x' }, { key: 'y' }] } };
    expect(told(tagged, [at('08:00:00', 'e1', tags)])).toEqual([
      '@requestParameters.tags.key=x 08:00:00 case 0: e1',
      '@requestParameters.tags.key=y 08:00:00 case 0: e1',
    ]);
  });
});

test('sums and maxima are taken over the window', () => {
  const rule = (aggregation: 'sum' | 'max', condition: string) =>
    aLogRule({
      queries: [aLogQuery({ aggregation, metrics: ['@requestParameters.size'] })],
      cases: [aLogCase({ condition })],
    });
  const records = [
    at('08:00:00', 'e1', { requestParameters: { size: 60 } }),
    at('08:04:00', 'e2', { requestParameters: { size: 50 } }),
    at('08:08:00', 'e3', { requestParameters: { size: 55 } }),
  ];
  expect(told(rule('sum', 'a > 109'), records)).toEqual(['08:04:00 case 0: e1 e2']);
  expect(told(rule('max', 'a >= 60'), records)).toEqual([
    '08:00:00 case 0: e1',
    '08:04:00 case 0: e1 e2',
  ]);
});

test('an event tells under which queries it counts', () => {
  const rule = aLogRule({
    queries: [aLogQuery({ name: 'a' }), aLogQuery({ name: 'b', query: '@awsRegion:us-east-1' })],
  });
  const [found] = findings(rule, [at('08:00:00', 'e1'), at('08:00:01', 'e2', { awsRegion: 'x' })]);
  expect(found?.events.map(({ queries }) => queries)).toEqual([[0, 1], [0]]);
  expect(found?.group).toBe('[]');
  expect(found?.rule).toBe(rule);
});
