// The rows of one group, as its changes leave them. Removing what was never seen changes nothing;
// replacing what was never seen adds the new row; rows of egress rules never enter.

import type { GroupChange } from '../model/change.ts';
import { rowKey, type IngressRule } from '../model/ingress-rule.ts';

export class GroupRows {
  readonly #rows = new Map<string, IngressRule>();
  readonly #keyOfRuleId = new Map<string, string>();
  readonly #egressRuleIds: ReadonlySet<string>;

  /**
   * @param egressRuleIds ids known, at any time, to belong to egress rules of this group
   * @param rows those that earlier changes left
   */
  constructor(egressRuleIds: ReadonlySet<string>, rows: Iterable<IngressRule> = []) {
    this.#egressRuleIds = egressRuleIds;
    for (const row of rows) this.#add(row);
  }

  get rows(): Iterable<IngressRule> {
    return this.#rows.values();
  }

  /** Applies one change; returns whether the set of rows is another one now. */
  apply(change: GroupChange): boolean {
    const { effect } = change;
    switch (effect.kind) {
      case 'add': {
        // Where one call tells a row twice, the telling with the id has the last word.
        const known = effect.rows.filter((row) => row.ruleId !== null);
        let changed = false;
        for (const row of [...effect.rows, ...known]) changed = this.#add(row) || changed;
        return changed;
      }
      case 'remove': {
        let changed = false;
        for (const row of effect.rows) changed = this.#remove(rowKey(row)) || changed;
        for (const ruleId of effect.ruleIds) {
          const key = this.#keyOfRuleId.get(ruleId);
          if (key !== undefined) changed = this.#remove(key) || changed;
        }
        return changed;
      }
      case 'replace': {
        const replacements = effect.replacements.filter(
          (replacement) => !this.#egressRuleIds.has(replacement.ruleId),
        );
        const before = this.#signature();
        // An id takes its new row's place, and what it leaves is gone: so one call can swap two rows.
        for (const { row } of replacements) this.#add(row);
        return before !== this.#signature();
      }
      case 'delete': {
        const changed = this.#rows.size > 0;
        this.#rows.clear();
        this.#keyOfRuleId.clear();
        return changed;
      }
      case 'create':
      case 'egress':
        return false;
      default:
        return effect satisfies never;
    }
  }

  /** Ids of a removal that name no row known, while rows without a known id are there. */
  hasUnidentifiedRows(): boolean {
    for (const row of this.#rows.values()) if (row.ruleId === null) return true;
    return false;
  }

  knowsRuleId(ruleId: string): boolean {
    return this.#keyOfRuleId.has(ruleId);
  }

  #add(row: IngressRule): boolean {
    const key = rowKey(row);
    const known = this.#rows.get(key);
    if (row.ruleId !== null) {
      const formerKey = this.#keyOfRuleId.get(row.ruleId);
      if (formerKey !== undefined && formerKey !== key) this.#remove(formerKey);
      this.#keyOfRuleId.set(row.ruleId, key);
    }
    if (known === undefined) {
      this.#rows.set(key, row);
      return true;
    }
    // EC2 refuses to add a row that is there. So the row known was removed unseen, and its id with
    // it: a call that names the old id is not about the new row.
    if (known.ruleId !== row.ruleId) {
      if (known.ruleId !== null) this.#keyOfRuleId.delete(known.ruleId);
      this.#rows.set(key, row);
    }
    return false;
  }

  #remove(key: string): boolean {
    const row = this.#rows.get(key);
    if (row === undefined) return false;
    this.#rows.delete(key);
    if (row.ruleId !== null) this.#keyOfRuleId.delete(row.ruleId);
    return true;
  }

  #signature(): string {
    return [...this.#rows.keys()].toSorted().join('\n');
  }
}
