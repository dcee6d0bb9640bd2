// Before a record is read: which log rules can be run and why the others cannot, which event names
// matter to them, and which attributes of a record their signals will need.

import type { LogQuery, LogRule, Rule } from '../../model/rule.ts';
import type { NotRun } from '../../model/scan-result.ts';
import { and, eventNamesOf, not, parseQuery, type Query } from '../../query/index.ts';
import { compileTemplate } from '../../template/index.ts';

/** A log rule that is run, with what its matches keep of a record. Plain values. */
export type RunnableRule = {
  readonly rule: LogRule;
  /** Dotted paths without `@`. */
  readonly contextPaths: readonly string[];
};

export type LogRulePlan = {
  readonly runnable: readonly RunnableRule[];
  readonly notRun: readonly NotRun[];
  /** The event names that can matter to the runnable rules; null when any can. */
  readonly eventNames: ReadonlySet<string> | null;
  /** Ids of the rules on account of which any event name can matter. */
  readonly unbounded: readonly string[];
};

/**
 * More names than these are as good as all: the structural scan holds a limited number, and when so
 * many are looked for, most records are parsed anyway.
 */
export const mostEventNames = 512;

/**
 * @param rules only enabled ones are meant to be given; those that are no log rules are left out
 * @param asked further attributes of records that will be asked for: dotted paths without `@`
 */
export function planLogRules(rules: readonly Rule[], asked: readonly string[] = []): LogRulePlan {
  const runnable: RunnableRule[] = [];
  const notRun: NotRun[] = [];
  const eventNames = new Set<string>();
  const unbounded: string[] = [];
  for (const rule of rules) {
    if (rule.kind !== 'log') continue;
    const reason = reasonNotRun(rule);
    if (reason !== null) {
      notRun.push({ ruleId: rule.id, reason });
      continue;
    }
    runnable.push({ rule, contextPaths: contextPaths(rule, asked) });
    const names = ruleEventNames(rule);
    if (names === null) unbounded.push(rule.id);
    for (const name of names ?? []) eventNames.add(name);
  }
  if (unbounded.length === 0 && eventNames.size > mostEventNames) {
    unbounded.push(...runnable.map(({ rule }) => rule.id));
  }
  return { runnable, notRun, eventNames: unbounded.length > 0 ? null : eventNames, unbounded };
}

/** The event names of the records that can matter to a rule; null when any can. */
export function ruleEventNames(rule: LogRule): ReadonlySet<string> | null {
  const names = new Set<string>();
  for (const query of rule.queries) {
    const ofQuery = eventNamesOf(effectiveQuery(rule, query));
    if (ofQuery === null) return null;
    for (const name of ofQuery) names.add(name);
  }
  return names;
}

/** A query of a rule, narrowed by the rule's filters. */
export function effectiveQuery({ filters }: LogRule, { query }: LogQuery): Query {
  return and([
    parseQuery(query),
    ...filters.map((filter) => {
      const parsed = parseQuery(filter.query);
      return filter.action === 'require' ? parsed : not(parsed);
    }),
  ]);
}

const methodReasons: Readonly<Record<LogRule['options']['detectionMethod'], string | null>> = {
  threshold: null,
  new_value: null,
  anomaly_detection: 'anomaly_detection compares with what Datadog has learned over weeks',
  anomaly_threshold: 'anomaly_threshold compares with what Datadog has learned over weeks',
  impossible_travel:
    'impossible_travel needs the place of an address, which CloudTrail does not tell',
  hardcoded: 'hardcoded is detection inside Datadog, of which the rule tells nothing',
  third_party: 'third_party hands on what another product has found',
  sequence_detection: 'sequence_detection, one query after the other, is not known here',
};

/** Why a rule that loads is not run, in words for a person; null when it is. */
export function reasonNotRun({ options, queries }: LogRule): string | null {
  const reason = methodReasons[options.detectionMethod];
  if (reason !== null) return `its detection method ${reason}`;
  const isRun = (query: LogQuery): boolean =>
    options.detectionMethod === 'new_value'
      ? query.aggregation === 'new_value'
      : ['count', 'cardinality', 'sum', 'max'].includes(query.aggregation);
  const other = queries.find((query) => !isRun(query));
  return other === undefined
    ? null
    : `its query ${other.name} has the aggregation ${other.aggregation}, which is not known to the ` +
        `detection method ${options.detectionMethod} here`;
}

/** What every signal tells of a record. */
export const commonPaths: readonly string[] = [
  'eventName',
  'eventSource',
  'awsRegion',
  'recipientAccountId',
  'sourceIPAddress',
  'userAgent',
  'errorCode',
  'userIdentity.type',
  'userIdentity.arn',
  'userIdentity.principalId',
  'userIdentity.accountId',
  'userIdentity.userName',
  'userIdentity.accessKeyId',
  'userIdentity.invokedBy',
  'userIdentity.onBehalfOf.userId',
];

/** What derived attributes are made from, where that is not kept anyway. */
const sourcesOfDerived: Readonly<Record<string, readonly string[]>> = {
  'evt.outcome': ['responseElements._return', 'responseElements.ConsoleLogin'],
  'error.message': ['errorMessage'],
  'userIdentity.assumed_role': ['userIdentity.sessionContext.sessionIssuer.userName'],
};

/** Of these each event has its own: with them, no two contexts would be equal. */
const eventPaths = new Set(['eventID', 'eventTime', 'evt.id']);

function contextPaths(
  { title, message, queries }: LogRule,
  asked: readonly string[],
): readonly string[] {
  const attributes = queries.flatMap(({ groupByFields, distinctFields, metrics }) => [
    ...groupByFields,
    ...distinctFields,
    ...metrics,
  ]);
  const named = [
    ...[title, message].flatMap((text) => compileTemplate(text).attributes),
    ...attributes.map((attribute) => attribute.replace(/^@/, '')),
    ...asked,
  ];
  const sources = Object.entries(sourcesOfDerived).flatMap(([derived, from]) =>
    // Who names an object names what is in it.
    named.some((path) => derived === path || derived.startsWith(`${path}.`)) ? from : [],
  );
  return [...new Set([...commonPaths, ...named, ...sources])].filter(
    (path) => !eventPaths.has(path),
  );
}
