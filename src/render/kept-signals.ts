// Signals as a store keeps them, with what people made of them: as a list, and one in full. Text comes
// from logs and from people; each format makes it harmless for where it is read.

import type { ListedSignal, SignalDetails, Triage } from '../model/desk.ts';
import type { Exposure } from '../model/exposure.ts';
import { cellText, type Cell } from './csv.ts';
import { exposureJson, safeJson, signalJson } from './machine-json.ts';
import { clip } from './table/frame.ts';
import { paint, row, type Column, type Line, type Style } from './table/layout.ts';
import { actorName, countText, durationText, oneLine, portText, timeText } from './words.ts';
import { utcTime } from '../model/utc-time.ts';

export const listFormats = ['table', 'json', 'ndjson', 'csv'] as const;
export type ListFormat = (typeof listFormats)[number];

export type ListContext = {
  /** Columns to fill at most. */
  readonly columns: number;
  readonly color: boolean;
  /** Whether the store has more than is listed. */
  readonly hasMore: boolean;
};

export function* renderKeptSignals(
  signals: readonly ListedSignal[],
  format: ListFormat,
  context: ListContext,
): Generator<string> {
  switch (format) {
    case 'table':
      yield* signalTable(signals, context);
      break;
    case 'json':
      yield `${safeJson(
        { schemaVersion: 1, signals: signals.map(keptSignalJson), hasMore: context.hasMore },
        2,
      )}\n`;
      break;
    case 'ndjson':
      for (const signal of signals) yield `${safeJson(keptSignalJson(signal))}\n`;
      break;
    case 'csv':
      yield* signalCsv(signals);
      break;
    default:
      format satisfies never;
  }
}

export function keptSignalJson({ signal, triage, suppressedBy }: ListedSignal): object {
  return {
    ...signalJson(signal),
    triage: triageJson(triage),
    suppressedBy: suppressedBy.map(({ id, reason }) => ({ id, reason })),
  };
}

function triageJson({ state, reason, assignee, changedBy, changedMs }: Triage): object {
  return { state, reason, assignee, changedBy, changedAt: isoOrNull(changedMs) };
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : utcTime(ms);
}

/** Consumers may rely on the names; new ones are added at the end. */
const csvColumns: Readonly<Record<string, (listed: ListedSignal) => Cell>> = {
  id: ({ signal }) => signal.id,
  ruleId: ({ signal }) => signal.ruleId,
  severity: ({ signal }) => signal.severity,
  status: ({ signal }) => signal.status,
  triage: ({ triage }) => triage.state,
  assignee: ({ triage }) => triage.assignee,
  title: ({ signal }) => signal.title,
  accountId: ({ signal }) => signal.accountId,
  region: ({ signal }) => signal.region,
  groupId: ({ signal }) => signal.groupId,
  actorArn: ({ signal }) => signal.actor.arn,
  actorSessionName: ({ signal }) => signal.actor.sessionName,
  actorSourceIp: ({ signal }) => signal.actor.sourceIp,
  firstSeen: ({ signal }) => signal.firstSeen,
  lastSeen: ({ signal }) => signal.lastSeen,
  closedAt: ({ signal }) => signal.closedAt,
  durationSeconds: ({ signal }) => signal.durationSeconds,
};

function* signalCsv(signals: readonly ListedSignal[]): Generator<string> {
  yield `${Object.keys(csvColumns).join(',')}\r\n`;
  for (const signal of signals) {
    const cells = Object.values(csvColumns).map((valueOf) => cellText(valueOf(signal)));
    yield `${cells.join(',')}\r\n`;
  }
}

const severityStyles: Readonly<Record<string, Style>> = {
  critical: ['red', 'bold'],
  high: 'red',
  medium: 'yellow',
};

