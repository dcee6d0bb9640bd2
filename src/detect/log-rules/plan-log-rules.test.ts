import { describe, expect, test } from 'vitest';
import { aLogCase, aLogQuery, aLogRule } from '../../../test/support/log-rules.ts';
import { adminRule } from '../../../test/support/scan-results.ts';
import { aggregations, detectionMethods } from '../../model/rule.ts';
import { compileQuery } from '../../query/index.ts';
import {
  effectiveQuery,
  mostEventNames,
  planLogRules,
  reasonNotRun,
  ruleEventNames,
} from './plan-log-rules.ts';

function withQueries(...queries: readonly string[]) {
  return aLogRule({
    queries: queries.map((query, index) => aLogQuery({ name: `q${index}`, query })),
  });
}

function names(...queries: readonly string[]): readonly string[] | null {
  const found = ruleEventNames(withQueries(...queries));
  return found === null ? null : [...found].toSorted();
}

describe('whether a rule is run', () => {
  test('threshold rules are, for what can be counted', () => {
    const run = aggregations.filter(
      (aggregation) => reasonNotRun(aLogRule({ queries: [aLogQuery({ aggregation })] })) === null,
    );
    expect(run).toEqual(['count', 'cardinality', 'sum', 'max']);
  });

  test('new-value rules are, for new values', () => {
    const options = { detectionMethod: 'new_value' } as const;
    const run = aggregations.filter(
      (aggregation) =>
        reasonNotRun(aLogRule({ options, queries: [aLogQuery({ aggregation })] })) === null,
    );
    expect(run).toEqual(['new_value']);
  });

  test('one query that cannot be counted is enough for a reason', () => {
    const rule = aLogRule({
      queries: [aLogQuery(), aLogQuery({ name: 'b', aggregation: 'geo_data' })],
    });
    expect(reasonNotRun(rule)).toBe(
      'its query b has the aggregation geo_data, which is not known to the detection method ' +
        'threshold here',
    );
  });

  test.each(detectionMethods.filter((method) => method !== 'threshold' && method !== 'new_value'))(
    '%s rules are not, and the reason names the method',
    (detectionMethod) => {
      const reason = reasonNotRun(aLogRule({ options: { detectionMethod } }));
      expect(reason).toMatch(new RegExp(`^its detection method ${detectionMethod}\\b.{20,}`));
    },
  );

  test('a plan lists what is run and what is not, and leaves exposure rules alone', () => {
    const method = aLogRule({ id: 'geo', options: { detectionMethod: 'impossible_travel' } });
    const plan = planLogRules([adminRule, method, aLogRule()]);
    expect(plan.runnable.map(({ rule }) => rule.id)).toEqual(['a-log-rule']);
    expect(plan.notRun.map(({ ruleId }) => ruleId)).toEqual(['geo']);
    expect(plan.notRun[0]?.reason).toContain('CloudTrail');
  });
});

describe('the event names that matter', () => {
  test('are those of all queries', () => {
    expect(names('@evt.name:(A OR B)', '@eventName:C @awsRegion:x')).toEqual(['A', 'B', 'C']);
    expect(names('@evt.name:A', '@awsRegion:x')).toBeNull();
  });

  test('are narrowed by filters, which hold for every query', () => {
    const rule = (action: 'require' | 'suppress', query: string) => ({
      ...withQueries('@awsRegion:x', '@evt.name:(A OR B)'),
      filters: [{ action, query }],
    });
    expect(ruleEventNames(rule('require', '@evt.name:(A OR C)'))).toEqual(new Set(['A', 'C']));
    expect(ruleEventNames(rule('suppress', '@evt.name:A'))).toBeNull();
    expect(
      ruleEventNames({
        ...withQueries('@evt.name:(A OR B)'),
        filters: [{ action: 'suppress', query: '@evt.name:A' }],
      }),
    ).toEqual(new Set(['B']));
  });

  test('of a plan are those of the rules that are run', () => {
    const { eventNames, unbounded } = planLogRules([
      withQueries('@evt.name:A'),
      withQueries('@evt.name:B'),
      {
        ...withQueries('@evt.name:C'),
        options: aLogRule({ options: { detectionMethod: 'hardcoded' } }).options,
      },
    ]);
    expect(eventNames).toEqual(new Set(['A', 'B']));
    expect(unbounded).toEqual([]);
  });

  test('are all when one rule can match any, and the plan says which', () => {
    const any = { ...withQueries('@userIdentity.type:Root'), id: 'roots' };
    const { eventNames, unbounded } = planLogRules([withQueries('@evt.name:A'), any]);
    expect(eventNames).toBeNull();
    expect(unbounded).toEqual(['roots']);
  });

  test('are all when there are more than can be looked for', () => {
    const list = (count: number): string =>
      Array.from({ length: count }, (_, index) => `E${index}`).join(' OR ');
    const most = planLogRules([withQueries(`@evt.name:(${list(mostEventNames)})`)]);
    expect(most.eventNames?.size).toBe(mostEventNames);
    const more = planLogRules([withQueries(`@evt.name:(${list(mostEventNames + 1)})`)]);
    expect(more.eventNames).toBeNull();
    expect(more.unbounded).toEqual(['a-log-rule']);
  });

  test('of no rules are none', () => {
    expect(planLogRules([])).toEqual({
      runnable: [],
      notRun: [],
      eventNames: new Set(),
      unbounded: [],
    });
  });
});

