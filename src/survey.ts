// Looks at what is there and brings into the store what the trail did not tell: once as the baseline from
// which following begins, so that a row of last year has an end when it goes, and then again and again.
// A trail takes its time, so what differs in a group that is followed counts only when it lasts.

import { baselineChanges } from './audit/baseline-changes.ts';
import { compareWithFollowed, driftChanges, persisting, type Drift } from './audit/drift.ts';
import { look, type AccountToLook } from './audit/look.ts';
import { followedRows } from './live/follow-groups.ts';
import { ingest, type IngestOptions } from './live/ingest.ts';
import type { Change } from './model/change.ts';
import { groupKey, prefixListKey } from './model/group-key.ts';
import type { Problem } from './model/problem.ts';
import type { Notice } from './model/stored.ts';
import type { Clock } from './ports.ts';
import type { OpenStore } from './store/open-store.ts';

export type SurveyOptions = {
  readonly store: OpenStore;
  readonly accounts: readonly AccountToLook[];
  readonly ingest: () => IngestOptions;
  readonly clock: Clock;
};

export type Surveyed = {
  readonly groups: number;
  /** Changes that were made up for what nothing told of. */
  readonly changes: number;
  readonly notices: readonly Notice[];
  /** What could not be looked into. */
  readonly problems: readonly Problem[];
};

/** CloudTrail delivers within about 15 minutes; a difference that is older was not told. */
const trailDelayMs = 20 * 60_000;

export class Survey {
  readonly #options: SurveyOptions;
  #earlier: { readonly atMs: number; readonly drifts: readonly Drift[] } | null = null;

  constructor(options: SurveyOptions) {
    this.#options = options;
  }

  /** @throws PortcullisError `ec2/access` where nothing at all could be looked into */
  async run(signal: AbortSignal): Promise<Surveyed> {
    const { store, accounts, clock } = this.#options;
    const found = await look(accounts, { clock, signal });
    const options = this.#options.ingest();
    const nowMs = clock();
    const keys = [...new Set([...found.groups.map(groupKey), ...(await this.#openGroups())])];
    const known = await store.transaction((tx) => followedRows(tx, keys, options));
    const drifts = compareWithFollowed(known, found, nowMs);
    const lasting = this.#lasting(
      drifts.filter((drift) => known.has(drift.groupKey)),
      nowMs,
    );
    const fresh = found.groups.filter((group) => !known.has(groupKey(group)));
    const changes: readonly Change[] = [
      ...baselineChanges({ groups: fresh, lists: await this.#unknownLists(found.lists) }),
      ...driftChanges(lasting),
    ];
    const batch = { changes, undetermined: [], matches: [], receivedMs: nowMs };
    const { newChanges, notices } = await ingest(store, batch, options);
    return {
      groups: found.groups.length,
      changes: newChanges,
      notices,
      problems: found.problems,
    };
  }

  #lasting(drifts: readonly Drift[], atMs: number): readonly Drift[] {
    const earlier = this.#earlier;
    if (earlier === null || atMs - earlier.atMs < trailDelayMs) {
      this.#earlier ??= { atMs, drifts };
      return [];
    }
    this.#earlier = { atMs, drifts };
    return persisting(earlier.drifts, drifts);
  }

  /** A group that is gone is not found by a look; what it left open is known here. */
  async #openGroups(): Promise<readonly string[]> {
    const keys = new Set<string>();
    let cursor: string | null = null;
    do {
      const page = await this.#options.store.exposures.list({ isOpen: true, limit: 1000, cursor });
      for (const { exposure } of page.items) keys.add(groupKey(exposure));
      cursor = page.next;
    } while (cursor !== null);
    return [...keys];
  }

  async #unknownLists<T extends { readonly region: string; readonly prefixListId: string }>(
    lists: readonly T[],
  ): Promise<readonly T[]> {
    const keyOf = ({ region, prefixListId }: T): string => prefixListKey(region, prefixListId);
    const stored = await this.#options.store.transaction((tx) =>
      tx.changesByListKey(lists.map(keyOf)),
    );
    const known = new Set(stored.map(({ listKey }) => listKey));
    return lists.filter((list) => !known.has(keyOf(list)));
  }
}
