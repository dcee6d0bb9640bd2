// Log rules over records that come late, repeatedly and in any order end in the signals of one look at
// all of them.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { LogMatcher } from '../../src/detect/log-rules/log-matcher.ts';
import { planLogRules } from '../../src/detect/log-rules/plan-log-rules.ts';
import { ingest, settle } from '../../src/live/ingest.ts';
import type { LogRule } from '../../src/model/rule.ts';
import { detectLogRules } from '../../src/detect/log-rules/detect-log-rules.ts';
import { MatchSet } from '../../src/detect/log-rules/match-set.ts';
import type { Store } from '../../src/ports.ts';
import { openStore } from '../../src/store/open-store.ts';
import { trackLogSignals } from '../../src/track/track-log-signals.ts';
import type { StreamRecord } from '../log-rules/naive-signals.ts';
import { muddledStream, readableRule, stream } from '../log-rules/random-rules.ts';
import { MemoryStore } from '../support/memory-store.ts';

const latestMs = Date.UTC(2027, 0, 1);

const deliveries = fc.oneof(stream, muddledStream).chain((records) =>
  fc.record({
    records: fc.constant(records),
    delivered: fc.shuffledSubarray([...records, ...records], { minLength: records.length * 2 }),
    batchSize: fc.integer({ min: 1, max: 6 }),
  }),
);

async function bring(
  store: Store,
  rule: LogRule,
  records: readonly StreamRecord[],
  batchSize: number,
): Promise<void> {
  const { runnable } = planLogRules([rule]);
  const matcher = new LogMatcher(runnable);
  const options = {
    rules: [],
    fingerprint: '',
    suppressions: [],
    logRules: runnable,
    channelsFor: () => ['pager'],
  };
  for (let start = 0; start < records.length; start += batchSize) {
    const matches = records.slice(start, start + batchSize).flatMap((record) => {
      const matched = matcher.match(record);
      return matched.outcome === 'matched' ? matched.matches : [];
    });
    const batch = { changes: [], undetermined: [], matches, receivedMs: latestMs };
    await ingest(store, batch, options);
  }
  await settle(store, options, latestMs);
}

function atOnce(rule: LogRule, records: readonly StreamRecord[]): readonly unknown[] {
  const { runnable } = planLogRules([rule]);
  const matcher = new LogMatcher(runnable);
  const set = new MatchSet();
  for (const record of records) {
    const matched = matcher.match(record);
    if (matched.outcome === 'matched') for (const match of matched.matches) set.add(match);
  }
  return trackLogSignals(detectLogRules(set, runnable), latestMs);
}

describe('log rules over what comes in', () => {
  it('end in the signals of all records at once', async () => {
    let signals = 0;
    await fc.assert(
      fc.asyncProperty(readableRule, deliveries, async ({ rule }, { records, ...given }) => {
        const store = new MemoryStore();
        await bring(store, rule, given.delivered, given.batchSize);
        const found = [...store.signals.values()].map(({ signal }) => signal);
        signals += found.length;
        expect(byId(found)).toEqual(byId(atOnce(rule, records)));
      }),
      { numRuns: 400 },
    );
    expect(signals).toBeGreaterThan(200);
  });

  it('do so in a database', async () => {
    await fc.assert(
      fc.asyncProperty(readableRule, deliveries, async ({ rule }, { records, ...given }) => {
        const store = await openStore(':memory:');
        await bring(store, rule, given.delivered, given.batchSize);
        const wanted = byId(atOnce(rule, records));
        const found = await store.transaction((tx) => tx.signalsById(wanted.map(idOf)));
        expect(byId(found.map(({ signal }) => signal))).toEqual(wanted);
        await store.close();
      }),
      { numRuns: 40 },
    );
  });
});

function idOf(value: unknown): string {
  return typeof value === 'object' && value !== null && 'id' in value ? String(value.id) : '';
}

function byId(values: readonly unknown[]): readonly unknown[] {
  return values.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
}
