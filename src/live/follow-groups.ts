// Follows groups on from the last snapshot before what is new, however old the group is: the cost of a
// change does not grow with the number of changes before it. A late change goes back to a snapshot
// before it; snapshots are kept at a distance for that. What comes out is what following all of the
// group's changes from the first one on would give, as far as it can differ from what was found before.

import {
  admission,
  applyAll,
  egressRuleIds,
  listsNamed,
  namingOf,
  prefixListSteps,
  type PrefixListStep,
} from '../detect/detect-exposures.ts';
import type { Finding } from '../detect/finding.ts';
import {
  GroupFold,
  type FoldStart,
  type GroupFoldState,
  type GroupNaming,
} from '../detect/group-fold.ts';
import { compareChanges } from '../detect/order.ts';
import type { PrefixListState } from '../detect/prefix-lists.ts';
import type { Change, GroupChange, GroupRef, Undetermined } from '../model/change.ts';
import { groupRefOf, prefixListKey } from '../model/group-key.ts';
import type { IngressRule } from '../model/ingress-rule.ts';
import type { ExposureRule } from '../model/rule.ts';
import type { GroupSnapshot, StoredChange } from '../model/stored.ts';
import type { StoreTransaction } from '../ports.ts';
import { beginningMs, type FollowFrom } from './follow-from.ts';
import { groupChanges } from './stored-changes.ts';

/** Everything before a whole second, of one group. */
type GroupState = {
  /** Of the rules under which it was followed; under others it is worth nothing. */
  readonly rules: string;
  readonly fold: GroupFoldState;
  readonly naming: GroupNaming;
  readonly egressRuleIds: readonly string[];
  /** Ids of rows that were replaced. One that turns out to be an egress rule's changes the past. */
  readonly replacedRuleIds: readonly string[];
  /** Ids of the prefix lists that rows have named. */
  readonly lists: readonly string[];
  readonly changes: number;
};

export type FollowedGroup = {
  readonly groupKey: string;
  /** Whatever ended before is as it was. In milliseconds since 1970, UTC; a whole second. */
  readonly fromMs: number;
  /** What is open, and what ended at `fromMs` or later. */
  readonly findings: readonly Finding[];
  /** Found at `fromMs` or later. */
  readonly undetermined: readonly Undetermined[];
};

export type RuleSet = {
  readonly rules: readonly ExposureRule[];
  /** Equal for equal rules. */
  readonly fingerprint: string;
  /** Changes between two snapshots that are kept for late changes. */
  readonly snapshotSpacing?: number;
};

const defaultSpacing = 256;

export async function followGroups(
  tx: StoreTransaction,
  followFrom: FollowFrom,
  ruleSet: RuleSet,
): Promise<readonly FollowedGroup[]> {
  const { groupKeys } = followFrom;
  if (groupKeys.length === 0) return [];
  const wanted = groupKeys.map((key) => ({ groupKey: key, atMs: followFrom.secondOf(key) }));
  const snapshots = new Map(
    (await tx.snapshotsBefore(wanted)).map((snapshot) => [snapshot.groupKey, snapshot]),
  );
  const groups = groupKeys.map((key) => startOf(key, snapshots.get(key), ruleSet));
  const inputs = new Inputs(tx);
  await inputs.load(groups);
  const restarted = groups
    .filter((group) => group.state !== null && inputs.changesThePast(group, group.state))
    .map(({ groupKey: key }) => startOf(key, undefined, ruleSet));
  await inputs.load(restarted);
  const restartedKeys = new Set(restarted.map(({ groupKey: key }) => key));
  const followed = [
    ...groups.filter(({ groupKey: key }) => !restartedKeys.has(key)),
    ...restarted,
  ].map((group) => followGroup(group, inputs, ruleSet));
  await tx.deleteSnapshotsAfter(
    followed.map(({ start, snapshots: taken }) => ({
      groupKey: start.groupKey,
      atMs: start.settledMs - (isReplaced(start, taken, ruleSet) ? 1 : 0),
    })),
  );
  await tx.putSnapshots(
    followed.flatMap(({ start, snapshots: taken }) =>
      taken.map((snapshot) => ({ groupKey: start.groupKey, ...snapshot })),
    ),
  );
  return followed.map(({ result }) => result);
}

/** The rows of groups as their changes leave them; of a group that was never heard of, none. */
export async function followedRows(
  tx: StoreTransaction,
  groupKeys: readonly string[],
  ruleSet: RuleSet,
): Promise<ReadonlyMap<string, readonly IngressRule[]>> {
  const snapshots = await tx.snapshotsBefore(
    groupKeys.map((key) => ({ groupKey: key, atMs: endMs })),
  );
  const byGroup = new Map(snapshots.map((snapshot) => [snapshot.groupKey, snapshot]));
  const starts = groupKeys.map((key) => startOf(key, byGroup.get(key), ruleSet));
  const inputs = new Inputs(tx);
  await inputs.load(starts);
  return new Map(
    starts
      .filter((start) => start.state !== null || inputs.changesOf(start).length > 0)
      .map((start) => [start.groupKey, rowsAfter(start, inputs)]),
  );
}

