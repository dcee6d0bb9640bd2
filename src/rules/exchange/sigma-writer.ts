// A log rule as Sigma rules: one for each case, since Sigma gives a rule one level. Sigma asks of one
// record at a time, so what a rule puts together over time is named.
// https://sigmahq.io/sigma-specification/

import { createHash } from 'node:crypto';
import type { Severity } from '../../model/exposure.ts';
import type { LogCase, LogQuery, LogRule } from '../../model/rule.ts';
import { parseCondition, type Condition } from '../../query/condition.ts';
import { and, not, or, parseQuery, type Query } from '../../query/index.ts';
import type { LogRuleFile } from '../rule-schema.ts';
import { toLogRule } from '../to-rule.ts';
import { Losses, type WrittenRule } from './exchange.ts';
import { printYaml } from './print-yaml.ts';
import { titleAttributes } from './read-datadog-rule.ts';
import { writeDetection } from './sigma-selections.ts';
import { tagToSigma } from './sigma-tags.ts';
import { extendedTitle, plainTitle } from './signal-title.ts';

/** @param isApproximate whether counting may become a match of one record */
export function writeSigma(file: LogRuleFile, isApproximate: boolean): WrittenRule {
  const losses = new Losses();
  const rule = toLogRule(file);
  const { detectionMethod } = rule.options;
  if (detectionMethod !== 'threshold') {
    const reason = `is ${detectionMethod}; Sigma asks of one record at a time`;
    if (isApproximate && detectionMethod === 'new_value') losses.add('log.detectionMethod', reason);
    else losses.refuse('log.detectionMethod', reason);
  }
  const documents = rule.cases.map((one, index) =>
    documentOf(rule, one, index, isApproximate, losses),
  );
  nameTexts(file, rule, losses);
  return {
    text: losses.isFatal
      ? null
      : documents.map((document) => printYaml(document, { indent: 4 })).join('---\n'),
    losses: losses.found,
  };
}

const levels: Readonly<Record<Severity, string>> = {
  info: 'informational',
  low: 'low',
  medium: 'medium',
  high: 'high',
  critical: 'critical',
};

function documentOf(
  rule: LogRule,
  one: LogCase,
  index: number,
  isApproximate: boolean,
  losses: Losses,
): object {
  const several = rule.cases.length > 1;
  const query = queryOfCase(rule, one, index, isApproximate, losses);
  const oldest = rule.changelog.at(-1)?.date;
  const newest = rule.changelog[0]?.date;
  return {
    title: several ? `${rule.name} (${one.name || `case ${index + 1}`})` : rule.name,
    id: uuidOf(`${rule.id}/${index}`),
    status: 'test',
    description: `${rule.goal}\n\n${rule.strategy}`,
    references: rule.references,
    date: oldest,
    modified: newest === oldest ? undefined : newest,
    tags: rule.tags.flatMap((tag) => tagToSigma(tag) ?? []),
    logsource: { product: 'aws', service: 'cloudtrail' },
    detection: query && writeDetection(query, `cases[${index}]`, isApproximate, losses),
    level: levels[one.severity],
  };
}

/** The records each of which makes the case hold; null, named in `losses`, where none alone does. */
function queryOfCase(
  rule: LogRule,
  { condition }: LogCase,
  index: number,
  isApproximate: boolean,
  losses: Losses,
): Query | null {
  const path = `cases[${index}].condition`;
  const isRefused = (reason: string): boolean => {
    if (isApproximate) losses.add(path, reason);
    else losses.refuse(path, reason);
    return !isApproximate;
  };
  const comparisons =
    condition === null
      ? rule.queries.map(({ name }) => ({ label: name, isAny: true }))
      : comparisonsOf(parseCondition(condition));
  const joins = condition !== null && condition.includes('&&');
  if (joins && isRefused('asks for several records together; Sigma looks at one')) return null;
  const counted = comparisons.filter(({ isAny }) => !isAny);
  if (counted.length > 0 && isRefused('counts records; Sigma looks at one')) return null;
  const queries = comparisons.flatMap(({ label }) => {
    const query = rule.queries.find(({ name }) => name === label);
    return query === undefined ? [] : [recordsOf(query, isRefused)];
  });
  return queries.length === 0 || queries.includes(null)
    ? null
    : narrowed(rule, or(queries.filter((query) => query !== null)));
}

