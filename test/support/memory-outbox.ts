// An outbox in memory, as the interface has it and no more: what a dispatcher does with it is what it
// would do with a store.

import type { OutboxEntry } from '../../src/model/stored.ts';
import type { ClaimedEntry, Clock, Outbox } from '../../src/ports.ts';

export type KeptEntry = OutboxEntry & {
  readonly seq: number;
  state: 'waiting' | 'sent' | 'refused';
  attempts: number;
  dueMs: number;
  reason: string | null;
  lease: { readonly receipt: string; untilMs: number } | null;
};

export type MemoryOutbox = Outbox & {
  readonly entries: readonly KeptEntry[];
  put(entries: readonly OutboxEntry[]): void;
};

export function memoryOutbox(clock: Clock): MemoryOutbox {
  const entries: KeptEntry[] = [];
  let leases = 0;

  function isHeld(entry: KeptEntry): boolean {
    return entry.lease !== null && entry.lease.untilMs > clock();
  }

  function named(receipts: readonly string[]): readonly KeptEntry[] {
    return receipts.flatMap(
      (receipt) => entries.find(({ lease }) => lease?.receipt === receipt) ?? [],
    );
  }

  function held(receipts: readonly string[]): readonly KeptEntry[] {
    return named(receipts).filter((entry) => isHeld(entry) && entry.state === 'waiting');
  }

  return {
    entries,
    put(added) {
      for (const { notice, channel } of added) {
        const isKnown = entries.some(
          (entry) => entry.channel === channel && entry.notice.key === notice.key,
        );
        if (isKnown) continue;
        entries.push({
          notice,
          channel,
          seq: entries.length,
          state: 'waiting',
          attempts: 0,
          dueMs: notice.noticedMs,
          reason: null,
          lease: null,
        });
      }
    },
    async claim(channel, { limit, leaseSeconds }) {
      const waiting = entries.filter(
        (entry) => entry.channel === channel && entry.state === 'waiting',
      );
      const signals = [...Map.groupBy(waiting, ({ notice }) => notice.signal.id).values()]
        .filter((ofSignal) => !ofSignal.some(isHeld))
        .flatMap((ofSignal) => {
          const due = ofSignal.map(({ dueMs }) => dueMs).filter((ms) => ms <= clock());
          return due.length === 0 ? [] : [{ ofSignal, firstMs: Math.min(...due) }];
        })
        .toSorted((a, b) => a.firstMs - b.firstMs);
      return signals
        .flatMap(({ ofSignal }) => ofSignal)
        .slice(0, limit)
        .map((entry): ClaimedEntry => {
          const receipt = `${entry.seq}#${(leases += 1)}`;
          entry.lease = { receipt, untilMs: clock() + leaseSeconds * 1000 };
          const { notice, attempts, dueMs } = entry;
          return { notice, channel, receipt, attempts, dueMs };
        });
    },
    async extend(receipts, leaseSeconds) {
      return held(receipts).flatMap(({ lease }) => {
        if (lease === null) return [];
        lease.untilMs = clock() + leaseSeconds * 1000;
        return [lease.receipt];
      });
    },
    async markSent(receipts) {
      for (const receipt of receipts) {
        const entry = entries[Number(receipt.split('#')[0])];
        if (entry === undefined) continue;
        entry.state = 'sent';
        entry.lease = null;
      }
    },
    async markFailed(failures) {
      for (const { receipt, nextAttemptMs, reason } of failures) {
        for (const entry of held([receipt])) {
          entry.attempts += 1;
          entry.dueMs = nextAttemptMs;
          entry.reason = reason;
          entry.lease = null;
        }
      }
    },
    async markRefused(refusals) {
      for (const { receipt, reason } of refusals) {
        for (const entry of held([receipt])) {
          entry.state = 'refused';
          entry.reason = reason;
          entry.lease = null;
        }
      }
    },
    async postpone(receipts, dueMs) {
      for (const entry of held(receipts)) {
        entry.dueMs = dueMs;
        entry.lease = null;
      }
    },
    async depth() {
      return [...Map.groupBy(entries, ({ channel }) => channel)].map(([channel, all]) => {
        const waiting = all.filter(({ state }) => state === 'waiting');
        return {
          channel,
          waiting: waiting.length,
          refused: all.filter(({ state }) => state === 'refused').length,
          oldestMs:
            waiting.length === 0
              ? null
              : Math.min(...waiting.map(({ notice }) => notice.noticedMs)),
        };
      });
    },
  };
}
