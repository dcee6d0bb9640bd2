// Findings of log rules in, signals out: the moments at which a case of one group held are one signal
// while each follows the one before within keep-alive. A pure function of the findings, so late
// records correct signals and never double them.

import type { LogEvent, LogFinding, Trigger } from '../detect/log-rules/log-finding.ts';
import { compareMatches, valueText } from '../detect/log-rules/log-match.ts';
import { stableId } from '../detect/stable-id.ts';
import { severities } from '../model/exposure.ts';
import { asText, own, type JsonObject } from '../model/json.ts';
import type { LogCase, LogRule } from '../model/rule.ts';
import type { LogSignal } from '../model/signal.ts';
import { readActor } from '../normalize/actor.ts';
import { deriveAttributes } from '../normalize/derive-attributes.ts';
import { compileTemplate, type Template } from '../template/index.ts';
import { durationText } from './duration-text.ts';
import { compareSignals, nameOf } from './track-signals.ts';
import { utcTime } from '../model/utc-time.ts';

/** Events and new values that a signal names. */
const namedEvents = 100;
const namedValues = 100;

/** A signal with what it tells of. */
export type ToldLogSignal = {
  readonly signal: LogSignal;
  /** What was kept of the records that made it, by time, then by event id. */
  readonly records: () => readonly { readonly timeMs: number; readonly record: JsonObject }[];
  /** The record that the signal speaks of. */
  readonly sample: JsonObject;
};

/** As `tellLogSignals`, without the records. */
export function trackLogSignals(
  findings: readonly LogFinding[],
  asOfMs: number | null,
): readonly LogSignal[] {
  return tellLogSignals(findings, asOfMs).map(({ signal }) => signal);
}

/**
 * @param asOfMs time of the newest record that was looked at: a signal that a record of that time
 * could still join is open. Milliseconds since 1970; null where there was no record.
 * @returns sorted by first seen, then by id
 */
export function tellLogSignals(
  findings: readonly LogFinding[],
  asOfMs: number | null,
): readonly ToldLogSignal[] {
  const tellers = new Map<LogRule, Teller>();
  const told: ToldLogSignal[] = [];
  for (const finding of findings) {
    const teller = tellers.get(finding.rule) ?? new Teller(finding.rule, asOfMs ?? -Infinity);
    tellers.set(finding.rule, teller);
    for (const triggers of joinWithinKeepAlive(finding)) {
      told.push(teller.tell(finding, triggers));
    }
  }
  return told.toSorted((a, b) => compareSignals(a.signal, b.signal));
}

type Triggers = readonly [Trigger, ...Trigger[]];

function joinWithinKeepAlive({ rule, triggers }: LogFinding): readonly Triggers[] {
  const { keepAliveSeconds, maxSignalDurationSeconds } = rule.options;
  const batches: [Trigger, ...Trigger[]][] = [];
  for (const trigger of triggers) {
    const batch = batches.at(-1);
    const last = batch?.at(-1);
    if (
      batch !== undefined &&
      last !== undefined &&
      // Without keep-alive, each new value is told by itself, even two of one second.
      keepAliveSeconds > 0 &&
      trigger.timeMs - last.timeMs <= keepAliveSeconds * 1000 &&
      trigger.timeMs - batch[0].timeMs <= maxSignalDurationSeconds * 1000
    ) {
      batch.push(trigger);
    } else {
      batches.push([trigger]);
    }
  }
  return batches;
}

/** Words of one rule; its templates are compiled once. */
class Teller {
  readonly #rule: LogRule;
  readonly #asOfMs: number;
  readonly #title: Template;
  readonly #message: Template;

  constructor(rule: LogRule, asOfMs: number) {
    this.#rule = rule;
    this.#asOfMs = asOfMs;
    this.#title = compileTemplate(rule.title);
    this.#message = compileTemplate(rule.message);
  }

