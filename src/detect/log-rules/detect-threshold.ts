// Threshold rules: the cases are asked, for each group, at every moment at which one of its records
// stands, over the records of that moment and of the evaluation window before it. A function of the
// set of matches: records of one second have no order among them, so they are taken together.

import type { LogRule } from '../../model/rule.ts';
import type { LogEvent, LogFinding, Trigger } from './log-finding.ts';
import type { LogHit, LogMatch } from './log-match.ts';
import { compileCases, groupByOf } from './rule-cases.ts';
import { createWindow } from './sliding-window.ts';

/** @param matches of this rule, each event once, by time, then by event id */
export function detectThreshold(
  rule: LogRule,
  matches: readonly LogMatch[],
): readonly LogFinding[] {
  const firstCase = compileCases(rule);
  const findings: LogFinding[] = [];
  for (const [group, records] of recordsByGroup(matches)) {
    const triggers = triggersOf(rule, records, firstCase);
    if (triggers.length === 0) continue;
    const events = records.map(({ match, hits }): LogEvent => ({
      match,
      queries: hits.map(({ query }) => query),
    }));
    findings.push({ rule, group, groupBy: groupByOf(rule, group), events, triggers });
  }
  return findings;
}

/** A record of one group, with the queries under which it counts there. */
type GroupRecord = { readonly match: LogMatch; readonly hits: readonly LogHit[] };

function recordsByGroup(matches: readonly LogMatch[]): ReadonlyMap<string, GroupRecord[]> {
  const byGroup = new Map<string, GroupRecord[]>();
  for (const match of matches) {
    for (const [group, hits] of hitsByGroup(match)) {
      const records = byGroup.get(group) ?? [];
      byGroup.set(group, records);
      records.push({ match, hits });
    }
  }
  return byGroup;
}

function hitsByGroup({ hits }: LogMatch): ReadonlyMap<string, readonly LogHit[]> {
  const byGroup = new Map<string, LogHit[]>();
  for (const hit of hits) {
    for (const group of hit.groups) {
      const known = byGroup.get(group);
      if (known === undefined) byGroup.set(group, [hit]);
      else known.push(hit);
    }
  }
  return byGroup;
}

function triggersOf(
  { queries, options }: LogRule,
  records: readonly GroupRecord[],
  firstCase: (values: readonly number[]) => number,
): readonly Trigger[] {
  const windows = queries.map(createWindow);
  const windowMs = options.evaluationWindowSeconds * 1000;
  const triggers: Trigger[] = [];
  let from = 0;
  let to = 0;
  while (to < records.length) {
    const timeMs = timeOf(records[to]);
    for (; timeOf(records[to]) === timeMs; to += 1) {
      for (const hit of records[to]?.hits ?? []) windows[hit.query]?.enter(hit);
    }
    for (; timeOf(records[from]) < timeMs - windowMs; from += 1) {
      for (const hit of records[from]?.hits ?? []) windows[hit.query]?.leave(hit);
    }
    const caseIndex = firstCase(windows.map((window) => window.value()));
    if (caseIndex !== -1) triggers.push({ timeMs, caseIndex, from, to, newValue: null });
  }
  return triggers;
}

/** NaN past the end, which equals no time and is before none. */
function timeOf(record: GroupRecord | undefined): number {
  return record?.match.eventTimeMs ?? Number.NaN;
}
