// Records to signals, as one straight line: normalize, detect, track; beside it, records to matches
// of log rules and their signals. Pure: no clock, no network.

import { askedPaths } from './detect/asked-paths.ts';
import { detectExposures } from './detect/detect-exposures.ts';
import { detectLogRules } from './detect/log-rules/detect-log-rules.ts';
import { LogMatcher } from './detect/log-rules/log-matcher.ts';
import { MatchSet } from './detect/log-rules/match-set.ts';
import { planLogRules, type LogRulePlan } from './detect/log-rules/plan-log-rules.ts';
import type { Change, Undetermined } from './model/change.ts';
import type { Exposure } from './model/exposure.ts';
import { isObject, type JsonObject } from './model/json.ts';
import type { Rule } from './model/rule.ts';
import type { NotRun } from './model/scan-result.ts';
import type { Signal } from './model/signal.ts';
import type { SuppressedSignal, Suppression } from './model/suppression.ts';
import type { AskedPaths } from './normalize/kept-record.ts';
import { normalize } from './normalize/normalize.ts';
import { attributePaths, compileQuery, parseQuery } from './query/index.ts';
import { signalObject } from './track/signal-object.ts';
import { suppressFindings, suppressionPaths, suppressLogSignals } from './track/suppress.ts';
import { tellLogSignals, type ToldLogSignal } from './track/track-log-signals.ts';
import {
  compareSignals,
  tellSignals,
  type ToldSignal,
  type Wording,
} from './track/track-signals.ts';

/** A record that should count and could not be read. */
export type RejectedRecord = {
  /** Position in the input, from 0. */
  readonly record: number;
  readonly code: 'record/bad-field';
  readonly message: string;
};

export type Detection = {
  readonly signals: readonly Signal[];
  readonly exposures: readonly Exposure[];
  readonly undetermined: readonly Undetermined[];
  /** Log rules that ask for more than can be done here, with the reason. */
  readonly notRun: readonly NotRun[];
  /** What suppressions hide, which is in neither of the lists above. */
  readonly hidden: readonly SuppressedSignal[];
};

/** What the log rules found in the records, read elsewhere. */
export type LogMatches = {
  readonly plan: LogRulePlan;
  readonly matches: MatchSet;
  /** Time of the newest record that a log rule was asked about, in milliseconds since 1970. */
  readonly latestMs: number | null;
};

export type DetectResult = Detection & { readonly problems: readonly RejectedRecord[] };

export type DetectOptions = {
  /** Disabled rules are left out. */
  readonly rules: readonly Rule[];
} & Narrowing &
  Wording;

/** What of the findings is given. */
export type Narrowing = {
  /** None by default. */
  readonly suppressions?: readonly Suppression[];
  /** A query that signals match, with their exposures; all do by default. */
  readonly query?: string;
};

/** What there is to know before a record is read. */
export type Plan = LogRulePlan & {
  /**
   * Tells what will be asked of the records of changes. It takes a while, and is needed only once
   * there are changes.
   */
  readonly asked: () => AskedPaths;
};

/**
 * The log rules that are run, and what of a record is kept for signals.
 *
 * @throws QueryError where a query does not parse
 */
export function planFor({ rules, suppressions = [], query = '' }: DetectOptions): Plan {
  const enabled = rules.filter((rule) => rule.enabled);
  const ofSignals = [...suppressionPaths(suppressions), ...attributePaths(parseQuery(query))];
  const queries = [...suppressions.map((suppression) => suppression.query), query];
  return { ...planLogRules(enabled, ofSignals), asked: () => askedPaths(enabled, queries) };
}

/**
 * Exposures and signals in a set of CloudTrail records, given as parsed JSON, in any order and with
 * repetitions. Never throws on account of a record: what cannot be read is in `problems`, what
 * cannot be told is in `undetermined`.
 */