function rowsAfter(start: Start, inputs: Inputs): readonly IngressRule[] {
  const changes = inputs.changesOf(start);
  const egress = distinct(start.state?.egressRuleIds, changes.flatMap(egressRuleIds));
  const fold = new GroupFold(start.group, [], new Set(egress), foldStart(start, inputs));
  applyAll(fold, changes, []);
  return fold.state().rows;
}

/** After every record. */
const endMs = 8_640_000_000_000_000;

type Start = {
  readonly groupKey: string;
  readonly group: GroupRef;
  readonly settledMs: number;
  readonly state: GroupState | null;
};

function startOf(key: string, snapshot: GroupSnapshot | undefined, ruleSet: RuleSet): Start {
  const group = groupRefOf(key);
  // The engine alone writes snapshots, and what an engine of another kind wrote has other rules.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  const state = snapshot?.state as GroupState | undefined;
  return snapshot === undefined || state?.rules !== ruleSet.fingerprint
    ? { groupKey: key, group, settledMs: beginningMs, state: null }
    : { groupKey: key, group, settledMs: snapshot.settledMs, state };
}

/** What the groups are followed through, read for all of them together. */
class Inputs {
  readonly #tx: StoreTransaction;
  readonly #changes = new Map<string, readonly GroupChange[]>();
  readonly #byEvent = new Map<string, Change>();
  readonly #steps = new Map<string, readonly PrefixListStep[]>();

  constructor(tx: StoreTransaction) {
    this.#tx = tx;
  }

  async load(starts: readonly Start[]): Promise<void> {
    if (starts.length === 0) return;
    const stored = await this.#tx.changesOfGroups(
      starts.map(({ groupKey: key, settledMs }) => ({ groupKey: key, fromMs: settledMs })),
    );
    const byGroup = new Map<string, StoredChange[]>(starts.map((start) => [start.groupKey, []]));
    for (const each of stored) {
      this.#byEvent.set(each.change.eventId, each.change);
      if (each.groupKey !== null) byGroup.get(each.groupKey)?.push(each);
    }
    for (const [key, ofGroup] of byGroup) this.#changes.set(key, groupChanges(ofGroup));
    await this.#loadLists(starts);
    const named = new Set(
      starts.flatMap(({ state }) => (state === null ? [] : eventsNamed(state))),
    );
    const missing = [...named].filter((eventId) => !this.#byEvent.has(eventId));
    if (missing.length === 0) return;
    for (const { change } of await this.#tx.changesByEventId(missing)) {
      this.#byEvent.set(change.eventId, change);
    }
  }

  async #loadLists(starts: readonly Start[]): Promise<void> {
    const listKeys = new Set(starts.flatMap((start) => this.#listKeys(start)));
    if (listKeys.size === 0) return;
    const stored = await this.#tx.changesByListKey([...listKeys]);
    const ordered = stored
      .filter(({ counts }) => counts)
      .map(({ change }) => change)
      .toSorted(compareChanges);
    for (const change of ordered) this.#byEvent.set(change.eventId, change);
    for (const [key, steps] of prefixListSteps(ordered)) this.#steps.set(key, steps);
  }

  #listKeys(start: Start): readonly string[] {
    return this.listsOf(start).map((id) => prefixListKey(start.group.region, id));
  }

  /** Ids of the lists that the group's rows have named so far. */
  listsOf(start: Start): readonly string[] {
    return [...new Set([...(start.state?.lists ?? []), ...listsNamed(this.changesOf(start))])];
  }

  /** From the start on, in folding order. */
  changesOf({ groupKey: key }: Start): readonly GroupChange[] {
    return this.#changes.get(key) ?? [];
  }

  stepsOf({ group }: Start, prefixListId: string): readonly PrefixListStep[] {
    return this.#steps.get(prefixListKey(group.region, prefixListId)) ?? [];
  }

  changeOf(eventId: string): Change {
    const change = this.#byEvent.get(eventId);
    if (change === undefined) throw new Error(`the store has lost the change ${eventId}`);
    return change;
  }

  /** Whether what is new says something about all of the group's history. */
  changesThePast(start: Start, state: GroupState): boolean {
    const changes = this.changesOf(start);
    const naming = { ...state.naming, ...namingOf(changes) };
    if (naming.groupName !== state.naming.groupName || naming.vpcId !== state.naming.vpcId) {
      return true;
    }
    const replaced = new Set(state.replacedRuleIds);
    return changes.flatMap(egressRuleIds).some((ruleId) => replaced.has(ruleId));
  }
}

function eventsNamed({ fold }: GroupState): readonly string[] {
  return Object.values(fold.open).flatMap((intervals) =>
    intervals.flatMap(({ openedBy, admissions }) => [openedBy, ...admissions.map(({ by }) => by)]),
  );
}

