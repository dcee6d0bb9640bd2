// The few interfaces between the core and the world. Stations import these, never what stands
// behind them.

import type { JsonObject } from './model/json.ts';
import type {
  GroupSnapshot,
  OutboxEntry,
  StoredChange,
  StoredFinding,
  StoredMatch,
  StoredSignal,
  StoredUndetermined,
} from './model/stored.ts';

/** Where bytes are kept under keys, as in an S3 bucket. */
export type ObjectStore = {
  /** One page of what is below `prefix`; throws PortcullisError `s3/access`. */
  listPage(bucket: string, prefix: string, options: ListOptions): Promise<ListPage>;
  /**
   * The bytes of one object, as stored, in order. Throws PortcullisError `s3/access`; the bytes that
   * came before are good. Leaving the loop early ends the transfer, and so does the signal.
   */
  read(bucket: string, key: string, signal?: AbortSignal): AsyncIterable<Uint8Array>;
};

export type ListOptions = {
  /** Only the next level: keys directly below `prefix`, and the "folders" there. */
  readonly byFolder: boolean;
  /** `nextPage` of the page before; null for the first one. */
  readonly page: string | null;
  /** Only keys that come after this one in their order; counts for a first page. */
  readonly startAfter?: string;
  readonly signal?: AbortSignal;
};

export type ListPage = {
  /** In the order of their keys. */
  readonly objects: readonly StoredObject[];
  /** Prefixes that end in `/`, in order; empty without `byFolder`. */
  readonly folders: readonly string[];
  /** Where the listing goes on; null on the last page. */
  readonly nextPage: string | null;
};

/** Size in bytes, as stored. */
export type StoredObject = { readonly key: string; readonly sizeBytes: number };

/** What time it is, in milliseconds since 1970, UTC. */
export type Clock = () => number;

/**
 * Messages or objects that may hold records, one at a time, each to be acknowledged. A delivery that
 * is neither acknowledged nor given back comes again, in this process or in another.
 */
export type DeliverySource = {
  /** As in the configuration; names checkpoints, dead letters and metrics. */
  readonly name: string;
  /** Ends when the signal says so, and for sources that have an end. Backs off by itself on errors. */
  deliveries(signal: AbortSignal): AsyncIterable<Delivery>;
  /** Seconds between the newest thing known to be there and what was handed out; null if unknown. */
  lagSeconds(): number | null;
};

export type Delivery = {
  /** Unique in its source, equal when the same message comes again. */
  readonly id: string;
  /** What is read, for problems: a queue's message, a path, an `s3://` address. */
  readonly name: string;
  /** Which time this is that it comes, from 1. */
  readonly attempt: number;
  /** When the source had it, in milliseconds since 1970, UTC. */
  readonly receivedMs: number;
  /**
   * What it holds, at least one, each to be unpacked for itself: a message that names several objects
   * has a part for each.
   */
  readonly parts: readonly DeliveryPart[];
  /** What came, for whoever looks at it later: the message, or where the bytes are. Bounded. */
  body(): string;
  /**
   * Everything it held is committed. Does not reject: where the source cannot take note of it, it
   * says so by itself, and the delivery comes again.
   */
  acknowledge(): Promise<void>;
  /** It shall come again, after a while that grows with the attempts. Does not reject. */
  giveBack(): Promise<void>;
};

export type DeliveryPart = {
  /** For problems: the delivery's own name, a path, or an `s3://` address. */
  readonly name: string;
  /**
   * The bytes as stored, packed or not, in any of the layouts of CloudTrail records. Throws what the
   * place they are in throws; bytes that came before are good.
   */
  read(signal: AbortSignal): AsyncIterable<Uint8Array>;
};

/** A queue that hides a message for a while from others and has it back unless it is deleted. */
export type MessageQueue = {
  /** Waits up to `waitSeconds` for the first message. Throws PortcullisError `sqs/access`. */
  receive(options: ReceiveOptions): Promise<readonly QueueMessage[]>;
  /** At most 10. Resolves to what could not be done; throws PortcullisError `sqs/access`. */
  delete(receipts: readonly string[]): Promise<readonly RefusedReceipt[]>;
  /** Hides each for so many seconds from now, at most 10 of them; otherwise like `delete`. */
  hide(
    messages: readonly { readonly receipt: string; readonly seconds: number }[],
  ): Promise<readonly RefusedReceipt[]>;
};

