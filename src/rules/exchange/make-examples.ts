// Examples for a rule that came without any: records made from its own queries. Each is run before it
// is written, so that what stands in examples.yaml is what the rule does.

import type { JsonObject } from '../../model/json.ts';
import type { LogCase, LogQuery, LogRule } from '../../model/rule.ts';
import { parseCondition, type Condition } from '../../query/condition.ts';
import { and, compileAttribute, not, parseQuery } from '../../query/index.ts';
import { mergePatch, parseExamples } from '../parse-examples.ts';
import { testRule, type Detect } from '../test-rules.ts';
import { patchesForQuery, sourceOf, withValue } from './patches-for-query.ts';
import { printYaml } from './print-yaml.ts';
import { utcTime } from '../../model/utc-time.ts';

const base: JsonObject = {
  eventVersion: '1.11',
  userIdentity: {
    type: 'IAMUser',
    principalId: 'AIDAEXAMPLEPRINCIPAL',
    arn: 'arn:aws:iam::111122223333:user/sam',
    accountId: '111122223333',
    accessKeyId: 'AKIAEXAMPLEACCESSKEY',
    userName: 'sam',
  },
  eventTime: '2026-03-01T08:00:00Z',
  eventSource: 'sts.amazonaws.com',
  eventName: 'GetCallerIdentity',
  awsRegion: 'us-east-1',
  sourceIPAddress: '198.51.100.7',
  userAgent: 'aws-cli/2.27.31',
  requestID: '5f0c3a1e-0001',
  eventID: '8a4b1c0e-0001',
  readOnly: true,
  eventType: 'AwsApiCall',
  managementEvent: true,
  recipientAccountId: '111122223333',
  eventCategory: 'Management',
};

const startMs = Date.parse('2026-03-01T08:00:00Z');

/** Patches tried for one query, records in one example, characters of a query that is looked at. */
const mostPatches = 40;
const mostRecords = 60;
const longestQuery = 4000;

type Case = {
  readonly name: string;
  /** The one record, or several. */
  readonly patch?: JsonObject;
  readonly records?: readonly { readonly patch: JsonObject }[];
  readonly fires?: readonly { readonly severity: string }[];
  readonly quiet?: string;
  readonly undetermined?: string;
};

/** The text of an examples.yaml all of whose cases hold; null when none could be found. */
export function makeExamples(rule: LogRule, detect: Detect): string | null {
  const firing = firstThatHolds(firingCases(rule), rule, detect);
  const quiet = firstThatHolds([quietCase], rule, detect);
  const cases = [firing, quiet].filter((one) => one !== null);
  if (cases.length === 0) return null;
  const comment =
    firing === null
      ? 'No record on which the rule fires could be made from its queries: add one.'
      : 'Made from the queries of the rule when it was imported, and run.';
  return printYaml({ base, cases }, { comment });
}

const quietCase: Case = {
  name: 'Another call',
  quiet: 'The rule is about other records.',
};

function firstThatHolds(cases: Iterable<Case>, rule: LogRule, detect: Detect): Case | null {
  for (const one of cases) {
    // A change to a security group may leave open which group it is; the rule does not ask.
    const variants = [one, { ...one, undetermined: 'The record does not tell the whole change.' }];
    for (const variant of one.quiet === undefined ? variants : [one]) {
      if (holds(variant, rule, detect)) return variant;
    }
  }
  return null;
}

function holds(one: Case, rule: LogRule, detect: Detect): boolean {
  const parsed = parseExamples(printYaml({ base, cases: [one] }), 'examples.yaml');
  if (!parsed.ok) return false;
  const { results } = testRule(rule, parsed.examples, detect, () => 0);
  return results.every(({ differences }) => differences.length === 0);
}

function* firingCases(rule: LogRule): Generator<Case> {
  const isReadable = [...rule.queries, ...rule.filters].every(
    ({ query }) => query.length <= longestQuery,
  );
  const [first] = rule.cases;
  if (!isReadable || first === undefined) return;
  for (const attempt of range(mostPatches)) {
    const records =
      rule.options.detectionMethod === 'new_value'
        ? newValueRecords(rule, attempt)
        : thresholdRecords(rule, first, attempt);
    if (records === null) return;
    if (records.length > mostRecords) continue;
    const [patch] = records;
    const fires = [{ severity: first.severity }];
    yield patch !== undefined && records.length === 1
      ? { name: 'A record that the rule is about', patch, fires }
      : { name: 'Records that add up', records: records.map((one) => ({ patch: one })), fires };
  }
}

