// What one batch of records changes in the store: one transaction, in which the changes, what follows
// from them and the notices that are still to be sent are written together. Batches may overlap, repeat
// and come in any order, through several processes: the store ends in the same state.

import type { LogMatch } from '../detect/log-rules/log-match.ts';
import type { Change, Undetermined } from '../model/change.ts';
import type { Notice } from '../model/stored.ts';
import type { Store, StoreTransaction } from '../ports.ts';
import { readTime } from '../normalize/call.ts';
import { followGroups, type RuleSet } from './follow-groups.ts';
import { followLogRules, settleLogSignals, type LogRuleOptions } from './follow-log-rules.ts';
import { noticesOf } from './notices.ts';
import { recordChanges } from './record-changes.ts';
import { tellGroups, type Retold, type TellOptions } from './tell-signals.ts';

export type Batch = {
  readonly changes: readonly Change[];
  /** Found by reading records alone. */
  readonly undetermined: readonly Undetermined[];
  /** Of the log rules among the options. */
  readonly matches: readonly LogMatch[];
  /** When the records came, in milliseconds since 1970, UTC. */
  readonly receivedMs: number;
};

export type IngestOptions = RuleSet &
  TellOptions &
  LogRuleOptions & {
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
  const { changes, undetermined, matches, receivedMs } = batch;
  if (changes.length + undetermined.length + matches.length === 0) return nothing;
  return store.transaction(async (tx) => {
    await tx.lockRegions([
      ...new Set(changes.map(({ region }) => region)),
      ...(matches.length === 0 ? [] : [logRulesLock]),
    ]);
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
    const retold = [
      ...(await tellGroups(tx, followed, options)),
      ...(await followLogRules(tx, matches, options, receivedMs)),
    ];
    return { newChanges: added, notices: await notify(tx, retold, options, receivedMs) };
  });
}

/** Ends what time alone ends: signals of log rules that nothing joined within keep-alive. */
export async function settle(
  store: Store,
  options: IngestOptions,
  nowMs: number,
): Promise<readonly Notice[]> {
  if (options.logRules.length === 0) return [];
  return store.transaction(async (tx) => {
    await tx.lockRegions([logRulesLock]);
    return notify(tx, await settleLogSignals(tx, options, nowMs), options, nowMs);
  });
}

async function notify(
  tx: StoreTransaction,
  retold: readonly Retold[],
  { channelsFor }: IngestOptions,
  noticedMs: number,
): Promise<readonly Notice[]> {
  const notices = retold.flatMap((each) => noticesOf(each, noticedMs));
  await tx.putOutbox(
    notices.flatMap((notice) => channelsFor(notice).map((channel) => ({ notice, channel }))),
  );
  return notices;
}

const nothing: Ingested = { newChanges: 0, notices: [] };

/** Log rules look across regions; no region is called like this. */
const logRulesLock = 'log rules';
