// A store in memory, as plain as can be: what tests of the engine run on where durability is not the
// question, and what the real stores are compared with.

import type { JsonObject } from '../../src/model/json.ts';
import type {
  GroupSnapshot,
  OutboxEntry,
  StoredChange,
  StoredFinding,
  StoredMatch,
  StoredSignal,
  StoredUndetermined,
} from '../../src/model/stored.ts';
import type { Store, StoreTransaction } from '../../src/ports.ts';

type Since = { readonly groupKey: string; readonly fromMs: number };
type At = { readonly groupKey: string; readonly atMs: number };

/** A copy, as what comes out of a database is one. */
function copied<T>(values: readonly T[]): readonly T[] {
  return values.map((value) => structuredClone(value));
}

export class MemoryStore implements Store, StoreTransaction {
  readonly changes = new Map<string, StoredChange>();
  readonly snapshots = new Map<string, GroupSnapshot>();
  readonly findings = new Map<string, StoredFinding>();
  readonly signals = new Map<string, StoredSignal>();
  readonly matches = new Map<string, StoredMatch>();
  readonly undetermined = new Map<string, StoredUndetermined>();
  readonly outbox = new Map<string, OutboxEntry>();
  readonly checkpoints = new Map<string, JsonObject>();
  readonly #namings = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();

  transaction<T>(work: (tx: StoreTransaction) => Promise<T>): Promise<T> {
    const result = this.#last.then(() => work(this));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async close(): Promise<void> {
    await this.#last;
  }

  async lockRegions(): Promise<void> {
    // One transaction runs at a time.
  }

  async changesByEventId(eventIds: readonly string[]): Promise<readonly StoredChange[]> {
    return copied(eventIds.flatMap((eventId) => this.changes.get(eventId) ?? []));
  }

  async changesByCopyKey(copyKeys: readonly string[]): Promise<readonly StoredChange[]> {
    return this.#changesWhere(({ copyKey }) => copyKey !== null && copyKeys.includes(copyKey));
  }

  async changesByNameKey(nameKeys: readonly string[]): Promise<readonly StoredChange[]> {
    return this.#changesWhere(({ nameKey }) => nameKey !== null && nameKeys.includes(nameKey));
  }

  async changesByListKey(listKeys: readonly string[]): Promise<readonly StoredChange[]> {
    return this.#changesWhere(({ listKey }) => listKey !== null && listKeys.includes(listKey));
  }

