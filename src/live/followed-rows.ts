// The ingress rows of groups as the changes in the store leave them now: what is compared with what is
// there.

import { egressRuleIds } from '../detect/detect-exposures.ts';
import { GroupRows } from '../detect/group-rows.ts';
import { causalOrder } from '../detect/order.ts';
import type { IngressRule } from '../model/ingress-rule.ts';
import type { StoredChange } from '../model/stored.ts';
import type { StoreTransaction } from '../ports.ts';
import { beginningMs } from './follow-from.ts';
import { groupChanges } from './stored-changes.ts';

/** By `groupKey`; a group that no change in the store is about has no entry. */
export async function followedRows(
  tx: StoreTransaction,
  groupKeys: readonly string[],
): Promise<ReadonlyMap<string, readonly IngressRule[]>> {
  const stored = await tx.changesOfGroups(
    groupKeys.map((groupKey) => ({ groupKey, fromMs: beginningMs })),
  );
  const byGroup = new Map<string, StoredChange[]>();
  for (const each of stored) {
    if (each.groupKey === null) continue;
    const ofGroup = byGroup.get(each.groupKey) ?? [];
    ofGroup.push(each);
    byGroup.set(each.groupKey, ofGroup);
  }
  return new Map([...byGroup].map(([groupKey, ofGroup]) => [groupKey, rowsAfter(ofGroup)]));
}

function rowsAfter(stored: readonly StoredChange[]): readonly IngressRule[] {
  const changes = groupChanges(stored);
  const rows = new GroupRows(new Set(changes.flatMap(egressRuleIds)));
  for (const change of causalOrder(changes)) {
    if (change.target === 'group') rows.apply(change);
  }
  return [...rows.rows];
}