type Followed = {
  readonly start: Start;
  readonly result: FollowedGroup;
  /** States on the way, the last one from before the last second; none where nothing is settled anew. */
  readonly snapshots: readonly { readonly settledMs: number; readonly state: GroupState }[];
};

function followGroup(
  start: Start,
  inputs: Inputs,
  { rules, fingerprint, snapshotSpacing = defaultSpacing }: RuleSet,
): Followed {
  const { group, state, settledMs } = start;
  const changes = inputs.changesOf(start);
  const steps = inputs
    .listsOf(start)
    .flatMap((prefixListId) => inputs.stepsOf(start, prefixListId))
    .filter(({ change }) => change.eventTimeMs >= settledMs)
    .toSorted((a, b) => compareChanges(a.change, b.change));
  const egress = distinct(state?.egressRuleIds, changes.flatMap(egressRuleIds));
  const fold = new GroupFold(group, rules, new Set(egress), foldStart(start, inputs));
  const snapshots: { settledMs: number; state: GroupState }[] = [];
  const nextChanges = pieces(changes, (change) => change.eventTimeMs);
  const nextSteps = pieces(steps, ({ change }) => change.eventTimeMs);
  let before = state;
  for (const toMs of [...cuts(start, changes, steps, snapshotSpacing), Number.POSITIVE_INFINITY]) {
    const next = nextChanges(toMs);
    applyAll(fold, next, nextSteps(toMs));
    if (toMs === Number.POSITIVE_INFINITY) break;
    before = {
      rules: fingerprint,
      fold: fold.state(),
      naming: { ...before?.naming, ...namingOf(next) },
      egressRuleIds: distinct(before?.egressRuleIds, next.flatMap(egressRuleIds)),
      replacedRuleIds: distinct(before?.replacedRuleIds, next.flatMap(replacedRuleIds)),
      lists: distinct(before?.lists, listsNamed(next)),
      changes: (before?.changes ?? 0) + next.length,
    };
    snapshots.push({ settledMs: toMs, state: before });
  }
  const naming = { ...state?.naming, ...namingOf(changes) };
  const result = {
    groupKey: start.groupKey,
    fromMs: settledMs,
    findings: fold.findings(naming).filter(admission(rules)),
    undetermined: fold.undetermined(),
  };
  return { start, result, snapshots };
}

/** Hands a list in time order out in pieces: at each call what comes before a time and was not given yet. */
function pieces<T>(
  items: readonly T[],
  timeMs: (item: T) => number,
): (beforeMs: number) => readonly T[] {
  let given = 0;
  return (beforeMs) => {
    const from = given;
    for (
      let item = items[given];
      item !== undefined && timeMs(item) < beforeMs;
      item = items[given]
    ) {
      given += 1;
    }
    return items.slice(from, given);
  };
}

/** The beginnings of seconds before which a snapshot is taken, in time order; the last second's last. */
function cuts(
  { settledMs }: Start,
  changes: readonly GroupChange[],
  steps: readonly PrefixListStep[],
  spacing: number,
): readonly number[] {
  const lastMs = Math.max(
    settledMs,
    ...changes.slice(-1).map(secondMs),
    ...steps.map(({ change }) => secondMs(change)),
  );
  const spaced = changes.flatMap((change, index) =>
    index > 0 && index % spacing === 0 ? secondMs(change) : [],
  );
  return [...new Set([...spaced, lastMs])].filter((ms) => ms > settledMs);
}

function foldStart(start: Start, inputs: Inputs): FoldStart | undefined {
  const { state, settledMs } = start;
  if (state === null) return undefined;
  const lists = new Map<string, PrefixListState>();
  for (const prefixListId of inputs.listsOf(start)) {
    const last = inputs
      .stepsOf(start, prefixListId)
      .findLast(({ change }) => change.eventTimeMs < settledMs);
    if (last !== undefined) lists.set(prefixListId, last.list);
  }
  return { state: state.fold, lists, changeOf: (eventId) => inputs.changeOf(eventId) };
}

function secondMs({ eventTimeMs }: Change): number {
  return Math.floor(eventTimeMs / 1000) * 1000;
}

function replacedRuleIds({ effect }: GroupChange): readonly string[] {
  return effect.kind === 'replace' ? effect.replacements.map(({ ruleId }) => ruleId) : [];
}

function distinct(
  before: readonly string[] | undefined,
  more: readonly string[],
): readonly string[] {
  return [...new Set([...(before ?? []), ...more])];
}

/** Whether the snapshot that was started from is too near to the next one to be kept. */
function isReplaced(
  { state }: Start,
  [next]: Followed['snapshots'],
  { snapshotSpacing = defaultSpacing }: RuleSet,
): boolean {
  if (state === null || next === undefined) return false;
  return (
    Math.floor(state.changes / snapshotSpacing) === Math.floor(next.state.changes / snapshotSpacing)
  );
}
