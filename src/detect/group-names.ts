// Which group a call meant that named it by name alone (possible in a default VPC). Learned from
// CreateSecurityGroup and from calls whose answer gave the id; a function of the set of changes.

import type { Change, GroupChange } from '../model/change.ts';

export class GroupNames {
  readonly #groupIds = new Map<string, Set<string>>();
  readonly #createdMs = new Map<string, number>();
  readonly #deletedMs = new Map<string, number>();

  constructor(changes: Iterable<Change>) {
    for (const change of changes) {
      if (change.target !== 'group' || change.group.kind !== 'id') continue;
      const { groupId } = change.group;
      const group = scoped(change, groupId);
      if (change.effect.kind === 'create') this.#createdMs.set(group, change.eventTimeMs);
      if (change.effect.kind === 'delete') this.#deletedMs.set(group, change.eventTimeMs);
      if (change.groupName !== null) {
        const name = scoped(change, change.groupName);
        this.#groupIds.set(name, (this.#groupIds.get(name) ?? new Set()).add(groupId));
      }
    }
  }

  /**
   * The id of the group a change addressed, or why it cannot be told: nothing teaches the name, or
   * several groups bore it at the time.
   */
  resolve(change: GroupChange): { readonly groupId: string } | { readonly reason: string } {
    if (change.group.kind === 'id') return { groupId: change.group.groupId };
    const named = this.#groupIds.get(scoped(change, change.group.groupName)) ?? new Set();
    const candidates = [...named].filter((groupId) => {
      const group = scoped(change, groupId);
      // Within one second there is no order: a group counts as there from its creation's second to
      // its deletion's, both included.
      return (
        (this.#createdMs.get(group) ?? change.eventTimeMs) <= change.eventTimeMs &&
        (this.#deletedMs.get(group) ?? change.eventTimeMs) >= change.eventTimeMs
      );
    });
    const [groupId] = candidates;
    if (candidates.length === 1 && groupId !== undefined) return { groupId };
    return {
      reason:
        candidates.length === 0
          ? 'the group is named only by name, and nothing seen tells its id'
          : 'the group is named only by name, and several groups bear it',
    };
  }
}

function scoped(change: GroupChange, name: string): string {
  return `${change.accountId} ${change.region} ${name}`;
}
