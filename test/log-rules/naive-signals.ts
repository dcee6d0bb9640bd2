// What a log rule must say, worked out the slow and obvious way: for every group and every moment,
// look at all records again. Written apart from the engine; it shares no code with it but the types
// of rules and signals.

import type { LogRule } from '../../src/model/rule.ts';

/** A record as the made-up streams have it. */
export type StreamRecord = {
  readonly eventID: string;
  readonly eventTime: string;
  readonly eventName: string;
  readonly awsRegion?: string;
  readonly userIdentity?: { readonly arn?: string };
  readonly requestParameters: {
    readonly size?: unknown;
    readonly items: readonly { readonly key?: string }[];
  };
  readonly errorCode?: string;
};

/** A rule with what its queries and conditions mean, as functions. */
export type ReadableRule = {
  readonly rule: LogRule;
  /** Whether a record matches the query at that position, filters included. */
  readonly matches: (record: StreamRecord, query: number) => boolean;
  /** Whether the case at that position holds for what the queries came to, null for nothing. */
  readonly holds: (values: readonly (number | null)[], caseIndex: number) => boolean;
  /** Event names that one of the queries can match. */
  readonly names: readonly string[];
};

export type NaiveSignal = {
  readonly group: readonly (string | null)[];
  readonly severity: string;
  readonly case: string;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly status: 'open' | 'closed';
  readonly closedAt: string | null;
  readonly newValues: readonly string[];
  readonly eventIds: readonly string[];
  readonly counts: readonly number[];
};

type Moment = {
  readonly timeMs: number;
  readonly caseIndex: number;
  /** Records of the moment and those that helped it, with the query under which each counts. */
  readonly events: readonly { readonly record: StreamRecord; readonly query: number }[];
  readonly newValue: string | null;
};

const ranks = ['info', 'low', 'medium', 'high', 'critical'];

/** All values at an attribute, arrays stepped through. */
function valuesAt(record: StreamRecord, attribute: string): readonly unknown[] {
  switch (attribute) {
    case '@userIdentity.arn':
      return present(record.userIdentity?.arn);
    case '@awsRegion':
      return present(record.awsRegion);
    case '@requestParameters.size':
      return present(record.requestParameters.size);
    case '@requestParameters.items.key':
      return record.requestParameters.items.flatMap(({ key }) => present(key));
    default:
      throw new Error(`the streams have no ${attribute}`);
  }
}

function present(value: unknown): readonly unknown[] {
  return value === undefined ? [] : [value];
}

function texts(record: StreamRecord, attribute: string): readonly string[] {
  return [...new Set(valuesAt(record, attribute).map(String))];
}

function everyWay<T>(lists: readonly (readonly T[])[]): readonly (readonly T[])[] {
  if (lists.length === 0) return [[]];
  const [first = [], ...others] = lists;
  return first.flatMap((value) => everyWay(others).map((rest) => [value, ...rest]));
}

function groupsOf(
  record: StreamRecord,
  { groupByFields, hasOptionalGroupByFields }: LogRule['queries'][number],
): readonly string[] {
  return everyWay<string | null>(
    groupByFields.map((field) => {
      const values = texts(record, field);
      return values.length === 0 && hasOptionalGroupByFields ? [null] : values;
    }),
  ).map((group) => JSON.stringify(group));
}

function numbers(record: StreamRecord, fields: readonly string[]): readonly number[] {
  return fields
    .flatMap((field) => valuesAt(record, field))
    .filter(
      (value) =>
        typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)),
    )
    .map(Number)
    .filter((number) => Math.abs(number) < Infinity);
}

/** What the aggregation looks at in one record. */
function looksAt(record: StreamRecord, query: LogRule['queries'][number]): readonly unknown[] {
  switch (query.aggregation) {
    case 'cardinality':
      return everyWay(query.distinctFields.map((field) => texts(record, field)));
    case 'new_value':
      return everyWay(query.metrics.map((field) => texts(record, field)));
    case 'sum':
    case 'max':
      return numbers(record, query.metrics);
    case 'count':
      return [true];
    case 'geo_data':
    case 'event_count':
    case 'none':
      throw new Error(`the made-up rules have no ${query.aggregation}`);
    default:
      return query.aggregation satisfies never;
  }
}

