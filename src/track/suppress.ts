// Splits what was found into what is told and what is hidden. Pure. Nothing is hidden in the shadow
// of something else: each source that was let in, at each port, by each call, and each record of a
// log rule's signal, has to be suppressed for itself.

import type { Admission, Finding } from '../detect/finding.ts';
import type { Exposure } from '../model/exposure.ts';
import type { Signal } from '../model/signal.ts';
import type { SuppressedBy, SuppressedSignal, Suppression } from '../model/suppression.ts';
import {
  asksAny,
  attributePaths,
  compileQuery,
  parseQuery,
  type Predicate,
} from '../query/index.ts';
import { signalObject } from './signal-object.ts';
import type { ToldLogSignal } from './track-log-signals.ts';
import { singleTeller, tellSignals, type ToldSignal, type Wording } from './track-signals.ts';
import { compareText } from '../model/compare-text.ts';

type Compiled = {
  readonly suppression: Suppression;
  readonly matches: Predicate;
  /** Whether ports of a range can differ for it. */
  readonly asksPort: boolean;
};

/** @throws QueryError where a query does not parse, which loading has made sure of */
function compileSuppressions(suppressions: readonly Suppression[]): readonly Compiled[] {
  return suppressions.map((suppression) => {
    const query = parseQuery(suppression.query);
    const asksPort = attributePaths(query).includes(portPath) || asksAny(query);
    return { suppression, matches: compileQuery(query), asksPort };
  });
}

const portPath = 'exposures.port';

/** A hidden signal, with what it tells of. */
type Hidden<T> = { readonly hidden: SuppressedSignal; readonly told: T };

export type SuppressedFindings = {
  readonly told: readonly Finding[];
  /** The hidden findings as signals of their own, in the order of signals. */
  readonly hidden: readonly Hidden<ToldSignal>[];
};

/** An opening is judged as the signal that it would be alone, at the time of the call. */
export function suppressFindings(
  findings: readonly Finding[],
  suppressions: readonly Suppression[],
  wording: Wording = {},
): SuppressedFindings {
  const compiled = compileSuppressions(suppressions);
  const tell = singleTeller();
  const stays: Finding[] = [];
  const hiddenBy = new Map<Finding, readonly Suppression[]>();
  for (const finding of findings) {
    const by = suppressing(finding, compiled, tell);
    if (by === null) stays.push(finding);
    else hiddenBy.set(finding, by);
  }
  const hidden = tellSignals([...hiddenBy.keys()], wording).map((told) => ({
    hidden: {
      signal: told.signal,
      exposures: told.findings.map(({ exposure }) => exposure),
      suppressions: named(told.findings.flatMap((finding) => hiddenBy.get(finding) ?? [])),
    },
    told,
  }));
  return { told: stays, hidden };
}

/** The suppressions that together hide all of a finding; null where something of it stays. */
function suppressing(
  finding: Finding,
  compiled: readonly Compiled[],
  tell: (finding: Finding) => Signal,
): readonly Suppression[] | null {
  const ofRule = compiled.filter(({ suppression }) => isAbout(suppression, finding.rule.id));
  const used: Suppression[] = [];
  for (const admission of finding.admissions) {
    const inForce = ofRule.filter(({ suppression }) =>
      isInForce(suppression, admission.by.eventTimeMs),
    );
    if (inForce.length === 0) return null;
    const alone = aloneOf(finding, admission);
    const signal = tell(alone);
    const found = inForce.find((each) => hides(each, signal, alone));
    if (found === undefined) return null;
    used.push(found.suppression);
  }
  return used.length === 0 ? null : used;
}

/** The finding as if one call, with one source, had been all. */
function aloneOf(finding: Finding, { source, by }: Admission): Finding {
  const exposure: Exposure = {
    ...finding.exposure,
    sources: [source],
    openedAt: by.eventTime,
    openedByEventId: by.eventId,
    openedByEventName: by.eventName,
    openedBy: by.actor,
    durationSeconds:
      finding.closedBy === null ? null : (finding.closedBy.eventTimeMs - by.eventTimeMs) / 1000,
  };
  return { ...finding, exposure, openedBy: by };
}

function hides({ matches, asksPort }: Compiled, signal: Signal, alone: Finding): boolean {
  const { exposure, openedBy } = alone;
  const object = signalObject(signal, [exposure], openedBy.record);
  if (!matches(object)) return false;
  const { port, toPort = port } = exposure;
  if (!asksPort) return true;
  // The far end first: it is what most queries on the first port leave out.
  for (let other = toPort; other > port; other -= 1) {
    if (!matches({ ...object, exposures: [{ ...exposure, port: other }] })) return false;
  }
  return true;
}

export type SuppressedLogSignals = {
  readonly told: readonly ToldLogSignal[];
  readonly hidden: readonly Hidden<ToldLogSignal>[];
};

/** A signal is hidden when it is for each of its records. */
export function suppressLogSignals(
  signals: readonly ToldLogSignal[],
  suppressions: readonly Suppression[],
): SuppressedLogSignals {
  const compiled = compileSuppressions(suppressions);
  const told: ToldLogSignal[] = [];
  const hidden: Hidden<ToldLogSignal>[] = [];
  for (const each of signals) {
    const by = suppressingRecords(each, compiled);
    if (by === null) told.push(each);
    else {
      const signal = { signal: each.signal, exposures: [], suppressions: named(by) };
      hidden.push({ hidden: signal, told: each });
    }
  }
  return { told, hidden };
}

function suppressingRecords(
  { signal, records }: ToldLogSignal,
  compiled: readonly Compiled[],
): readonly Suppression[] | null {
  const ofRule = compiled.filter(({ suppression }) => isAbout(suppression, signal.ruleId));
  if (ofRule.length === 0) return null;
  const used = new Set<Suppression>();
  for (const { timeMs, record } of records()) {
    const found = ofRule.find(
      ({ suppression, matches }) =>
        isInForce(suppression, timeMs) && matches(signalObject(signal, [], record)),
    );
    if (found === undefined) return null;
    used.add(found.suppression);
  }
  return used.size === 0 ? null : [...used];
}

function isAbout({ ruleId }: Suppression, id: string): boolean {
  return ruleId === null || ruleId === id;
}

function isInForce({ startMs, endMs }: Suppression, timeMs: number): boolean {
  return (startMs ?? -Infinity) <= timeMs && timeMs <= (endMs ?? Infinity);
}

function named(suppressions: readonly Suppression[]): readonly SuppressedBy[] {
  return [...new Set(suppressions)]
    .map(({ id, reason }): SuppressedBy => ({ id, reason }))
    .toSorted((a, b) => compareText(a.id, b.id));
}

/** Attributes of records that the queries of suppressions ask for: dotted paths. */
export function suppressionPaths(suppressions: readonly Suppression[]): readonly string[] {
  return suppressions.flatMap(({ query }) => attributePaths(parseQuery(query)));
}
