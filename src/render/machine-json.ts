// JSON for programs: every object with its keys in one fixed order, whatever order it was built in,
// and no character that a terminal, a log viewer or a script tag would obey.

import type { Actor } from '../model/actor.ts';
import type { Undetermined } from '../model/change.ts';
import type { Exposure } from '../model/exposure.ts';
import type { Problem } from '../model/problem.ts';
import type { NotRun, LookStats, ScanStats } from '../model/scan-result.ts';
import type { LogSignal, Signal } from '../model/signal.ts';
import type { Suppressed } from '../model/suppression.ts';

export function statsJson(stats: ScanStats): ScanStats {
  return {
    files: stats.files,
    compressedBytes: stats.compressedBytes,
    bytes: stats.bytes,
    records: stats.records,
    candidateRecords: stats.candidateRecords,
    irrelevantRecords: stats.irrelevantRecords,
    changeRecords: stats.changeRecords,
    undeterminedRecords: stats.undeterminedRecords,
    rejectedRecords: stats.rejectedRecords,
    ...(stats.matchedRecords === undefined ? {} : { matchedRecords: stats.matchedRecords }),
    rejectedFiles: stats.rejectedFiles,
    durationMs: stats.durationMs,
    ...(stats.looked === undefined ? {} : { looked: lookedJson(stats.looked) }),
  };
}

function lookedJson({ accounts, regions, groups, rows }: LookStats): LookStats {
  return { accounts, regions, groups, rows };
}

export function actorJson(actor: Actor): Actor {
  return {
    type: actor.type,
    arn: actor.arn,
    sessionName: actor.sessionName,
    accessKeyId: actor.accessKeyId,
    sourceIp: actor.sourceIp,
    userAgent: actor.userAgent,
    invokedBy: actor.invokedBy,
  };
}

export function signalJson(signal: Signal): object {
  return {
    id: signal.id,
    ruleId: signal.ruleId,
    severity: signal.severity,
    title: signal.title,
    accountId: signal.accountId,
    region: signal.region,
    ...subjectOf(signal),
    actor: actorJson(signal.actor),
    firstSeen: signal.firstSeen,
    lastSeen: signal.lastSeen,
    status: signal.status,
    closedAt: signal.closedAt,
    closedBy: signal.closedBy === null ? null : actorJson(signal.closedBy),
    durationSeconds: signal.durationSeconds,
    message: signal.message,
    exposures: signal.exposures,
    eventIds: signal.eventIds,
    ...(signal.groupId === null ? logJson(signal) : {}),
  };
}

/** What a signal is about: a security group, or, where `groupId` is null, records. */
function subjectOf(signal: Signal): { groupId: string | null } {
  if (signal.groupId === null) return { groupId: null };
  return { groupId: signal.groupId, ...groupFacts(signal) };
}

function logJson(signal: LogSignal): object {
  return {
    groupBy: signal.groupBy.map(({ attribute, value }) => ({ attribute, value })),
    case: signal.case,
    newValues: signal.newValues,
    eventCount: signal.eventCount,
    queries: signal.queries.map(({ name, count }) => ({ name, count })),
  };
}

export function exposureJson(exposure: Exposure): Exposure {
  return {
    id: exposure.id,
    ruleId: exposure.ruleId,
    accountId: exposure.accountId,
    region: exposure.region,
    groupId: exposure.groupId,
    ...groupFacts(exposure),
    protocol: exposure.protocol,
    port: exposure.port,
    ...(exposure.toPort === undefined ? {} : { toPort: exposure.toPort }),
    service: exposure.service,
    ipv4Coverage: exposure.ipv4Coverage,
    ipv6Coverage: exposure.ipv6Coverage,
    sources: exposure.sources,
    openedAt: exposure.openedAt,
    openedByEventId: exposure.openedByEventId,
    ...(exposure.openedByEventName === undefined
      ? {}
      : { openedByEventName: exposure.openedByEventName }),
    openedBy: actorJson(exposure.openedBy),
    closedAt: exposure.closedAt,
    closedByEventId: exposure.closedByEventId,
    closedBy: exposure.closedBy === null ? null : actorJson(exposure.closedBy),
    durationSeconds: exposure.durationSeconds,
  };
}

/** What may be unknown about a group is absent then, never null. */
function groupFacts({ groupName, vpcId }: Pick<Exposure, 'groupName' | 'vpcId'>): {
  groupName?: string;
  vpcId?: string;
} {
  return {
    ...(groupName === undefined ? {} : { groupName }),
    ...(vpcId === undefined ? {} : { vpcId }),
  };
}

export function undeterminedJson(undetermined: Undetermined): Undetermined {
  return {
    eventId: undetermined.eventId,
    eventTime: undetermined.eventTime,
    eventName: undetermined.eventName,
    accountId: undetermined.accountId,
    region: undetermined.region,
    groupId: undetermined.groupId,
    reason: undetermined.reason,
  };
}

export function problemJson(problem: Problem): Problem {
  return {
    file: problem.file,
    ...(problem.record === undefined ? {} : { record: problem.record }),
    ...(problem.offset === undefined ? {} : { offset: problem.offset }),
    code: problem.code,
    message: problem.message,
  };
}

export function notRunJson({ ruleId, reason }: NotRun): NotRun {
  return { ruleId, reason };
}

export function suppressedJson({ signals, exposures, hidden }: Suppressed): object {
  const list = hidden?.map(({ signal, exposures: ofSignal, suppressions }) => ({
    suppressions: suppressions.map(({ id, reason }) => ({ id, reason })),
    signal: signalJson(signal),
    exposures: ofSignal.map(exposureJson),
  }));
  return { signals, exposures, ...(list === undefined ? {} : { hidden: list }) };
}

// JSON.stringify escapes what JSON must; these are what a terminal or an editor may act upon: delete
// and C1 controls, line separators, bidirectional and other invisible characters.
const active = /[\u007f-\u009f\u2028\u2029\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** Joiners and selectors, which some scripts and emoji need. */
const spared: ReadonlySet<string> = new Set('\u200c\u200d\ufe0e\ufe0f');

/** JSON text with the same value as `JSON.stringify` gives, harmless wherever it is shown. */
export function safeJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent).replace(active, (character) =>
    spared.has(character) ? character : unicodeEscape(character),
  );
}

function unicodeEscape(character: string): string {
  let escaped = '';
  for (let index = 0; index < character.length; index += 1) {
    escaped += `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }
  return escaped;
}
