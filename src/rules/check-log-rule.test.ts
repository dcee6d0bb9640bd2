import { describe, expect, test } from 'vitest';
import type { PortcullisError } from '../errors/portcullis-error.ts';
import { parseRule } from './parse-rule.ts';
import { isLogRuleFile } from './rule-kind.ts';
import { defaultQueryName, toLogRule } from './to-rule.ts';

// Line numbers matter here: the tests below name them.
const valid = `id: my-rule
name: My rule
version: 1.0.0
goal: Tell of secrets.
strategy: Count them.
groupBy: ['@userIdentity.arn']
log:
  queries:
    - name: lists
      query: '@evt.name:ListSecrets'
      aggregation: cardinality
      distinctFields: ['@awsRegion']
    - name: reads
      query: '@evt.name:GetSecretValue'
      groupByFields: ['@userIdentity.arn']
      hasOptionalGroupByFields: true
  filters:
    - { action: suppress, query: '@error.kind:*' }
cases:
  - name: Listed and read
    severity: medium
    condition: lists > 3 && reads > 0
    notifications: ['@security']
  - severity: info
    condition: reads > 9
options:
  evaluationWindow: 600
  keepAlive: 1200
  maxSignalDuration: 7200
triage:
  - step: Ask.
title: 't {{@signal.actor}}'
message: m
changelog: [{ version: 1.0.0, date: 2026-11-24, changes: [First.] }]
`;

const file = 'rules/my-rule/rule.yaml';

function errorsOf(text: string): readonly PortcullisError[] {
  const result = parseRule(text, file, 'my-rule');
  return result.ok ? [] : result.errors;
}

/** The one error of the valid rule with a change made to it. */
function errorOf(from: string | RegExp, to: string): PortcullisError {
  const text = valid.replace(from, to);
  expect(text).not.toBe(valid);
  const errors = errorsOf(text);
  expect(errors.map((error) => error.message)).toHaveLength(1);
  return errors[0]!;
}

function loaded(text: string) {
  const result = parseRule(text, file, 'my-rule');
  if (!result.ok) throw result.errors[0];
  if (!isLogRuleFile(result.data)) throw new Error('not a log rule');
  return toLogRule(result.data);
}

describe('a log rule', () => {
  test('is read with every field', () => {
    expect(loaded(valid)).toMatchObject({
      kind: 'log',
      id: 'my-rule',
      enabled: true,
      goal: 'Tell of secrets.',
      queries: [
        {
          name: 'lists',
          query: '@evt.name:ListSecrets',
          aggregation: 'cardinality',
          distinctFields: ['@awsRegion'],
          groupByFields: ['@userIdentity.arn'],
          hasOptionalGroupByFields: false,
          metrics: [],
        },
        {
          name: 'reads',
          query: '@evt.name:GetSecretValue',
          aggregation: 'count',
          distinctFields: [],
          groupByFields: ['@userIdentity.arn'],
          hasOptionalGroupByFields: true,
        },
      ],
      cases: [
        {
          name: 'Listed and read',
          severity: 'medium',
          condition: 'lists > 3 && reads > 0',
          notifications: ['@security'],
        },
        { name: '', severity: 'info', condition: 'reads > 9', notifications: [] },
      ],
      filters: [{ action: 'suppress', query: '@error.kind:*' }],
      options: {
        detectionMethod: 'threshold',
        evaluationWindowSeconds: 600,
        keepAliveSeconds: 1200,
        maxSignalDurationSeconds: 7200,
      },
    });
  });

  test('has the values that the documentation gives to what may be left out', () => {
    const short = `id: my-rule
name: My rule
version: 1.0.0
goal: g
strategy: s
log: { queries: [{ query: '@evt.name:A' }, { query: '@evt.name:B', groupByFields: [service] }] }
cases: [{ severity: low, condition: a > 0 || b > 0 }]
triage: [{ step: Look. }]
title: t
message: m
changelog: [{ version: 1.0.0, date: 2026-11-24, changes: [First.] }]
`;
    expect(loaded(short)).toMatchObject({
      enabled: true,
      queries: [
        { name: 'a', aggregation: 'count', groupByFields: [], hasOptionalGroupByFields: false },
        { name: 'b', groupByFields: ['service'] },
      ],
      filters: [],
      options: {
        detectionMethod: 'threshold',
        evaluationWindowSeconds: 300,
        keepAliveSeconds: 3600,
        maxSignalDurationSeconds: 86_400,
        newValue: {
          forgetAfterSeconds: 28 * 86_400,
          learningMethod: 'duration',
          learningDurationSeconds: 0,
          learningThreshold: 0,
          instantaneousBaseline: false,
        },
      },
    });
  });

  test('says how values are learned', () => {
    const text = valid.replace(
      '  filters:',
      '  newValueOptions: { forgetAfter: 3600, learningMethod: threshold, learningDuration: 7200, learningThreshold: 2, instantaneousBaseline: true }\n  filters:',
    );
    expect(loaded(text).options.newValue).toEqual({
      forgetAfterSeconds: 3600,
      learningMethod: 'threshold',
      learningDurationSeconds: 7200,
      learningThreshold: 2,
      instantaneousBaseline: true,
    });
  });

  test('that asks for more than can be run loads', () => {
    for (const method of ['anomaly_detection', 'third_party', 'new_value']) {
      const text = valid
        .replace('log:', `log:\n  detectionMethod: ${method}`)
        .replace('evaluationWindow: 600', 'evaluationWindow: 1800');
      expect(loaded(text).options.detectionMethod).toBe(method);
    }
    for (const aggregation of ['geo_data', 'event_count', 'none']) {
      const text = valid.replace('aggregation: cardinality', `aggregation: ${aggregation}`);
      expect(loaded(text).queries[0]?.aggregation).toBe(aggregation);
    }
  });
});

