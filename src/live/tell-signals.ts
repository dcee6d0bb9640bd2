// From what following groups found to what the store knows and what people are told: signals whose
// findings are other ones now are told anew, with those that may join them within keep-alive; the rest
// stays as it is. The result is what telling all findings at once would give.

import { compareFindings } from '../detect/detect-exposures.ts';
import type { Finding } from '../detect/finding.ts';
import type { Change } from '../model/change.ts';
import type { ExposureRule } from '../model/rule.ts';
import type { Signal } from '../model/signal.ts';
import type { StoredFinding, StoredSignal } from '../model/stored.ts';
import type { Suppression } from '../model/suppression.ts';
import type { StoreTransaction } from '../ports.ts';
import { suppressFindings } from '../track/suppress.ts';
import { tellSignals } from '../track/track-signals.ts';
import type { FollowedGroup } from './follow-groups.ts';

export type TellOptions = {
  readonly rules: readonly ExposureRule[];
  readonly suppressions: readonly Suppression[];
};

/** What became of signals of one group: those before, and those now, each with its findings. */
export type Retold = {
  readonly before: readonly StoredSignal[];
  readonly after: readonly ToldNow[];
};

export type ToldNow = {
  readonly stored: StoredSignal;
  readonly findings: readonly Finding[];
};

/** Writes findings and signals; says what is another one now. */
export async function tellGroups(
  tx: StoreTransaction,
  followed: readonly FollowedGroup[],
  { rules, suppressions }: TellOptions,
): Promise<readonly Retold[]> {
  const known = byGroup(
    await tx.findingsSince(followed.map(({ groupKey, fromMs }) => ({ groupKey, fromMs }))),
  );
  const differing = followed.flatMap((group) => {
    const difference = compare(group, known.get(group.groupKey) ?? []);
    return difference === null ? [] : [difference];
  });
  if (differing.length === 0) return [];
  const keepAliveMs = 1000 * Math.max(0, ...rules.map(({ options }) => options.keepAliveSeconds));
  const before = distinctSignals([
    ...(await tx.signalsSince(
      differing.map(({ groupKey, firstMs }) => ({ groupKey, fromMs: firstMs - keepAliveMs })),
    )),
    ...(await tx.signalsById([...new Set(differing.flatMap(({ signalIds }) => signalIds))])),
  ]);
  const told = byGroup(
    await tx.findingsOfSignals([...new Set(before.map(({ signal }) => signal.id))]),
  );
  const changeOf = await changesOf(tx, [...told.values()].flat(), differing);
  const retold = differing.map((group) => {
    const findings = new Map(
      (told.get(group.groupKey) ?? []).flatMap((stored) => {
        const finding = rebuilt(stored, rules, changeOf);
        return finding === null ? [] : [[finding.exposure.id, finding] as const];
      }),
    );
    for (const id of group.gone) findings.delete(id);
    for (const finding of group.changed) findings.set(finding.exposure.id, finding);
    return {
      group,
      before: before.filter(({ groupKey }) => groupKey === group.groupKey),
      after: tell([...findings.values()], group.groupKey, suppressions),
    };
  });
  await tx.deleteFindings(differing.flatMap(({ gone }) => gone));
  await tx.putFindings(retold.flatMap(({ group, after }) => storedFindings(after, group.groupKey)));
  await tx.deleteSignals(
    retold.flatMap(({ before: old, after }) => {
      const kept = new Set(after.map(({ stored }) => identity(stored)));
      return old
        .filter((stored) => !kept.has(identity(stored)))
        .map((stored) => ({ id: stored.signal.id, isHidden: isHidden(stored) }));
    }),
  );
  await tx.putSignals(retold.flatMap(({ after }) => after.map(({ stored }) => stored)));
  return retold.map(({ before: old, after }) => ({ before: old, after }));
}

type Difference = {
  readonly groupKey: string;
  /** When the first of the findings that differ opened, before or now. */
  readonly firstMs: number;
  readonly gone: readonly string[];
  readonly changed: readonly Finding[];
  /** Signals that told of those that are gone or changed. */
  readonly signalIds: readonly string[];
};

function compare(group: FollowedGroup, known: readonly StoredFinding[]): Difference | null {
  const before = new Map(known.map((stored) => [stored.exposure.id, stored]));
  const now = new Set(group.findings.map(({ exposure }) => exposure.id));
  const gone = known.filter(({ exposure }) => !now.has(exposure.id));
  const changed = group.findings.filter((finding) => {
    const stored = before.get(finding.exposure.id);
    return stored === undefined || !isEqual(stored, finding);
  });
  if (gone.length === 0 && changed.length === 0) return null;
  const touched = [...gone, ...changed.flatMap(({ exposure }) => before.get(exposure.id) ?? [])];
  return {
    groupKey: group.groupKey,
    firstMs: Math.min(
      ...touched.map(({ openedMs }) => openedMs),
      ...changed.map(({ openedBy }) => openedBy.eventTimeMs),
    ),
    gone: gone.map(({ exposure }) => exposure.id),
    changed,
    signalIds: touched.map(({ signalId }) => signalId),
  };
}

