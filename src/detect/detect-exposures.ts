// Changes and rules in, exposures out: a pure function of the set of changes. Any permutation,
// duplication or batching of the same changes gives the same exposures, byte for byte.

import type {
  Change,
  GroupChange,
  GroupRef,
  PrefixListChange,
  Undetermined,
} from '../model/change.ts';
import { groupKey, prefixListKey } from '../model/group-key.ts';
import type { ExposureRule } from '../model/rule.ts';
import { deriveAttributes } from '../normalize/derive-attributes.ts';
import { compileQuery } from '../query/index.ts';
import type { Finding } from './finding.ts';
import { GroupFold, undeterminedBy, type GroupNaming } from './group-fold.ts';
import { GroupNames } from './group-names.ts';
import { canonicalChanges, causalOrder, compareChanges } from './order.ts';
import { PrefixListHistory, type PrefixListState } from './prefix-lists.ts';
import { compareText } from '../model/compare-text.ts';

export type ExposureDetection = {
  /** Sorted by opening time, then group, then port. */
  readonly findings: readonly Finding[];
  /** Changes whose effect on an exposure cannot be told; sorted by time. */
  readonly undetermined: readonly Undetermined[];
};

type Timeline = GroupRef & { readonly changes: GroupChange[] };

/** @param rules only enabled ones are meant to be given */
export function detectExposures(
  changes: Iterable<Change>,
  rules: readonly ExposureRule[],
): ExposureDetection {
  const ordered = canonicalChanges(changes);
  const names = new GroupNames(ordered);
  const prefixLists = prefixListSteps(ordered);
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
    const group = { accountId, region, groupId: resolved.groupId };
    const key = groupKey(group);
    const timeline = timelines.get(key) ?? { ...group, changes: [] };
    timeline.changes.push(change);
    timelines.set(key, timeline);
  }
  const isAdmitted = admission(rules);
  const findings: Finding[] = [];
  for (const timeline of timelines.values()) {
    const fold = foldGroup(timeline, prefixLists, rules);
    findings.push(...fold.findings(namingOf(timeline.changes)).filter(isAdmitted));
    undetermined.push(...fold.undetermined());
  }
  return {
    findings: findings.toSorted(compareFindings),
    undetermined: undetermined.toSorted(
      (a, b) =>
        compareText(a.eventTime, b.eventTime) ||
        compareText(a.eventId, b.eventId) ||
        compareText(a.groupId ?? '', b.groupId ?? '') ||
        compareText(a.reason, b.reason),
    ),
  };
}

/** Whether the `where` of its rule lets a finding count; asked of the record that opened. */
export function admission(rules: readonly ExposureRule[]): (finding: Finding) => boolean {
  const admits = new Map(rules.map((rule) => [rule, whereOf(rule)]));
  return ({ rule, openedBy }) => admits.get(rule)?.(openedBy) ?? true;
}

function whereOf(rule: ExposureRule): (openedBy: Change) => boolean {
  if (rule.exposure.where === null) return () => true;
  const matches = compileQuery(rule.exposure.where);
  return (openedBy) => matches(deriveAttributes(openedBy.record));
}

/** By opening time, then group, then port. */
export function compareFindings(a: Finding, b: Finding): number {
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

/** A change of a list, with what the list holds after it. */
export type PrefixListStep = {
  readonly change: PrefixListChange;
  readonly list: PrefixListState;
};

/**
 * What lists hold, step by step, by `prefixListKey`.
 *
 * @param ordered changes of any kind, in the order of `compareChanges`
 */
export function prefixListSteps(
  ordered: Iterable<Change>,
): ReadonlyMap<string, readonly PrefixListStep[]> {
  const histories = new Map<string, PrefixListHistory>();
  const steps = new Map<string, PrefixListStep[]>();
  for (const change of ordered) {
    if (change.target !== 'prefix-list') continue;
    const key = prefixListKey(change.region, change.prefixListId);
    const history = histories.get(key) ?? new PrefixListHistory();
    histories.set(key, history);
    const ofList = steps.get(key) ?? [];
    ofList.push({ change, list: history.apply(change) });
    steps.set(key, ofList);
  }
  return steps;
}

function foldGroup(
  { changes, ...group }: Timeline,
  prefixLists: ReadonlyMap<string, readonly PrefixListStep[]>,
  rules: readonly ExposureRule[],
): GroupFold {
  const steps = listsNamed(changes).flatMap(
    (prefixListId) => prefixLists.get(prefixListKey(group.region, prefixListId)) ?? [],
  );
  const fold = new GroupFold(group, rules, new Set(changes.flatMap(egressRuleIds)));
  applyAll(fold, changes, steps);
  return fold;
}

/** Applies the changes of a group and the steps of its lists, together in causal order. */
export function applyAll(
  fold: GroupFold,
  changes: readonly GroupChange[],
  steps: readonly PrefixListStep[],
): void {
  const listAfter = new Map<Change, PrefixListStep>(steps.map((step) => [step.change, step]));
  const merged: readonly Change[] =
    steps.length === 0 ? changes : [...changes, ...listAfter.keys()].toSorted(compareChanges);
  for (const change of causalOrder(merged)) {
    const step = listAfter.get(change);
    if (step !== undefined) fold.learnList(step.change.prefixListId, step.list);
    fold.apply(change);
  }
}

/** The prefix lists that rows of the changes admit. */
export function listsNamed(changes: readonly GroupChange[]): readonly string[] {
  const ids = new Set<string>();
  for (const { effect } of changes) {
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

/** Ids that a change shows to belong to egress rules. */
export function egressRuleIds({ effect }: GroupChange): readonly string[] {
  return effect.kind === 'egress' ? effect.ruleIds : [];
}

/** @param changes of one group, in time order */
export function namingOf(changes: readonly GroupChange[]): GroupNaming {
  const groupName = changes.findLast((change) => change.groupName !== null)?.groupName;
  const vpcId = changes.findLast((change) => change.vpcId !== null)?.vpcId;
  return { ...(groupName ? { groupName } : {}), ...(vpcId ? { vpcId } : {}) };
}