test('queries without a name are called by letters', () => {
  expect([0, 1, 25, 26, 51, 52].map(defaultQueryName)).toEqual(['a', 'b', 'z', 'a1', 'z1', 'a2']);
});

describe('what is wrong is told with its place and what was expected', () => {
  test.each<
    readonly [
      what: string,
      from: string | RegExp,
      to: string,
      place: string,
      message: string,
      hint: string,
    ]
  >([
    [
      'a name twice',
      '  filters:',
      "    - { name: reads, query: '@evt.name:X' }\n  filters:",
      '17:15',
      'log.queries[2].name is called reads, as a query above it; expected a name that no other query has',
      '',
    ],
    [
      'a name that is none',
      'name: reads',
      'name: the reads',
      '13:13',
      'log.queries[1].name is "the reads"; expected a name of letters, digits and _',
      '',
    ],
    [
      'no attribute to count',
      /\n {6}distinctFields: .*/,
      '',
      '9:7',
      'log.queries[0] of the aggregation cardinality names none in distinctFields; expected the attributes to count',
      '',
    ],
    [
      'no number to sum',
      'aggregation: cardinality',
      'aggregation: sum',
      '9:7',
      'log.queries[0] of the aggregation sum names none in metrics; expected the one attribute that holds the number',
      '',
    ],
    [
      'two numbers for a maximum',
      'aggregation: cardinality',
      "aggregation: max\n      metrics: ['@a', '@b']",
      '9:7',
      'log.queries[0] of the aggregation max names 2 in metrics; expected the one attribute',
      '',
    ],
    [
      'no new value',
      'aggregation: cardinality',
      'aggregation: new_value',
      '9:7',
      'log.queries[0] of the aggregation new_value names none in metrics; expected one to 5 attributes to watch',
      '',
    ],
    [
      'six new values',
      'aggregation: cardinality',
      "aggregation: new_value\n      metrics: ['@a', '@b', '@c', '@d', '@e', '@f']",
      '9:7',
      'names 6 in metrics',
      '',
    ],
    [
      'an aggregation that is none',
      'aggregation: cardinality',
      'aggregation: cardinalty',
      '11:20',
      'log.queries[0].aggregation is "cardinalty"; expected one of count, cardinality',
      'Did you mean `cardinality`?',
    ],
    [
      'an attribute that is none',
      "distinctFields: ['@awsRegion']",
      "distinctFields: ['@ awsRegion']",
      '12:24',
      'log.queries[0].distinctFields[0] is "@ awsRegion"; expected an attribute, such as @userIdentity.arn or service',
      '',
    ],
    [
      'a query that does not parse',
      "'@evt.name:GetSecretValue'",
      "'@evt.name:(GetSecretValue'",
      '14:25',
      'the query log.queries[1].query does not parse',
      '',
    ],
    [
      'a filter that does not parse',
      "query: '@error.kind:*'",
      "query: '(@error.kind:*'",
      '18:35',
      'the query log.filters[0].query does not parse',
      '',
    ],
    [
      'an unknown action',
      'action: suppress',
      'action: drop',
      '18:17',
      'log.filters[0].action is "drop"; expected require or suppress',
      '',
    ],
    [
      'no condition',
      /\n {4}condition: reads > 9/,
      '',
      '24:5',
      'cases[1] has no condition; expected a condition',
      'Add one, such as lists > 0.',
    ],
    [
      'a condition that does not parse',
      'condition: reads > 9',
      'condition: reads => 9',
      '25:22',
      'the condition cases[1].condition does not parse:\n  reads => 9\n        ^ an operator should stand here',
      'Write == for equal.',
    ],
    [
      'a condition on what is not there',
      'condition: reads > 9',
      'condition: read > 9',
      '25:16',
      'cases[1].condition asks for read, but the queries are lists, reads',
      'Did you mean reads?',
    ],
    [
      'a condition on what is nowhere near',
      'condition: reads > 9',
      'condition: zzzzzz > 9',
      '25:16',
      'cases[1].condition asks for zzzzzz',
      'Name one of the queries, or give a query this name.',
    ],
    [
      'queries that never meet',
      "groupByFields: ['@userIdentity.arn']",
      "groupByFields: ['@userIdentity.arn', '@awsRegion']",
      '22:16',
      'cases[0].condition joins queries with && that group by different numbers of attributes',
      'Their groups never meet: give them the same groupByFields, or join them with ||.',
    ],
    [
      'a keep-alive shorter than the window',
      'keepAlive: 1200',
      'keepAlive: 599',
      '28:14',
      'options.keepAlive is 599; expected at least evaluationWindow, which is 600',
      '',
    ],
    [
      'a keep-alive longer than a signal',
      'maxSignalDuration: 7200',
      'maxSignalDuration: 1199',
      '28:14',
      'options.keepAlive is 1200; expected at most maxSignalDuration, which is 1199',
      '',
    ],
    [
      'a window of more than a day',
      'evaluationWindow: 600',
      'evaluationWindow: 86401',
      '27:21',
      'options.evaluationWindow is 86401; expected whole seconds, from 0 to 86400',
      '',
    ],
    [
      'a template that does not parse',
      "title: 't {{@signal.actor}}'",
      "title: '{{#if @x}}'",
      '32:9',
      'title',
      '',
    ],
    [
      'a severity of the whole rule',
      'groupBy:',
      'severity: high\ngroupBy:',
      '6:1',
      'unknown field "severity"',
      '',
    ],
    [
      'days in place of seconds',
      '  filters:',
      '  newValueOptions: { forgetAfter: 28 }\n  filters:',
      '17:35',
      'log.newValueOptions.forgetAfter is 28; expected whole seconds, from 3600 to 2592000 (30 days)',
      '',
    ],
    [
      'days of learning',
      '  filters:',
      '  newValueOptions: { learningDuration: 7 }\n  filters:',
      '17:40',
      'log.newValueOptions.learningDuration is 7; expected whole seconds: 0, or from 3600 to 2592000 (30 days)',
      '',
    ],
    [
      'no queries',
      /queries:[^]*?filters:/,
      'queries: []\n  filters:',
      '8:12',
      'log.queries is an empty list; expected at least one query',
      '',
    ],
    [
      'no cases',
      /cases:[^]*?options:/,
      'cases: []\noptions:',
      '19:8',
      'cases is an empty list; expected at least one case',
      '',
    ],
    [
      'a name of several lines',
      'name: Listed and read',
      'name: "Listed\\nread"',
      '20:11',
      'cases[0].name is "Listed\\nread"; expected the name of the case, in one line',
      '',
    ],
    [
      'both kinds at once',
      'groupBy:',
      'exposure: {}\ngroupBy:',
      '6:1',
      'unknown field "exposure"',
      '',
    ],
  ])('%s', (_, from, to, place, message, hint) => {
    const error = errorOf(from, to);
    expect(error.place).toBe(`${file}:${place}`);
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
  });

  test('all of it in one go', () => {
    const text = valid
      .replace('name: reads', 'name: lists')
      .replace('condition: reads > 9', 'condition: x > 9')
      .replace('keepAlive: 1200', 'keepAlive: 60');
    expect(errorsOf(text).length).toBeGreaterThan(2);
  });

  test('codes tell conditions, queries and fields apart', () => {
    expect(errorOf('condition: reads > 9', 'condition: 9 < reads').code).toBe('rule/bad-condition');
    expect(errorOf('condition: reads > 9', 'condition: x > 9').code).toBe('rule/bad-condition');
    expect(errorOf("'@evt.name:GetSecretValue'", "'('").code).toBe('rule/bad-query');
    expect(errorOf('keepAlive: 1200', 'keepAlive: 1').code).toBe('rule/bad-field');
  });
});

describe('queries that group by different numbers of attributes', () => {
  const differing = valid.replace("groupByFields: ['@userIdentity.arn']", 'groupByFields: []');

  test('may be joined with ||, and compared apart', () => {
    expect(errorsOf(differing.replace('lists > 3 && reads > 0', 'lists > 3 || reads > 0'))).toEqual(
      [],
    );
    expect(
      errorsOf(differing.replace('lists > 3 && reads > 0', 'lists > 3 && lists < 9 || reads > 0')),
    ).toEqual([]);
  });

  test('may not be joined with && anywhere in a condition', () => {
    const deep = 'lists > 3 || (reads > 0 && (lists > 1 || lists > 2))';
    expect(errorsOf(differing.replace('lists > 3 && reads > 0', deep))).toHaveLength(1);
  });
});
