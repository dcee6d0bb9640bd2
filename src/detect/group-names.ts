// Which group a call meant that named it by name alone (possible in a default VPC). Learned from
// CreateSecurityGroup and from calls whose answer gave the id; a function of the set of changes.

import type { Change, GroupChange } from '../model/change.ts';

/** What is known of one group that bore a name. */
type Bearer = {
  readonly groupId: string;
  vpcId: string | null;
  createdMs: number | null;
  /** When calls showed it under the name, its creation included; in time order. */
  readonly seenMs: number[];
};

export class GroupNames {
  readonly #bearers = new Map<string, Map<string, Bearer>>();
  /** By group id, in its account and region. */
  readonly #deletedMs = new Map<string, number>();

  /** @param changes in folding order */
  constructor(changes: Iterable<Change>) {
    for (const change of changes) {
      if (change.target !== 'group' || change.group.kind !== 'id') continue;
      const { groupId } = change.group;
      if (change.effect.kind === 'delete') {
        this.#deletedMs.set(scoped(change, groupId), change.eventTimeMs);
      }
      if (change.groupName !== null) this.#learn(change, change.groupName, groupId);
    }
  }

  /**
   * The id of the group a change addressed, or why it cannot be told: nothing teaches the name, or
   * several groups bore it at the time. Within one second there is no order, so a group counts as
   * there from its creation's second to its deletion's, both included.
   */
  resolve(change: GroupChange): { readonly groupId: string } | { readonly reason: string } {
    if (change.group.kind === 'id') return { groupId: change.group.groupId };
    const known = this.#bearers.get(scoped(change, change.group.groupName))?.values() ?? [];
    const atMs = change.eventTimeMs;
    const there = [...known].filter(
      ({ groupId, createdMs }) =>
        (createdMs ?? atMs) <= atMs &&
        (this.#deletedMs.get(scoped(change, groupId)) ?? atMs) >= atMs,
    );
    const candidates = there.filter(
      (bearer) => !there.some((other) => replaces(other, bearer, atMs)),
    );
    const [first] = candidates;
    if (candidates.length === 1 && first !== undefined) return { groupId: first.groupId };
    return {
      reason:
        candidates.length === 0
          ? 'the group is named only by name, and nothing seen tells its id'
          : 'the group is named only by name, and several groups bear it',
    };
  }

  #learn(change: GroupChange, groupName: string, groupId: string): void {
    const name = scoped(change, groupName);
    const bearers = this.#bearers.get(name) ?? new Map<string, Bearer>();
    this.#bearers.set(name, bearers);
    const bearer = bearers.get(groupId) ?? {
      groupId,
      vpcId: null,
      createdMs: null,
      seenMs: [],
    };
    bearers.set(groupId, bearer);
    bearer.vpcId ??= change.vpcId;
    if (change.effect.kind === 'create') bearer.createdMs = change.eventTimeMs;
    bearer.seenMs.push(change.eventTimeMs);
  }
}

/**
 * A name is unique in its VPC: a group created under it after another was last seen shows that the
 * other is gone, even where its deletion was not recorded.
 */
function replaces(later: Bearer, earlier: Bearer, atMs: number): boolean {
  if (later.createdMs === null) return false;
  if (later.vpcId !== null && earlier.vpcId !== null && later.vpcId !== earlier.vpcId) return false;
  const lastSeenMs = earlier.seenMs.findLast((ms) => ms <= atMs) ?? Number.POSITIVE_INFINITY;
  return later.createdMs > lastSeenMs;
}

function scoped(change: GroupChange, name: string): string {
  return JSON.stringify([change.accountId, change.region, name]);
}
