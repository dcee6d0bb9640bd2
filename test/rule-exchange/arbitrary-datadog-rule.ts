// Datadog rules made up for tests, as the API gives them: whatever texts, and all that is understood
// of a rule here.

import * as fc from 'fast-check';
import { printQuery } from '../../src/query/index.ts';
import type { DatadogQuery, DatadogRule } from '../../src/rules/exchange/write-datadog-rule.ts';
import { ruleIdOf } from '../../src/rules/exchange/rule-id.ts';
import { query } from '../support/query.ts';

/** Texts that printers like to get wrong. */
const odd = fc.constantFrom(
  '${x}',
  '$${x}',
  '%{if true}',
  '%%{x}',
  '$',
  '"',
  '\\',
  '\\n',
  'EOT',
  '  EOT',
  '\t',
  '# a',
  ': ',
  "'",
  '- ',
  '|',
  '{{@userIdentity.arn}}',
  'é😀',
  '\u202e',
  '\u0085',
  '&a *a',
  'null',
  'yes',
  '1e3',
);

const word = fc.oneof(fc.constantFrom('a', 'Group', 'opened', '22'), odd);

/** In one line, as names are. */
const line = fc
  .array(word, { minLength: 1, maxLength: 5 })
  .map((words) =>
    words
      .join(' ')
      .replaceAll(/[\s\p{Cc}]+/gu, ' ')
      .trim(),
  )
  .filter((text) => text !== '' && ruleIdOf(text) !== null)
  .map((text) => text.normalize('NFC'));

const message = fc
  .array(fc.oneof(word, fc.constantFrom('\n', '\n\n', '## Goal\n', '\r\n')), {
    minLength: 1,
    maxLength: 12,
  })
  .map((parts) => parts.join(' '))
  .filter((text) => text.trim() !== '')
  .map((text) => text.normalize('NFC'));

const queryText = query
  .map(printQuery)
  .filter((text) => !/\p{Cc}/u.test(text) && text.isWellFormed() && text === text.normalize('NFC'));

const field = fc.constantFrom('@userIdentity.arn', '@awsRegion', '@evt.name', '@a-b.c', 'service');
const fields = fc.uniqueArray(field, { maxLength: 2 });
const someFields = fc.uniqueArray(field, { minLength: 1, maxLength: 2 });
const seconds = fc.constantFrom(0, 60, 300, 600, 900, 1800, 3600, 7200, 86_400);
const status = fc.constantFrom('info', 'low', 'medium', 'high', 'critical' as const);
const notifications = fc.array(fc.constantFrom('@slack-sec', '@pagerduty', '@"${x}"'), {
  maxLength: 2,
});
const tag = fc.constantFrom('team:cloud', 'tactic:TA0005-defense-evasion', 'a:${b}', 'x:"y"');

const filters = fc.array(
  fc.record({ action: fc.constantFrom('require', 'suppress'), query: queryText }),
  { maxLength: 2 },
);

const facts = fc.record({
  name: line,
  isEnabled: fc.boolean(),
  message,
  tags: fc.uniqueArray(tag),
  type: fc.constant('log_detection' as const),
  filters,
  version: fc.integer({ min: 1, max: 100 }),
});

type Aggregated = Pick<DatadogQuery, 'aggregation' | 'distinctFields' | 'metric' | 'metrics'>;

const thresholdAggregation: fc.Arbitrary<Aggregated> = fc.oneof(
  fc.constant({ aggregation: 'count', distinctFields: [] }),
  someFields.map((distinctFields) => ({ aggregation: 'cardinality', distinctFields })),
  fc.record({
    aggregation: fc.constantFrom('sum', 'max'),
    distinctFields: fc.constant([]),
    metric: fc.constant('@bytes'),
    metrics: fc.constant(['@bytes']),
  }),
);

function withQueries(
  aggregations: fc.Arbitrary<Aggregated>,
  names: readonly string[],
): fc.Arbitrary<readonly DatadogQuery[]> {
  // Groups that conditions join have to be alike.
  return fields.chain((groupByFields) =>
    fc.tuple(
      ...names.map((name) =>
        fc.record({ query: queryText, hasOptionalGroupByFields: fc.boolean() }).chain((facts_) =>
          aggregations.map((aggregated): DatadogQuery => {
            return { ...facts_, groupByFields, ...aggregated, name, dataSource: 'logs' };
          }),
        ),
      ),
    ),
  );
}

const windows = fc
  .uniqueArray(seconds, { minLength: 3, maxLength: 3 })
  .map((values) => values.toSorted((a, b) => a - b))
  .map(([evaluationWindow = 0, keepAlive = 0, maxSignalDuration = 0]) => ({
    evaluationWindow,
    keepAlive,
    maxSignalDuration,
  }));

function hasTitleValues(queries: readonly DatadogQuery[]): boolean {
  return queries.some(
    ({ groupByFields, metrics = [] }) => groupByFields.length + metrics.length > 0,
  );
}

const threshold: fc.Arbitrary<DatadogRule> = fc
  .record({
    facts,
    windows,
    isExtended: fc.boolean(),
    queries: withQueries(thresholdAggregation, ['logins', 'b2']),
    cases: fc.array(
      fc.record({
        name: fc.constantFrom('', 'Deleted/Stopped', 'a "${case}"'),
        status,
        notifications,
        condition: fc.constantFrom(
          'logins > 3',
          'logins>3',
          'logins >= 1 && b2 > 0',
          '(logins > 0 || b2 > 0) && b2 < 5',
        ),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  })
  .map((made) => ({
    ...made.facts,
    queries: made.queries,
    options: { ...made.windows, detectionMethod: 'threshold' },
    cases: made.cases,
    hasExtendedTitle: made.isExtended && hasTitleValues(made.queries),
  }));

const newValue: fc.Arbitrary<DatadogRule> = fc
  .record({
    facts,
    windows,
    isExtended: fc.boolean(),
    queries: withQueries(
      fc
        .oneof(
          fc.constant({ metric: '@awsRegion', metrics: ['@awsRegion'] }),
          fc.constant({ metrics: ['@awsRegion', '@evt.name'] }),
        )
        .map((metrics) => ({ aggregation: 'new_value', distinctFields: [], ...metrics })),
      // What a query without a name is called; Terraform has no names here.
      ['a'],
    ),
    options: fc.record({
      forgetAfter: fc.constantFrom(1, 2, 7, 14, 21, 28),
      learningDuration: fc.constantFrom(0, 1, 7),
      learningThreshold: fc.constantFrom(0, 1),
      learningMethod: fc.constantFrom('duration', 'threshold'),
      instantaneousBaseline: fc.boolean(),
    }),
    status,
    notifications,
  })
  .map((made) => ({
    ...made.facts,
    queries: made.queries,
    options: { ...made.windows, detectionMethod: 'new_value', newValueOptions: made.options },
    cases: [{ name: '', status: made.status, notifications: made.notifications }],
    hasExtendedTitle: made.isExtended,
  }));

/** Rules that lose nothing on the way in and out. */
export const datadogRule: fc.Arbitrary<DatadogRule> = fc.oneof(threshold, newValue);
