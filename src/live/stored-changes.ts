// Changes as the store keeps them: with the keys by which they are found again.

import { compareChanges, copyKey } from '../detect/order.ts';
import type { Change, GroupChange } from '../model/change.ts';
import { groupKey, groupNameKey, prefixListKey } from '../model/group-key.ts';
import type { StoredChange } from '../model/stored.ts';

/** A change by name has no group key yet: other changes decide it. */
export function toStored(change: Change): StoredChange {
  const facts = { change, copyKey: copyKey(change), counts: true };
  if (change.target === 'prefix-list') {
    const listKey = prefixListKey(change.region, change.prefixListId);
    return { ...facts, groupKey: null, listKey, nameKey: null, isByName: false };
  }
  const { accountId, region, group } = change;
  const name = group.kind === 'name' ? group.groupName : change.groupName;
  return {
    ...facts,
    groupKey: group.kind === 'id' ? groupKey({ accountId, region, groupId: group.groupId }) : null,
    listKey: null,
    nameKey: name === null ? null : groupNameKey(accountId, region, name),
    isByName: group.kind === 'name',
  };
}

/** Those of groups, in folding order. */
export function groupChanges(stored: Iterable<StoredChange>): readonly GroupChange[] {
  return [...stored]
    .map(({ change }) => change)
    .filter((change) => change.target === 'group')
    .toSorted(compareChanges);
}

/** What is stored, as it will be once the changed ones are. */
export function overlaid(
  stored: Iterable<StoredChange>,
  changed: ReadonlyMap<string, StoredChange>,
): readonly StoredChange[] {
  const byEvent = new Map<string, StoredChange>();
  for (const each of stored) byEvent.set(each.change.eventId, each);
  return [...byEvent.values()].map((each) => changed.get(each.change.eventId) ?? each);
}
