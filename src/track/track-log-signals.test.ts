import { describe, expect, test } from 'vitest';
import { aLogCase, aLogQuery, aLogRule, aRecord, signals } from '../../test/support/log-rules.ts';
import type { JsonObject } from '../model/json.ts';
import type { LogRule } from '../model/rule.ts';

function times(rule: LogRule, ...given: readonly string[]): readonly string[] {
  return signals(
    rule,
    given.map((time) => aRecord(time)),
  ).map(({ firstSeen, lastSeen }) => `${firstSeen.slice(11, 19)} ${lastSeen.slice(11, 19)}`);
}

describe('keep-alive', () => {
  const rule = aLogRule({ options: { keepAliveSeconds: 3600, maxSignalDurationSeconds: 7200 } });

  test('joins what follows within it, and not a second later', () => {
    expect(times(rule, '08:00:00', '09:00:00')).toEqual(['08:00:00 09:00:00']);
    expect(times(rule, '08:00:00', '09:00:01')).toEqual(['08:00:00 08:00:00', '09:00:01 09:00:01']);
  });

  test('counts from the last record, up to the longest time of a signal', () => {
    expect(times(rule, '08:00:00', '08:50:00', '09:40:00', '10:00:00')).toEqual([
      '08:00:00 10:00:00',
    ]);
    expect(times(rule, '08:00:00', '08:50:00', '09:40:00', '10:00:01')).toEqual([
      '08:00:00 09:40:00',
      '10:00:01 10:00:01',
    ]);
  });

  test('none is one signal for each moment', () => {
    const short = aLogRule({ options: { keepAliveSeconds: 0, evaluationWindowSeconds: 0 } });
    expect(times(short, '08:00:00', '08:00:01')).toHaveLength(2);
  });

  test('a late record can join two signals', () => {
    expect(times(rule, '08:00:00', '09:30:00')).toHaveLength(2);
    expect(times(rule, '08:00:00', '09:30:00', '08:45:00')).toEqual(['08:00:00 09:30:00']);
  });
});

describe('whether a signal is open', () => {
  const rule = aLogRule({ options: { keepAliveSeconds: 3600, maxSignalDurationSeconds: 5400 } });
  const records = [aRecord('08:00:00')];

  test('it is while a record could still join', () => {
    expect(signals(rule, records, '09:00:00')[0]).toMatchObject({
      status: 'open',
      closedAt: null,
      closedBy: null,
      durationSeconds: null,
    });
  });

  test('it ended when keep-alive had passed', () => {
    expect(signals(rule, records, '09:00:01')[0]).toMatchObject({
      status: 'closed',
      closedAt: '2026-03-01T09:00:00Z',
      closedBy: null,
      durationSeconds: 3600,
    });
  });

  test('it ended when it had lasted its longest time', () => {
    const lasting = [...records, aRecord('09:00:00')];
    expect(signals(rule, lasting, '09:30:00')[0]?.status).toBe('open');
    expect(signals(rule, lasting, '09:30:01')[0]).toMatchObject({
      closedAt: '2026-03-01T09:30:00Z',
      durationSeconds: 5400,
    });
  });

  test('a fraction of a second is kept', () => {
    const exact = [aRecord('08:00:00', { eventTime: '2026-03-01T08:00:00.250Z' })];
    expect(signals(rule, exact, '10:00:00')[0]).toMatchObject({
      firstSeen: '2026-03-01T08:00:00.250Z',
      closedAt: '2026-03-01T09:00:00.250Z',
    });
  });
});

describe('severity', () => {
  const rule = aLogRule({
    queries: [aLogQuery(), aLogQuery({ name: 'b', query: '@awsRegion:eu-*' })],
    cases: [
      aLogCase({ name: 'twice', severity: 'high', condition: 'a > 1' }),
      aLogCase({ name: 'abroad', severity: 'high', condition: 'b > 0' }),
      aLogCase({ name: 'once', severity: 'low', condition: 'a > 0' }),
    ],
  });
  const told = (...records: readonly JsonObject[]) =>
    signals(rule, records).map((signal) => `${signal.severity} ${signal.case}`);

  test('is that of the case', () => {
    expect(told(aRecord('08:00:00'))).toEqual(['low once']);
  });

  test('rises with a more severe case, and does not fall again', () => {
    expect(told(aRecord('08:00:00'), aRecord('08:01:00'))).toEqual(['high twice']);
    expect(told(aRecord('08:00:00'), aRecord('08:01:00'), aRecord('08:20:00'))).toEqual([
      'high twice',
    ]);
  });

  test('of equally severe cases, the one that held first gives the name', () => {
    const abroad = aRecord('08:30:00', { awsRegion: 'eu-west-1', eventName: 'Other' });
    expect(told(aRecord('08:00:00'), abroad, aRecord('09:00:00'), aRecord('09:00:01'))).toEqual([
      'high abroad',
    ]);
  });
});