  async changesOfGroups(groups: readonly Since[]): Promise<readonly StoredChange[]> {
    return this.#changesWhere(
      (stored) =>
        stored.counts &&
        groups.some(
          ({ groupKey, fromMs }) =>
            stored.groupKey === groupKey && stored.change.eventTimeMs >= fromMs,
        ),
    );
  }

  async putChanges(changes: readonly StoredChange[]): Promise<void> {
    for (const stored of copied(changes)) this.changes.set(stored.change.eventId, stored);
  }

  async snapshotsBefore(groups: readonly At[]): Promise<readonly GroupSnapshot[]> {
    return copied(
      groups.flatMap(
        ({ groupKey, atMs }) =>
          [...this.snapshots.values()]
            .filter((one) => one.groupKey === groupKey && one.settledMs <= atMs)
            .toSorted((a, b) => b.settledMs - a.settledMs)[0] ?? [],
      ),
    );
  }

  async deleteSnapshotsAfter(groups: readonly At[]): Promise<void> {
    for (const [key, { groupKey, settledMs }] of this.snapshots) {
      if (groups.some((one) => one.groupKey === groupKey && settledMs > one.atMs)) {
        this.snapshots.delete(key);
      }
    }
  }

  async putSnapshots(snapshots: readonly GroupSnapshot[]): Promise<void> {
    for (const one of copied(snapshots)) {
      this.snapshots.set(`${one.groupKey} ${one.settledMs}`, one);
    }
  }

  async groupsNamingLists(listKeys: readonly string[]): Promise<readonly string[]> {
    const groups = [...this.#namings].flatMap((naming) => {
      const [groupKey = '', listKey = ''] = naming.split('\n');
      return listKeys.includes(listKey) ? groupKey : [];
    });
    return [...new Set(groups)];
  }

  async putListNamings(
    namings: readonly { readonly groupKey: string; readonly listKey: string }[],
  ): Promise<void> {
    for (const { groupKey, listKey } of namings) this.#namings.add(`${groupKey}\n${listKey}`);
  }

  async findingsSince(groups: readonly Since[]): Promise<readonly StoredFinding[]> {
    return copied(
      [...this.findings.values()].filter((finding) =>
        groups.some(
          ({ groupKey, fromMs }) =>
            finding.groupKey === groupKey &&
            (finding.closedMs === null || finding.closedMs >= fromMs),
        ),
      ),
    );
  }

  async findingsOfSignals(signalIds: readonly string[]): Promise<readonly StoredFinding[]> {
    return copied(
      [...this.findings.values()].filter(({ signalId }) => signalIds.includes(signalId)),
    );
  }

  async putFindings(findings: readonly StoredFinding[]): Promise<void> {
    for (const finding of copied(findings)) this.findings.set(finding.exposure.id, finding);
  }

  async deleteFindings(exposureIds: readonly string[]): Promise<void> {
    for (const id of exposureIds) this.findings.delete(id);
  }

  async signalsSince(groups: readonly Since[]): Promise<readonly StoredSignal[]> {
    return copied(
      [...this.signals.values()].filter((signal) =>
        groups.some(
          ({ groupKey, fromMs }) => signal.groupKey === groupKey && signal.lastOpenedMs >= fromMs,
        ),
      ),
    );
  }

  async signalsById(signalIds: readonly string[]): Promise<readonly StoredSignal[]> {
    return copied([...this.signals.values()].filter(({ signal }) => signalIds.includes(signal.id)));
  }

  async putSignals(signals: readonly StoredSignal[]): Promise<void> {
    for (const one of copied(signals)) {
      this.signals.set(signalKey(one.signal.id, one.suppressedBy.length > 0), one);
    }
  }

  async deleteSignals(
    signals: readonly { readonly id: string; readonly isHidden: boolean }[],
  ): Promise<void> {
    for (const { id, isHidden } of signals) this.signals.delete(signalKey(id, isHidden));
  }

  async matchesByEvent(
    events: readonly { readonly ruleId: string; readonly eventId: string }[],
  ): Promise<readonly StoredMatch[]> {
    return copied(
      events.flatMap(({ ruleId, eventId }) => this.matches.get(`${ruleId} ${eventId}`) ?? []),
    );
  }

  async matchesOfGroups(
    groups: readonly { readonly ruleId: string; readonly group: string | null }[],
  ): Promise<readonly StoredMatch[]> {
    return copied(
      [...this.matches.values()].filter((match) =>
        groups.some(
          ({ ruleId, group }) =>
            match.ruleId === ruleId && (group === null || match.groups.includes(group)),
        ),
      ),
    );
  }

  async putMatches(matches: readonly StoredMatch[]): Promise<void> {
    for (const match of copied(matches)) {
      this.matches.set(`${match.ruleId} ${match.eventId}`, match);
    }
  }

  async openLogSignals(): Promise<readonly StoredSignal[]> {
    return copied(
      [...this.signals.values()].filter(
        ({ signal }) => signal.groupId === null && signal.status === 'open',
      ),
    );
  }

  async putUndetermined(entries: readonly StoredUndetermined[]): Promise<void> {
    for (const entry of copied(entries)) {
      const { eventId, reason } = entry.undetermined;
      const key = JSON.stringify([eventId, entry.groupKey, reason]);
      if (!this.undetermined.has(key)) this.undetermined.set(key, entry);
    }
  }

  async deleteUndeterminedSince(groups: readonly Since[]): Promise<void> {
    for (const [key, { groupKey, timeMs }] of this.undetermined) {
      if (groups.some((one) => one.groupKey === groupKey && timeMs >= one.fromMs)) {
        this.undetermined.delete(key);
      }
    }
  }

  async putOutbox(entries: readonly OutboxEntry[]): Promise<void> {
    for (const entry of copied(entries)) {
      const key = `${entry.channel} ${entry.notice.key}`;
      if (!this.outbox.has(key)) this.outbox.set(key, entry);
    }
  }

  async checkpoint(name: string): Promise<JsonObject | null> {
    return this.checkpoints.get(name) ?? null;
  }

  async putCheckpoint(name: string, value: JsonObject): Promise<void> {
    this.checkpoints.set(name, value);
  }

  #changesWhere(isWanted: (stored: StoredChange) => boolean): readonly StoredChange[] {
    return copied([...this.changes.values()].filter(isWanted));
  }
}

function signalKey(id: string, isHidden: boolean): string {
  return `${id} ${isHidden ? 'hidden' : 'told'}`;
}
