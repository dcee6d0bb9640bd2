// The order in which changes are folded: a function of the set, whatever order they came in.
// CloudTrail delivers late, out of order and more than once.

import type { Change } from '../model/change.ts';
import { compareText } from '../model/compare-text.ts';

/** By event time, then by event id. */
export function compareChanges(a: Change, b: Change): number {
  if (a.eventTimeMs !== b.eventTimeMs) return a.eventTimeMs - b.eventTimeMs;
  return compareText(a.eventId, b.eventId);
}

/**
 * The changes, each event once, in folding order (same-second causality aside; see
 * `causalOrder`). Two records with one event id should be equal; where they are not, the choice
 * between them does not depend on which came first. Of the copies of one call that AWS delivered
 * to two accounts, the owner's is kept: the one whose recipient is not the caller.
 */
export function canonicalChanges(changes: Iterable<Change>): readonly Change[] {
  const byEvent = new Map<string, Change>();
  for (const change of changes) {
    const known = byEvent.get(change.eventId);
    if (known === undefined || isPreferred(change, known)) byEvent.set(change.eventId, change);
  }
  const byCall = new Map<string, Change>();
  const kept: Change[] = [];
  for (const change of byEvent.values()) {
    const call = copyKey(change);
    if (call === null) kept.push(change);
    else {
      const known = byCall.get(call);
      if (known === undefined || isPreferredCopy(change, known)) byCall.set(call, change);
    }
  }
  return [...kept, ...byCall.values()].toSorted(compareChanges);
}

/** Equal for the copies of one call that AWS delivered to two accounts; null where there are none. */
export function copyKey({ sharedEventId, eventName }: Change): string | null {
  return sharedEventId === null ? null : `${sharedEventId} ${eventName}`;
}

/** Which of two different records with one event id counts. */
export function isPreferred(change: Change, known: Change): boolean {
  return compareText(textOf(change), textOf(known)) < 0;
}

/** With the record at the end, of which more or less may have been kept. */
function textOf({ record, ...rest }: Change): string {
  return JSON.stringify([rest, record]);
}

/** Which of two copies of one call counts. */
export function isPreferredCopy(change: Change, known: Change): boolean {
  const ownership = Number(isOwnersCopy(change)) - Number(isOwnersCopy(known));
  return ownership > 0 || (ownership === 0 && compareChanges(change, known) < 0);
}

function isOwnersCopy(change: Change): boolean {
  const caller = change.record['userIdentity'];
  return (
    typeof caller === 'object' &&
    caller !== null &&
    'accountId' in caller &&
    change.record['recipientAccountId'] !== caller.accountId
  );
}

/**
 * Orders the changes of one group within each second. CloudTrail's times have whole seconds, so
 * the event id would decide; but an `sgr-` id exists only once its row was added, so what names
 * an id comes after the event that gave it, and a removal after a replacement.
 *
 * @param changes in the order of `compareChanges`
 */
export function causalOrder(changes: readonly Change[]): readonly Change[] {
  const seconds = Map.groupBy(changes, ({ eventTimeMs }) => Math.floor(eventTimeMs / 1000));
  return [...seconds.values()].flatMap((bucket) =>
    bucket.length === 1 ? bucket : orderWithinSecond(bucket),
  );
}

type Mention = { readonly stage: 0 | 1 | 2; readonly ruleIds: readonly string[] };

const noMention: Mention = { stage: 0, ruleIds: [] };

/** The ids a change gives (stage 0), replaces (1) or removes (2). */
function mention(change: Change): Mention {
  if (change.target !== 'group') return noMention;
  const { effect } = change;
  switch (effect.kind) {
    case 'add':
      return { stage: 0, ruleIds: effect.rows.flatMap((row) => row.ruleId ?? []) };
    case 'replace':
      return { stage: 1, ruleIds: effect.replacements.map((replacement) => replacement.ruleId) };
    case 'remove':
      return { stage: 2, ruleIds: effect.ruleIds };
    case 'delete':
    case 'create':
    case 'egress':
      return noMention;
    default:
      return effect satisfies never;
  }
}

type Waiting = Mention & { readonly change: Change };

/**
 * Repeatedly takes the first change that waits for no other: stable, and equal for equal sets. Of
 * those of the earliest stage none waits, so all are taken.
 */
function orderWithinSecond(bucket: readonly Change[]): readonly Change[] {
  const waiting = new Set(bucket.map((change): Waiting => ({ change, ...mention(change) })));
  const stagesOfRuleId = new Map<string, number[]>();
  const count = ({ stage, ruleIds }: Mention, by: 1 | -1): void => {
    for (const ruleId of ruleIds) {
      const stages = stagesOfRuleId.get(ruleId) ?? [0, 0, 0];
      stages[stage] = (stages[stage] ?? 0) + by;
      stagesOfRuleId.set(ruleId, stages);
    }
  };
  for (const each of waiting) count(each, 1);
  const isFree = ({ stage, ruleIds }: Mention): boolean =>
    ruleIds.every((ruleId) =>
      stagesOfRuleId
        .get(ruleId)
        ?.slice(0, stage)
        .every((earlier) => earlier === 0),
    );
  const ordered: Change[] = [];
  for (;;) {
    const next = firstThat(isFree, waiting);
    if (next === undefined) return ordered;
    ordered.push(next.change);
    waiting.delete(next);
    count(next, -1);
  }
}

function firstThat<T>(holds: (each: T) => boolean, all: Iterable<T>): T | undefined {
  for (const each of all) if (holds(each)) return each;
  return undefined;
}
