// Puts changes into the store beside what is there, and says which groups have to be followed anew and
// from when on. Repeated deliveries change nothing. Whatever the order in which changes come, the
// store ends up with the same ones, each under the same group: the rules of `canonicalChanges` and
// `GroupNames`, applied to what a change can touch.

import { GroupNames } from '../detect/group-names.ts';
import { undeterminedBy } from '../detect/group-fold.ts';
import { isPreferred, isPreferredCopy } from '../detect/order.ts';
import { listsNamed } from '../detect/detect-exposures.ts';
import type { Change, GroupChange } from '../model/change.ts';
import { groupKey, prefixListKey } from '../model/group-key.ts';
import type { StoredChange, StoredUndetermined } from '../model/stored.ts';
import type { StoreTransaction } from '../ports.ts';
import { beginningMs, FollowFrom } from './follow-from.ts';
import { groupChanges, overlaid, toStored } from './stored-changes.ts';

export type Recorded = {
  readonly followFrom: FollowFrom;
  /** Changes that were not known before. */
  readonly added: number;
};

export async function recordChanges(
  tx: StoreTransaction,
  changes: Iterable<Change>,
): Promise<Recorded> {
  const incoming = onePerEvent(changes);
  const held = new Map<string, StoredChange>();
  for (const stored of await tx.changesByEventId([...incoming.keys()])) {
    held.set(stored.change.eventId, stored);
  }
  const changed = new Map<string, StoredChange>();
  for (const [eventId, change] of incoming) {
    const before = held.get(eventId)?.change;
    if (before === undefined || isPreferred(change, before)) changed.set(eventId, toStored(change));
  }
  const added = [...changed.keys()].filter((eventId) => !held.has(eventId)).length;
  if (changed.size === 0) return { followFrom: new FollowFrom(), added };
  await chooseCopies(tx, held, changed);
  await resolveNames(tx, held, changed);
  await tx.putChanges([...changed.values()]);
  await tx.putListNamings(namingsOf(changed.values()));
  return { followFrom: await groupsTouched(tx, held, changed), added };
}

function onePerEvent(changes: Iterable<Change>): ReadonlyMap<string, Change> {
  const byEvent = new Map<string, Change>();
  for (const change of changes) {
    const known = byEvent.get(change.eventId);
    if (known === undefined || isPreferred(change, known)) byEvent.set(change.eventId, change);
  }
  return byEvent;
}

/** Of the copies of one call, one counts. */
async function chooseCopies(
  tx: StoreTransaction,
  held: Map<string, StoredChange>,
  changed: Map<string, StoredChange>,
): Promise<void> {
  const touched = [...changed.values(), ...[...changed.keys()].flatMap((id) => held.get(id) ?? [])];
  const copyKeys = distinct(touched.flatMap(({ copyKey }) => copyKey ?? []));
  if (copyKeys.length === 0) return;
  const stored = await tx.changesByCopyKey(copyKeys);
  for (const each of stored) held.set(each.change.eventId, each);
  const winners = new Map<string, StoredChange>();
  const copies = overlaid([...stored, ...changed.values()], changed);
  for (const copy of copies) {
    if (copy.copyKey === null) continue;
    const best = winners.get(copy.copyKey);
    if (best === undefined || isPreferredCopy(copy.change, best.change)) {
      winners.set(copy.copyKey, copy);
    }
  }
  for (const copy of copies) {
    if (copy.copyKey === null) continue;
    const counts = winners.get(copy.copyKey) === copy;
    if (counts !== copy.counts) changed.set(copy.change.eventId, { ...copy, counts });
  }
}

