// What the page knows: the document embedded in the report as JSON and read by the page's script.
// Every text in it has passed `visibleText`, so no invisible or direction-changing character is left.

export type SeverityName = 'info' | 'low' | 'medium' | 'high' | 'critical';

/** From most to least severe, the order in which a person looks. */
export const severityNames: readonly SeverityName[] = ['critical', 'high', 'medium', 'low', 'info'];

/** Elements that rendered Markdown may consist of; the page creates no other. */
export type RichTag =
  | 'p'
  | 'h4'
  | 'h5'
  | 'ul'
  | 'ol'
  | 'li'
  | 'blockquote'
  | 'pre'
  | 'code'
  | 'strong'
  | 'em'
  | 's'
  | 'a'
  | 'br'
  | 'hr'
  | 'table'
  | 'thead'
  | 'tbody'
  | 'tr'
  | 'th'
  | 'td';

/** Rendered Markdown: text, or an element with what it holds. */
export type RichNode = string | RichElement;

export type RichElement = {
  readonly tag: RichTag;
  readonly children?: readonly RichNode[];
  /** For `a`: an address with http or https. */
  readonly href?: string;
  /** For `ol`: its first number, where that is not 1. */
  readonly start?: number;
};

/** Rendered Markdown, as positions in `ReportData.blocks`. */
export type BlockIndexes = readonly number[];

export type ActorView = {
  /** The name a person would recognize; the ARN or type where the record gives no name. */
  readonly name: string;
  readonly type: string;
  readonly arn: string | null;
  readonly accessKeyId: string | null;
  readonly sourceIp: string | null;
  readonly userAgent: string | null;
  readonly invokedBy: string | null;
};

export type RuleView = {
  readonly id: string;
  readonly name: string;
  readonly version: string | null;
  readonly goal: BlockIndexes;
  readonly strategy: BlockIndexes;
  readonly tags: readonly string[];
  /** Addresses with http or https. */
  readonly references: readonly string[];
};

/** The security group that a signal is about. */
export type GroupView = {
  readonly id: string;
  readonly name: string | null;
  readonly vpcId: string | null;
};

export type FactView = { readonly name: string; readonly value: string };

export type SignalView = {
  readonly id: string;
  /** Position in `ReportData.rules`. */
  readonly rule: number;
  readonly severity: SeverityName;
  readonly title: string;
  readonly accountId: string;
  readonly region: string;
  /** Null for a signal of a log rule, which is about records. */
  readonly group: GroupView | null;
  /** What the signal is about, in short: the group's name or id, or what the records have in common. */
  readonly subject: string;
  readonly actor: ActorView;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly open: boolean;
  readonly closedAt: string | null;
  readonly closedBy: ActorView | null;
  /** For example `1m 49s`; null while open. */
  readonly duration: string | null;
  readonly message: BlockIndexes;
  /** Positions in `ReportData.findings`, in time order. */
  readonly findings: readonly number[];
  /** What a log rule found: counts, groups, new values. Empty for exposures. */
  readonly facts: readonly FactView[];
  readonly eventIds: readonly string[];
  /** May be more than `eventIds` names. */
  readonly eventCount: number;
};

/** What stands in one row of the table: an exposure, or the records of a log rule's signal. */
export type FindingView = {
  readonly kind: 'exposure' | 'records';
  readonly id: string;
  /** Position in `ReportData.signals`. */
  readonly signal: number;
  readonly severity: SeverityName;
  /** For example `22 SSH` or `1000-2000/udp`; for records, the title of their signal. */
  readonly label: string;
  /** The exposed port, or the first of several; -1 for records. */
  readonly port: number;
  /** Shares of the two address families that were let in, 0 to 1; 0 for records. */
  readonly ipv4Coverage: number;
  readonly ipv6Coverage: number;
  /** How wide, for example `whole internet (IPv4)`, or how many: `12 records`. */
  readonly extent: string;
  /** The CIDRs that were let in; empty for records. */
  readonly sources: readonly string[];
  readonly openedAt: string;
  /** Milliseconds since 1970, UTC; null where `openedAt` is no time. */
  readonly openedMs: number | null;
  readonly openedByEventId: string | null;
  /** The API call that opened, for example `AuthorizeSecurityGroupIngress`. */
  readonly openedByEventName: string | null;
  readonly openedBy: ActorView;
  readonly closedAt: string | null;
  readonly closedMs: number | null;
  readonly closedByEventId: string | null;
  readonly closedBy: ActorView | null;
  readonly durationSeconds: number | null;
  /** For example `1m 49s`; null while open. */
  readonly duration: string | null;
};

export type UndeterminedView = {
  readonly eventId: string;
  readonly eventTime: string;
  readonly eventMs: number | null;
  readonly eventName: string;
  readonly accountId: string;
  readonly region: string;
  readonly groupId: string | null;
  readonly reason: string;
};

export type ProblemView = {
  readonly code: string;
  readonly file: string;
  /** Where in the file, for example `record 3, byte 512`; empty for the whole file. */
  readonly place: string;
  readonly message: string;
  readonly nextStep: string;
};

export type StatView = { readonly label: string; readonly value: string };

export type ReportData = {
  /** UTC, for example `2026-03-15T09:30:00Z`. */
  readonly generatedAt: string;
  readonly version: string;
  /** How much was looked at. */
  readonly extent: string;
  readonly stats: readonly StatView[];
  /** The rules that were looked for, and any other that a signal names. */
  readonly rules: readonly RuleView[];
  /** Rules that were switched on and not looked for: the id, and the reason. */
  readonly notRun: readonly FactView[];
  /** What suppressions hide, in words; null for nothing. */
  readonly suppressed: string | null;
  /** Hidden signals, where they are asked for: what hides them, and what they tell. */
  readonly hidden: readonly FactView[];
  readonly signals: readonly SignalView[];
  readonly findings: readonly FindingView[];
  readonly undetermined: readonly UndeterminedView[];
  readonly problems: readonly ProblemView[];
  /** Blocks of Markdown, each once however many messages share it. */
  readonly blocks: readonly RichNode[];
};