  tell({ group, groupBy, events }: LogFinding, triggers: Triggers): ToldLogSignal {
    const rule = this.#rule;
    const [first] = triggers;
    const last = triggers.at(-1) ?? first;
    const ofSignal = eventsOf(events, triggers);
    // Of the records that made the case hold, the first; those before only prepared it.
    const sample = firstOf(events, first);
    const record = recordOf(sample);
    const actor = readActor(record);
    const decisive = this.#mostSevere(triggers);
    const endMs = this.#endMs(first, last);
    const isOpen = endMs >= this.#asOfMs;
    const newValues = triggers
      .flatMap(({ newValue }) => (newValue === null ? [] : [valueText(newValue)]))
      .slice(0, namedValues);
    const eventIds = [...new Set(ofSignal.map(({ match }) => match.eventId))];
    const facts = {
      id: stableId('sig', [
        rule.id,
        group,
        sample.match.eventId,
        first.newValue ?? '',
        ...queryPart(first, sample),
      ]),
      ruleId: rule.id,
      severity: decisive.severity,
      accountId: accountOf(record),
      region: asText(own(record, 'awsRegion')) ?? '',
      groupId: null,
      actor,
      firstSeen: sample.match.eventTime,
      lastSeen: events[last.to - 1]?.match.eventTime ?? sample.match.eventTime,
      status: isOpen ? 'open' : 'closed',
      closedAt: isOpen ? null : utcTime(endMs),
      closedBy: null,
      durationSeconds: isOpen ? null : (endMs - first.timeMs) / 1000,
      exposures: [],
      eventIds: eventIds.slice(0, namedEvents),
      groupBy,
      case: decisive.name,
      newValues,
      eventCount: eventIds.length,
      queries: rule.queries.map(({ name }, query) => ({ name, count: count(ofSignal, query) })),
    } as const;
    const context = { ...deriveAttributes(record), signal: signalAttributes(facts) };
    return {
      signal: {
        ...facts,
        title: this.#title.render(context, 'plain').trim(),
        message: this.#message.render(context, 'markdown').trim(),
      },
      records: () =>
        ofSignal.map((event) => ({ timeMs: event.match.eventTimeMs, record: recordOf(event) })),
      sample: record,
    };
  }

  /** The case that gives the severity: of equally severe ones, the one that held first. */
  #mostSevere(triggers: Triggers): LogCase {
    const cases = triggers.flatMap(({ caseIndex }) => this.#rule.cases[caseIndex] ?? []);
    return cases.reduce((most, other) => (rank(other) > rank(most) ? other : most));
  }

  /** The last moment at which a record could join. */
  #endMs(first: Trigger, last: Trigger): number {
    const { keepAliveSeconds, maxSignalDurationSeconds } = this.#rule.options;
    return Math.min(
      last.timeMs + keepAliveSeconds * 1000,
      first.timeMs + maxSignalDurationSeconds * 1000,
    );
  }
}

/** One value of one record may be new to several queries, each of which tells it. */
function queryPart({ newValue }: Trigger, { queries: [query = 0] }: LogEvent): readonly string[] {
  return newValue === null || query === 0 ? [] : [String(query)];
}

function rank({ severity }: LogCase): number {
  return severities.indexOf(severity);
}

function firstOf(events: readonly LogEvent[], { timeMs, from, to }: Trigger): LogEvent {
  const sample = events.slice(from, to).find(({ match }) => match.eventTimeMs === timeMs);
  if (sample === undefined) throw new RangeError('a trigger needs a record');
  return sample;
}

/** The records for which a case held, by time, then by event id. */
function eventsOf(events: readonly LogEvent[], triggers: Triggers): readonly LogEvent[] {
  const found: LogEvent[] = [];
  let next = 0;
  for (const { from, to } of triggers) {
    for (next = Math.max(next, from); next < to; next += 1) {
      const event = events[next];
      if (event !== undefined) found.push(event);
    }
  }
  return found.toSorted((a, b) => compareMatches(a.match, b.match));
}

/** What was kept of the record, with its own id and time again. */
function recordOf({ match }: LogEvent): JsonObject {
  return { ...match.context, eventID: match.eventId, eventTime: match.eventTime };
}

function accountOf(record: JsonObject): string {
  return (
    asText(own(record, 'recipientAccountId')) ??
    asText(own(own(record, 'userIdentity'), 'accountId')) ??
    ''
  );
}

/** Events that match a query; one that brought two new values is one. */
function count(events: readonly LogEvent[], query: number): number {
  const matching = events.filter(({ queries }) => queries.includes(query));
  return new Set(matching.map(({ match }) => match.eventId)).size;
}

/** What templates can say of a signal, under `@signal`. Lists also stand as text. */
function signalAttributes(signal: Omit<LogSignal, 'title' | 'message'>): JsonObject {
  const { groupBy, durationSeconds } = signal;
  return {
    ruleId: signal.ruleId,
    severity: signal.severity,
    accountId: signal.accountId,
    region: signal.region,
    actor: nameOf(signal.actor),
    case: signal.case,
    groupBy: groupBy.map(({ attribute, value }) => `${attribute}:${value ?? ''}`).join(', '),
    groupByList: groupBy.map(({ value }) => value ?? ''),
    newValues: signal.newValues.join(', '),
    newValueList: signal.newValues,
    eventCount: signal.eventCount,
    firstSeen: signal.firstSeen,
    lastSeen: signal.lastSeen,
    status: signal.status,
    closedAt: signal.closedAt ?? undefined,
    durationSeconds: durationSeconds ?? undefined,
    duration: durationSeconds === null ? undefined : durationText(durationSeconds),
  };
}