describe('what a signal tells', () => {
  const rule = aLogRule({
    title: '{{@signal.case}}: {{@signal.eventCount}} by {{@signal.actor}}',
    message:
      '{{@userIdentity.arn}} {{@evt.name}} {{@evt.id}} {{@eventTime}} in {{@signal.region}} of ' +
      '{{@signal.accountId}}: {{@signal.groupBy}} ({{@signal.groupByList.[0]}}), {{@signal.status}}, ' +
      '{{@signal.firstSeen}} {{@signal.lastSeen}} {{@signal.closedAt}} {{@signal.duration}} ' +
      '{{@signal.durationSeconds}} {{@signal.severity}} {{@signal.ruleId}}',
    queries: [
      aLogQuery({ name: 'reads', groupByFields: ['@userIdentity.arn'] }),
      aLogQuery({
        name: 'lists',
        query: '@evt.name:ListSecrets',
        groupByFields: ['@userIdentity.arn'],
      }),
    ],
    cases: [aLogCase({ name: 'Many', condition: 'reads > 1' })],
  });
  const records = [
    aRecord('08:00:00', { eventID: 'e1' }),
    aRecord('08:00:30', { eventID: 'e2', eventName: 'ListSecrets' }),
    aRecord('08:01:00', {
      eventID: 'e4',
      userIdentity: { type: 'IAMUser', arn: 'arn:alice', userName: 'al' },
    }),
    aRecord('08:01:00', { eventID: 'e3' }),
    aRecord('08:30:00', { eventID: 'e5' }),
  ];
  const told = () => signals(rule, records, '11:00:00')[0];

  test('who, where, when, and how many', () => {
    expect(told()).toMatchObject({
      ruleId: 'a-log-rule',
      severity: 'medium',
      accountId: '111122223333',
      region: 'us-east-1',
      groupId: null,
      actor: { type: 'IAMUser', sessionName: 'alice', sourceIp: '198.51.100.7' },
      firstSeen: '2026-03-01T08:01:00Z',
      lastSeen: '2026-03-01T08:01:00Z',
      exposures: [],
      eventIds: ['e1', 'e2', 'e3', 'e4'],
      groupBy: [{ attribute: '@userIdentity.arn', value: 'arn:alice' }],
      case: 'Many',
      newValues: [],
      eventCount: 4,
      queries: [
        { name: 'reads', count: 3 },
        { name: 'lists', count: 1 },
      ],
    });
  });

  test('in the words of the rule, with the attributes of the first record that made the case hold', () => {
    expect(told()?.title).toBe('Many: 4 by alice');
    expect(told()?.message.replaceAll('\\', '')).toBe(
      'arn:alice GetSecretValue e3 2026-03-01T08:01:00Z in us-east-1 of ' +
        '111122223333: @userIdentity.arn:arn:alice (arn:alice), closed, ' +
        '2026-03-01T08:01:00Z 2026-03-01T08:01:00Z 2026-03-01T09:01:00Z 1 h ' +
        '3600 medium a-log-rule',
    );
  });

  test('of an open signal, the words for its end are empty', () => {
    const [open] = signals(
      { ...rule, message: '[{{@signal.closedAt}}{{@signal.duration}}{{@signal.durationSeconds}}]' },
      records,
    );
    expect(open?.message.replaceAll('\\', '')).toBe('[]');
  });

  test('with empty words for attributes that its group lacks', () => {
    const optional = aLogRule({
      message: '[{{@signal.groupBy}}] [{{@signal.groupByList.[0]}}]',
      queries: [
        aLogQuery({ groupByFields: ['@none', '@awsRegion'], hasOptionalGroupByFields: true }),
      ],
    });
    const [signal] = signals(optional, [aRecord('08:00:00')]);
    expect(signal?.message.replaceAll('\\', '')).toBe('[@none:, @awsRegion:us-east-1] []');
  });

  test('without blanks around them', () => {
    const [signal] = signals(aLogRule({ title: ' t ', message: '\n\nm\n\n' }), [
      aRecord('08:00:00'),
    ]);
    expect([signal?.title, signal?.message]).toEqual(['t', 'm']);
  });

  test('escaped for where it stands', () => {
    const [hostile] = signals(aLogRule(), [
      aRecord('08:00:00', { userIdentity: { type: 'IAMUser', arn: '**x**' } }),
    ]);
    expect(hostile?.message).toContain('\\*\\*x\\*\\*');
  });

  test('its id depends on the rule, the group and the first event alone', () => {
    const idOf = (given: Partial<LogRule>, ...events: readonly JsonObject[]) =>
      signals({ ...rule, ...given }, events, '11:00:00')[0]?.id;
    expect(told()?.id).toMatch(/^sig-[0-9a-f]{20}$/);
    expect(idOf({ title: 'Other' }, ...records.slice(0, 4))).toBe(told()?.id);
    expect(idOf({ id: 'other' }, ...records)).not.toBe(told()?.id);
    expect(idOf({}, ...records.filter(({ eventID }) => eventID !== 'e3'))).not.toBe(told()?.id);
  });

  test('the account of the caller where the record names no recipient, and nothing where it names none', () => {
    const of = (userIdentity: JsonObject, awsRegion?: string) =>
      signals(aLogRule(), [
        aRecord('08:00:00', { recipientAccountId: undefined, awsRegion, userIdentity }),
      ])[0];
    expect(of({ type: 'IAMUser', accountId: '999988887777' }, 'r')).toMatchObject({
      accountId: '999988887777',
      region: 'r',
    });
    expect(of({ type: 'Root' })).toMatchObject({ accountId: '', region: '' });
  });
});

