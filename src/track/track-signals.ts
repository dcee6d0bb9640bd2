// Exposures in, signals out: what a person is told. One opening event makes one signal per rule and
// group; further openings by the same actor within keep-alive join it. A pure function of the
// findings, so late records correct signals and never double them.

import type { Finding } from '../detect/finding.ts';
import { stableId } from '../detect/stable-id.ts';
import type { Actor } from '../model/actor.ts';
import { isFoundByAudit } from '../model/audit.ts';
import type { Change } from '../model/change.ts';
import { severities, type Exposure, type Severity } from '../model/exposure.ts';
import type { JsonObject } from '../model/json.ts';
import type { ExposureRule } from '../model/rule.ts';
import type { Signal } from '../model/signal.ts';
import { deriveAttributes } from '../normalize/derive-attributes.ts';
import { attributeValues, compileQuery } from '../query/index.ts';
import { compileTemplate, type Template } from '../template/index.ts';
import { durationText } from './duration-text.ts';
import { foundOpenMessage, foundOpenTitle } from './found-open.ts';
import { compareText } from '../model/compare-text.ts';

/** The findings of one signal, in time order. */
type Batch = readonly [Finding, ...Finding[]];

/** A signal with what it tells of. */
export type ToldSignal = {
  readonly signal: Signal;
  readonly findings: readonly Finding[];
  /** The change that opened first. */
  readonly opening: Change;
};

export type Wording = {
  /** Whether titles and messages of open signals name only what is open; all of it by default. */
  readonly namesOpenOnly?: boolean;
};

/** Signals, sorted by first opening, then by id. */
export function trackSignals(findings: readonly Finding[]): readonly Signal[] {
  return tellSignals(findings).map(({ signal }) => signal);
}

/** Tells of single findings, each as if it were the only one. */
export function singleTeller(): (finding: Finding) => Signal {
  return (finding) => tellerOf(finding.rule).tell([finding], [finding]);
}

/** As `trackSignals`, each with its findings. */
export function tellSignals(
  findings: readonly Finding[],
  { namesOpenOnly = false }: Wording = {},
): readonly ToldSignal[] {
  const byRule = new Map<ExposureRule, Finding[]>();
  for (const finding of findings) {
    const ofRule = byRule.get(finding.rule) ?? [];
    ofRule.push(finding);
    byRule.set(finding.rule, ofRule);
  }
  const told: ToldSignal[] = [];
  for (const [rule, ofRule] of byRule) {
    const teller = tellerOf(rule);
    for (const stream of byGroupAndActor(ofRule, teller)) {
      for (const batch of joinWithinKeepAlive(stream, rule)) {
        const open = batch.filter(({ closedBy }) => closedBy === null);
        const named = namesOpenOnly && open.length > 0 ? open : batch;
        const signal = teller.tell(batch, named);
        told.push({ signal, findings: batch, opening: batch[0].openedBy });
      }
    }
  }
  return told.toSorted((a, b) => compareSignals(a.signal, b.signal));
}

/** The order in which signals are told: by first seen, then by id. */
export function compareSignals(a: Signal, b: Signal): number {
  return compareText(a.firstSeen, b.firstSeen) || compareText(a.id, b.id);
}

function byGroupAndActor(
  findings: readonly Finding[],
  teller: Teller,
): Iterable<readonly Finding[]> {
  const actorKeys = new Map<Change, string>();
  return Map.groupBy(findings, ({ exposure, openedBy }) => {
    const { accountId, region, groupId } = exposure;
    const actorKey = actorKeys.get(openedBy) ?? teller.actorKey(openedBy);
    actorKeys.set(openedBy, actorKey);
    return JSON.stringify([accountId, region, groupId, actorKey]);
  }).values();
}

/**
 * What one event opened is always of one signal.
 *
 * @param findings of one group and one actor, in time order
 */
function joinWithinKeepAlive(
  findings: readonly Finding[],
  { options }: ExposureRule,
): readonly Batch[] {
  const batches: [Finding, ...Finding[]][] = [];
  for (const finding of findings) {
    const batch = batches.at(-1);
    if (batch !== undefined && joins(finding, batch, options)) batch.push(finding);
    else batches.push([finding]);
  }
  return batches;
}