export type ReceiveOptions = {
  /** 1 to 10. */
  readonly maxMessages: number;
  readonly waitSeconds: number;
  /** How long what is received stays hidden from others. */
  readonly hideSeconds: number;
  readonly signal: AbortSignal;
};

export type QueueMessage = {
  readonly id: string;
  /** Names this time of receiving it. */
  readonly receipt: string;
  readonly body: string;
  /** How often it was received, this time included. */
  readonly attempt: number;
  /** When it was sent, in milliseconds since 1970, UTC. */
  readonly sentMs: number;
};

/** A receipt that has expired, say, is refused `forGood`; another try may help the others. */
export type RefusedReceipt = {
  readonly receipt: string;
  readonly forGood: boolean;
  readonly reason: string;
};

/** CloudTrail's own memory of one account and region: 90 days, without anything set up. */
export type EventHistory = {
  /** One page of the events of a name, newest first. Throws PortcullisError `cloudtrail/access`. */
  lookUp(query: EventQuery): Promise<EventPage>;
};

/** Times are milliseconds since 1970, UTC; both ends belong to the window. */
export type EventQuery = {
  readonly eventName: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** `nextPage` of the page before; null for the first one. */
  readonly page: string | null;
  readonly signal: AbortSignal;
};

export type EventPage = {
  readonly events: readonly PastEvent[];
  readonly nextPage: string | null;
};

/** `record` is the CloudTrail record as JSON text. */
export type PastEvent = { readonly id: string; readonly timeMs: number; readonly record: string };

/** Where a source keeps how far it came, across restarts. Values are small. */
export type Checkpoints = {
  load(name: string): Promise<JsonObject | null>;
  save(name: string, value: JsonObject): Promise<void>;
};

