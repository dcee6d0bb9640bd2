// What people are to be told when signals are other ones than before. Each opening is told once, each
// closing once; what was told and turned out otherwise is corrected once. Pure: keys are functions of
// what is told, so whoever tells it again tells it under the same key.

import { stableId } from '../detect/stable-id.ts';
import type { Signal } from '../model/signal.ts';
import type { Notice, NoticeKind } from '../model/stored.ts';
import { isHidden, type Retold, type ToldNow } from './tell-signals.ts';

/** @param noticedMs when the records came, in milliseconds since 1970, UTC */
export function noticesOf({ before, after }: Retold, noticedMs: number): readonly Notice[] {
  const old = new Map(
    before.filter((stored) => !isHidden(stored)).map(({ signal }) => [signal.id, signal]),
  );
  const told = after.filter(({ stored }) => !isHidden(stored));
  const gone = new Map(old);
  for (const { stored } of told) gone.delete(stored.signal.id);
  const notices: Notice[] = [];
  for (const now of told) {
    const { signal } = now.stored;
    const known = old.get(signal.id);
    if (known !== undefined) {
      notices.push(...changeNotices(known, now, noticedMs));
      continue;
    }
    const former = [...gone.values()].find((other) => tellOfTheSame(other, signal));
    if (former === undefined) {
      notices.push(notice('opened', now, noticedMs, null));
      if (signal.status === 'closed') notices.push(notice('closed', now, noticedMs, null));
    } else {
      gone.delete(former.id);
      notices.push(notice('corrected', now, noticedMs, differences(former, signal), former.id));
    }
  }
  for (const signal of gone.values()) notices.push(withdrawal(signal, after, noticedMs));
  return notices;
}

function changeNotices(known: Signal, now: ToldNow, noticedMs: number): readonly Notice[] {
  const { signal } = now.stored;
  const withdrawn = known.exposures.filter((id) => !signal.exposures.includes(id));
  const isCorrected =
    known.severity !== signal.severity ||
    withdrawn.length > 0 ||
    (known.status === 'closed' && signal.status === 'closed' && known.closedAt !== signal.closedAt);
  const notices: Notice[] = [];
  if (known.status === 'open' && signal.status === 'closed') {
    notices.push(notice('closed', now, noticedMs, null));
  } else if (known.status === 'closed' && signal.status === 'open') {
    notices.push(notice('reopened', now, noticedMs, null));
  } else if (isCorrected) {
    notices.push(notice('corrected', now, noticedMs, differences(known, signal)));
  }
  return notices;
}

/** Whether a signal of another id is about the same openings, told from another beginning. */
function tellOfTheSame(a: Signal, b: Signal): boolean {
  return a.ruleId === b.ruleId && a.eventIds.some((eventId) => b.eventIds.includes(eventId));
}

function differences(known: Signal, signal: Signal): string {
  const found = [
    known.firstSeen === signal.firstSeen
      ? null
      : `first opened at ${signal.firstSeen}, not ${known.firstSeen}`,
    known.status === signal.status && known.closedAt === signal.closedAt
      ? null
      : `${closing(signal)}, not ${closing(known)}`,
    known.severity === signal.severity ? null : `${signal.severity}, not ${known.severity}`,
    known.exposures.length === signal.exposures.length
      ? null
      : `${signal.exposures.length} exposures, not ${known.exposures.length}`,
  ].filter((text) => text !== null);
  return found.length === 0 ? 'details of the openings differ' : found.join('; ');
}

function closing({ closedAt }: Signal): string {
  return closedAt === null ? 'still open' : `closed at ${closedAt}`;
}

function withdrawal(signal: Signal, after: readonly ToldNow[], noticedMs: number): Notice {
  const hiding = after.find(({ stored }) => isHidden(stored) && stored.signal.id === signal.id);
  const reasons = hiding?.stored.suppressedBy.map(({ reason }) => reason) ?? [];
  return {
    key: keyOf('withdrawn', signal),
    kind: 'withdrawn',
    signal,
    exposures: [],
    correction:
      reasons.length === 0
        ? 'records that came later show that this was not so'
        : `suppressed: ${reasons.join('; ')}`,
    replaces: null,
    noticedMs,
  };
}

function notice(
  kind: NoticeKind,
  { stored: { signal }, findings }: ToldNow,
  noticedMs: number,
  correction: string | null,
  replaces: string | null = null,
): Notice {
  const exposures = findings.map(({ exposure }) => exposure);
  return { key: keyOf(kind, signal), kind, signal, exposures, correction, replaces, noticedMs };
}

function keyOf(kind: NoticeKind, signal: Signal): string {
  switch (kind) {
    case 'opened':
      return `${signal.id}/opened`;
    case 'closed':
    case 'reopened':
    case 'corrected':
    case 'withdrawn': {
      const { status, firstSeen, closedAt, severity, exposures } = signal;
      const told = [status, firstSeen, closedAt ?? '', severity, ...exposures];
      return `${signal.id}/${kind}/${stableId('told', told)}`;
    }
    default:
      return kind satisfies never;
  }
}