function joins(
  { openedBy }: Finding,
  batch: Batch,
  { keepAliveSeconds, maxSignalDurationSeconds }: ExposureRule['options'],
): boolean {
  const [first] = batch;
  const last = batch.at(-1) ?? first;
  return (
    secondsBetween(last.openedBy, openedBy) <= keepAliveSeconds &&
    secondsBetween(first.openedBy, openedBy) <= maxSignalDurationSeconds
  );
}

function secondsBetween(a: Change, b: Change): number {
  return (b.eventTimeMs - a.eventTimeMs) / 1000;
}

const tellers = new WeakMap<ExposureRule, Teller>();

/** Compiling a rule's words takes longer than telling many signals. */
function tellerOf(rule: ExposureRule): Teller {
  const known = tellers.get(rule);
  if (known !== undefined) return known;
  const teller = new Teller(rule);
  tellers.set(rule, teller);
  return teller;
}

/** Words and severities of one rule; its queries and templates are compiled once. */
class Teller {
  readonly #rule: ExposureRule;
  readonly #cases: readonly { matches: (record: JsonObject) => boolean; severity: Severity }[];
  readonly #title: Template;
  readonly #message: Template;

  constructor(rule: ExposureRule) {
    this.#rule = rule;
    this.#cases = rule.cases.map(({ where, severity }) => ({
      matches: where === null ? () => true : compileQuery(where),
      severity,
    }));
    this.#title = compileTemplate(rule.title);
    this.#message = compileTemplate(rule.message);
  }

  /** Openings with equal keys are by the same actor: the rule's group-by, else who it was. */
  actorKey(change: Change): string {
    const { actor } = change;
    const identity = [
      actor.type,
      actor.arn ?? actor.sessionName ?? actor.accessKeyId,
      actor.invokedBy,
    ];
    if (this.#rule.groupBy.length === 0) return JSON.stringify(identity);
    const record = deriveAttributes(change.record);
    return JSON.stringify(
      this.#rule.groupBy.map((path) => {
        const values = attributeValues(record, path);
        return values.length === 0 ? identity : values;
      }),
    );
  }

  /** @param named the findings that title and message name */
  tell(findings: Batch, named: readonly Finding[]): Signal {
    const rule = this.#rule;
    const [{ exposure, openedBy: opening }] = findings;
    const { accountId, region, groupId, groupName, vpcId } = exposure;
    const closing = lastClosing(findings);
    const latest = lastEvent(findings);
    const draft = {
      id: stableId('sig', [rule.id, accountId, region, groupId, opening.eventId]),
      ruleId: rule.id,
      severity: this.#severity(findings),
      accountId,
      region,
      groupId,
      ...(groupName === undefined ? {} : { groupName }),
      ...(vpcId === undefined ? {} : { vpcId }),
      actor: opening.actor,
      firstSeen: opening.eventTime,
      lastSeen: latest.eventTime,
      status: closing === null ? 'open' : 'closed',
      closedAt: closing?.eventTime ?? null,
      closedBy: closing?.actor ?? null,
      durationSeconds: closing === null ? null : secondsBetween(opening, closing),
    } as const;
    const context = (): JsonObject => ({
      ...deriveAttributes(opening.record),
      signal: signalAttributes(draft, named),
    });
    const isFound = isFoundByAudit(opening);
    const titleWords = isFound ? foundOpenTitle : this.#title;
    const message = isFound ? foundOpenMessage : this.#message;
    return {
      id: draft.id,
      ruleId: draft.ruleId,
      severity: draft.severity,
      title: titleWords.render(context(), 'plain').trim(),
      accountId,
      region,
      groupId,
      ...(groupName === undefined ? {} : { groupName }),
      ...(vpcId === undefined ? {} : { vpcId }),
      actor: draft.actor,
      firstSeen: draft.firstSeen,
      lastSeen: draft.lastSeen,
      status: draft.status,
      closedAt: draft.closedAt,
      closedBy: draft.closedBy,
      durationSeconds: draft.durationSeconds,
      // Long, and the same whenever it is asked for: of many signals, few messages are held at a time.
      get message() {
        return message.render(context(), 'markdown').trim();
      },
      exposures: findings.map((finding) => finding.exposure.id),
      eventIds: eventIds(findings),
    };
  }

  /** The most severe of the openings. */
  #severity(findings: Batch): Severity {
    const ranks = [...new Set(findings.map(({ openedBy }) => openedBy))].map((opening) => {
      const record = deriveAttributes(opening.record);
      const severity =
        this.#cases.find((candidate) => candidate.matches(record))?.severity ?? this.#rule.severity;
      return severities.indexOf(severity);
    });
    return severities[Math.max(...ranks)] ?? this.#rule.severity;
  }
}

