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

export type ExposureRule = {
  readonly kind: 'exposure';
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly enabled: boolean;
  /** The severity where no case matches. */
  readonly severity: Severity;
  readonly cases: readonly SeverityCase[];
  readonly tags: readonly RuleTag[];
  readonly references: readonly string[];
  readonly goal: string;
  readonly strategy: string;
  readonly triage: readonly TriageStep[];
  readonly changelog: readonly ChangelogEntry[];
  /** Template of a signal's title; one line. */
  readonly title: string;
  /** Template of a signal's message, in Markdown; the triage steps are its last part. */
  readonly message: string;
  /** Attributes that tell one actor from another; none: who made the call. */
  readonly groupBy: readonly string[];
  readonly options: {
    readonly keepAliveSeconds: number;
    readonly maxSignalDurationSeconds: number;
  };
  readonly exposure: ExposureBody;
};

export type Rule = ExposureRule;
