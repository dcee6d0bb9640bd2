// Log rules and streams of records made up for tests, from so few names, values and moments that
// they often meet. Each rule comes with its meaning as plain functions.

import * as fc from 'fast-check';
import { severities } from '../../src/model/exposure.ts';
import type { Aggregation, LogFilter, LogQuery, LogRule } from '../../src/model/rule.ts';
import type { ReadableRule, StreamRecord } from './naive-signals.ts';

const names = ['GetA', 'GetB', 'GetC', 'PutD'];
const regions = ['us-east-1', 'eu-west-1', 'ap-east-1'];
const people = ['arn:alice', 'arn:bob', 'arn:"eve"'];
const keys = ['k1', 'k2', 'k3', 'k4'];
const startMs = Date.parse('2026-03-01T00:00:00Z');

export const logRule: LogRule = {
  kind: 'log',
  id: 'made-up',
  name: 'Made up',
  version: '1.0.0',
  enabled: true,
  tags: [],
  references: [],
  goal: 'g',
  strategy: 's',
  triage: [],
  changelog: [],
  title: '{{@signal.case}}',
  message: '{{@signal.eventCount}} {{@userIdentity.arn}}',
  queries: [],
  cases: [],
  filters: [],
  options: {
    detectionMethod: 'threshold',
    evaluationWindowSeconds: 300,
    keepAliveSeconds: 600,
    maxSignalDurationSeconds: 3600,
    newValue: {
      forgetAfterSeconds: 7200,
      learningMethod: 'duration',
      learningDurationSeconds: 0,
      learningThreshold: 0,
      instantaneousBaseline: false,
    },
  },
};

/** A text of the query language with what it means. */
type Asked = { readonly text: string; readonly means: (record: StreamRecord) => boolean };

const some = fc.subarray(names, { minLength: 1 });

const byName: fc.Arbitrary<Asked & { readonly names: readonly string[] }> = fc
  .oneof(
    {
      weight: 6,
      arbitrary: some.map((list) => ({ list, text: `@evt.name:(${list.join(' OR ')})` })),
    },
    {
      weight: 1,
      arbitrary: some.map((list) => ({ list, text: `@eventName:(${list.join(' OR ')})` })),
    },
    { weight: 1, arbitrary: fc.constant({ list: names.slice(0, 3), text: '@evt.name:Get*' }) },
    { weight: 1, arbitrary: fc.constant({ list: names, text: 'source:cloudtrail' }) },
  )
  .map(({ list, text }) => ({
    text,
    // Only a list of whole names tells which records need to be looked at.
    names: text.includes('(') ? list : names,
    means: ({ eventName }) => list.includes(eventName),
  }));

const extra: fc.Arbitrary<Asked> = fc.constantFrom<Asked>(
  { text: '*', means: () => true },
  { text: '-@errorCode:*', means: ({ errorCode }) => errorCode === undefined },
  { text: '@awsRegion:us-east-1', means: ({ awsRegion }) => awsRegion === 'us-east-1' },
  {
    text: '@requestParameters.items.key:k1',
    means: ({ requestParameters }) => requestParameters.items.some(({ key }) => key === 'k1'),
  },
);

const filter: fc.Arbitrary<{ readonly filter: LogFilter; readonly means: Asked['means'] }> = fc
  .tuple(fc.constantFrom('require', 'suppress'), extra)
  .map(([action, { text, means }]) => ({
    filter: { action, query: text },
    means: action === 'require' ? means : (record) => !means(record),
  }));

const fields = ['@userIdentity.arn', '@awsRegion', '@requestParameters.items.key'];

type AskedQuery = {
  readonly query: Omit<LogQuery, 'name'>;
  readonly asked: Asked & { names: readonly string[] };
};

function query(
  aggregations: readonly Aggregation[],
  groupBy: readonly string[],
): fc.Arbitrary<AskedQuery> {
  return fc
    .record({
      named: byName,
      narrowed: fc.option(extra),
      aggregation: fc.constantFrom(...aggregations),
      distinctFields: fc.subarray(fields, { minLength: 1, maxLength: 2 }),
      isOptional: fc.boolean(),
      newFields: fc.subarray(fields, { minLength: 1, maxLength: 2 }),
    })
    .map(({ named, narrowed, aggregation, distinctFields, isOptional, newFields }) => ({
      query: {
        query: narrowed === null ? named.text : `${named.text} ${narrowed.text}`,
        aggregation,
        distinctFields: aggregation === 'cardinality' ? distinctFields : [],
        groupByFields: groupBy,
        hasOptionalGroupByFields: isOptional,
        metrics: aggregation === 'new_value' ? newFields : ['@requestParameters.size'],
      },
      asked: {
        ...named,
        means: (record) => named.means(record) && (narrowed?.means(record) ?? true),
      },
    }));
}

type Comparison = { readonly query: number; readonly least: number; readonly orEqual: boolean };

