// Suppressions as a store keeps them.

import type { KeptSuppression } from '../model/desk.ts';
import { cellText, type Cell } from './csv.ts';
import type { ListContext, ListFormat } from './kept-signals.ts';
import { safeJson } from './machine-json.ts';
import { behind, indent } from './table/frame.ts';
import { paint, wrap, type Line } from './table/layout.ts';
import { countText, oneLine, timeText } from './words.ts';
import { utcTime } from '../model/utc-time.ts';

export function* renderSuppressions(
  suppressions: readonly KeptSuppression[],
  format: ListFormat,
  context: Pick<ListContext, 'columns' | 'color'>,
  now: Date,
): Generator<string> {
  const list = suppressions.map(suppressionJson);
  switch (format) {
    case 'table':
      yield* suppressionTable(suppressions, context, now);
      break;
    case 'json':
      yield `${safeJson({ schemaVersion: 1, suppressions: list }, 2)}\n`;
      break;
    case 'ndjson':
      for (const suppression of list) yield `${safeJson(suppression)}\n`;
      break;
    case 'csv':
      yield `${Object.keys(csvColumns).join(',')}\r\n`;
      for (const suppression of suppressions) {
        const cells = Object.values(csvColumns).map((valueOf) => cellText(valueOf(suppression)));
        yield `${cells.join(',')}\r\n`;
      }
      break;
    default:
      format satisfies never;
  }
}

function timeOrNull(ms: number | null): string | null {
  return ms === null ? null : utcTime(ms);
}

export function suppressionJson(suppression: KeptSuppression): object {
  return {
    id: suppression.id,
    rule: suppression.ruleId ?? 'all',
    query: suppression.query,
    reason: suppression.reason,
    creator: suppression.creator,
    created: timeOrNull(suppression.createdMs),
    start: timeOrNull(suppression.startMs),
    end: timeOrNull(suppression.endMs),
  };
}

const csvColumns: Readonly<Record<string, (suppression: KeptSuppression) => Cell>> = {
  id: ({ id }) => id,
  rule: ({ ruleId }) => ruleId ?? 'all',
  query: ({ query }) => query,
  reason: ({ reason }) => reason,
  creator: ({ creator }) => creator,
  created: ({ createdMs }) => timeOrNull(createdMs),
  start: ({ startMs }) => timeOrNull(startMs),
  end: ({ endMs }) => timeOrNull(endMs),
};

function* suppressionTable(
  suppressions: readonly KeptSuppression[],
  { columns, color }: Pick<ListContext, 'columns' | 'color'>,
  now: Date,
): Generator<string> {
  for (const suppression of suppressions) {
    const { id, ruleId, query, reason, creator, startMs, endMs } = suppression;
    const by = creator === null ? '' : ` (${creator})`;
    const title: Line = [
      { text: id, style: 'bold' },
      { text: ` ${oneLine(ruleId ?? 'all rules')}, ${periodText(startMs, endMs, now)}` },
    ];
    const rest: readonly Line[] = [
      [{ text: query === '' ? '*' : oneLine(query) }],
      [{ text: oneLine(`${reason}${by}`), style: 'dim' }],
    ];
    const below = rest.flatMap((line) => wrap(line, columns - 2)).map(behind(indent));
    for (const line of [...wrap(title, columns), ...below]) yield `${paint(line, color)}\n`;
  }
  yield `${countText(suppressions.length, 'suppression')}\n`;
}

function periodText(startMs: number | null, endMs: number | null, now: Date): string {
  const nowMs = now.getTime();
  if (endMs !== null && endMs < nowMs) return `ended ${timeText(timeOrNull(endMs) ?? '')}`;
  const from =
    startMs !== null && startMs > nowMs ? `from ${timeText(timeOrNull(startMs) ?? '')} ` : '';
  const until = endMs === null ? 'no end' : `until ${timeText(timeOrNull(endMs) ?? '')}`;
  return `${from}${until}`;
}