type Asked = {
  readonly label: string;
  /** Whether one record is enough. */
  readonly isAny: boolean;
};

function comparisonsOf(condition: Condition): readonly Asked[] {
  if (condition.kind !== 'compare') return condition.terms.flatMap(comparisonsOf);
  const { label, operator, value } = condition;
  const isAny =
    operator === '>' ? value >= 0 && value < 1 : operator === '>=' && value > 0 && value <= 1;
  return [{ label, isAny }];
}

/** The records that a query counts; null where they cannot be told one by one. */
function recordsOf(query: LogQuery, isRefused: (reason: string) => boolean): Query | null {
  const matching = parseQuery(query.query);
  switch (query.aggregation) {
    case 'count':
      return matching;
    case 'cardinality':
      // One value is there as soon as one record has it.
      return and([matching, ...query.distinctFields.map(exists)]);
    case 'new_value':
      return and([matching, ...query.metrics.map(exists)]);
    case 'sum':
    case 'max':
    case 'geo_data':
    case 'event_count':
    case 'none':
      return isRefused(`goes by the ${query.aggregation} of ${query.name}, which Sigma has not`)
        ? null
        : matching;
    default:
      return query.aggregation satisfies never;
  }
}

function exists(field: string): Query {
  const attribute = field.startsWith('@')
    ? ({ kind: 'path', path: field.slice(1) } as const)
    : ({ kind: 'reserved', name: field } as const);
  return { kind: 'match', attribute, test: { kind: 'exists' } };
}

function narrowed({ filters }: LogRule, query: Query): Query {
  return and([
    query,
    ...filters.map((filter) => {
      const parsed = parseQuery(filter.query);
      return filter.action === 'require' ? parsed : not(parsed);
    }),
  ]);
}

/** What a rule of ours tells and a rule of Sigma has no place for. */
function nameTexts(file: LogRuleFile, rule: LogRule, losses: Losses): void {
  const groups = [...new Set(rule.queries.flatMap(({ groupByFields }) => groupByFields))];
  const { keepAliveSeconds } = rule.options;
  losses.add(
    'options',
    `records ${groups.length === 0 ? '' : `of one ${groups.join(' and ')} `}within ` +
      `${keepAliveSeconds} seconds are one signal here; Sigma alerts on each`,
  );
  const lacking = rule.queries
    .filter(({ hasOptionalGroupByFields }) => !hasOptionalGroupByFields)
    .flatMap(({ groupByFields }) => groupByFields);
  if (lacking.length > 0) {
    losses.add('groupBy', `records without ${[...new Set(lacking)].join(' or ')} count in Sigma`);
  }
  if (rule.cases.length > 1) {
    losses.add('cases', 'are rules of their own in Sigma; a record may match several');
  }
  if (!rule.enabled) losses.add('enabled', 'is false, which Sigma cannot say');
  rule.cases.forEach(({ notifications }, index) => {
    if (notifications.length > 0) losses.add(`cases[${index}].notifications`, noPlace);
  });
  rule.tags.forEach((tag, index) => {
    if (tagToSigma(tag) === null) losses.add(`tags[${index}]`, `${tag} is no tag in Sigma`);
  });
  const titles = [plainTitle(rule.name), extendedTitle(rule.name, titleAttributes(rule.queries))];
  if (!titles.includes(rule.title)) losses.add('title', noPlace);
  losses.add('message', noPlace);
  if (file.triage.length > 0) losses.add('triage', noPlace);
}

const noPlace = 'has no place in Sigma; it is left out';

/** Always the same for the same rule, in the form that Sigma wants. https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-8 */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const variant = '89ab'.charAt(Number.parseInt(hex.charAt(16), 16) % 4);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
