import { describe, expect, test } from 'vitest';
import { readDatadogRule } from './read-datadog-rule.ts';

const rule = {
  name: 'Trail stopped',
  type: 'log_detection',
  isEnabled: true,
  queries: [
    { name: 'stops', query: '@evt.name:StopLogging', groupByFields: ['@userIdentity.arn'] },
  ],
  cases: [{ status: 'high', condition: 'stops > 0' }],
  options: { evaluationWindow: 300, keepAlive: 3600, maxSignalDuration: 86_400 },
  message: '## Goal\nDetect it.\n\n## Strategy\nLook.',
  tags: ['team:cloud'],
};

type Changes = Readonly<Record<string, unknown>>;

function read(changes: Changes = {}): ReturnType<typeof readDatadogRule> {
  return readDatadogRule({ ...rule, ...changes }, '2026-11-24');
}

function query(changes: Changes): Changes {
  return { queries: [{ ...rule.queries[0], ...changes }] };
}

function options(changes: Changes): Changes {
  return { options: { ...rule.options, ...changes } };
}

test('a rule is read into the fields of rule.yaml', () => {
  expect(read()).toEqual({
    name: 'Trail stopped',
    losses: [],
    draft: expect.objectContaining({
      id: 'trail-stopped',
      version: '1.0.0',
      goal: 'Detect it.',
      strategy: 'Look.',
      groupBy: ['@userIdentity.arn'],
      options: { evaluationWindow: 300, keepAlive: 3600, maxSignalDuration: 86_400 },
      title: 'Trail stopped',
      changelog: [{ version: '1.0.0', date: '2026-11-24', changes: ['Imported from Datadog.'] }],
    }) as unknown,
  });
});

describe('what is kept', () => {
  test('the version, and the day of the last change', () => {
    const { draft } = read({ version: 19, updatedAt: 1_740_655_388_242 });
    expect(draft).toMatchObject({
      version: '19.0.0',
      changelog: [{ version: '19.0.0', date: '2025-02-27' }],
    });
    expect(read({ version: 0.5, updatedAt: 1e300 }).draft).toMatchObject({
      version: '1.0.0',
      changelog: [{ date: '2026-11-24' }],
    });
  });

  test('group-by fields that differ from query to query', () => {
    const queries = [
      { name: 'a', query: 'a', groupByFields: ['x'] },
      { name: 'b', query: 'b' },
    ];
    expect(read({ queries, cases: [{ status: 'low', condition: 'a > 0' }] }).draft).toMatchObject({
      groupBy: [],
      log: { queries: [{ groupByFields: ['x'] }, { groupByFields: [] }] },
    });
  });

  test('an extended title', () => {
    expect(read({ hasExtendedTitle: true }).draft?.title).toBe(
      'Trail stopped: {{@userIdentity.arn}}',
    );
    const ungrouped = query({ groupByFields: [] });
    expect(read({ ...ungrouped, hasExtendedTitle: true }).draft?.title).toBe('Trail stopped');
  });

  test('days as seconds', () => {
    const newValueOptions = { forgetAfter: 7, learningDuration: 1, learningMethod: 'threshold' };
    const { draft } = read({
      ...query({ aggregation: 'new_value', metric: '@awsRegion' }),
      ...options({ detectionMethod: 'new_value', newValueOptions }),
    });
    expect(draft?.log).toMatchObject({
      detectionMethod: 'new_value',
      newValueOptions: { forgetAfter: 604_800, learningDuration: 86_400 },
      queries: [{ metrics: ['@awsRegion'] }],
    });
  });

  test('a severity that was set by hand goes before the rule’s', () => {
    const cases = [{ status: 'high', customStatus: 'low', condition: 'stops > 0' }];
    const { draft, losses } = read({ cases });
    expect(draft?.cases[0]?.severity).toBe('low');
    expect(losses).toEqual([]);
  });

  test('a query on one line, as it was written where that is possible', () => {
    expect(read(query({ query: '@a:b\n  AND  @c:d' })).draft?.log.queries[0]?.query).toBe(
      '@a:b @c:d',
    );
    expect(read(query({ query: '@a:b   AND @c:d' })).draft?.log.queries[0]?.query).toBe(
      '@a:b   AND @c:d',
    );
  });

  test('a query without a name', () => {
    const cases = [{ status: 'high', condition: 'a > 0' }];
    const { draft } = read({ ...query({ name: '' }), cases });
    expect(draft?.log.queries[0]?.name).toBeUndefined();
  });
});

