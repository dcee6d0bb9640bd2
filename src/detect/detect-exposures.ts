// Changes and rules in, exposures out: a pure function of the set of changes. Any permutation,
// duplication or batching of the same changes gives the same exposures, byte for byte.

import type { Change, GroupChange, PrefixListChange, Undetermined } from '../model/change.ts';
import type { Exposure } from '../model/exposure.ts';
import type { ExposureRule } from '../model/rule.ts';
import { deriveAttributes } from '../normalize/derive-attributes.ts';
import { compileQuery } from '../query/index.ts';
import { GroupNames } from './group-names.ts';
import { GroupRows } from './group-rows.ts';
import { readOpenPorts, wider, type Opening, type PortsReading } from './open-ports.ts';
import { canonicalChanges, causalOrder, compareChanges, compareText } from './order.ts';
import { PrefixListHistory, type PrefixListState } from './prefix-lists.ts';
import { stableId } from './stable-id.ts';

/** An exposure with the rule that names it and the changes that began and ended it. */
export type Finding = {
  readonly rule: ExposureRule;
  readonly exposure: Exposure;
  readonly openedBy: Change;
  readonly closedBy: Change | null;
  /** Which change let in which source, in time order: the opening, and what widened it later. */
  readonly admissions: readonly Admission[];
};

export type Admission = {
  readonly source: string;
  readonly by: Change;
};

export type ExposureDetection = {
  /** Sorted by opening time, then group, then port. */
  readonly findings: readonly Finding[];
  /** Changes whose effect on an exposure cannot be told; sorted by time. */
  readonly undetermined: readonly Undetermined[];
};

type Timeline = {
  readonly accountId: string;
  readonly region: string;
  readonly groupId: string;
  readonly changes: GroupChange[];
};

/** @param rules only enabled ones are meant to be given */
export function detectExposures(
  changes: Iterable<Change>,
  rules: readonly ExposureRule[],
): ExposureDetection {
  const ordered = canonicalChanges(changes);
  const names = new GroupNames(ordered);
  const prefixLists = collectPrefixLists(ordered);
  const timelines = new Map<string, Timeline>();
  const undetermined: Undetermined[] = [];
  for (const change of ordered) {
    if (change.target !== 'group') continue;
    const resolved = names.resolve(change);
    if ('reason' in resolved) {
      undetermined.push(undeterminedBy(change, null, resolved.reason));
      continue;
    }
    const { accountId, region } = change;
    const key = JSON.stringify([accountId, region, resolved.groupId]);
    const timeline = timelines.get(key) ?? {
      accountId,
      region,
      groupId: resolved.groupId,
      changes: [],
    };
    timeline.changes.push(change);
    timelines.set(key, timeline);
  }
  const folded = [...timelines.values()].map((timeline) => foldGroup(timeline, prefixLists, rules));
  const findings = folded.flatMap((group) => group.findings);
  const admitted = new Map(rules.map((rule) => [rule, whereOf(rule)]));
  return {
    findings: findings
      .filter((finding) => admitted.get(finding.rule)?.(finding.openedBy) ?? true)
      .toSorted(compareFindings),
    undetermined: [...undetermined, ...folded.flatMap((group) => group.undetermined)].toSorted(
      (a, b) =>
        compareText(a.eventTime, b.eventTime) ||
        compareText(a.eventId, b.eventId) ||
        compareText(a.groupId ?? '', b.groupId ?? '') ||
        compareText(a.reason, b.reason),
    ),
  };
}

/** Whether a rule's `where` lets an opening count; asked of the record that opened. */
function whereOf(rule: ExposureRule): (openedBy: Change) => boolean {
  if (rule.exposure.where === null) return () => true;
  const matches = compileQuery(rule.exposure.where);
  return (openedBy) => matches(deriveAttributes(openedBy.record));
}

function compareFindings(a: Finding, b: Finding): number {
  return (
    a.openedBy.eventTimeMs - b.openedBy.eventTimeMs ||
    compareText(a.exposure.groupId, b.exposure.groupId) ||
    a.exposure.port - b.exposure.port ||
    compareText(a.exposure.accountId, b.exposure.accountId) ||
    compareText(a.exposure.region, b.exposure.region) ||
    compareText(a.exposure.ruleId, b.exposure.ruleId) ||
    compareText(a.exposure.protocol, b.exposure.protocol) ||
    (a.exposure.toPort ?? 0) - (b.exposure.toPort ?? 0) ||
    compareText(a.exposure.openedByEventId, b.exposure.openedByEventId)
  );
}