test('a query with the filters of its rule matches what all of them let through', () => {
  const rule = aLogRule({
    filters: [
      { action: 'require', query: '@awsRegion:us-*' },
      { action: 'suppress', query: '@userIdentity.type:Root' },
    ],
  });
  const matches = compileQuery(effectiveQuery(rule, aLogQuery({ query: '@evt.name:A' })));
  const record = (name: string, awsRegion: string, type: string) => ({
    evt: { name },
    awsRegion,
    userIdentity: { type },
  });
  expect(matches(record('A', 'us-east-1', 'IAMUser'))).toBe(true);
  expect(matches(record('B', 'us-east-1', 'IAMUser'))).toBe(false);
  expect(matches(record('A', 'eu-west-1', 'IAMUser'))).toBe(false);
  expect(matches(record('A', 'us-east-1', 'Root'))).toBe(false);
});

test('what is kept of a record is what messages and groups name, but not what every event has of its own', () => {
  const rule = aLogRule({
    title: '{{@evt.id}} {{@eventTime}} {{@eventID}} {{@requestParameters.name}}',
    message: '{{#if @tlsDetails}}{{@resources.[0].arn}}{{/if}}',
    queries: [
      aLogQuery({
        groupByFields: ['@userIdentity.arn', 'service'],
        distinctFields: ['@additionalEventData.x'],
        metrics: ['@responseElements.size'],
      }),
    ],
    cases: [aLogCase()],
  });
  const paths = planLogRules([rule]).runnable[0]?.contextPaths ?? [];
  expect(paths).toEqual(
    expect.arrayContaining([
      'requestParameters.name',
      'tlsDetails',
      'resources',
      'service',
      'additionalEventData.x',
      'responseElements.size',
      'eventName',
      'awsRegion',
      'recipientAccountId',
      'userIdentity.type',
      'userIdentity.arn',
      'userIdentity.principalId',
      'userIdentity.invokedBy',
      'sourceIPAddress',
      'userAgent',
    ]),
  );
  expect(new Set(paths).size).toBe(paths.length);
  for (const path of ['evt.id', 'eventTime', 'eventID']) expect(paths).not.toContain(path);
});

describe('what derived attributes are made from is kept where one is named', () => {
  const pathsFor = (message: string): readonly string[] =>
    planLogRules([aLogRule({ message })]).runnable[0]?.contextPaths ?? [];
  const issuer = 'userIdentity.sessionContext.sessionIssuer.userName';

  test.each([
    ['{{@evt.outcome}}', ['responseElements._return', 'responseElements.ConsoleLogin']],
    ['{{@evt}}', ['responseElements._return', 'responseElements.ConsoleLogin']],
    ['{{@error.message}}', ['errorMessage']],
    ['{{@userIdentity.assumed_role}}', [issuer]],
    ['{{@userIdentity}}', [issuer]],
  ])('%s', (message, sources) => {
    expect(pathsFor(message)).toEqual(expect.arrayContaining(sources));
  });

  test('and not otherwise', () => {
    const paths = pathsFor('{{@evt.name}} {{@event}} {{@error.kind}} {{@userIdentity.arn}}');
    for (const path of ['responseElements._return', 'errorMessage', issuer]) {
      expect(paths).not.toContain(path);
    }
  });
});

test('attributes that will be asked for later are kept as well', () => {
  const { runnable } = planLogRules([aLogRule()], ['requestParameters.color', 'errorMessage']);
  expect(runnable[0]?.contextPaths).toContain('requestParameters.color');
  expect(runnable[0]?.contextPaths).toContain('errorMessage');
});
