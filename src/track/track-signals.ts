// Exposures in, signals out: what a person is told. One opening event makes one signal per rule and
// group; further openings by the same actor within keep-alive join it. A pure function of the
// findings, so late records correct signals and never double them.

import { compareText } from '../detect/order.ts';
import type { Finding } from '../detect/finding.ts';
import { stableId } from '../detect/stable-id.ts';
import type { Actor } from '../model/actor.ts';
import type { Change } from '../model/change.ts';
import { severities, type Exposure, type Severity } from '../model/exposure.ts';
import type { JsonObject } from '../model/json.ts';
import type { ExposureRule } from '../model/rule.ts';
import type { Signal } from '../model/signal.ts';
import { deriveAttributes } from '../normalize/derive-attributes.ts';
import { attributeValues, compileQuery } from '../query/index.ts';
import { compileTemplate, type Template } from '../template/index.ts';
import { durationText } from './duration-text.ts';

/** The findings of one opening event, and what the rule says of its record. */
type OpeningEvent = {
  readonly change: Change;
  readonly findings: Finding[];
};

/** A signal with what it tells of. */
export type ToldSignal = {
  readonly signal: Signal;
  readonly findings: readonly Finding[];
  /** The change that opened first. */
  readonly opening: Change;
};

/** Signals, the latest opening first within none: sorted by first opening, then by id. */
export function trackSignals(findings: readonly Finding[]): readonly Signal[] {
  return tellSignals(findings).map(({ signal }) => signal);
}

/** Tells of single findings, each as if it were the only one. */
export function singleTeller(): (finding: Finding) => Signal {
  const tellers = new Map<ExposureRule, Teller>();
  return (finding) => {
    const teller = tellers.get(finding.rule) ?? new Teller(finding.rule);
    tellers.set(finding.rule, teller);
    return teller.tell([{ change: finding.openedBy, findings: [finding] }]);
  };
}

/** As `trackSignals`, each with its findings. */
export function tellSignals(findings: readonly Finding[]): readonly ToldSignal[] {
  const byRule = new Map<ExposureRule, Finding[]>();
  for (const finding of findings) {
    const ofRule = byRule.get(finding.rule) ?? [];
    ofRule.push(finding);
    byRule.set(finding.rule, ofRule);
  }
  const told: ToldSignal[] = [];
  for (const [rule, ofRule] of byRule) {
    const teller = new Teller(rule);
    for (const events of openingEventsByGroupAndActor(ofRule, teller).values()) {
      for (const batch of joinWithinKeepAlive(events, rule)) {
        const [first] = batch;
        if (first === undefined) continue;
        const ofBatch = batch.flatMap((event) => event.findings);
        told.push({ signal: teller.tell(batch), findings: ofBatch, opening: first.change });
      }
    }
  }
  return told.toSorted((a, b) => compareSignals(a.signal, b.signal));
}

/** The order in which signals are told: by first seen, then by id. */
export function compareSignals(a: Signal, b: Signal): number {
  return compareText(a.firstSeen, b.firstSeen) || compareText(a.id, b.id);
}

function openingEventsByGroupAndActor(
  findings: readonly Finding[],
  teller: Teller,
): ReadonlyMap<string, readonly OpeningEvent[]> {
  const events = new Map<string, OpeningEvent>();
  const streams = new Map<string, OpeningEvent[]>();
  for (const finding of findings) {
    const { accountId, region, groupId } = finding.exposure;
    const group = [accountId, region, groupId];
    const eventKey = JSON.stringify([...group, finding.openedBy.eventId]);
    const known = events.get(eventKey);
    if (known !== undefined) {
      known.findings.push(finding);
      continue;
    }
    const event: OpeningEvent = { change: finding.openedBy, findings: [finding] };
    events.set(eventKey, event);
    const streamKey = JSON.stringify([...group, teller.actorKey(finding.openedBy)]);
    const stream = streams.get(streamKey) ?? [];
    stream.push(event);
    streams.set(streamKey, stream);
  }
  return streams;
}

/** @param events of one group and one actor, in time order */
function joinWithinKeepAlive(
  events: readonly OpeningEvent[],
  { options }: ExposureRule,
): readonly (readonly OpeningEvent[])[] {
  const batches: OpeningEvent[][] = [];
  for (const event of events) {
    const batch = batches.at(-1);
    const first = batch?.[0];
    const last = batch?.at(-1);
    if (
      batch !== undefined &&
      first !== undefined &&
      last !== undefined &&
      secondsBetween(last.change, event.change) <= options.keepAliveSeconds &&
      secondsBetween(first.change, event.change) <= options.maxSignalDurationSeconds
    ) {
      batch.push(event);
    } else {
      batches.push([event]);
    }
  }
  return batches;
}

function secondsBetween(a: Change, b: Change): number {
  return (b.eventTimeMs - a.eventTimeMs) / 1000;
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

  tell(events: readonly OpeningEvent[]): Signal {
    const rule = this.#rule;
    const [first] = events;
    if (first === undefined) throw new RangeError('a signal needs an opening');
    const findings = events.flatMap((event) => event.findings);
    const [sample] = findings;
    if (sample === undefined) throw new RangeError('an opening needs a finding');
    const { accountId, region, groupId, groupName, vpcId } = sample.exposure;
    const closing = lastClosing(findings);
    const latest = lastEvent(findings);
    const draft = {
      id: stableId('sig', [rule.id, accountId, region, groupId, first.change.eventId]),
      ruleId: rule.id,
      severity: this.#severity(events),
      accountId,
      region,
      groupId,
      ...(groupName === undefined ? {} : { groupName }),
      ...(vpcId === undefined ? {} : { vpcId }),
      actor: first.change.actor,
      firstSeen: first.change.eventTime,
      lastSeen: latest.eventTime,
      status: closing === null ? 'open' : 'closed',
      closedAt: closing?.eventTime ?? null,
      closedBy: closing?.actor ?? null,
      durationSeconds: closing === null ? null : secondsBetween(first.change, closing),
    } as const;
    const context = {
      ...deriveAttributes(first.change.record),
      signal: signalAttributes(draft, findings),
    };
    return {
      id: draft.id,
      ruleId: draft.ruleId,
      severity: draft.severity,
      title: this.#title.render(context, 'plain').trim(),
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
      message: this.#message.render(context, 'markdown').trim(),
      exposures: findings.map((finding) => finding.exposure.id),
      eventIds: eventIds(findings),
    };
  }

  /** The most severe of the openings. */
  #severity(events: readonly OpeningEvent[]): Severity {
    const ranks = events.map((event) => {
      const record = deriveAttributes(event.change.record);
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
  const { port, toPort, service, protocol } = exposure;
  if (service !== null) return `${port} (${service})`;
  if (toPort === undefined || toPort === port) return `${port}/${protocol}`;
  return protocol === 'all' ? 'all ports and protocols' : `${port}-${toPort}/${protocol}`;
}