function comesTo(
  records: readonly StreamRecord[],
  query: LogRule['queries'][number],
): number | null {
  const seen = records.flatMap((record) => looksAt(record, query));
  switch (query.aggregation) {
    case 'count':
      return records.length;
    case 'cardinality':
      return new Set(seen.map((value) => JSON.stringify(value))).size;
    case 'sum':
      return seen.map(Number).reduce((sum, number) => sum + number, 0);
    case 'max':
      return seen.length === 0 ? null : Math.max(...seen.map(Number));
    case 'new_value':
    case 'geo_data':
    case 'event_count':
    case 'none':
      throw new Error(`the made-up threshold rules have no ${query.aggregation}`);
    default:
      return query.aggregation satisfies never;
  }
}

export function naiveSignals(
  readable: ReadableRule,
  delivered: readonly StreamRecord[],
): readonly NaiveSignal[] {
  const { rule, matches } = readable;
  const records = [...new Map(delivered.map((record) => [record.eventID, record])).values()];
  /** The records that count for a query in a group. */
  const inGroup = (group: string, query: number): readonly StreamRecord[] =>
    records.filter((record) => {
      const asked = rule.queries[query];
      return (
        asked !== undefined &&
        matches(record, query) &&
        looksAt(record, asked).length > 0 &&
        groupsOf(record, asked).includes(group)
      );
    });
  const groups = new Set(
    records.flatMap((record) => rule.queries.flatMap((query) => groupsOf(record, query))),
  );
  const latest = Math.max(
    ...records
      .filter(({ eventName }) => readable.names.includes(eventName))
      .map(({ eventTime }) => Date.parse(eventTime)),
  );
  return [...groups].flatMap((group) => {
    const byQuery = rule.queries.map((_, query) => inGroup(group, query));
    const moments =
      rule.options.detectionMethod === 'new_value'
        ? newValueMoments(readable, byQuery, (query) =>
            [...groups].flatMap((other) => inGroup(other, query)),
          )
        : thresholdMoments(readable, byQuery);
    return joined(rule, moments).map((signal) => summary(rule, group, signal, latest));
  });
}

function timeOf({ eventTime }: StreamRecord): number {
  return Date.parse(eventTime);
}

function timesOf(records: readonly StreamRecord[]): readonly number[] {
  return [...new Set(records.map(timeOf))].toSorted((a, b) => a - b);
}

function thresholdMoments(
  { rule, holds }: ReadableRule,
  byQuery: readonly (readonly StreamRecord[])[],
): readonly Moment[] {
  return timesOf(byQuery.flat()).flatMap((timeMs) => {
    const window = byQuery.map((records) =>
      records.filter((record) => {
        const ageSeconds = (timeMs - timeOf(record)) / 1000;
        return ageSeconds >= 0 && ageSeconds <= rule.options.evaluationWindowSeconds;
      }),
    );
    const values = rule.queries.map((query, index) => comesTo(window[index] ?? [], query));
    const caseIndex = rule.cases.findIndex((_, index) => holds(values, index));
    const events = window.flatMap((found, query) => found.map((record) => ({ record, query })));
    return caseIndex === -1 ? [] : [{ timeMs, caseIndex, events, newValue: null }];
  });
}