describe('what is left out and named', () => {
  test.each<[string, string, Changes]>([
    ['a tag of another form', 'tags[1]', { tags: ['a:b', 'plain'] }],
    ['a field that is not known', 'groupSignalsBy', { groupSignalsBy: ['x'] }],
    ['an index', 'queries[0].index', query({ index: 'main' })],
    ['an unknown field of a query', 'queries[0].more', query({ more: 1 })],
    ['an action', 'cases[0].actions', { cases: [{ ...rule.cases[0], actions: [{ type: 'x' }] }] }],
    ['an unknown field of a case', 'cases[0].more', { cases: [{ ...rule.cases[0], more: 1 }] }],
    [
      'severity by environment',
      'options.decreaseCriticalityBasedOnEnv',
      options({ decreaseCriticalityBasedOnEnv: true }),
    ],
    [
      'options of other methods',
      'options.impossibleTravelOptions',
      options({ impossibleTravelOptions: { baselineUserLocations: true } }),
    ],
    [
      'a method that is not run',
      'options.detectionMethod',
      options({ detectionMethod: 'impossible_travel' }),
    ],
    [
      'an aggregation that is not run',
      'queries[0].aggregation',
      query({ aggregation: 'geo_data' }),
    ],
    ['a message that is no template', 'message', { message: 'a {{#is_alert}}b{{/is_alert}}' }],
    ['an empty message', 'message', { message: ' ' }],
    ['a name of two lines', 'name', { name: 'Trail\nstopped' }],
    ['words of the message', 'queries[0].query', query({ query: 'StopLogging' })],
    ['another source', 'queries[0].query', query({ query: 'source:guardduty @a:b' })],
    [
      'a filter with more',
      'filters[0].more',
      { filters: [{ action: 'require', query: 'a:b', more: 1 }] },
    ],
  ])('%s', (_, field, changes) => {
    const { draft, losses } = read(changes);
    expect(losses.map((loss) => loss.field)).toEqual([field]);
    expect(draft).not.toBeNull();
  });

  test('a template that does not parse is shown as it is', () => {
    expect(read({ message: 'a {{#is_alert}}b' }).draft?.message).toBe('a \\{{#is_alert}}b');
  });

  test('but not what Datadog keeps about a rule', () => {
    const { losses } = read({
      id: 'abc',
      creator: { name: 'x' },
      isDefault: true,
      defaultTags: ['a:b'],
      ...options({ newValueOptions: { instantaneousBaselineTimeoutMinutes: 30 } }),
    });
    expect(losses).toEqual([]);
  });
});

describe('what refuses the rule', () => {
  test.each<[string, string, Changes]>([
    ['another type', 'type', { type: 'workload_security' }],
    ['a deleted rule', 'isDeleted', { isDeleted: true }],
    ['reference tables', 'referenceTables', { referenceTables: [{ tableName: 'x' }] }],
    ['calculated fields', 'calculatedFields', { calculatedFields: [{ name: 'x' }] }],
    ['third-party cases', 'thirdPartyCases', { thirdPartyCases: [{ name: 'x' }] }],
    ['a schedule', 'schedulingOptions', { schedulingOptions: { rrule: 'x' } }],
    ['no name', 'name', { name: ' ' }],
    ['a name without letters', 'name', { name: '日本' }],
    ['no queries', 'queries', { queries: [], cases: [{ status: 'low' }] }],
    ['no cases', 'cases', { cases: [] }],
    ['another source of data', 'queries[0].dataSource', query({ dataSource: 'spans' })],
    [
      'a query of its own kind',
      'queries[0].customQueryExtension',
      query({ customQueryExtension: 'x' }),
    ],
    ['a missing query', 'queries[0].query', query({ query: null })],
    ['a query that does not parse', 'queries[0].query', query({ query: '(a' })],
    ['a line end in a value', 'queries[0].query', query({ query: '@a:"b\nc"' })],
    ['an unknown aggregation', 'queries[0].aggregation', query({ aggregation: 'median' })],
    ['an attribute that is none', 'queries[0].groupByFields[0]', query({ groupByFields: ['a b'] })],
    ['an unknown method', 'options.detectionMethod', options({ detectionMethod: 'guess' })],
    ['a missing severity', 'cases[0].status', { cases: [{ condition: 'stops > 0' }] }],
    [
      'an unknown severity',
      'cases[0].status',
      { cases: [{ status: 'HIGH', condition: 'stops > 0' }] },
    ],
    [
      'a condition of no query',
      'cases[0].condition',
      { cases: [{ status: 'low', condition: 'b > 0' }] },
    ],
    [
      'a broken condition',
      'cases[0].condition',
      { cases: [{ status: 'low', condition: 'stops >' }] },
    ],
    ['a missing action', 'filters[0].action', { filters: [{ query: 'a' }] }],
    ['a text where a list should be', 'tags', { tags: 'x' }],
  ])('%s', (_, field, changes) => {
    const { draft, losses } = read(changes);
    expect(losses.map((loss) => loss.field)).toContain(field);
    expect(draft).toBeNull();
  });

  test('a name that conditions cannot call', () => {
    const { draft, losses } = read(query({ name: 'failed logins' }));
    expect(draft).toBeNull();
    expect(losses[0]).toEqual({
      field: 'queries[0].name',
      reason: 'is "failed logins"; a name has letters, digits and _',
    });
  });

  test.each([null, 'rule', 1, ['rule']])('%j', (json) => {
    expect(readDatadogRule(json, '2026-11-24')).toEqual({
      name: '',
      draft: null,
      losses: [{ field: '', reason: 'is not an object' }],
    });
  });
});
