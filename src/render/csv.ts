// One exposure a row, RFC 4180: a header, CRLF after every row, quotes where they are needed.
// No cell is a formula to a spreadsheet, and none holds a control character or a line end.
// https://www.rfc-editor.org/rfc/rfc4180
// https://owasp.org/www-community/attacks/CSV_Injection

import type { Actor } from '../model/actor.ts';
import type { Exposure } from '../model/exposure.ts';
import type { ScanResult } from '../model/scan-result.ts';
import type { Signal } from '../model/signal.ts';
import { stripControls } from '../template/escape.ts';

export type Cell = string | number | null | undefined;

/** Columns in order. Consumers may rely on the names; new ones are added at the end. */
const columns: Readonly<Record<string, (exposure: Exposure, signal: Signal | undefined) => Cell>> =
  {
    exposureId: ({ id }) => id,
    signalId: (_, signal) => signal?.id,
    ruleId: ({ ruleId }) => ruleId,
    severity: (_, signal) => signal?.severity,
    status: ({ closedAt }) => (closedAt === null ? 'open' : 'closed'),
    accountId: ({ accountId }) => accountId,
    region: ({ region }) => region,
    groupId: ({ groupId }) => groupId,
    groupName: ({ groupName }) => groupName,
    vpcId: ({ vpcId }) => vpcId,
    protocol: ({ protocol }) => protocol,
    port: ({ port }) => port,
    toPort: ({ port, toPort }) => toPort ?? port,
    service: ({ service }) => service,
    ipv4Coverage: ({ ipv4Coverage }) => ipv4Coverage,
    ipv6Coverage: ({ ipv6Coverage }) => ipv6Coverage,
    sources: ({ sources }) => sources.join(' '),
    openedAt: ({ openedAt }) => openedAt,
    closedAt: ({ closedAt }) => closedAt,
    durationSeconds: ({ durationSeconds }) => durationSeconds,
    openedByEventId: ({ openedByEventId }) => openedByEventId,
    ...actorColumns('openedBy', ({ openedBy }) => openedBy),
    closedByEventId: ({ closedByEventId }) => closedByEventId,
    ...actorColumns('closedBy', ({ closedBy }) => closedBy),
  };

function actorColumns(
  prefix: string,
  actorOf: (exposure: Exposure) => Actor | null,
): Record<string, (exposure: Exposure) => Cell> {
  return {
    [`${prefix}Type`]: (exposure) => actorOf(exposure)?.type,
    [`${prefix}Arn`]: (exposure) => actorOf(exposure)?.arn,
    [`${prefix}SessionName`]: (exposure) => actorOf(exposure)?.sessionName,
    [`${prefix}AccessKeyId`]: (exposure) => actorOf(exposure)?.accessKeyId,
    [`${prefix}SourceIp`]: (exposure) => actorOf(exposure)?.sourceIp,
    [`${prefix}UserAgent`]: (exposure) => actorOf(exposure)?.userAgent,
    [`${prefix}InvokedBy`]: (exposure) => actorOf(exposure)?.invokedBy,
  };
}

export function* renderCsv(result: ScanResult): Generator<string> {
  yield `${Object.keys(columns).join(',')}\r\n`;
  const signalOf = new Map(
    result.signals.flatMap((signal) => signal.exposures.map((id) => [id, signal])),
  );
  for (const exposure of result.exposures) {
    const signal = signalOf.get(exposure.id);
    const cells = Object.values(columns).map((valueOf) => cellText(valueOf(exposure, signal)));
    yield `${cells.join(',')}\r\n`;
  }
}

/** A value as it stands between commas. */
export function cellText(value: Cell): string {
  if (typeof value === 'number') return `${value}`;
  const text = harmless(value ?? '');
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

// A spreadsheet computes a cell that begins with one of these, in full width too. It may also split
// cells at other separators than the comma, which would give a formula in mid-text its own cell.
const formula = /(^|[,;|\t"])(\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/gu;

/** Text that a spreadsheet shows as it is: an apostrophe stands before what would be a formula. */
function harmless(text: string): string {
  // Tabs and carriage returns, which hide what follows from a naive check, go first.
  return stripControls(text).replace(formula, "$1$2'");
}