function newValueMoments(
  { rule, holds }: ReadableRule,
  byQuery: readonly (readonly StreamRecord[])[],
  everywhere: (query: number) => readonly StreamRecord[],
): readonly Moment[] {
  const options = rule.options.newValue;
  return byQuery
    .flatMap((records, query) => {
      const asked = rule.queries[query];
      const caseIndex = rule.cases.findIndex((_, index) =>
        holds(
          rule.queries.map((__, other) => Number(other === query)),
          index,
        ),
      );
      if (asked === undefined || caseIndex === -1) return [];
      const [start = 0] = timesOf(options.instantaneousBaseline ? everywhere(query) : records);
      const valuesOf = (record: StreamRecord): readonly string[] =>
        looksAt(record, asked).map((value) => JSON.stringify(value));
      return timesOf(records).flatMap((timeMs) => {
        const earlier = records.filter((record) => timeOf(record) < timeMs);
        const learns =
          options.learningMethod === 'duration'
            ? (timeMs - start) / 1000 <= options.learningDurationSeconds
            : earlier.length < options.learningThreshold;
        const now = records.filter((record) => timeOf(record) === timeMs);
        const values = [...new Set(now.flatMap(valuesOf))].toSorted();
        return values.flatMap((value): readonly Moment[] => {
          const seen = earlier.filter((record) => valuesOf(record).includes(value)).map(timeOf);
          const known = seen.some((at) => (timeMs - at) / 1000 <= options.forgetAfterSeconds);
          if (learns || known) return [];
          const having = now.filter((record) => valuesOf(record).includes(value));
          const events = having.map((record) => ({ record, query }));
          return [{ timeMs, caseIndex, events, newValue: value }];
        });
      });
    })
    .toSorted((a, b) => a.timeMs - b.timeMs);
}

function joined({ options }: LogRule, moments: readonly Moment[]): readonly (readonly Moment[])[] {
  const signals: Moment[][] = [];
  for (const moment of moments) {
    const current = signals.at(-1);
    const sinceLast = (moment.timeMs - (current?.at(-1)?.timeMs ?? -Infinity)) / 1000;
    const sinceFirst = (moment.timeMs - (current?.[0]?.timeMs ?? -Infinity)) / 1000;
    const joins =
      options.keepAliveSeconds !== 0 &&
      sinceLast <= options.keepAliveSeconds &&
      sinceFirst <= options.maxSignalDurationSeconds;
    if (current !== undefined && joins) current.push(moment);
    else signals.push([moment]);
  }
  return signals;
}

function summary(
  rule: LogRule,
  group: string,
  moments: readonly Moment[],
  latestMs: number,
): NaiveSignal {
  const [first] = moments;
  const last = moments.at(-1);
  if (first === undefined || last === undefined) throw new Error('a signal has a moment');
  const { keepAliveSeconds, maxSignalDurationSeconds } = rule.options;
  const endMs = Math.min(
    last.timeMs + keepAliveSeconds * 1000,
    first.timeMs + maxSignalDurationSeconds * 1000,
  );
  const cases = moments.map(({ caseIndex }) => rule.cases[caseIndex]!);
  const severity = Math.max(...cases.map((held) => ranks.indexOf(held.severity)));
  const decisive = cases.find((held) => ranks.indexOf(held.severity) === severity);
  const events = moments.flatMap((moment) => moment.events);
  const byTime = events.toSorted(
    (a, b) => timeOf(a.record) - timeOf(b.record) || (a.record.eventID < b.record.eventID ? -1 : 1),
  );
  return {
    group: JSON.parse(group) as (string | null)[],
    severity: ranks[severity] ?? '',
    case: decisive?.name ?? '',
    firstSeen: iso(first.timeMs),
    lastSeen: iso(last.timeMs),
    status: endMs >= latestMs ? 'open' : 'closed',
    closedAt: endMs >= latestMs ? null : iso(endMs),
    newValues: moments.flatMap(({ newValue }) =>
      newValue === null ? [] : [(JSON.parse(newValue) as string[]).join(', ')],
    ),
    eventIds: [...new Set(byTime.map(({ record }) => record.eventID))],
    counts: rule.queries.map(
      (_, query) =>
        new Set(events.filter((event) => event.query === query).map(({ record }) => record.eventID))
          .size,
    ),
  };
}

function iso(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
