// What people ask of a store and change in it, as values and as interfaces: the API and the commands
// know these, and nothing of what stands behind them. Changes are noted in the audit log by themselves.

import type { Undetermined } from './change.ts';
import type { Exposure } from './exposure.ts';
import type { JsonObject } from './json.ts';
import type { Signal } from './signal.ts';
import type { DeadLetter, Notice, TriageState } from './stored.ts';
import type { SuppressedBy, Suppression } from './suppression.ts';

/** A stretch of a list. It may be shorter than asked for, even empty, and still have a next one. */
export type Page<T> = {
  readonly items: readonly T[];
  /** Where the list goes on: opaque, good for the same question. Null at the end. */
  readonly next: string | null;
};

export type PageRequest = {
  /** 1 to 1,000. */
  readonly limit: number;
  /** `next` of the page before; null for the first one. */
  readonly cursor: string | null;
};

/** Who changes something, and from where: an address, a command, or null. */
export type Who = { readonly actor: string; readonly from: string | null };

/** What people made of a signal. */
export type Triage = {
  readonly state: TriageState;
  readonly reason: string | null;
  readonly assignee: string | null;
  /** Null while nobody has touched it. */
  readonly changedBy: string | null;
  readonly changedMs: number | null;
};

export type ListedSignal = {
  readonly signal: Signal;
  readonly triage: Triage;
  /** Empty for a signal that is told. */
  readonly suppressedBy: readonly SuppressedBy[];
};

export type Note = {
  readonly id: number;
  readonly signalId: string;
  readonly author: string;
  readonly timeMs: number;
  readonly text: string;
};

export type SignalDetails = ListedSignal & {
  readonly exposures: readonly Exposure[];
  /** Oldest first. */
  readonly notes: readonly Note[];
};

export const signalSortKeys = ['firstSeen', 'lastSeen', 'severity'] as const;
export type SignalSortKey = (typeof signalSortKeys)[number];
export type SignalSort = { readonly by: SignalSortKey; readonly descending: boolean };

export type SignalFilter = {
  /**
   * In the query language, over the signal with its exposures in full, the record that began it,
   * `triage` (its state) and `assignee`. Empty for all. Parsed already: a QueryError is thrown.
   */
  readonly query: string;
  /** First seen from then on, and before then: milliseconds since 1970, UTC. */
  readonly fromMs?: number;
  readonly beforeMs?: number;
  /** Those that suppressions hide instead of those that are told. */
  readonly hidden?: boolean;
};

export type SignalDesk = {
  list(
    request: SignalFilter & PageRequest & { readonly sort: SignalSort },
  ): Promise<Page<ListedSignal>>;
  /** Counts up to a bound: `isExact` is false where there may be more. */
  count(filter: SignalFilter): Promise<{ readonly count: number; readonly isExact: boolean }>;
  /** The told signal where there is one, else the hidden one; null where there is neither. */
  show(id: string): Promise<SignalDetails | null>;
  /**
   * Each throws PortcullisError `signal/unknown-id`. `channelsFor` names the channels that are told;
   * the notice is put there in the transaction that makes the change.
   */
  setTriage(
    id: string,
    state: TriageState,
    reason: string,
    who: Who,
    channelsFor?: (notice: Notice) => readonly string[],
  ): Promise<Triage>;
  /** Null takes the assignment away. */
  assign(id: string, assignee: string | null, who: Who): Promise<Triage>;
  addNote(id: string, text: string, who: Who): Promise<Note>;
};

export type ListedExposure = {
  readonly exposure: Exposure;
  readonly signalId: string;
  readonly isHidden: boolean;
};

export type ExposureFilter = {
  readonly ruleId?: string;
  readonly accountId?: string;
  readonly region?: string;
  readonly groupId?: string;
  readonly isOpen?: boolean;
  /** Opened from then on, and before then: milliseconds since 1970, UTC. */
  readonly fromMs?: number;
  readonly beforeMs?: number;
};

export type TimelineBucket = {
  readonly fromMs: number;
  readonly opened: number;
  readonly closed: number;
  /** Open at the bucket's end. */
  readonly open: number;
};

/** Exposures that are told, unless they are asked for by id. */
export type ExposureDesk = {
  /** Latest opening first. */
  list(request: ExposureFilter & PageRequest): Promise<Page<ListedExposure>>;
  show(id: string): Promise<ListedExposure | null>;
  /** `buckets` stretches of equal length, 1 to 1,000, from a time up to another. */
  timeline(fromMs: number, toMs: number, buckets: number): Promise<readonly TimelineBucket[]>;
};

export type UndeterminedDesk = {
  /** Latest first. */
  list(request: PageRequest): Promise<Page<Undetermined>>;
};

export type KeptSuppression = Suppression & {
  readonly createdMs: number;
};

