// What one batch of records changes in the store: one transaction, in which the changes, what follows
// from them and the notices that are still to be sent are written together. Batches may overlap, repeat
// and come in any order, through several processes: the store ends in the same state.

import type { Change, Undetermined } from '../model/change.ts';
import type { Notice } from '../model/stored.ts';
import type { Store } from '../ports.ts';
import { readTime } from '../normalize/call.ts';
import { followGroups, type RuleSet } from './follow-groups.ts';
import { noticesOf } from './notices.ts';
import { recordChanges } from './record-changes.ts';
import { tellGroups, type TellOptions } from './tell-signals.ts';

export type Batch = {
  readonly changes: readonly Change[];
  /** Found by reading records alone. */
  readonly undetermined: readonly Undetermined[];
  /** When the records came, in milliseconds since 1970, UTC. */
  readonly receivedMs: number;
};

export type IngestOptions = RuleSet &
  TellOptions & {
    /** The channels on which a notice is told, by name. */
    readonly channelsFor: (notice: Notice) => readonly string[];
  };

export type Ingested = {
  /** Changes that were not known before. */
  readonly newChanges: number;
  readonly notices: readonly Notice[];
};

export async function ingest(
  store: Store,
  batch: Batch,
  options: IngestOptions,
): Promise<Ingested> {
  const { changes, undetermined, receivedMs } = batch;
  if (changes.length === 0 && undetermined.length === 0) return { newChanges: 0, notices: [] };
  return store.transaction(async (tx) => {
    await tx.lockRegions([...new Set(changes.map(({ region }) => region))]);
    const { followFrom, added } = await recordChanges(tx, changes);
    const followed = await followGroups(tx, followFrom, options);
    await tx.deleteUndeterminedSince(
      followed.map(({ groupKey, fromMs }) => ({ groupKey, fromMs })),
    );
    await tx.putUndetermined([
      ...undetermined.map((entry) => ({
        undetermined: entry,
        groupKey: null,
        timeMs: readTime(entry.eventTime) ?? 0,
      })),
      ...followed.flatMap(({ groupKey, undetermined: found }) =>
        found.map((entry) => ({
          undetermined: entry,
          groupKey,
          timeMs: readTime(entry.eventTime) ?? 0,
        })),
      ),
    ]);
    const retold = await tellGroups(tx, followed, options);
    const notices = retold.flatMap((each) => noticesOf(each, receivedMs));
    await tx.putOutbox(
      notices.flatMap((notice) =>
        options.channelsFor(notice).map((channel) => ({ notice, channel })),
      ),
    );
    return { newChanges: added, notices };
  });
}