/** One comparison, or two joined. */
function condition(queries: number): fc.Arbitrary<{
  readonly text: string;
  readonly holds: (values: readonly (number | null)[]) => boolean;
}> {
  const comparison: fc.Arbitrary<Comparison> = fc.record({
    query: fc.nat(queries - 1),
    least: fc.integer({ min: -1, max: 4 }),
    orEqual: fc.boolean(),
  });
  const text = ({ query: label, least, orEqual }: Comparison): string =>
    `q${label} ${orEqual ? '>=' : '>'} ${least}`;
  const holds = (
    { query: index, least, orEqual }: Comparison,
    values: readonly (number | null)[],
  ) => {
    const value = values[index] ?? null;
    return value !== null && (value > least || (orEqual && value === least));
  };
  return fc.oneof(
    comparison.map((one) => ({
      text: text(one),
      holds: (values: readonly (number | null)[]) => holds(one, values),
    })),
    fc.tuple(comparison, fc.constantFrom('&&', '||'), comparison).map(([one, joint, two]) => ({
      text: `${text(one)} ${joint} (${text(two)})`,
      holds: (values: readonly (number | null)[]) =>
        joint === '&&'
          ? holds(one, values) && holds(two, values)
          : holds(one, values) || holds(two, values),
    })),
  );
}

const seconds = fc.constantFrom(0, 1, 2, 5, 60);

/** Any rule that is run, with what it means. */
export const readableRule: fc.Arbitrary<ReadableRule> = fc
  .record({
    method: fc.constantFrom('threshold', 'new_value'),
    groupBy: fc.subarray(fields, { maxLength: 2 }),
    isMixed: fc.boolean(),
    count: fc.integer({ min: 1, max: 3 }),
  })
  .chain(({ method, groupBy, isMixed, count }) => {
    const aggregations: readonly Aggregation[] =
      method === 'threshold' ? ['count', 'cardinality', 'sum', 'max'] : ['new_value'];
    return fc.record({
      method: fc.constant(method),
      // Queries with other attributes in the same number share their groups, by value.
      queries: fc.tuple(
        ...Array.from({ length: count }, (_, index) =>
          query(aggregations, isMixed && index > 0 ? groupBy.map(() => '@awsRegion') : groupBy),
        ),
      ),
      filters: fc.array(filter, { maxLength: 2, size: 'xsmall' }),
      cases: fc.array(
        fc.record({
          severity: fc.constantFrom(...severities),
          condition: fc.option(condition(count)),
        }),
        { minLength: 1, maxLength: 3 },
      ),
      evaluationWindowSeconds: seconds,
      keepAliveSeconds: seconds,
      maxSignalDurationSeconds: fc.constantFrom(0, 3, 10, 86_400),
      newValue: fc.record({
        forgetAfterSeconds: fc.constantFrom(1, 3, 10, 3600),
        learningMethod: fc.constantFrom('duration', 'threshold'),
        learningDurationSeconds: fc.constantFrom(0, 2, 10),
        learningThreshold: fc.nat(3),
        instantaneousBaseline: fc.boolean(),
      }),
    });
  })
  .map(({ method, queries, filters, cases, newValue, ...windows }): ReadableRule => {
    return {
      rule: {
        ...logRule,
        queries: queries.map(({ query: asked }, index) => ({ ...asked, name: `q${index}` })),
        filters: filters.map((one) => one.filter),
        cases: cases.map(({ severity, condition: asked }, index) => ({
          name: `case ${index}`,
          severity,
          condition: asked?.text ?? null,
          notifications: [],
        })),
        options: { detectionMethod: method, ...windows, newValue },
      },
      matches: (record, index) =>
        queries[index]?.asked.means(record) === true && filters.every(({ means }) => means(record)),
      holds: (values, index) => cases[index]?.condition?.holds(values) ?? true,
      names: [...new Set(queries.flatMap(({ asked }) => asked.names))],
    };
  });

function madeUpRecord(mostSeconds: number): fc.Arbitrary<Omit<StreamRecord, 'eventID'>> {
  const maybe = { freq: 6, nil: undefined };
  return fc
    .record({
      second: fc.nat(mostSeconds),
      eventName: fc.constantFrom(...names),
      awsRegion: fc.option(fc.constantFrom(...regions), maybe),
      arn: fc.option(fc.constantFrom(...people), maybe),
      size: fc.option(
        fc.oneof(fc.integer({ min: -3, max: 5 }), fc.constantFrom('2', '1.5', 'big', null, '')),
        maybe,
      ),
      items: fc.array(fc.option(fc.constantFrom(...keys), maybe), { maxLength: 3 }),
      errorCode: fc.option(fc.constant('AccessDenied'), { freq: 2, nil: undefined }),
    })
    .map(({ second, eventName, awsRegion, arn, size, items, errorCode }) => ({
      eventTime: `${new Date(startMs + second * 1000).toISOString().slice(0, 19)}Z`,
      eventName,
      eventSource: 'made-up.amazonaws.com',
      ...(awsRegion === undefined ? {} : { awsRegion }),
      userIdentity: { type: 'IAMUser', ...(arn === undefined ? {} : { arn }) },
      requestParameters: {
        ...(size === undefined ? {} : { size }),
        items: items.map((key) => (key === undefined ? {} : { key })),
      },
      ...(errorCode === undefined ? {} : { errorCode }),
    }));
}

/** Records of events of their own, in any order. */
export const stream: fc.Arbitrary<readonly StreamRecord[]> = fc
  .constantFrom(5, 30, 200)
  .chain((mostSeconds) => fc.array(madeUpRecord(mostSeconds), { maxLength: 25, size: 'max' }))
  .map((records) =>
    // Ids say nothing about the order.
    records.map((one, index) => ({ ...one, eventID: `e${(index * 7) % 25}-${index}` })),
  );

/** Records of which some are said to be the same event. */
export const muddledStream: fc.Arbitrary<readonly StreamRecord[]> = fc
  .array(fc.tuple(madeUpRecord(20), fc.nat(9)), { maxLength: 20 })
  .map((records) => records.map(([one, id]) => ({ ...one, eventID: `e${id}` })));
