// What a store keeps, as values: changes with the keys by which they are found again, findings,
// signals with what people made of them, and notices that are still to be sent.

import type { Change, Undetermined } from './change.ts';
import type { Exposure } from './exposure.ts';
import type { JsonObject } from './json.ts';
import type { Signal } from './signal.ts';
import type { SuppressedBy } from './suppression.ts';

/** A change, with what it is about. Keys are texts that are equal exactly for equal things. */
export type StoredChange = {
  readonly change: Change;
  /** The group, where it can be told: `group-key.ts` makes the key. */
  readonly groupKey: string | null;
  /** The prefix list, for a change of one. */
  readonly listKey: string | null;
  /** The group name by which the call addressed its group, or which it teaches. */
  readonly nameKey: string | null;
  /** Whether the call addressed its group by that name alone. */
  readonly isByName: boolean;
  /** Equal for the copies of one call that AWS delivered to two accounts. */
  readonly copyKey: string | null;
  /** False for a copy that does not count, because the group owner's copy does. */
  readonly counts: boolean;
};

/** How far one group was followed: everything before `settledMs` is in `state`. */
export type GroupSnapshot = {
  readonly groupKey: string;
  /** In milliseconds since 1970, UTC; a whole second. */
  readonly settledMs: number;
  /** Plain JSON; the engine alone reads it. */
  readonly state: JsonObject;
};

/** An exposure with the events that made it; the changes themselves are stored once, as changes. */
export type StoredFinding = {
  readonly exposure: Exposure;
  readonly groupKey: string;
  readonly openedMs: number;
  /** Null while open. */
  readonly closedMs: number | null;
  /** Which event let in which source, in time order. */
  readonly admissions: readonly { readonly source: string; readonly eventId: string }[];
  /** The signal that tells of it. */
  readonly signalId: string;
  /** Whether suppressions hide it; then `signalId` names a hidden signal. */
  readonly isHidden: boolean;
};

/** A record that matches a log rule, with the groups of the rule in which it stands. */
export type StoredMatch = {
  readonly ruleId: string;
  readonly eventId: string;
  /** In milliseconds since 1970, UTC. */
  readonly timeMs: number;
  /** As `log-match.ts` writes them, each once. */
  readonly groups: readonly string[];
  /** Plain JSON; the engine alone reads it. */
  readonly match: JsonObject;
};

export const triageStates = ['open', 'under_review', 'archived'] as const;
export type TriageState = (typeof triageStates)[number];

/** A signal as the engine tells it. What people add to it is kept when it is told anew. */
export type StoredSignal = {
  readonly signal: Signal;
  /** For a signal of a log rule, `logGroupKey` of its rule and group. */
  readonly groupKey: string;
  /** First and last opening, in milliseconds since 1970, UTC. */
  readonly firstOpenedMs: number;
  readonly lastOpenedMs: number;
  /** What hides it; empty for one that is told. A told and a hidden signal may have the same id. */
  readonly suppressedBy: readonly SuppressedBy[];
};

export type NoticeKind = 'opened' | 'reopened' | 'closed' | 'corrected' | 'withdrawn';

/** What a person made of a signal, for channels that keep a state of their own. */
export type TriageKind = 'under_review' | 'archived';

/** Something that people are to be told, once. */
export type Notice = {
  /** Equal for the same telling, whoever makes it and how often: what receivers drop repeats by. */
  readonly key: string;
  readonly kind: NoticeKind | TriageKind;
  readonly signal: Signal;
  readonly exposures: readonly Exposure[];
  /** What was told before and is not so, in words; null unless corrected or withdrawn. */
  readonly correction: string | null;
  /** The id of the signal under which it was told before, where that was another; else null. */
  readonly replaces: string | null;
  /** Who triaged the signal, and why; present exactly for the kinds of triage. */
  readonly triage?: { readonly by: string; readonly reason: string | null };
  /** When the record that made it was read, in milliseconds since 1970, UTC. */
  readonly noticedMs: number;
};

/** A notice on its way to one channel. */
export type OutboxEntry = {
  readonly notice: Notice;
  readonly channel: string;
};

/** A message that could not be read after several tries, kept for a person to look at. */
export type DeadLetter = {
  readonly source: string;
  readonly messageId: string;
  /** The message as it came; cut where it is huge. */
  readonly body: string;
  readonly reason: string;
  readonly receivedMs: number;
  readonly attempts: number;
};

export type StoredUndetermined = {
  readonly undetermined: Undetermined;
  /** The group, or group name, whose following found it; null where reading the record alone did. */
  readonly groupKey: string | null;
  readonly timeMs: number;
};
