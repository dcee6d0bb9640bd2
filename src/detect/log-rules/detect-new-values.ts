// New-value rules: each group learns values for a while, and from then on a value fires that was not
// seen in it before, or not for so long that it is forgotten. A function of the set of matches:
// records of one second have no order among them, so they are taken together.

import type { LogRule } from '../../model/rule.ts';
import type { LogEvent, LogFinding, Trigger } from './log-finding.ts';
import type { LogMatch } from './log-match.ts';
import { compileCases, groupByOf } from './rule-cases.ts';
import { compareText } from '../../model/compare-text.ts';

/** A value that fired, with the records that brought it. */
type Firing = {
  readonly timeMs: number;
  readonly query: number;
  readonly value: string;
  readonly caseIndex: number;
  readonly matches: readonly LogMatch[];
};

/** The records of one group and one moment, with the values they have. */
type Moment = {
  readonly timeMs: number;
  readonly records: { readonly match: LogMatch; readonly values: readonly string[] }[];
};

/** @param matches of this rule, each event once, by time, then by event id */
export function detectNewValues(
  rule: LogRule,
  matches: readonly LogMatch[],
): readonly LogFinding[] {
  const firstCase = compileCases(rule);
  const byGroup = new Map<string, Firing[]>();
  for (const query of rule.queries.keys()) {
    // The query that fires came to one new value, the others to none.
    const caseIndex = firstCase(rule.queries.map((_, index) => Number(index === query)));
    if (caseIndex === -1) continue;
    const groups = momentsByGroup(matches, query);
    // Groups stand in the order of their first record.
    const [first] = groups.values();
    for (const [group, moments] of groups) {
      const { instantaneousBaseline } = rule.options.newValue;
      const startMs = startOf(instantaneousBaseline ? first : moments);
      const firings = newValues(rule, moments, startMs).map((found): Firing => ({
        ...found,
        query,
        caseIndex,
      }));
      if (firings.length > 0) byGroup.set(group, [...(byGroup.get(group) ?? []), ...firings]);
    }
  }
  return [...byGroup].map(([group, firings]) => finding(rule, group, firings));
}

function startOf(moments: readonly Moment[] | undefined): number {
  return moments?.[0]?.timeMs ?? Infinity;
}

function momentsByGroup(
  matches: readonly LogMatch[],
  query: number,
): ReadonlyMap<string, readonly Moment[]> {
  const byGroup = new Map<string, Moment[]>();
  for (const match of matches) {
    const hit = match.hits.find((candidate) => candidate.query === query);
    const record = { match, values: (hit?.values ?? []).map(String) };
    for (const group of hit?.groups ?? []) {
      const moments = byGroup.get(group) ?? [];
      byGroup.set(group, moments);
      const last = moments.at(-1);
      if (last?.timeMs === match.eventTimeMs) last.records.push(record);
      else moments.push({ timeMs: match.eventTimeMs, records: [record] });
    }
  }
  return byGroup;
}

/** The values that fire in one group, in the order of time, then of the values. */
function newValues(
  { options }: LogRule,
  moments: readonly Moment[],
  startMs: number,
): readonly Pick<Firing, 'timeMs' | 'value' | 'matches'>[] {
  const { learningMethod, learningDurationSeconds, learningThreshold, forgetAfterSeconds } =
    options.newValue;
  const lastSeenMs = new Map<string, number>();
  const found: Pick<Firing, 'timeMs' | 'value' | 'matches'>[] = [];
  let recordsBefore = 0;
  for (const { timeMs, records } of moments) {
    const isLearning =
      learningMethod === 'duration'
        ? timeMs - startMs <= learningDurationSeconds * 1000
        : recordsBefore < learningThreshold;
    const byValue = matchesByValue(records);
    for (const value of [...byValue.keys()].toSorted(compareText)) {
      const seenMs = lastSeenMs.get(value) ?? -Infinity;
      if (!isLearning && timeMs - seenMs > forgetAfterSeconds * 1000) {
        found.push({ timeMs, value, matches: byValue.get(value) ?? [] });
      }
      lastSeenMs.set(value, timeMs);
    }
    recordsBefore += records.length;
  }
  return found;
}

function matchesByValue(records: Moment['records']): ReadonlyMap<string, readonly LogMatch[]> {
  const byValue = new Map<string, LogMatch[]>();
  for (const { match, values } of records) {
    for (const value of values) {
      const known = byValue.get(value);
      if (known === undefined) byValue.set(value, [match]);
      else known.push(match);
    }
  }
  return byValue;
}

function finding(rule: LogRule, group: string, firings: readonly Firing[]): LogFinding {
  const events: LogEvent[] = [];
  const triggers: Trigger[] = [];
  const ordered = firings.toSorted((a, b) => a.timeMs - b.timeMs);
  for (const { timeMs, query, value, caseIndex, matches } of ordered) {
    const from = events.length;
    for (const match of matches) events.push({ match, queries: [query] });
    triggers.push({ timeMs, caseIndex, from, to: events.length, newValue: value });
  }
  return { rule, group, groupBy: groupByOf(rule, group), events, triggers };
}
