// One notice as one line: for a person who looks on, or for a program that reads along.

import type { Notice } from '../model/stored.ts';
import { exposureJson, safeJson, signalJson } from './machine-json.ts';
import { durationText, oneLine, timeText } from './words.ts';

const kindTexts = {
  opened: 'OPENED',
  reopened: 'REOPENED',
  closed: 'CLOSED',
  corrected: 'CORRECTED',
  withdrawn: 'WITHDRAWN',
  under_review: 'REVIEWED',
  archived: 'ARCHIVED',
} as const;

/** Safe for a terminal: what comes from logs is shown without control characters. */
export function noticeLine({ kind, signal, correction }: Notice): string {
  const parts = [
    timeText(kind === 'closed' ? (signal.closedAt ?? signal.lastSeen) : signal.firstSeen),
    kindTexts[kind].padEnd(9),
    signal.severity.padEnd(8),
    oneLine(signal.title),
    `${signal.accountId} ${signal.region}`,
    kind === 'closed' && signal.durationSeconds !== null
      ? `after ${durationText(signal.durationSeconds)}`
      : null,
    correction === null ? null : `(${oneLine(correction)})`,
    signal.id,
  ];
  return `${parts.filter((part) => part !== null).join('  ')}\n`;
}

/** An object a line. */
export function noticeJsonLine(notice: Notice): string {
  const { signal, exposures, ...facts } = notice;
  return `${safeJson({ ...facts, signal: signalJson(signal), exposures: exposures.map(exposureJson) })}\n`;
}
