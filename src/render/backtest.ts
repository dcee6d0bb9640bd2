// A backtest as a person and as a program read it. Names and messages come from logs that attackers
// write to: what a terminal would obey never reaches it.

import type { Backtest, BacktestActor } from '../model/backtest.ts';
import type { Exposure } from '../model/exposure.ts';
import type { Signal } from '../model/signal.ts';
import { stripControls } from '../template/escape.ts';
import { exposureJson, safeJson, signalJson } from './machine-json.ts';
import { paint, row, type Column, type Line } from './table/layout.ts';

/** Callers that the table lists; JSON has all. */
const listedActors = 20;
/** Columns of the bar of the day with the most signals. */
const barWidth = 40;

/** @param exposures those that the samples name, at least */
export function backtestJson(found: Backtest, exposures: readonly Exposure[]): string {
  const samples = found.samples.map((signal) => ({
    ...signalJson(signal),
    exposures: exposures.filter(({ id }) => signal.exposures.includes(id)).map(exposureJson),
  }));
  return `${safeJson({ schemaVersion: 1, ...found, samples }, 2)}\n`;
}

/** @param columns to fill at most */
export function backtestTable(found: Backtest, columns: number): string {
  const lines = [
    ...text(summaryOf(found), columns),
    ...severityLines(found, columns),
    ...dayLines(found),
    ...actorLines(found.actors, columns),
    ...sampleLines(found.samples, columns),
  ];
  return `${lines.map((line) => paint(line, false)).join('\n')}\n`;
}

function summaryOf({ ruleId, version, signals, days, signalsPerDay, from, to }: Backtest): string {
  const rule = `${ruleId} ${version}`;
  if (from === null || to === null) return `${rule}: no signal`;
  const when = from === to ? `on ${from}` : `on ${count(days, 'day')}, ${from} to ${to}`;
  const often = days === 1 ? '' : `, ${perDay(signalsPerDay)} a day`;
  return `${rule}: ${signals === 0 ? 'no signal' : count(signals, 'signal')} ${when}${often}`;
}

function perDay(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 1 || value === 0 ? 1 : 2);
}

function count(number: number, of: string): string {
  return `${number} ${of}${number === 1 ? '' : 's'}`;
}

function severityLines({ severities }: Backtest, columns: number): readonly Line[] {
  if (severities.length === 0) return [];
  return text(
    severities.map(({ severity, signals }) => `${signals} ${severity}`).join(', '),
    columns,
  );
}

function dayLines({ byDay }: Backtest): readonly Line[] {
  if (byDay.length < 2) return [];
  const most = Math.max(1, ...byDay.map(({ signals }) => signals));
  const digits = String(most).length;
  return [
    ...heading('Days'),
    ...byDay.map(({ day, signals }): Line => {
      // A day with any signal shows something.
      const bar = '█'.repeat(Math.ceil((signals / most) * Math.min(barWidth, most)));
      return [{ text: `${day}  ${String(signals).padStart(digits)}  ${bar}` }];
    }),
  ];
}

function actorLines(actors: readonly BacktestActor[], columns: number): readonly Line[] {
  if (actors.length === 0) return [];
  const widths: readonly Column[] = [
    { width: 7, align: 'end' },
    { width: 10 },
    { width: Math.max(20, columns - 21) },
  ];
  const listed = actors.slice(0, listedActors);
  const more = actors.length - listed.length;
  return [
    ...heading('Callers'),
    ...cells(['signals', 'last'], widths),
    ...listed.flatMap((actor) =>
      cells([String(actor.signals), actor.lastSeen.slice(0, 10), describe(actor)], widths),
    ),
    ...(more === 0 ? [] : text(`and ${more} more; --format json lists all`, columns)),
  ];
}

function describe({ type, sessionName, arn, accountId }: BacktestActor): string {
  const name = sessionName ?? arn ?? type;
  const where = arn === null || arn === name ? `${type} of ${accountId}` : arn;
  return `${name} (${where})`;
}

function sampleLines(samples: readonly Signal[], columns: number): readonly Line[] {
  if (samples.length === 0) return [];
  const widths: readonly Column[] = [
    { width: 20 },
    { width: 8 },
    { width: Math.max(20, columns - 32) },
  ];
  return [
    ...heading(samples.length === 1 ? 'Sample' : 'Samples'),
    ...samples.flatMap((signal) => [
      ...cells([signal.firstSeen, signal.severity, signal.title], widths),
      ...cells(['', '', `${signal.accountId} ${signal.region}, ${signal.id}`], widths),
    ]),
  ];
}

function heading(title: string): readonly Line[] {
  return [[], [{ text: title }]];
}

function text(shown: string, columns: number): readonly Line[] {
  return cells([shown], [{ width: columns }]);
}

function cells(texts: readonly string[], columns: readonly Column[]): readonly Line[] {
  return row(
    texts.map((shown) => [{ text: stripControls(shown) }]),
    columns,
  );
}
