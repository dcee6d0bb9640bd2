// Log rules over what has come so far: matches are kept, and the groups in which new ones stand are
// looked at anew, all of each, so that late and repeated records end in the same signals as one look
// at everything. Security groups have no part in this.

import { detectNewValues } from '../detect/log-rules/detect-new-values.ts';
import { detectThreshold } from '../detect/log-rules/detect-threshold.ts';
import type { LogFinding } from '../detect/log-rules/log-finding.ts';
import { groupKey, LogMatch, type MatchKind } from '../detect/log-rules/log-match.ts';
import { MatchSet } from '../detect/log-rules/match-set.ts';
import type { RunnableRule } from '../detect/log-rules/plan-log-rules.ts';
import { logGroupKey } from '../model/group-key.ts';
import type { JsonObject } from '../model/json.ts';
import type { LogRule } from '../model/rule.ts';
import type { LogSignal } from '../model/signal.ts';
import type { StoredMatch } from '../model/stored.ts';
import type { SuppressedBy, Suppression } from '../model/suppression.ts';
import type { StoreTransaction } from '../ports.ts';
import { suppressLogSignals } from '../track/suppress.ts';
import { tellLogSignals } from '../track/track-log-signals.ts';
import { beginningMs } from './follow-from.ts';
import { identity, isHidden, type Retold, type ToldNow } from './tell-signals.ts';

export type LogRuleOptions = {
  /** In the order by which matches name them. */
  readonly logRules: readonly RunnableRule[];
  readonly suppressions: readonly Suppression[];
};

/** Groups of log rules, by rule. */
type Groups = ReadonlyMap<LogRule, ReadonlySet<string>>;

/**
 * @param asOfMs a signal that a record of this time could still join is open; milliseconds since 1970
 */
export async function followLogRules(
  tx: StoreTransaction,
  matches: readonly LogMatch[],
  options: LogRuleOptions,
  asOfMs: number,
): Promise<readonly Retold[]> {
  const rules = options.logRules.map(({ rule }) => rule);
  const incoming = new MatchSet();
  for (const match of matches) incoming.add(match);
  const arrived = [...incoming.values()];
  const held = await tx.matchesByEvent(
    arrived.flatMap(({ rule, eventId }) => {
      const ruleId = rules[rule]?.id;
      return ruleId === undefined ? [] : [{ ruleId, eventId }];
    }),
  );
  const known = new MatchSet();
  for (const match of restored(held, rules)) known.add(match);
  const before = new Set([...known.values()].map(textOf));
  for (const match of arrived) known.add(match);
  const changed = [...known.values()].filter((match) => !before.has(textOf(match)));
  if (changed.length === 0) return [];
  await tx.putMatches(changed.flatMap((match) => stored(match, rules)));
  const groups = new Map<LogRule, Set<string>>();
  for (const match of [...changed, ...restored(held, rules)]) {
    const rule = rules[match.rule];
    if (rule === undefined) continue;
    const ofRule = groups.get(rule) ?? new Set<string>();
    groups.set(rule, ofRule);
    for (const group of groupsOf(match)) ofRule.add(group);
  }
  return tellLogGroups(tx, groups, options, asOfMs);
}

/** Ends signals that no record of now could join any more. */
export async function settleLogSignals(
  tx: StoreTransaction,
  options: LogRuleOptions,
  asOfMs: number,
): Promise<readonly Retold[]> {
  const groups = new Map<LogRule, Set<string>>();
  for (const { signal } of await tx.openLogSignals()) {
    const rule = options.logRules.find(({ rule: { id } }) => id === signal.ruleId)?.rule;
    if (rule === undefined || signal.groupId !== null) continue;
    const ofRule = groups.get(rule) ?? new Set<string>();
    groups.set(rule, ofRule);
    ofRule.add(groupOf(signal));
  }
  return tellLogGroups(tx, groups, options, asOfMs);
}