/** The patch tried for a query in an attempt: as many as there are, then none. */
function patchOf(rule: LogRule, query: LogQuery, attempt: number): JsonObject | null {
  const narrowed = and([
    parseQuery(query.query),
    ...rule.filters.map((filter) => {
      const parsed = parseQuery(filter.query);
      return filter.action === 'require' ? parsed : not(parsed);
    }),
  ]);
  let left = attempt;
  for (const patch of patchesForQuery(narrowed, base)) {
    if (left === 0) return withGroups(query, patch);
    left -= 1;
  }
  return null;
}

/** A record counts only where it has what its query groups by. */
function withGroups(query: LogQuery, patch: JsonObject): JsonObject {
  let grouped = patch;
  for (const field of query.groupByFields) {
    const path = sourceOf(field.replace(/^@/, ''));
    const whole = mergePatch(base, grouped);
    if (compileAttribute(`@${path}`)(whole).length > 0) continue;
    grouped = withValue(grouped, path.split('.'), 'value') ?? grouped;
  }
  return grouped;
}

function thresholdRecords(
  rule: LogRule,
  { condition }: LogCase,
  attempt: number,
): readonly JsonObject[] | null {
  const needed =
    condition === null ? new Map<string, number>() : valuesFor(parseCondition(condition));
  const records: JsonObject[] = [];
  for (const query of rule.queries) {
    const value = needed.get(query.name) ?? 0;
    if (value <= 0) continue;
    const patch = patchOf(rule, query, attempt);
    if (patch === null) return null;
    records.push(...recordsOf(query, patch, Math.ceil(value)));
  }
  const stepSeconds = Math.min(
    60,
    Math.floor(rule.options.evaluationWindowSeconds / Math.max(1, records.length)),
  );
  return records.length === 0
    ? null
    : records.map((patch, index) => (index === 0 ? patch : at(patch, index * stepSeconds)));
}

/** The records by which one query comes to a value. */
function recordsOf(query: LogQuery, patch: JsonObject, value: number): readonly JsonObject[] {
  const [distinct = ''] = query.distinctFields;
  const [metric = ''] = query.metrics;
  const count = Math.min(value, mostRecords + 1);
  switch (query.aggregation) {
    case 'cardinality':
      return [...range(count)].map((index) => varied(patch, distinct, index));
    case 'sum':
    case 'max':
      return [set(patch, metric, value)];
    case 'count':
    case 'new_value':
    case 'geo_data':
    case 'event_count':
    case 'none':
      return [...range(count)].map(() => patch);
    default:
      return query.aggregation satisfies never;
  }
}

/** What is learned, and when the learning is over something else. */
function newValueRecords(rule: LogRule, attempt: number): readonly JsonObject[] | null {
  const [query] = rule.queries;
  const [metric] = query?.metrics ?? [];
  if (query === undefined || metric === undefined) return null;
  const patch = patchOf(rule, query, attempt);
  if (patch === null) return null;
  const { learningMethod, learningDurationSeconds, learningThreshold } = rule.options.newValue;
  const isTimed = learningMethod === 'duration';
  const learned = isTimed ? 1 : Math.max(1, Math.min(learningThreshold, mostRecords));
  const learning = [...range(learned)].map((index) => at(varied(patch, metric, 0), index * 60));
  const overSeconds = (isTimed ? learningDurationSeconds : 0) + learned * 60;
  return [...learning, at(varied(patch, metric, 1), overSeconds)];
}

/** Values that CloudTrail has more of than one can make up. */
const regions = ['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'eu-west-1', 'eu-central-1'];

function varied(patch: JsonObject, attribute: string, index: number): JsonObject {
  const path = attribute.replace(/^@/, '');
  const made = `value-${index + 1}`;
  return set(patch, attribute, path === 'awsRegion' ? (regions[index] ?? made) : made);
}

function set(patch: JsonObject, attribute: string, value: unknown): JsonObject {
  return withValue(patch, sourceOf(attribute.replace(/^@/, '')).split('.'), value) ?? patch;
}

function at(patch: JsonObject, seconds: number): JsonObject {
  const eventTime = utcTime(startMs + seconds * 1000);
  return { ...patch, eventTime };
}

/** For each label a value with which the condition may hold, as small as can be. */
function valuesFor(condition: Condition): Map<string, number> {
  switch (condition.kind) {
    case 'or':
      return valuesFor(condition.terms[0]!);
    case 'and': {
      const values = new Map<string, number>();
      for (const term of condition.terms) {
        for (const [label, value] of valuesFor(term)) {
          values.set(label, Math.max(value, values.get(label) ?? 0));
        }
      }
      return values;
    }
    case 'compare': {
      const { label, operator, value } = condition;
      const isMore = operator === '>' || operator === '!=';
      const isLess = operator === '<' || operator === '<=';
      const least = isLess ? 1 : isMore ? Math.floor(value) + 1 : value;
      return new Map([[label, least]]);
    }
    default:
      return condition satisfies never;
  }
}

function* range(count: number): Generator<number> {
  for (let index = 0; index < count; index += 1) yield index;
}