/** Prefix list ids are unique in a region, and a list may be shared with other accounts. */
function prefixListKey(region: string, prefixListId: string): string {
  return `${region} ${prefixListId}`;
}

type PrefixListStep = { readonly change: PrefixListChange; readonly state: PrefixListState };

function collectPrefixLists(ordered: readonly Change[]): ReadonlyMap<string, PrefixListStep[]> {
  const histories = new Map<string, PrefixListHistory>();
  const steps = new Map<string, PrefixListStep[]>();
  for (const change of ordered) {
    if (change.target !== 'prefix-list') continue;
    const key = prefixListKey(change.region, change.prefixListId);
    const history = histories.get(key) ?? new PrefixListHistory();
    histories.set(key, history);
    const ofList = steps.get(key) ?? [];
    ofList.push({ change, state: history.apply(change) });
    steps.set(key, ofList);
  }
  return steps;
}

type Interval = {
  readonly openedBy: Change;
  /** The widest of all readings. */
  readonly opening: Opening;
  /** The latest reading. */
  readonly now: Opening;
  readonly admissions: readonly Admission[];
};

/** Follows one group through its changes, and those of the lists it names, under every rule. */
function foldGroup(
  timeline: Timeline,
  prefixLists: ReadonlyMap<string, PrefixListStep[]>,
  rules: readonly ExposureRule[],
): { readonly findings: Finding[]; readonly undetermined: Undetermined[] } {
  const listSteps = referencedLists(timeline).flatMap(
    (prefixListId) => prefixLists.get(prefixListKey(timeline.region, prefixListId)) ?? [],
  );
  const stateAfter = new Map(listSteps.map((step) => [step.change, step.state]));
  const merged: Change[] =
    listSteps.length === 0
      ? timeline.changes
      : [...timeline.changes, ...stateAfter.keys()].toSorted(compareChanges);
  const rows = new GroupRows(egressRuleIds(timeline));
  const listsNow = new Map<string, PrefixListState>();
  const names = nameOf(timeline);
  const open = rules.map(() => new Map<string, Interval>());
  let unknownRows: ReadonlySet<string> = new Set();
  const findings: Finding[] = [];
  const undetermined: Undetermined[] = [];
  for (const change of causalOrder(merged)) {
    if (change.target === 'group') {
      if (missesRowById(rows, change)) {
        undetermined.push(
          undeterminedBy(
            change,
            timeline.groupId,
            'a row is removed by an id that was never seen, and rows without a known id are open',
          ),
        );
      }
      if (!rows.apply(change)) continue;
    } else {
      const state = stateAfter.get(change);
      if (state !== undefined) listsNow.set(change.prefixListId, state);
    }
    const readings = rules.map((rule) => readOpenPorts(rows.rows, listsNow, rule.exposure));
    for (const [index, rule] of rules.entries()) {
      const intervals = open[index] ?? new Map<string, Interval>();
      findings.push(
        ...advance(intervals, readings[index], change).map(({ interval, closedBy }) =>
          toFinding(rule, timeline, names, interval, closedBy),
        ),
      );
    }
    // Told when such a row comes, and once more when nothing else keeps the port open for certain.
    const unknownNow = new Set(
      readings.flatMap(({ unknownRows: unknown, decidingRows }) => [
        ...unknown.map((row) => `names ${row}`),
        ...decidingRows.map((row) => `decides ${row}`),
      ]),
    );
    if ([...unknownNow].some((row) => !unknownRows.has(row))) {
      undetermined.push(
        undeterminedBy(
          change,
          timeline.groupId,
          'a row admits a prefix list whose entries are not known',
        ),
      );
    }
    unknownRows = unknownNow;
  }
  for (const [index, rule] of rules.entries()) {
    for (const interval of open[index]?.values() ?? []) {
      findings.push(toFinding(rule, timeline, names, interval, null));
    }
  }
  return { findings, undetermined };
}