describe('a signal of many records', () => {
  const second = (index: number): string => new Date(index * 1000).toISOString().slice(11, 19);

  test('names the first hundred and counts all', () => {
    const records = Array.from({ length: 250 }, (_, index) =>
      aRecord(second(index), { eventID: `e${String(index).padStart(3, '0')}` }),
    );
    const [signal] = signals(aLogRule(), records);
    expect(signal?.eventCount).toBe(250);
    expect(signal?.eventIds).toHaveLength(100);
    expect(signal?.eventIds[99]).toBe('e099');
  });

  test('leaves out records that stand between its moments and helped none', () => {
    const rule = aLogRule({
      cases: [aLogCase({ condition: 'a > 1' })],
      options: { evaluationWindowSeconds: 10 },
    });
    const records = ['08:00:00', '08:00:05', '08:10:00', '08:20:00', '08:20:05'].map(
      (time, index) => aRecord(time, { eventID: `e${index}` }),
    );
    expect(signals(rule, records).map(({ eventIds }) => eventIds)).toEqual([
      ['e0', 'e1', 'e3', 'e4'],
    ]);
  });
});

describe('new values', () => {
  const rule = (keepAliveSeconds: number) =>
    aLogRule({
      title: '{{@signal.newValues}}',
      message: '{{@signal.newValueList.[1]}} {{@awsRegion}}',
      queries: [
        aLogQuery({ aggregation: 'new_value', metrics: ['@awsRegion', '@requestParameters.x'] }),
      ],
      cases: [aLogCase({ condition: null })],
      options: {
        detectionMethod: 'new_value',
        keepAliveSeconds,
        newValue: { learningMethod: 'threshold' },
      },
    });
  const value = (time: string, awsRegion: string, ...x: readonly string[]) =>
    aRecord(time, { awsRegion, requestParameters: { x } });

  test('within keep-alive are one signal, which names them', () => {
    const [signal, ...others] = signals(rule(3600), [
      value('08:00:00', 'r1', 'x1'),
      value('08:10:00', 'r2', 'x1', 'x2'),
    ]);
    expect(others).toEqual([]);
    expect(signal).toMatchObject({
      title: 'r1, x1, r2, x1, r2, x2',
      message: 'r2, x1 r1',
      newValues: ['r1, x1', 'r2, x1', 'r2, x2'],
      eventCount: 2,
      queries: [{ name: 'a', count: 2 }],
    });
  });

  test('without keep-alive are a signal each, with an id of its own', () => {
    const found = signals(rule(0), [value('08:00:00', 'r1', 'x1', 'x2', 'x3')]);
    expect(found.map(({ newValues }) => newValues.join()).toSorted()).toEqual([
      'r1, x1',
      'r1, x2',
      'r1, x3',
    ]);
    expect(new Set(found.map(({ id }) => id)).size).toBe(3);
  });

  test('are named up to a hundred', () => {
    const many = Array.from({ length: 99 }, (_, index) => `x${index}`);
    const found = signals(rule(3600), [
      value('08:00:00', 'r1', ...many),
      value('08:00:01', 'r2', ...many),
    ]);
    expect(found.map(({ newValues }) => newValues.length)).toEqual([100]);
  });
});

test('signals are told by first seen, then by id', () => {
  const rule = aLogRule({ queries: [aLogQuery({ groupByFields: ['@userIdentity.arn'] })] });
  const found = signals(
    rule,
    ['a', 'b', 'c', 'd'].map((arn) =>
      aRecord(arn === 'd' ? '07:00:00' : '08:00:00', { userIdentity: { type: 'IAMUser', arn } }),
    ),
  );
  expect(found[0]?.groupBy[0]?.value).toBe('d');
  const ids = found.slice(1).map(({ id }) => id);
  expect(ids).toEqual(ids.toSorted());
});