function isEqual({ exposure, admissions }: StoredFinding, finding: Finding): boolean {
  return (
    JSON.stringify(exposure) === JSON.stringify(finding.exposure) &&
    JSON.stringify(admissions) === JSON.stringify(storedAdmissions(finding))
  );
}

function storedAdmissions({ admissions }: Finding): StoredFinding['admissions'] {
  return admissions.map(({ source, by }) => ({ source, eventId: by.eventId }));
}

async function changesOf(
  tx: StoreTransaction,
  told: readonly StoredFinding[],
  differing: readonly Difference[],
): Promise<ReadonlyMap<string, Change>> {
  const anew = new Set(
    differing.flatMap(({ gone, changed }) => [
      ...gone,
      ...changed.map(({ exposure }) => exposure.id),
    ]),
  );
  const named = new Set(
    told
      .filter(({ exposure }) => !anew.has(exposure.id))
      .flatMap(({ exposure, admissions }) => [
        exposure.openedByEventId,
        ...(exposure.closedByEventId === null ? [] : [exposure.closedByEventId]),
        ...admissions.map(({ eventId }) => eventId),
      ]),
  );
  const stored = await tx.changesByEventId([...named]);
  return new Map(stored.map(({ change }) => [change.eventId, change]));
}

/** The finding that was stored; null for one of a rule that there is no more, or that is replaced. */
function rebuilt(
  { exposure, admissions }: StoredFinding,
  rules: readonly ExposureRule[],
  changes: ReadonlyMap<string, Change>,
): Finding | null {
  const rule = rules.find(({ id }) => id === exposure.ruleId);
  const openedBy = changes.get(exposure.openedByEventId);
  const closedBy = exposure.closedByEventId === null ? null : changes.get(exposure.closedByEventId);
  if (rule === undefined || openedBy === undefined || closedBy === undefined) return null;
  return {
    rule,
    exposure,
    openedBy,
    closedBy,
    admissions: admissions.flatMap(({ source, eventId }) => {
      const by = changes.get(eventId);
      return by === undefined ? [] : [{ source, by }];
    }),
  };
}

function tell(
  findings: readonly Finding[],
  groupKey: string,
  suppressions: readonly Suppression[],
): readonly ToldNow[] {
  const { told, hidden } = suppressFindings(findings.toSorted(compareFindings), suppressions);
  return [
    ...tellSignals(told).map(({ signal, findings: ofSignal }) =>
      toldNow(signal, ofSignal, groupKey, []),
    ),
    ...hidden.map(({ hidden: { signal, suppressions: by }, told: { findings: ofSignal } }) =>
      toldNow(signal, ofSignal, groupKey, by),
    ),
  ];
}

function toldNow(
  signal: Signal,
  findings: readonly Finding[],
  groupKey: string,
  suppressedBy: StoredSignal['suppressedBy'],
): ToldNow {
  const openedMs = findings.map(({ openedBy }) => openedBy.eventTimeMs);
  return {
    stored: {
      signal,
      groupKey,
      firstOpenedMs: Math.min(...openedMs),
      lastOpenedMs: Math.max(...openedMs),
      suppressedBy,
    },
    findings,
  };
}

function storedFindings(after: readonly ToldNow[], groupKey: string): readonly StoredFinding[] {
  return after.flatMap(({ stored, findings }) =>
    findings.map((finding) => ({
      exposure: finding.exposure,
      groupKey,
      openedMs: finding.openedBy.eventTimeMs,
      closedMs: finding.closedBy?.eventTimeMs ?? null,
      admissions: storedAdmissions(finding),
      signalId: stored.signal.id,
      isHidden: isHidden(stored),
    })),
  );
}

export function isHidden({ suppressedBy }: StoredSignal): boolean {
  return suppressedBy.length > 0;
}

/** A told and a hidden signal may have one id. */
export function identity(stored: StoredSignal): string {
  return `${stored.signal.id} ${isHidden(stored) ? 'hidden' : 'told'}`;
}

function distinctSignals(signals: readonly StoredSignal[]): readonly StoredSignal[] {
  return [...new Map(signals.map((stored) => [identity(stored), stored])).values()];
}

function byGroup(
  findings: readonly StoredFinding[],
): ReadonlyMap<string, readonly StoredFinding[]> {
  return Map.groupBy(findings, ({ groupKey }) => groupKey);
}