/** The change that closed the last exposure; null while one is open. */
function lastClosing(findings: readonly Finding[]): Change | null {
  let last: Change | null = null;
  for (const { closedBy } of findings) {
    if (closedBy === null) return null;
    if (last === null || isLater(closedBy, last)) last = closedBy;
  }
  return last;
}

function lastEvent(findings: readonly Finding[]): Change {
  const events = findings.flatMap(({ openedBy, closedBy }) =>
    closedBy === null ? [openedBy] : [openedBy, closedBy],
  );
  return events.reduce((last, event) => (isLater(event, last) ? event : last));
}

function isLater(a: Change, b: Change): boolean {
  return a.eventTimeMs === b.eventTimeMs
    ? compareText(a.eventId, b.eventId) > 0
    : a.eventTimeMs > b.eventTimeMs;
}

function eventIds(findings: readonly Finding[]): readonly string[] {
  const events = new Map<string, Change>();
  for (const { openedBy, closedBy } of findings) {
    events.set(openedBy.eventId, openedBy);
    if (closedBy !== null) events.set(closedBy.eventId, closedBy);
  }
  return [...events.values()]
    .toSorted((a, b) => (isLater(a, b) ? 1 : isLater(b, a) ? -1 : 0))
    .map((event) => event.eventId);
}

type SignalFacts = Pick<
  Signal,
  | 'ruleId'
  | 'severity'
  | 'accountId'
  | 'region'
  | 'groupId'
  | 'firstSeen'
  | 'lastSeen'
  | 'status'
  | 'closedAt'
  | 'closedBy'
  | 'durationSeconds'
  | 'actor'
> & { readonly groupName?: string; readonly vpcId?: string };

/** What templates can say of a signal, under `@signal`. Lists also stand as text. */
function signalAttributes(signal: SignalFacts, findings: readonly Finding[]): JsonObject {
  const exposures = findings.map((finding) => finding.exposure);
  const portList = [...new Set(exposures.map((exposure) => exposure.port))].toSorted(
    (a, b) => a - b,
  );
  const sourceList = [...new Set(exposures.flatMap((exposure) => exposure.sources))];
  return {
    ruleId: signal.ruleId,
    severity: signal.severity,
    accountId: signal.accountId,
    region: signal.region,
    groupId: signal.groupId,
    groupName: signal.groupName,
    vpcId: signal.vpcId,
    actor: nameOf(signal.actor),
    ports: [...new Set(exposures.toSorted((a, b) => a.port - b.port).map(portText))].join(', '),
    portList,
    sources: sourceList.join(', '),
    sourceList,
    firstSeen: signal.firstSeen,
    lastSeen: signal.lastSeen,
    status: signal.status,
    closedAt: signal.closedAt ?? undefined,
    closedBy: signal.closedBy === null ? undefined : nameOf(signal.closedBy),
    durationSeconds: signal.durationSeconds ?? undefined,
    duration: signal.durationSeconds === null ? undefined : durationText(signal.durationSeconds),
  };
}

/** The name a person would recognize, or the next best thing the record gives. */
export function nameOf(actor: Actor): string {
  return actor.sessionName ?? actor.arn ?? actor.invokedBy ?? actor.accessKeyId ?? actor.type;
}

function portText(exposure: Exposure): string {
  const { port, toPort = port, service, protocol } = exposure;
  if (service !== null) return `${port} (${service})`;
  if (toPort === port) return `${port}/${protocol}`;
  return protocol === 'all' ? 'all ports and protocols' : `${port}-${toPort}/${protocol}`;
}