/** Gives calls that used a name their group, as far as what is known now tells it. */
async function resolveNames(
  tx: StoreTransaction,
  held: Map<string, StoredChange>,
  changed: Map<string, StoredChange>,
): Promise<void> {
  const nameKeys = await namesTouched(tx, held, changed);
  if (nameKeys.length === 0) return;
  const stored = await tx.changesByNameKey(nameKeys);
  const ofNames = overlaid([...stored, ...changed.values()], changed).filter(
    ({ nameKey, counts }) => counts && nameKey !== null && nameKeys.includes(nameKey),
  );
  const byName = ofNames.filter(({ isByName }) => isByName);
  if (byName.length === 0) return;
  for (const each of stored) held.set(each.change.eventId, each);
  const bearers = distinct(ofNames.flatMap((each) => (each.isByName ? [] : (each.groupKey ?? []))));
  const lives = await tx.changesOfGroups(
    bearers.map((bearer) => ({ groupKey: bearer, fromMs: beginningMs })),
  );
  const teaching = overlaid([...lives, ...ofNames, ...changed.values()], changed);
  const names = new GroupNames(groupChanges(teaching.filter(({ counts }) => counts)));
  const unresolved: StoredUndetermined[] = [];
  for (const each of byName) {
    const { change } = each;
    if (change.target !== 'group') continue;
    const { accountId, region, eventTimeMs } = change;
    const resolved = names.resolve(change);
    const found =
      'groupId' in resolved ? groupKey({ accountId, region, groupId: resolved.groupId }) : null;
    if (found !== each.groupKey) {
      changed.set(change.eventId, { ...each, groupKey: found });
    }
    if ('reason' in resolved) {
      const undetermined = undeterminedBy(change, null, resolved.reason);
      unresolved.push({ undetermined, groupKey: each.nameKey, timeMs: eventTimeMs });
    }
  }
  await tx.deleteUndeterminedSince(
    nameKeys.map((nameKey) => ({ groupKey: nameKey, fromMs: beginningMs })),
  );
  await tx.putUndetermined(unresolved);
}

/** The names that changes use or teach, and those that deleted groups had. */
async function namesTouched(
  tx: StoreTransaction,
  held: ReadonlyMap<string, StoredChange>,
  changed: ReadonlyMap<string, StoredChange>,
): Promise<readonly string[]> {
  const touched = [...changed].flatMap(([eventId, after]) => [after, held.get(eventId) ?? after]);
  const deleted = distinct(
    touched.flatMap(({ change, groupKey: key }) => (isDeletion(change) && key !== null ? key : [])),
  );
  const lives = await tx.changesOfGroups(
    deleted.map((key) => ({ groupKey: key, fromMs: beginningMs })),
  );
  return distinct([...touched, ...lives].flatMap(({ nameKey }) => nameKey ?? []));
}

function isDeletion(change: Change): change is GroupChange {
  return change.target === 'group' && change.effect.kind === 'delete';
}

function namingsOf(
  changed: Iterable<StoredChange>,
): readonly { readonly groupKey: string; readonly listKey: string }[] {
  return [...changed].flatMap(({ change, groupKey: key }) =>
    key === null || change.target !== 'group'
      ? []
      : listsNamed([change]).map((prefixListId) => ({
          groupKey: key,
          listKey: prefixListKey(change.region, prefixListId),
        })),
  );
}

async function groupsTouched(
  tx: StoreTransaction,
  held: ReadonlyMap<string, StoredChange>,
  changed: ReadonlyMap<string, StoredChange>,
): Promise<FollowFrom> {
  const followFrom = new FollowFrom();
  const listsFromMs = new FollowFrom();
  for (const [eventId, after] of changed) {
    for (const { groupKey: key, listKey, change } of [after, held.get(eventId) ?? after]) {
      if (key !== null) followFrom.add(key, change.eventTimeMs);
      if (listKey !== null) listsFromMs.add(listKey, change.eventTimeMs);
    }
  }
  for (const listKey of listsFromMs.groupKeys) {
    for (const key of await tx.groupsNamingLists([listKey])) {
      followFrom.add(key, listsFromMs.secondOf(listKey));
    }
  }
  return followFrom;
}

function distinct<T>(values: Iterable<T>): readonly T[] {
  return [...new Set(values)];
}
