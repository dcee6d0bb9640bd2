// What managed prefix lists contain over time, as far as CloudTrail tells. A list whose creation was
// not seen is known only in part: what is known to be in it counts, the rest is unknown.

import type { PrefixListChange } from '../model/change.ts';

export type PrefixListState = {
  /** Canonical CIDRs known to be in the list. */
  readonly cidrs: ReadonlySet<string>;
  /** Whether `cidrs` is all there is. */
  readonly complete: boolean;
  readonly version: number | null;
};

export const unknownPrefixList: PrefixListState = {
  cidrs: new Set(),
  complete: false,
  version: null,
};

/** One list's contents, one change after the other. */
export class PrefixListHistory {
  #state: PrefixListState = unknownPrefixList;
  readonly #versions = new Map<number, PrefixListState>();

  get state(): PrefixListState {
    return this.#state;
  }

  apply(change: PrefixListChange): PrefixListState {
    const { effect } = change;
    switch (effect.kind) {
      case 'create':
        return this.#become({
          cidrs: new Set(effect.cidrs),
          complete: true,
          version: effect.version === undefined ? 1 : effect.version,
        });
      case 'modify': {
        if (effect.add.length === 0 && effect.remove.length === 0) return this.#state;
        const base = this.#at(effect.currentVersion);
        const cidrs = new Set(base.cidrs);
        for (const cidr of effect.remove) cidrs.delete(cidr);
        for (const cidr of effect.add) cidrs.add(cidr);
        return this.#become({ cidrs, complete: base.complete, version: next(base.version) });
      }
      case 'restore': {
        const base = this.#at(effect.currentVersion);
        const restored =
          effect.toVersion === null ? undefined : this.#versions.get(effect.toVersion);
        return this.#become({
          cidrs: restored?.cidrs ?? new Set(),
          complete: restored?.complete ?? false,
          version: next(base.version),
        });
      }
      case 'delete':
        return this.#become({ cidrs: new Set(), complete: true, version: null });
      default:
        return effect satisfies never;
    }
  }

  /** The state a call was made against. A version that was not seen is known in nothing. */
  #at(currentVersion: number | null): PrefixListState {
    if (currentVersion === null) return this.#state;
    return this.#versions.get(currentVersion) ?? { ...unknownPrefixList, version: currentVersion };
  }

  #become(state: PrefixListState): PrefixListState {
    this.#state = state;
    if (state.version !== null) this.#versions.set(state.version, state);
    return state;
  }
}

function next(version: number | null): number | null {
  return version === null ? null : version + 1;
}
