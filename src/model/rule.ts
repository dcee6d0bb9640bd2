// A rule as data, after loading: what to look for, what to tell, and why.
// The YAML in `rules/<id>/rule.yaml` has these fields; `rules/schema.ts` checks them.

import type { Severity } from './exposure.ts';

export type RulePort = {
  readonly port: number;
  /** The service that usually listens there, for example `SSH`. */
  readonly service: string;
};

export type ExposureBody = {
  /** Protocols whose rows count; all-traffic rows count for each of them. */
  readonly protocols: readonly ('tcp' | 'udp')[];
  /** The ports watched one by one; null for a rule that reports every other port, per row range. */
  readonly ports: readonly RulePort[] | null;
  /** For a rule without `ports`: TCP ports that other rules already name. */
  readonly exceptTcpPorts: readonly number[];
  /** For a rule without `ports`: ports that are meant to be public, on any protocol. */
  readonly expectedPorts: readonly number[];
  /** Share of an address family, 0 to 1, at which a port counts as open to the world. */
  readonly coverageThreshold: number;
  /** A query on the opening record that narrows the rule; null for none. */
  readonly where: string | null;
};

export type SeverityCase = {
  /** A query on the opening record; null matches every record. First match wins. */
  readonly where: string | null;
  readonly severity: Severity;
};

export type ChangelogEntry = {
  /** Calendar day, `YYYY-MM-DD`. */
  readonly date: string;
  readonly version: string;
  readonly changes: readonly string[];
};

export type TriageStep = {
  readonly step: string;
  /** What to do below the step, for example the two branches of a decision. */
  readonly details: readonly string[];
  /** Shell commands that carry the step out. */
  readonly commands: readonly string[];
};

export type RuleTag = string;

/** What every rule carries, whatever it looks for. */
type RuleFacts = {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly enabled: boolean;
  readonly tags: readonly RuleTag[];
  readonly references: readonly string[];
  readonly goal: string;
  readonly strategy: string;
  readonly triage: readonly TriageStep[];
  readonly changelog: readonly ChangelogEntry[];
  /** Template of a signal's title; one line. */
  readonly title: string;
  /** Template of a signal's message, in Markdown. */
  readonly message: string;
};

export type ExposureRule = RuleFacts & {
  readonly kind: 'exposure';
  /** The severity where no case matches. */
  readonly severity: Severity;
  readonly cases: readonly SeverityCase[];
  readonly groupBy: readonly string[];
  readonly options: {
    readonly keepAliveSeconds: number;
    readonly maxSignalDurationSeconds: number;
  };
  readonly exposure: ExposureBody;
};

/** How the records that match a query are put together. The last ones load and are not run. */
export const aggregations = [
  'count',
  'cardinality',
  'sum',
  'max',
  'new_value',
  'geo_data',
  'event_count',
  'none',
] as const;

export type Aggregation = (typeof aggregations)[number];

/** Datadog's ways to come to a signal. All but the first two load and are not run. */
export const detectionMethods = [
  'threshold',
  'new_value',
  'anomaly_detection',
  'anomaly_threshold',
  'impossible_travel',
  'hardcoded',
  'third_party',
  'sequence_detection',
] as const;

export type DetectionMethod = (typeof detectionMethods)[number];

export const learningMethods = ['duration', 'threshold'] as const;

export type LearningMethod = (typeof learningMethods)[number];

export const filterActions = ['require', 'suppress'] as const;

/** Attributes are written as in a query: `@userIdentity.arn`, or a reserved one such as `service`. */
export type LogQuery = {
  /** The label that conditions call it by; no two queries of a rule have the same. */
  readonly name: string;
  readonly query: string;
  readonly aggregation: Aggregation;
  /** For `cardinality`: the attributes whose values, taken together, are counted. */
  readonly distinctFields: readonly string[];
  readonly groupByFields: readonly string[];
  /** Whether a record that lacks a group-by attribute has a group of its own instead of none. */
  readonly hasOptionalGroupByFields: boolean;
  /** For `sum` and `max` the attribute; for `new_value` the attributes, taken together. */
  readonly metrics: readonly string[];
};

export type LogCase = {
  /** Said with the signal; may be empty. */
  readonly name: string;
  readonly severity: Severity;
  /** Such as `logins > 3 && changes > 0`; null holds whenever anything matches. */
  readonly condition: string | null;
  /** Whom Datadog would notify; kept for those who take the rule back there. */
  readonly notifications: readonly string[];
};

export type LogFilter = {
  readonly action: (typeof filterActions)[number];
  readonly query: string;
};

export type NewValueOptions = {
  /** Seconds without being seen after which a value is new again. */
  readonly forgetAfterSeconds: number;
  readonly learningMethod: LearningMethod;
  /** For the method `duration`: seconds from the first value on in which values are learned. */
  readonly learningDurationSeconds: number;
  /** For the method `threshold`: the number of records whose values are learned. */
  readonly learningThreshold: number;
  /** Whether learning counts from the first value of any group instead of the group's own. */
  readonly instantaneousBaseline: boolean;
};

export type LogOptions = {
  readonly detectionMethod: DetectionMethod;
  readonly evaluationWindowSeconds: number;
  readonly keepAliveSeconds: number;
  readonly maxSignalDurationSeconds: number;
  readonly newValue: NewValueOptions;
};

export type LogRule = RuleFacts & {
  readonly kind: 'log';
  readonly queries: readonly LogQuery[];
  /** The first that holds makes the signal and gives its severity. */
  readonly cases: readonly LogCase[];
  readonly filters: readonly LogFilter[];
  readonly options: LogOptions;
};

export type Rule = ExposureRule | LogRule;
