// What a rule would have said of logs: how often, on which days, about whom. A pure function of the
// signals that the rule made of them.

import type { Backtest, BacktestActor } from '../model/backtest.ts';
import { severities } from '../model/exposure.ts';
import type { Rule } from '../model/rule.ts';
import type { Signal } from '../model/signal.ts';

const dayMs = 86_400_000;
const mostSamples = 10;

/** The days to count; null for those of the first and of the last signal. Milliseconds since 1970. */
export type BacktestWindow = {
  readonly sinceMs: number | null;
  readonly untilMs: number | null;
};

/** @param signals of this rule alone, in time order */
export function backtest(
  { id, version }: Rule,
  signals: readonly Signal[],
  { sinceMs, untilMs }: BacktestWindow,
): Backtest {
  const fromMs = sinceMs ?? timeOf(signals[0]);
  const toMs = untilMs ?? timeOf(signals.at(-1));
  const byDay = fromMs === null || toMs === null ? [] : countByDay(signals, fromMs, toMs);
  return {
    ruleId: id,
    version,
    from: byDay[0]?.day ?? null,
    to: byDay.at(-1)?.day ?? null,
    days: byDay.length,
    signals: signals.length,
    signalsPerDay: byDay.length === 0 ? 0 : signals.length / byDay.length,
    severities: countBySeverity(signals),
    byDay,
    actors: countByActor(signals),
    samples: spread(signals),
  };
}

function timeOf(signal: Signal | undefined): number | null {
  return signal === undefined ? null : Date.parse(signal.firstSeen);
}

function countByDay(signals: readonly Signal[], fromMs: number, toMs: number): Backtest['byDay'] {
  const counts = new Map<string, number>();
  const lastDay = Math.floor(toMs / dayMs);
  for (let day = Math.floor(fromMs / dayMs); day <= lastDay; day += 1) {
    counts.set(dayText(day * dayMs), 0);
  }
  for (const { firstSeen } of signals) {
    const day = dayText(Date.parse(firstSeen));
    counts.set(day, (counts.get(day) ?? 0) + 1);
  }
  return [...counts].map(([day, count]) => ({ day, signals: count }));
}

function dayText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** The most severe first. */
function countBySeverity(signals: readonly Signal[]): Backtest['severities'] {
  return severities
    .toReversed()
    .map((severity) => ({
      severity,
      signals: signals.filter((signal) => signal.severity === severity).length,
    }))
    .filter((entry) => entry.signals > 0);
}

function countByActor(signals: readonly Signal[]): readonly BacktestActor[] {
  const byActor = new Map<string, BacktestActor>();
  for (const { actor, accountId, firstSeen } of signals) {
    const { type, sessionName, arn } = actor;
    const key = JSON.stringify([type, sessionName, arn]);
    const known = byActor.get(key);
    byActor.set(key, {
      type,
      sessionName,
      arn,
      accountId: known?.accountId ?? accountId,
      signals: (known?.signals ?? 0) + 1,
      firstSeen: known?.firstSeen ?? firstSeen,
      lastSeen: firstSeen,
    });
  }
  return [...byActor.values()].toSorted(
    (a, b) => b.signals - a.signals || (a.firstSeen < b.firstSeen ? -1 : 1),
  );
}

/** The first, the last, and others at equal steps between them. */
function spread(signals: readonly Signal[]): readonly Signal[] {
  if (signals.length <= mostSamples) return signals;
  const step = (signals.length - 1) / (mostSamples - 1);
  return Array.from(
    { length: mostSamples },
    (_, index) => signals[Math.round(index * step)],
  ).filter((signal) => signal !== undefined);
}