/** Begins, widens and ends intervals after one change; returns those that ended. */
function advance(
  intervals: Map<string, Interval>,
  reading: PortsReading | undefined,
  change: Change,
): { interval: Interval; closedBy: Change }[] {
  const openings = new Map((reading?.openings ?? []).map((opening) => [opening.key, opening]));
  const ended: { interval: Interval; closedBy: Change }[] = [];
  for (const [key, interval] of intervals) {
    const opening = openings.get(key);
    if (opening === undefined) {
      ended.push({ interval, closedBy: change });
      intervals.delete(key);
    } else {
      intervals.set(key, {
        ...interval,
        opening: wider(interval.opening, opening),
        now: opening,
        admissions: [...interval.admissions, ...admissionsOf(opening, change, interval.now)],
      });
    }
  }
  for (const [key, opening] of openings) {
    if (intervals.has(key)) continue;
    const admissions = admissionsOf(opening, change, null);
    intervals.set(key, { openedBy: change, opening, now: opening, admissions });
  }
  return ended;
}

/** The sources that a change let in. */
function admissionsOf(
  { ipv4Sources, ipv6Sources }: Opening,
  by: Change,
  before: Opening | null,
): readonly Admission[] {
  if (before?.ipv4Sources === ipv4Sources && before.ipv6Sources === ipv6Sources) return [];
  const known = new Set([...(before?.ipv4Sources ?? []), ...(before?.ipv6Sources ?? [])]);
  return [...ipv4Sources, ...ipv6Sources]
    .filter((source) => !known.has(source))
    .map((source) => ({ source, by }));
}

/** A removal by an id nobody gave us, while a row whose id nobody gave us is there. */
function missesRowById(rows: GroupRows, change: GroupChange): boolean {
  const { effect } = change;
  return (
    effect.kind === 'remove' &&
    effect.rows.length === 0 &&
    effect.ruleIds.some((ruleId) => !rows.knowsRuleId(ruleId)) &&
    rows.hasUnidentifiedRows()
  );
}

function referencedLists(timeline: Timeline): readonly string[] {
  const ids = new Set<string>();
  for (const { effect } of timeline.changes) {
    const rows =
      effect.kind === 'add'
        ? effect.rows
        : effect.kind === 'replace'
          ? effect.replacements.map((replacement) => replacement.row)
          : [];
    for (const { source } of rows) if (source.kind === 'prefix-list') ids.add(source.prefixListId);
  }
  return [...ids];
}

function egressRuleIds(timeline: Timeline): ReadonlySet<string> {
  return new Set(
    timeline.changes.flatMap(({ effect }) => (effect.kind === 'egress' ? effect.ruleIds : [])),
  );
}

type GroupNaming = { readonly groupName?: string; readonly vpcId?: string };

/** The group's latest known name and VPC. A group keeps both for life. */
function nameOf(timeline: Timeline): GroupNaming {
  const groupName = timeline.changes.findLast((change) => change.groupName !== null)?.groupName;
  const vpcId = timeline.changes.findLast((change) => change.vpcId !== null)?.vpcId;
  return { ...(groupName ? { groupName } : {}), ...(vpcId ? { vpcId } : {}) };
}

function toFinding(
  rule: ExposureRule,
  timeline: Timeline,
  naming: GroupNaming,
  { openedBy, opening, admissions }: Interval,
  closedBy: Change | null,
): Finding {
  const { accountId, region, groupId } = timeline;
  const exposure: Exposure = {
    id: stableId('exp', [rule.id, accountId, region, groupId, opening.key, openedBy.eventId]),
    ruleId: rule.id,
    accountId,
    region,
    groupId,
    ...naming,
    protocol: opening.protocol,
    port: opening.port,
    ...(opening.toPort === null ? {} : { toPort: opening.toPort }),
    service: opening.service,
    ipv4Coverage: opening.ipv4Share,
    ipv6Coverage: opening.ipv6Share,
    sources: [...opening.ipv4Sources, ...opening.ipv6Sources],
    openedAt: openedBy.eventTime,
    openedByEventId: openedBy.eventId,
    openedByEventName: openedBy.eventName,
    openedBy: openedBy.actor,
    closedAt: closedBy?.eventTime ?? null,
    closedByEventId: closedBy?.eventId ?? null,
    closedBy: closedBy?.actor ?? null,
    durationSeconds:
      closedBy === null ? null : (closedBy.eventTimeMs - openedBy.eventTimeMs) / 1000,
  };
  return { rule, exposure, openedBy, closedBy, admissions };
}

function undeterminedBy(change: Change, groupId: string | null, reason: string): Undetermined {
  return {
    eventId: change.eventId,
    eventTime: change.eventTime,
    eventName: change.eventName,
    accountId: change.accountId,
    region: change.region,
    groupId,
    reason,
  };
}