/** A durable home for what is known; SQLite and PostgreSQL behave alike. */
export type Store = {
  /**
   * All of the work, or none of it. Work may be run again where another process came in between, so it
   * must have no other effect. Once the promise resolves, no power cut takes it back.
   */
  transaction<T>(work: (tx: StoreTransaction) => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

/** Bulk reads and writes of the engine that follows groups. Lists may be empty; order is free. */
export type StoreTransaction = {
  /**
   * Keeps other transactions that follow groups in these regions waiting until this one has ended.
   * To be called first, once.
   */
  lockRegions(regions: readonly string[]): Promise<void>;

  changesByEventId(eventIds: readonly string[]): Promise<readonly StoredChange[]>;
  changesByCopyKey(copyKeys: readonly string[]): Promise<readonly StoredChange[]>;
  changesByNameKey(nameKeys: readonly string[]): Promise<readonly StoredChange[]>;
  changesByListKey(listKeys: readonly string[]): Promise<readonly StoredChange[]>;
  /** Those that count, of each group from a time on (inclusive). */
  changesOfGroups(
    groups: readonly { readonly groupKey: string; readonly fromMs: number }[],
  ): Promise<readonly StoredChange[]>;
  /** Adds them, or replaces those with the same event ids. */
  putChanges(changes: readonly StoredChange[]): Promise<void>;

  /** Of each group the latest snapshot that is settled at or before a time; none where there is none. */
  snapshotsBefore(
    groups: readonly { readonly groupKey: string; readonly atMs: number }[],
  ): Promise<readonly GroupSnapshot[]>;
  /** Forgets, of each group, the snapshots settled after a time. */
  deleteSnapshotsAfter(
    groups: readonly { readonly groupKey: string; readonly atMs: number }[],
  ): Promise<void>;
  /** Adds them, or replaces those of the same group and time. */
  putSnapshots(snapshots: readonly GroupSnapshot[]): Promise<void>;
  /** The groups whose rows have ever named one of the lists. */
  groupsNamingLists(listKeys: readonly string[]): Promise<readonly string[]>;
  putListNamings(
    namings: readonly { readonly groupKey: string; readonly listKey: string }[],
  ): Promise<void>;

  /** Of each group the findings that are open, or were closed at or after a time. */
  findingsSince(
    groups: readonly { readonly groupKey: string; readonly fromMs: number }[],
  ): Promise<readonly StoredFinding[]>;
  findingsOfSignals(signalIds: readonly string[]): Promise<readonly StoredFinding[]>;
  putFindings(findings: readonly StoredFinding[]): Promise<void>;
  deleteFindings(exposureIds: readonly string[]): Promise<void>;

  /** Of each group the signals, told and hidden, whose last opening is at or after a time. */
  signalsSince(
    groups: readonly { readonly groupKey: string; readonly fromMs: number }[],
  ): Promise<readonly StoredSignal[]>;
  /** Told and hidden ones. */
  signalsById(signalIds: readonly string[]): Promise<readonly StoredSignal[]>;
  /** Adds them, or replaces the engine's part of those with the same id, told or hidden alike. */
  putSignals(signals: readonly StoredSignal[]): Promise<void>;
  deleteSignals(
    signals: readonly { readonly id: string; readonly isHidden: boolean }[],
  ): Promise<void>;

  /** Matches of log rules, each known by its rule and event. */
  matchesByEvent(
    events: readonly { readonly ruleId: string; readonly eventId: string }[],
  ): Promise<readonly StoredMatch[]>;
  /** The matches that stand in a group of a rule; with null, all of the rule. */
  matchesOfGroups(
    groups: readonly { readonly ruleId: string; readonly group: string | null }[],
  ): Promise<readonly StoredMatch[]>;
  /** Adds them, or replaces those of the same rule and event. */
  putMatches(matches: readonly StoredMatch[]): Promise<void>;
  /** The open signals that are about no security group. */
  openLogSignals(): Promise<readonly StoredSignal[]>;

  /** Adds those whose event is not known to be undetermined for the same group and reason. */
  putUndetermined(entries: readonly StoredUndetermined[]): Promise<void>;
  /** Forgets, of each group, what following it found from a time on (inclusive). */
  deleteUndeterminedSince(
    groups: readonly { readonly groupKey: string; readonly fromMs: number }[],
  ): Promise<void>;

  /** Adds those whose notice key is not known for the channel; an entry is sent once. */
  putOutbox(entries: readonly OutboxEntry[]): Promise<void>;

  /** A small value under a name, such as where a source goes on; null where there is none. */
  checkpoint(name: string): Promise<JsonObject | null>;
  putCheckpoint(name: string, value: JsonObject): Promise<void>;
};

/**
 * Notices on their way to channels. They were put there by `putOutbox` in the transaction that made
 * them; what happens here is on its own. Several processes may share an outbox. Throws what the store
 * throws.
 */
export type Outbox = {
  /**
   * Takes entries of one channel that wait, and keeps others from taking them while the lease lasts. A
   * signal comes whole: where one of its entries is due, all of its waiting entries on the channel
   * come, also those that are not due yet, in the order in which they were put; signals come in the
   * order of their earliest due entry. Never an entry without the waiting ones of its signal before
   * it: where more than `limit` would come, those at the end stay. A signal of which somebody else
   * holds an entry does not come.
   */
  claim(channel: string, options: ClaimOptions): Promise<readonly ClaimedEntry[]>;
  /** Lets leases last so long from now. Resolves to the receipts that are still good. */
  extend(receipts: readonly string[], leaseSeconds: number): Promise<readonly string[]>;
  /** They are sent, and never come again; also where the lease has been lost meanwhile. */
  markSent(receipts: readonly string[]): Promise<void>;
  /** Sending failed: counts an attempt and ends the lease. A lost lease changes nothing. */
  markFailed(failures: readonly SendFailure[]): Promise<void>;
  /** They can never be sent: kept with the reason, and shown. A lost lease changes nothing. */
  markRefused(refusals: readonly SendRefusal[]): Promise<void>;
  /** Gives them back untried, due at a time. A lost lease changes nothing. */
  postpone(receipts: readonly string[], dueMs: number): Promise<void>;
  /** Of each channel that has any, how many entries wait and how many were refused. */
  depth(): Promise<readonly OutboxDepth[]>;
};

export type ClaimOptions = {
  readonly limit: number;
  readonly leaseSeconds: number;
};

/** An entry that this process holds until its lease ends. */
export type ClaimedEntry = OutboxEntry & {
  /** Names the entry and this time of holding it. */
  readonly receipt: string;
  /** How often sending it has failed. */
  readonly attempts: number;
  /** When it was noticed, or not before when it was to be tried; in milliseconds since 1970, UTC. */
  readonly dueMs: number;
};

export type SendFailure = {
  readonly receipt: string;
  readonly nextAttemptMs: number;
  readonly reason: string;
};

export type SendRefusal = { readonly receipt: string; readonly reason: string };

export type OutboxDepth = {
  readonly channel: string;
  readonly waiting: number;
  readonly refused: number;
  /** When the earliest of those that wait was noticed, in milliseconds since 1970, UTC; else null. */
  readonly oldestMs: number | null;
};

/** What became of a message. A reason is for people, and names no secret. */
export type SendOutcome =
  | { readonly kind: 'sent' }
  | {
      readonly kind: 'retry';
      readonly reason: string;
      /** How long the receiver asks to wait; null where it does not say. */
      readonly afterSeconds: number | null;
    }
  | { readonly kind: 'refused'; readonly reason: string };

/** A topic that hands messages on to whoever subscribes. */
export type Topic = {
  publish(message: TopicMessage, signal: AbortSignal): Promise<SendOutcome>;
};

export type TopicMessage = {
  /** ASCII on one line, at most 100 characters. */
  readonly subject: string;
  /** For programs. */
  readonly json: string;
  /** The same for people who read it as mail. */
  readonly text: string;
  /** Texts that are not empty, by name: what subscriptions filter by. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Messages of one group stay in order, where the topic keeps an order. */
  readonly groupId: string;
  /** Equal for repetitions of a message, which the topic then drops if it keeps an order. */
  readonly deduplicationId: string;
};

/** A bus on which rules pick events. */
export type EventBus = {
  /** At most 10, and 256 KB together; an outcome for each, in their order. */
  put(events: readonly BusEvent[], signal: AbortSignal): Promise<readonly SendOutcome[]>;
};

export type BusEvent = {
  readonly detailType: string;
  readonly detail: JsonObject;
  /** ARNs of what it is about. */
  readonly resources: readonly string[];
  /** In milliseconds since 1970, UTC. */
  readonly timeMs: number;
};

/** Where findings of many tools are gathered, in the AWS Security Finding Format. */
export type FindingsHub = {
  /** Adds or replaces findings, at most 100; an outcome for each, in their order. */
  importFindings(
    findings: readonly JsonObject[],
    signal: AbortSignal,
  ): Promise<readonly SendOutcome[]>;
  /** Says how far people are with findings, at most 100 in all; an outcome for each, in their order. */
  setWorkflow(
    changes: readonly WorkflowChange[],
    signal: AbortSignal,
  ): Promise<readonly SendOutcome[]>;
};

export type WorkflowChange = {
  readonly findingId: string;
  readonly productArn: string;
  readonly status: 'NEW' | 'NOTIFIED' | 'RESOLVED' | 'SUPPRESSED';
};

/**
 * What EC2 says is there right now, to one account's credentials. Pages come as EC2 gives them; a group
 * that changes meanwhile may be missing or there twice. Throws PortcullisError `ec2/access`.
 */
export type GroupDirectory = {
  /** The regions that are enabled for the account. */
  regions(signal?: AbortSignal): Promise<readonly string[]>;
  groups(region: string, signal?: AbortSignal): AsyncIterable<readonly DescribedGroup[]>;
  /** Rows of all groups, of ingress and egress alike, as EC2 writes them. */
  rules(region: string, signal?: AbortSignal): AsyncIterable<readonly JsonObject[]>;
  prefixList(region: string, prefixListId: string, signal?: AbortSignal): Promise<DescribedList>;
};

export type DescribedGroup = {
  readonly groupId: string;
  /** The account that owns the group, which may have shared it. */
  readonly ownerId: string;
  readonly groupName: string | null;
  readonly vpcId: string | null;
};

export type DescribedList = {
  /** The account that owns the list, or `AWS`. */
  readonly ownerId: string;
  /** Null for a list of AWS's, which has none. */
  readonly version: number | null;
  /** As they were written. */
  readonly cidrs: readonly string[];
};
