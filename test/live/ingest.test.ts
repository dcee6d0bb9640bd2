// However records come, in pieces, late, repeatedly and in any order, the store ends with what the pure
// function makes of all of them at once.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ingest, type IngestOptions } from '../../src/live/ingest.ts';
import type { Change, Undetermined } from '../../src/model/change.ts';
import { normalize } from '../../src/normalize/normalize.ts';
import { detect } from '../../src/pipeline.ts';
import { exposureRule, portRule } from '../oracle/rules.ts';
import type { JsonRecord } from '../oracle/records.ts';
import { actions, picker, placeCounts, simulate } from '../oracle/simulated-group.ts';
import { MemoryStore } from '../support/memory-store.ts';

const options = { keepAliveSeconds: 1800, maxSignalDurationSeconds: 7200 };
const rules = [
  portRule('admin', [21, 22, 3389], {}, { options }),
  portRule('half', [22, 3306], { coverageThreshold: 0.5 }, { options }),
  exposureRule('other', { protocols: ['tcp', 'udp'], expectedPorts: [80, 443] }, { options }),
];
const suppressions = [
  {
    id: 'known',
    ruleId: 'admin',
    query: 'exposures.port:3389',
    reason: 'jump host',
    creator: null,
    startMs: null,
    endMs: null,
  },
];
const live: IngestOptions = {
  rules,
  fingerprint: 'a',
  snapshotSpacing: 4,
  suppressions,
  logRules: [],
  channelsFor: () => ['pager'],
};

/** Histories with the order and the pieces in which they come; some records come twice. */
const deliveries = fc
  .tuple(
    fc.array(fc.record({ action: fc.constantFrom(...actions), seed: fc.nat() }), {
      minLength: 1,
      maxLength: 40,
      size: 'max',
    }),
    fc.constantFrom(...placeCounts),
    fc.nat(),
    fc.integer({ min: 0, max: 3 }),
  )
  .map(([intents, placeCount, seed, disorder]) => {
    const pick = picker(seed);
    const records = simulate(intents, { sameSecondPercent: 30, placeCount })
      .steps.filter(({ teaches }) => teaches || pick(5) > 0)
      .map(({ record }) => record);
    const arriving = records.flatMap((record, index) => {
      // Most come as they happened; the rest a little late, or much, and some twice.
      const late = disorder === 0 ? 0 : disorder === 3 ? pick(1000) : pick(4) === 0 ? pick(30) : 0;
      const first = { record, at: index + late };
      return pick(6) === 0 ? [first, { record, at: index + pick(20) }] : [first];
    });
    const ordered = arriving.toSorted((a, b) => a.at - b.at).map(({ record }) => record);
    const batches: JsonRecord[][] = [];
    while (ordered.length > 0) batches.push(ordered.splice(0, 1 + pick(5)));
    return { records, batches };
  });

async function ingestRecords(store: MemoryStore, records: readonly JsonRecord[]): Promise<void> {
  const changes: Change[] = [];
  const undetermined: Undetermined[] = [];
  for (const record of records) {
    const normalized = normalize(record);
    if (normalized.outcome === 'change') changes.push(normalized.change);
    if (normalized.outcome === 'undetermined') {
      undetermined.push(normalized.undetermined);
      if (normalized.change !== undefined) changes.push(normalized.change);
    }
  }
  await ingest(store, { changes, undetermined, matches: [], receivedMs: 0 }, live);
}

describe('a store that records are brought into', () => {
  it('ends with the exposures, signals and doubts of all records at once', async () => {
    await fc.assert(
      fc.asyncProperty(deliveries, async ({ records, batches }) => {
        const store = new MemoryStore();
        for (const batch of batches) await ingestRecords(store, batch);
        const once = detect(records, { rules, suppressions });
        const told = [...store.signals.values()].filter((one) => one.suppressedBy.length === 0);
        const hidden = [...store.signals.values()].filter((one) => one.suppressedBy.length > 0);
        expect(byId(told.map(({ signal }) => signal))).toEqual(byId(once.signals));
        expect(byId(hidden.map(({ signal }) => signal))).toEqual(
          byId(once.hidden.map(({ signal }) => signal)),
        );
        expect(byId([...store.findings.values()].map(({ exposure }) => exposure))).toEqual(
          byId([...once.exposures, ...once.hidden.flatMap(({ exposures }) => exposures)]),
        );
        expect(doubts([...store.undetermined.values()].map((one) => one.undetermined))).toEqual(
          doubts(once.undetermined),
        );
      }),
      { numRuns: 1500 },
    );
  }, 120_000);
});

function byId<T extends { readonly id: string }>(values: readonly T[]): readonly T[] {
  return values.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** One line for each event, group and reason. */
function doubts(entries: readonly Undetermined[]): readonly string[] {
  const lines = entries.flatMap(({ eventId, groupId, reason }) =>
    reason.split('; ').map((part) => JSON.stringify([eventId, groupId, part])),
  );
  return [...new Set(lines)].toSorted();
}