export function detect(records: Iterable<unknown>, options: DetectOptions): DetectResult {
  const changes: Change[] = [];
  const undetermined: Undetermined[] = [];
  const problems: RejectedRecord[] = [];
  const plan = planFor(options);
  const matcher = new LogMatcher(plan.runnable);
  const matches = new MatchSet();
  let index = 0;
  for (const record of records) {
    const normalized = normalize(record);
    switch (normalized.outcome) {
      case 'irrelevant':
        break;
      case 'change':
        changes.push(normalized.change);
        break;
      case 'undetermined':
        undetermined.push(normalized.undetermined);
        if (normalized.change !== undefined) changes.push(normalized.change);
        break;
      case 'rejected':
        problems.push({ record: index, code: 'record/bad-field', message: normalized.reason });
        break;
      default:
        normalized satisfies never;
    }
    const matched = isObject(record) ? matcher.match(record) : noMatch;
    if (matched.outcome === 'matched') {
      for (const match of matched.matches) matches.add(match);
    }
    // What is wrong with a record is said once.
    if (matched.outcome === 'rejected' && normalized.outcome !== 'rejected') {
      problems.push({ record: index, code: 'record/bad-field', message: matched.reason });
    }
    index += 1;
  }
  const logs = { plan, matches, latestMs: matcher.latestMs };
  return { ...detectChanges(changes, undetermined, logs, options), problems };
}

const noMatch = { outcome: 'none' } as const;

/** The second half of the line: from changes that were normalized, and matches found, elsewhere. */
export function detectChanges(
  changes: Iterable<Change>,
  undetermined: Iterable<Undetermined>,
  { plan, matches: logMatches, latestMs }: LogMatches,
  { rules, suppressions = [], query = '', ...wording }: DetectOptions,
): Detection {
  const detected = detectExposures(
    changes,
    rules.filter((rule) => rule.kind === 'exposure').filter((rule) => rule.enabled),
  );
  const logSignals = tellLogSignals(detectLogRules(logMatches, plan.runnable), latestMs);
  const findings = suppressFindings(detected.findings, suppressions, wording);
  const logs = suppressLogSignals(logSignals, suppressions);
  const matches = compileQuery(query);
  // Without a query nothing is put together for it: messages are long.
  const isAsked = (object: () => JsonObject): boolean => query === '' || matches(object());
  const signals = tellSignals(findings.told, wording).filter((told) =>
    isAsked(() => objectOf(told)),
  );
  const logsAsked = logs.told.filter((told) => isAsked(() => objectOfLog(told)));
  const exposuresAsked = new Set(signals.flatMap(({ signal }) => signal.exposures));
  return {
    signals: [...signals, ...logsAsked].map(({ signal }) => signal).toSorted(compareSignals),
    exposures: findings.told
      .map((finding) => finding.exposure)
      .filter(({ id }) => exposuresAsked.has(id)),
    hidden: [
      ...findings.hidden.filter(({ told }) => isAsked(() => objectOf(told))),
      ...logs.hidden.filter(({ told }) => isAsked(() => objectOfLog(told))),
    ]
      .map(({ hidden }) => hidden)
      .toSorted((a, b) => compareSignals(a.signal, b.signal)),
    undetermined: merge([...undetermined, ...detected.undetermined]),
    notRun: plan.notRun,
  };
}

function objectOf({ signal, findings, opening }: ToldSignal): JsonObject {
  const exposures = findings.map(({ exposure }) => exposure);
  return signalObject(signal, exposures, opening.record);
}

function objectOfLog({ signal, sample }: ToldLogSignal): JsonObject {
  return signalObject(signal, [], sample);
}

/** One entry an event, its reasons joined, in time order: repeated deliveries change nothing. */
function merge(entries: readonly Undetermined[]): readonly Undetermined[] {
  const byEvent = new Map<string, { entry: Undetermined; reasons: Set<string> }>();
  for (const entry of entries) {
    const key = JSON.stringify([entry.eventId, entry.groupId]);
    const known = byEvent.get(key);
    if (known === undefined) byEvent.set(key, { entry, reasons: new Set([entry.reason]) });
    else known.reasons.add(entry.reason);
  }
  return [...byEvent.values()]
    .map(({ entry, reasons }) => ({ ...entry, reason: [...reasons].toSorted().join('; ') }))
    .toSorted((a, b) => compareKeys(sortKey(a), sortKey(b)));
}

function sortKey(entry: Undetermined): readonly string[] {
  return [entry.eventTime, entry.eventId, entry.groupId ?? ''];
}

function compareKeys(a: readonly string[], b: readonly string[]): number {
  for (const [index, text] of a.entries()) {
    const other = b[index] ?? '';
    if (text !== other) return text < other ? -1 : 1;
  }
  return 0;
}
