// What channels with a state of their own are told when a person triages a signal: an incident is
// acknowledged, a finding's workflow goes on.

import type { Exposure } from '../model/exposure.ts';
import type { Signal } from '../model/signal.ts';
import type { Notice, TriageKind } from '../model/stored.ts';

/**
 * To be put into the outbox in the transaction that changes the triage state.
 * @param changeId names this change of state, so that a repetition is the same notice
 * @param nowMs when it was changed, in milliseconds since 1970, UTC
 */
export function triageNotice(
  kind: TriageKind,
  signal: Signal,
  exposures: readonly Exposure[],
  { by, reason, changeId }: { by: string; reason: string | null; changeId: string },
  nowMs: number,
): Notice {
  return {
    key: `${signal.id}/${kind}/${changeId}`,
    kind,
    signal,
    exposures,
    correction: null,
    replaces: null,
    triage: { by, reason },
    noticedMs: nowMs,
  };
}
