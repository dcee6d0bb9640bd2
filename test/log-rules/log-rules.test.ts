// Laws of log rules: the order, repetition and batching of records do not matter, and on random
// rules and streams the engine says what the slow, obvious evaluator says.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LogMatch } from '../../src/detect/log-rules/log-match.ts';
import { detectLogRules } from '../../src/detect/log-rules/detect-log-rules.ts';
import { LogMatcher } from '../../src/detect/log-rules/log-matcher.ts';
import { MatchSet } from '../../src/detect/log-rules/match-set.ts';
import { MatchUnpacker, packMatches } from '../../src/detect/log-rules/packed-matches.ts';
import { planLogRules } from '../../src/detect/log-rules/plan-log-rules.ts';
import type { LogRule } from '../../src/model/rule.ts';
import type { LogSignal } from '../../src/model/signal.ts';
import { detect } from '../../src/pipeline.ts';
import { trackLogSignals } from '../../src/track/track-log-signals.ts';
import { naiveSignals, type NaiveSignal, type StreamRecord } from './naive-signals.ts';
import { muddledStream, readableRule, stream } from './random-rules.ts';

function signalsOf(rule: LogRule, records: readonly unknown[]): readonly LogSignal[] {
  return detect(records, { rules: [rule] }).signals.filter((signal) => signal.groupId === null);
}

/** What the slow evaluator tells of a signal. */
function told(signal: LogSignal): NaiveSignal {
  return {
    group: signal.groupBy.map(({ value }) => value),
    severity: signal.severity,
    case: signal.case,
    firstSeen: signal.firstSeen,
    lastSeen: signal.lastSeen,
    status: signal.status,
    closedAt: signal.closedAt,
    newValues: signal.newValues,
    eventIds: signal.eventIds,
    counts: signal.queries.map(({ count }) => count),
  };
}

function inOrder(signals: readonly NaiveSignal[]): readonly NaiveSignal[] {
  const key = (signal: NaiveSignal): string => JSON.stringify(signal);
  return signals.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

describe('the slow evaluator agrees', () => {
  test('on random rules and streams', () => {
    let signals = 0;
    const methods = new Map<string, number>();
    fc.assert(
      fc.property(readableRule, stream, (readable, records) => {
        const found = signalsOf(readable.rule, records);
        signals += found.length;
        const { detectionMethod: method } = readable.rule.options;
        methods.set(method, (methods.get(method) ?? 0) + found.length);
        expect(inOrder(found.map(told))).toEqual(inOrder(naiveSignals(readable, records)));
        for (const signal of found) expect(signal.eventCount).toBe(signal.eventIds.length);
      }),
      { numRuns: 4000 },
    );
    // The agreement is about something.
    expect(signals).toBeGreaterThan(4000);
    expect(Math.min(...methods.values())).toBeGreaterThan(1000);
  });
});

test('no two signals have the same id', () => {
  fc.assert(
    fc.property(readableRule, stream, ({ rule }, records) => {
      const ids = signalsOf(rule, records).map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
    }),
    { numRuns: 1500 },
  );
});

describe('the signals are the same', () => {
  test('for any order, repetition and batching of the same records', () => {
    fc.assert(
      fc.property(
        readableRule,
        fc.oneof(stream, muddledStream).chain((records) => {
          const twice = [...records, ...records];
          return fc.record({
            records: fc.constant(records),
            delivered: fc
              .shuffledSubarray(twice, { minLength: twice.length })
              .map((all) => [...all.slice(0, 7), ...records, ...all.slice(7)]),
          });
        }),
        ({ rule }, { records, delivered }) => {
          expect(signalsOf(rule, delivered)).toEqual(signalsOf(rule, records));
        },
      ),
      { numRuns: 1500 },
    );
  });

  test('for matches that were found in batches, elsewhere', () => {
    fc.assert(
      fc.property(
        readableRule,
        muddledStream,
        fc.array(fc.nat(2), { minLength: 20, maxLength: 20 }),
        ({ rule }, records, threads) => {
          const { runnable } = planLogRules([rule]);
          const reports = [0, 1, 2].map((thread) => {
            const matcher = new LogMatcher(runnable);
            const set = new MatchSet();
            records
              .filter((_, index) => threads[index] === thread)
              .flatMap((record) => matchesOf(matcher, record))
              .forEach((match) => set.add(match));
            const packed = structuredClone(packMatches([...set.values()]));
            return { packed, latestMs: matcher.latestMs };
          });
          const gathered = new MatchSet();
          const unpacker = new MatchUnpacker();
          for (const match of reports.flatMap(({ packed }) => unpacker.unpack(packed))) {
            gathered.add(match);
          }
          const times = reports.flatMap(({ latestMs }) => latestMs ?? []);
          const latestMs = times.length === 0 ? null : Math.max(...times);
          expect(trackLogSignals(detectLogRules(gathered, runnable), latestMs)).toEqual(
            signalsOf(rule, records),
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  test('whichever other rules are run beside it', () => {
    fc.assert(
      fc.property(readableRule, readableRule, stream, (one, two, records) => {
        const other = { ...two.rule, id: 'other' };
        const ofOne = (rules: readonly LogRule[]): readonly NaiveSignal[] =>
          detect(records, { rules })
            .signals.filter((signal) => signal.groupId === null)
            .filter(({ ruleId }) => ruleId === one.rule.id)
            // How long a signal stays open is told by the records that any rule looks at.
            .map((signal) => ({ ...told(signal), status: 'open', closedAt: null }));
        expect(ofOne([other, one.rule])).toEqual(ofOne([one.rule]));
      }),
      { numRuns: 500 },
    );
  });
});

function matchesOf(matcher: LogMatcher, record: StreamRecord): readonly LogMatch[] {
  const matched = matcher.match(record);
  return matched.outcome === 'matched' ? matched.matches : [];
}
