// What is there and what records told, compared: the difference is what the trail did not tell, or has
// not told yet. Pure. Rows whose source is another group are left out: they open nothing to the world,
// and old records name such groups in ways that cannot be compared.

import { groupKey, groupRefOf } from '../model/group-key.ts';
import { rowKey, type IngressRule } from '../model/ingress-rule.ts';
import type { GroupChange, GroupRef } from '../model/change.ts';
import { auditId, groupChange } from './baseline-changes.ts';
import type { Look, LookedGroup } from './look.ts';

/** The ingress rows of groups as records told them, by `groupKey`. */
export type FollowedRows = ReadonlyMap<string, readonly IngressRule[]>;

/** One group that is not as it was told to be. */
export type Drift = Omit<LookedGroup, 'rows'> & {
  readonly groupKey: string;
  /** There, and not told of; by content. */
  readonly appeared: readonly IngressRule[];
  /** Told of, and not there any more; by content. */
  readonly gone: readonly IngressRule[];
  /** The group itself is not there any more. */
  readonly isDeleted: boolean;
};

/**
 * The groups that differ, by key. A group that is followed and was not found counts as deleted only
 * where its account and region were looked into to the end. A group that is there and was never
 * followed has appeared with all its rows.
 */
export function compareWithFollowed(
  followed: FollowedRows,
  { groups, places }: Pick<Look, 'groups' | 'places'>,
  lookedMs: number,
): readonly Drift[] {
  const actual = new Map(groups.map((group) => [groupKey(group), group]));
  const lookedInto = new Set(places.map(placeKey));
  const keys = [...new Set([...followed.keys(), ...actual.keys()])].toSorted();
  return keys.flatMap((key): readonly Drift[] => {
    const told = followed.get(key) ?? [];
    const group = actual.get(key);
    if (group === undefined) {
      const ref = groupRefOf(key);
      const gone = told.filter(isComparable).toSorted(byContent);
      // A group without rows is open to nobody, there or not.
      if (!lookedInto.has(placeKey(ref)) || told.length === 0) return [];
      const unknown = { ...ref, groupName: null, vpcId: null, lookedMs };
      return [{ ...unknown, groupKey: key, appeared: [], gone, isDeleted: true }];
    }
    const appeared = without(group.rows, told);
    const gone = without(told, group.rows);
    if (appeared.length === 0 && gone.length === 0) return [];
    const { rows: _, ...facts } = group;
    return [{ ...facts, groupKey: key, appeared, gone, isDeleted: false }];
  });
}

/**
 * Of the differences found now those that an earlier look found as well: a trail takes minutes to tell,
 * so a difference counts once it has outlasted that.
 *
 * @param earlier what a look found at least as long ago as the trail may take
 */
export function persisting(earlier: readonly Drift[], now: readonly Drift[]): readonly Drift[] {
  const before = new Map(earlier.map((drift) => [drift.groupKey, drift]));
  return now.flatMap((drift) => {
    const known = before.get(drift.groupKey);
    if (known === undefined) return [];
    const appeared = within(drift.appeared, known.appeared);
    const gone = within(drift.gone, known.gone);
    const isDeleted = drift.isDeleted && known.isDeleted;
    const isNothing = appeared.length === 0 && gone.length === 0 && !isDeleted;
    return isNothing ? [] : [{ ...drift, appeared, gone, isDeleted }];
  });
}

/** The changes that make what is followed equal to what is there, at the time of the look. */
export function driftChanges(drifts: readonly Drift[]): readonly GroupChange[] {
  return drifts.flatMap((drift) => {
    const { appeared, gone, isDeleted, lookedMs } = drift;
    const id = (kind: 'group' | 'removal', rows: readonly IngressRule[]): string =>
      auditId(kind, [drift.groupKey, String(lookedMs), ...rows.map(rowKey)]);
    if (isDeleted) return [groupChange(drift, id('removal', []), { kind: 'delete' })];
    const added =
      appeared.length === 0
        ? []
        : [groupChange(drift, id('group', appeared), { kind: 'add', rows: appeared })];
    const removed =
      gone.length === 0
        ? []
        : [groupChange(drift, id('removal', gone), { kind: 'remove', rows: gone, ruleIds: [] })];
    return [...added, ...removed];
  });
}

function without(
  rows: readonly IngressRule[],
  others: readonly IngressRule[],
): readonly IngressRule[] {
  const known = new Set(others.map(rowKey));
  return rows.filter((row) => isComparable(row) && !known.has(rowKey(row))).toSorted(byContent);
}

function within(
  rows: readonly IngressRule[],
  others: readonly IngressRule[],
): readonly IngressRule[] {
  const known = new Set(others.map(rowKey));
  return rows.filter((row) => known.has(rowKey(row)));
}

function isComparable({ source }: IngressRule): boolean {
  return source.kind !== 'group';
}

function byContent(a: IngressRule, b: IngressRule): number {
  const [left, right] = [rowKey(a), rowKey(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function placeKey({ accountId, region }: Pick<GroupRef, 'accountId' | 'region'>): string {
  return `${accountId}/${region}`;
}
