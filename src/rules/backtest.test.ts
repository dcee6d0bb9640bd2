import { describe, expect, it } from 'vitest';
import { detect } from '../pipeline.ts';
import { loadRules, builtInRulesDirectory } from './load-rules.ts';
import type { Rule } from '../model/rule.ts';
import type { Signal } from '../model/signal.ts';
import { ingressRecord } from '../../test/support/trail.ts';
import { backtest } from './backtest.ts';

const rules = await loadRules([builtInRulesDirectory()]);
const rule = rules.find(({ id }) => id === 'aws-sg-admin-port-open-to-world');
if (rule === undefined) throw new Error('there is no such rule');
const theRule: Rule = rule;

const everything = { sinceMs: null, untilMs: null };

/** A signal for each time, each of a group of its own. */
function signalsAt(times: readonly string[]): readonly Signal[] {
  const records = times.map((eventTime, index) => ({
    ...ingressRecord({ id: `e${index}`, group: `sg-${index}` }),
    eventTime,
  }));
  return detect(records, { rules: [theRule] }).signals;
}

describe('backtest', () => {
  it('counts the days from the first to the last signal, those without one too', () => {
    const signals = signalsAt([
      '2026-03-01T23:59:59Z',
      '2026-03-02T00:00:00Z',
      '2026-03-02T12:00:00Z',
      '2026-03-04T08:00:00Z',
    ]);
    expect(backtest(theRule, signals, everything)).toMatchObject({
      ruleId: theRule.id,
      version: '1.0.0',
      from: '2026-03-01',
      to: '2026-03-04',
      days: 4,
      signals: 4,
      signalsPerDay: 1,
      severities: [{ severity: 'high', signals: 4 }],
      byDay: [
        { day: '2026-03-01', signals: 1 },
        { day: '2026-03-02', signals: 2 },
        { day: '2026-03-03', signals: 0 },
        { day: '2026-03-04', signals: 1 },
      ],
    });
  });

  it('counts the days of the window where there is one', () => {
    const window = {
      sinceMs: Date.parse('2026-02-28T12:00:00Z'),
      untilMs: Date.parse('2026-03-02T00:00:00Z'),
    };
    const found = backtest(theRule, signalsAt(['2026-03-01T08:00:00Z']), window);
    expect(found.byDay).toEqual([
      { day: '2026-02-28', signals: 0 },
      { day: '2026-03-01', signals: 1 },
      { day: '2026-03-02', signals: 0 },
    ]);
    expect(found.signalsPerDay).toBeCloseTo(1 / 3);
  });

  it('counts half a window from or up to the signals', () => {
    const signals = signalsAt(['2026-03-02T08:00:00Z']);
    const from = { sinceMs: Date.parse('2026-03-01T00:00:00Z'), untilMs: null };
    expect(backtest(theRule, signals, from).days).toBe(2);
    const upTo = { sinceMs: null, untilMs: Date.parse('2026-03-04T00:00:00Z') };
    expect(backtest(theRule, signals, upTo).days).toBe(3);
  });

  it('says nothing of days without signals and without a window', () => {
    expect(backtest(theRule, [], everything)).toEqual({
      ruleId: theRule.id,
      version: '1.0.0',
      from: null,
      to: null,
      days: 0,
      signals: 0,
      signalsPerDay: 0,
      severities: [],
      byDay: [],
      actors: [],
      samples: [],
    });
  });

  it('counts a window of days without signals', () => {
    const window = {
      sinceMs: Date.parse('2026-03-01T00:00:00Z'),
      untilMs: Date.parse('2026-03-07T23:59:59Z'),
    };
    expect(backtest(theRule, [], window)).toMatchObject({ days: 7, signals: 0, signalsPerDay: 0 });
  });

  it('tells callers apart by type, name and ARN, and puts the busiest first', () => {
    const by = (signal: Signal, sessionName: string, accountId = '111122223333'): Signal => ({
      ...signal,
      accountId,
      actor: { ...signal.actor, sessionName },
    });
    const [a, b, c, d] = signalsAt([
      '2026-03-01T08:00:00Z',
      '2026-03-02T08:00:00Z',
      '2026-03-03T08:00:00Z',
      '2026-03-04T08:00:00Z',
    ]);
    if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error();
    const signals = [by(a, 'ann'), by(b, 'bob'), by(c, 'bob', '444455556666'), by(d, 'cy')];
    const { actors } = backtest(theRule, signals, everything);
    expect(actors.map(({ sessionName, signals: count }) => [sessionName, count])).toEqual([
      ['bob', 2],
      ['ann', 1],
      ['cy', 1],
    ]);
    expect(actors[0]).toMatchObject({
      accountId: '111122223333',
      firstSeen: '2026-03-02T08:00:00Z',
      lastSeen: '2026-03-03T08:00:00Z',
    });
  });

  it('counts each severity, the most severe first', () => {
    const [a, b, c] = signalsAt([
      '2026-03-01T08:00:00Z',
      '2026-03-02T08:00:00Z',
      '2026-03-03T08:00:00Z',
    ]);
    if (a === undefined || b === undefined || c === undefined) throw new Error();
    const signals: Signal[] = [
      { ...a, severity: 'low' },
      { ...b, severity: 'critical' },
      { ...c, severity: 'low' },
    ];
    expect(backtest(theRule, signals, everything).severities).toEqual([
      { severity: 'critical', signals: 1 },
      { severity: 'low', signals: 2 },
    ]);
  });

  it('takes ten samples, spread from the first to the last', () => {
    const days = Array.from({ length: 28 }, (_, day) => String(day + 1).padStart(2, '0'));
    const signals = signalsAt(days.map((day) => `2026-02-${day}T08:00:00Z`));
    const { samples } = backtest(theRule, signals, everything);
    expect(samples.map(({ firstSeen }) => firstSeen.slice(8, 10))).toEqual([
      '01',
      '04',
      '07',
      '10',
      '13',
      '16',
      '19',
      '22',
      '25',
      '28',
    ]);
    expect(backtest(theRule, signals.slice(0, 10), everything).samples).toEqual(
      signals.slice(0, 10),
    );
  });
});