function* signalTable(
  signals: readonly ListedSignal[],
  { columns: width, color, hasMore }: ListContext,
): Generator<string> {
  const print = (lines: readonly Line[]): string =>
    lines.map((line) => `${paint(line, color)}\n`).join('');
  // The id is needed to go on with a signal, so it is never cut: it has a line of its own.
  const columns: readonly Column[] = [
    { width: 8 },
    { width: 19 },
    { width: 12 },
    { width: Math.max(width - 8 - 19 - 12 - 6, 16) },
  ];
  for (const { signal, triage, suppressedBy } of signals) {
    const place =
      signal.groupId === null
        ? signal.accountId
        : `${signal.groupId} in ${signal.accountId} ${signal.region}`;
    const state = triage.state === 'open' ? '' : triage.state.replaceAll('_', ' ');
    const assignee = triage.assignee === null ? '' : `, ${oneLine(triage.assignee)}`;
    const hidden = suppressedBy.length === 0 ? '' : ', suppressed';
    yield print([
      ...row(
        [
          [{ text: signal.severity, style: severityStyles[signal.severity] ?? 'dim' }],
          [{ text: timeText(signal.firstSeen) }],
          [{ text: signal.status, style: signal.status === 'open' ? 'red' : 'dim' }],
          [{ text: clip(signal.title, 200), style: 'bold' }],
        ],
        columns,
      ),
      ...row(
        [
          [],
          [{ text: oneLine(actorName(signal.actor)) }],
          [{ text: state }],
          [{ text: oneLine(place) }],
        ],
        columns,
      ),
      [{ text: `          ${oneLine(signal.id)}${assignee}${hidden}`, style: 'dim' }],
    ]);
  }
  yield `${countText(signals.length, 'signal')}${hasMore ? '; there are more' : ''}\n`;
}

export function renderSignalDetails(
  details: SignalDetails,
  format: 'table' | 'json',
  { columns, color }: Pick<ListContext, 'columns' | 'color'>,
): string {
  if (format === 'json') return `${safeJson(detailsJson(details), 2)}\n`;
  const { signal, triage, suppressedBy, exposures, notes } = details;
  const facts: readonly (readonly [string, string | null])[] = [
    ['id', signal.id],
    ['rule', signal.ruleId],
    ['severity', signal.severity],
    ['group', signal.groupId],
    ['account', `${signal.accountId} ${signal.region}`],
    ['opened', `${timeText(signal.firstSeen)} by ${actorName(signal.actor)}`],
    ['last seen', timeText(signal.lastSeen)],
    ['closed', closingOf(details)],
    ['triage', triageText(triage)],
    ['suppressed', suppressedBy.map(({ id, reason }) => `${id}: ${reason}`).join('; ') || null],
    ...exposures.map((exposure): [string, string] => ['exposure', exposureText(exposure)]),
    ...notes.map(({ author, timeMs, text }): [string, string] => [
      'note',
      `${timeText(utcTime(timeMs))} ${author}: ${text}`,
    ]),
  ];
  const layout: readonly Column[] = [{ width: 10 }, { width: Math.max(columns - 12, 20) }];
  const lines = facts.flatMap(([name, value]) =>
    value === null ? [] : row([[{ text: name, style: 'dim' }], [{ text: oneLine(value) }]], layout),
  );
  const title: Line = [{ text: oneLine(signal.title), style: 'bold' }];
  return [title, ...lines].map((line) => `${paint(line, color)}\n`).join('');
}

function exposureText(exposure: Exposure): string {
  const { sources, openedAt, closedAt } = exposure;
  const end = closedAt === null ? 'still open' : timeText(closedAt);
  return `${portText(exposure)} to ${sources.join(', ')}, ${timeText(openedAt)} - ${end}`;
}

function closingOf({ signal }: SignalDetails): string | null {
  if (signal.closedAt === null) return null;
  const by = signal.closedBy === null ? '' : ` by ${actorName(signal.closedBy)}`;
  const after =
    signal.durationSeconds === null ? '' : `, after ${durationText(signal.durationSeconds)}`;
  return `${timeText(signal.closedAt)}${by}${after}`;
}

function triageText({ state, reason, assignee, changedBy }: Triage): string {
  const parts = [
    state.replaceAll('_', ' '),
    ...(changedBy === null ? [] : [`by ${changedBy}`]),
    ...(reason === null || reason === '' ? [] : [`because ${reason}`]),
    ...(assignee === null ? [] : [`assigned to ${assignee}`]),
  ];
  return parts.join(', ');
}

function detailsJson(details: SignalDetails): object {
  return {
    schemaVersion: 1,
    ...keptSignalJson(details),
    exposures: details.exposures.map(exposureJson),
    notes: details.notes.map(({ id, author, timeMs, text }) => ({
      id,
      author,
      time: utcTime(timeMs),
      text,
    })),
  };
}