async function tellLogGroups(
  tx: StoreTransaction,
  touched: Groups,
  { logRules, suppressions }: LogRuleOptions,
  asOfMs: number,
): Promise<readonly Retold[]> {
  const rules = logRules.map(({ rule }) => rule);
  const found = await tx.matchesOfGroups(
    [...touched].flatMap(([rule, ofRule]) =>
      [...ofRule].map((group) => ({
        ruleId: rule.id,
        group: needsWholeRule(rule) ? null : group,
      })),
    ),
  );
  const matches = new MatchSet();
  for (const match of restored(found, rules)) matches.add(match);
  const groups = new Map(
    [...touched].map(([rule, ofRule]) => [
      rule,
      needsWholeRule(rule)
        ? new Set([...ofRule, ...matches.ofRule(rules.indexOf(rule)).flatMap(groupsOf)])
        : ofRule,
    ]),
  );
  const findings = [...groups].flatMap(([rule, ofRule]) =>
    detect(rule, matches.ofRule(rules.indexOf(rule))).filter(({ group }) => ofRule.has(group)),
  );
  const { told, hidden } = suppressLogSignals(tellLogSignals(findings, asOfMs), suppressions);
  const after = [
    ...told.map(({ signal }) => toldNow(signal, [])),
    ...hidden.map(({ told: { signal }, hidden: { suppressions: by } }) => toldNow(signal, by)),
  ];
  const keys = [...groups].flatMap(([rule, ofRule]) =>
    [...ofRule].map((group) => logGroupKey(rule.id, group)),
  );
  const before = await tx.signalsSince(keys.map((key) => ({ groupKey: key, fromMs: beginningMs })));
  const kept = new Set(after.map((now) => identity(now.stored)));
  await tx.deleteSignals(
    before
      .filter((one) => !kept.has(identity(one)))
      .map((one) => ({ id: one.signal.id, isHidden: isHidden(one) })),
  );
  await tx.putSignals(after.map((now) => now.stored));
  return keys.map((key) => ({
    before: before.filter((one) => one.groupKey === key),
    after: after.filter((now) => now.stored.groupKey === key),
  }));
}

/** Whether what each group comes to depends on records of others. */
function needsWholeRule({ options }: LogRule): boolean {
  return options.detectionMethod === 'new_value' && options.newValue.instantaneousBaseline;
}

function detect(rule: LogRule, matches: readonly LogMatch[]): readonly LogFinding[] {
  return rule.options.detectionMethod === 'new_value'
    ? detectNewValues(rule, matches)
    : detectThreshold(rule, matches);
}

function toldNow(signal: LogSignal, suppressedBy: readonly SuppressedBy[]): ToldNow {
  return {
    stored: {
      signal,
      groupKey: logGroupKey(signal.ruleId, groupOf(signal)),
      firstOpenedMs: Date.parse(signal.firstSeen),
      lastOpenedMs: Date.parse(signal.lastSeen),
      suppressedBy,
    },
    findings: [],
  };
}

function groupOf(signal: LogSignal): string {
  return groupKey(signal.groupBy.map(({ value }) => value));
}

function groupsOf({ hits }: LogMatch): readonly string[] {
  return [...new Set(hits.flatMap(({ groups }) => groups))];
}

/** As a text that is equal for equal matches. */
function textOf(match: LogMatch): string {
  return JSON.stringify(match);
}

type MatchState = {
  readonly hits: MatchKind['hits'];
  readonly context: JsonObject;
  readonly unusualTime: string | null;
};

function stored(match: LogMatch, rules: readonly LogRule[]): readonly StoredMatch[] {
  const rule = rules[match.rule];
  if (rule === undefined) return [];
  const state: MatchState = {
    hits: match.hits,
    context: match.context,
    unusualTime: match.unusualTime,
  };
  return [
    {
      ruleId: rule.id,
      eventId: match.eventId,
      timeMs: match.eventTimeMs,
      groups: groupsOf(match),
      match: state,
    },
  ];
}

/** Those of rules that there are. */
function restored(matches: readonly StoredMatch[], rules: readonly LogRule[]): readonly LogMatch[] {
  const positions = new Map(rules.map(({ id }, index) => [id, index]));
  return matches.flatMap(({ ruleId, eventId, timeMs, match }) => {
    const rule = positions.get(ruleId);
    if (rule === undefined) return [];
    // The engine alone writes it.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
    const { hits, context, unusualTime } = match as MatchState;
    return [new LogMatch(eventId, timeMs, { rule, hits, context }, unusualTime)];
  });
}