export type SuppressionDesk = {
  /** In the order in which they were added, those that have ended included. */
  list(): Promise<readonly KeptSuppression[]>;
  /**
   * Its creator is `who`, unless that is said otherwise. Throws PortcullisError
   * `suppression/bad-query`.
   */
  add(
    suppression: Omit<Suppression, 'id' | 'creator'> & { readonly creator?: string },
    who: Who,
  ): Promise<KeptSuppression>;
  /**
   * It is in force no longer; what it hid while it was stays hidden. Throws PortcullisError
   * `suppression/unknown-id`.
   */
  end(id: string, who: Who): Promise<KeptSuppression>;
};

export type KeptDeadLetter = DeadLetter & { readonly id: number };

export type DeadLetterDesk = {
  /** Adds it, or replaces the one of the same source and message. */
  put(letter: DeadLetter): Promise<void>;
  /** Latest first. */
  list(request: PageRequest): Promise<Page<KeptDeadLetter>>;
  show(id: number): Promise<KeptDeadLetter | null>;
  /** Whether there was one. */
  remove(id: number, who: Who): Promise<boolean>;
};

export type AuditEntry = {
  readonly id: number;
  readonly timeMs: number;
  readonly actor: string;
  readonly from: string | null;
  /** What was done, such as `signal.triage`. */
  readonly action: string;
  /** To what: an id; null where it was to nothing in particular. */
  readonly subject: string | null;
  readonly details: JsonObject;
};

export type AuditLog = {
  append(entry: Omit<AuditEntry, 'id' | 'timeMs'>): Promise<void>;
  /** Latest first. */
  list(
    request: PageRequest & { readonly actor?: string; readonly action?: string },
  ): Promise<Page<AuditEntry>>;
};

export const roles = ['viewer', 'responder', 'admin'] as const;
export type Role = (typeof roles)[number];

export type ApiToken = {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Narrower than the role where it is not empty. */
  readonly scopes: readonly string[];
  readonly createdBy: string;
  readonly createdMs: number;
  readonly expiresMs: number | null;
  readonly lastUsedMs: number | null;
  readonly revokedMs: number | null;
};

export type TokenDesk = {
  /** `hash` is the token's SHA-256 in hexadecimal; the token itself is not kept. */
  add(
    token: Pick<ApiToken, 'name' | 'role' | 'scopes' | 'expiresMs'>,
    hash: string,
    who: Who,
  ): Promise<ApiToken>;
  list(): Promise<readonly ApiToken[]>;
  /** Whatever its state: whether it has expired or was revoked is for the caller to see. */
  findByHash(hash: string): Promise<ApiToken | null>;
  /** Notes that it was used; at most once a minute, so that reading stays reading. */
  noteUse(id: string): Promise<void>;
  /** Whether there was one that was not revoked yet. */
  revoke(id: string, who: Who): Promise<boolean>;
};

/** A notice that a channel refused for good. */
export type KeptNotice = {
  readonly id: number;
  readonly channel: string;
  readonly notice: Notice;
  readonly attempts: number;
  readonly reason: string | null;
  readonly endedMs: number;
};

/** What was refused, to be looked at and perhaps sent after all. */
export type OutboxDesk = {
  /** Latest first. */
  listRefused(request: PageRequest): Promise<Page<KeptNotice>>;
  /** Sends a refused one after all; whether there was one. */
  retryRefused(id: number, who: Who): Promise<boolean>;
};

/** How long what is not needed any more is kept, in milliseconds. */
export type Retention = {
  /** Signals since they closed, with their exposures and the changes that made them. */
  readonly signalsMs: number;
  readonly undeterminedMs: number;
  readonly auditMs: number;
  /** Notices that were sent or refused. */
  readonly noticesMs: number;
  readonly deadLettersMs: number;
};

/** How many of each were deleted. */
export type RetentionReport = {
  readonly signals: number;
  readonly exposures: number;
  readonly changes: number;
  readonly matches: number;
  readonly snapshots: number;
  readonly undetermined: number;
  readonly auditEntries: number;
  readonly notices: number;
  readonly deadLetters: number;
};

/** What the store is to people and to whoever serves them. */
export type Desk = {
  readonly signals: SignalDesk;
  readonly exposures: ExposureDesk;
  readonly undetermined: UndeterminedDesk;
  readonly suppressions: SuppressionDesk;
  readonly deadLetters: DeadLetterDesk;
  readonly audit: AuditLog;
  readonly tokens: TokenDesk;
  readonly outbox: OutboxDesk;
  readonly checkpoints: {
    load(name: string): Promise<JsonObject | null>;
    save(name: string, value: JsonObject): Promise<void>;
  };
  /** Deletes in small steps, between which others get their turn. Nothing that is open goes. */
  retain(retention: Retention): Promise<RetentionReport>;
};
