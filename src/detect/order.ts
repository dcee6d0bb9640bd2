// The order in which changes are folded: a function of the set, whatever order they came in.
// CloudTrail delivers late, out of order and more than once.

import type { Change } from '../model/change.ts';

/** By event time, then by event id. */
export function compareChanges(a: Change, b: Change): number {
  if (a.eventTimeMs !== b.eventTimeMs) return a.eventTimeMs - b.eventTimeMs;
  return compareText(a.eventId, b.eventId);
}

/** Code-unit order: the same on every machine, unlike a locale's. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
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
    if (known === undefined || prefer(change, known)) byEvent.set(change.eventId, change);
  }
  const byCall = new Map<string, Change>();
  const kept: Change[] = [];
  for (const change of byEvent.values()) {
    if (change.sharedEventId === null) kept.push(change);
    else {
      const call = `${change.sharedEventId} ${change.eventName}`;
      const known = byCall.get(call);
      if (known === undefined || preferCopy(change, known)) byCall.set(call, change);
    }
  }
  return [...kept, ...byCall.values()].toSorted(compareChanges);
}

function prefer(change: Change, known: Change): boolean {
  return compareText(JSON.stringify(change), JSON.stringify(known)) < 0;
}

function preferCopy(change: Change, known: Change): boolean {
  const ownership = Number(isOwnersCopy(change)) - Number(isOwnersCopy(known));
  return ownership === 0 ? compareChanges(change, known) < 0 : ownership > 0;
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
  const ordered: Change[] = [];
  let start = 0;
  while (start < changes.length) {
    const second = secondOf(changes[start]);
    let end = start + 1;
    while (end < changes.length && secondOf(changes[end]) === second) end += 1;
    const bucket = changes.slice(start, end);
    for (const change of bucket.length === 1 ? bucket : orderWithinSecond(bucket)) {
      ordered.push(change);
    }
    start = end;
  }
  return ordered;
}

function secondOf(change: Change | undefined): number {
  return Math.floor((change?.eventTimeMs ?? 0) / 1000);
}

type Mention = { readonly stage: 0 | 1 | 2; readonly ruleIds: readonly string[] };

/** The ids a change gives (stage 0), replaces (1) or removes (2). */
function mentions(change: Change): Mention | undefined {
  if (change.target !== 'group') return undefined;
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
      return undefined;
    default:
      return effect satisfies never;
  }
}

/** Repeatedly takes the first change that waits for no other: stable, and equal for equal sets. */
function orderWithinSecond(bucket: readonly Change[]): readonly Change[] {
  const stages = bucket.map(mentions);
  if (!stages.some((mention) => mention !== undefined && mention.stage > 0)) return bucket;
  const waiting = new Map(bucket.map((change, index) => [index, change]));
  const holders = new Map<string, Set<number>[]>();
  for (const [index, mention] of stages.entries()) {
    for (const ruleId of mention?.ruleIds ?? []) {
      const byStage = holders.get(ruleId) ?? [new Set(), new Set(), new Set()];
      byStage[mention?.stage ?? 0]?.add(index);
      holders.set(ruleId, byStage);
    }
  }
  const mustWait = (index: number): boolean => {
    const mention = stages[index];
    return (mention?.ruleIds ?? []).some((ruleId) =>
      (holders.get(ruleId) ?? []).slice(0, mention?.stage).some((before) => before.size > 0),
    );
  };
  const ordered: Change[] = [];
  while (waiting.size > 0) {
    let next: number | undefined;
    for (const index of waiting.keys()) {
      if (!mustWait(index)) {
        next = index;
        break;
      }
    }
    // Ids are given once and removed once, so something is always free to go.
    if (next === undefined) return [...ordered, ...waiting.values()];
    const change = waiting.get(next);
    if (change !== undefined) ordered.push(change);
    waiting.delete(next);
    for (const ruleId of stages[next]?.ruleIds ?? []) {
      for (const byStage of holders.get(ruleId) ?? []) byStage.delete(next);
    }
  }
  return ordered;
}
