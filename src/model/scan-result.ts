// The document that `scan --format json` prints, and the value every output format starts from.

import type { Undetermined } from './change.ts';
import type { Exposure } from './exposure.ts';
import type { Problem } from './problem.ts';
import type { Signal } from './signal.ts';
import type { Suppressed } from './suppression.ts';

export type ScanStats = {
  /** Files, objects or streams read. */
  readonly files: number;
  /** Bytes as stored. */
  readonly compressedBytes: number;
  /** Bytes after unpacking. */
  readonly bytes: number;
  /** Records seen, whatever became of them. The tallies of records below add up to it. */
  readonly records: number;
  /** Records that the fast path handed on to be parsed. */
  readonly candidateRecords: number;
  readonly irrelevantRecords: number;
  readonly changeRecords: number;
  /** Records unclear by themselves; `undetermined` has what is unclear of all together, too. */
  readonly undeterminedRecords: number;
  readonly rejectedRecords: number;
  /** Records that match a log rule and changed no group; absent when no log rule is run. */
  readonly matchedRecords?: number;
  readonly rejectedFiles: number;
  readonly durationMs: number;
  /** What an audit looked into; absent for a scan. An audit reads no records. */
  readonly looked?: LookStats;
};

export type LookStats = {
  readonly accounts: number;
  /** Regions, counted for each account anew. */
  readonly regions: number;
  readonly groups: number;
  /** Ingress rows of all groups. */
  readonly rows: number;
};

/** A rule that is there, and switched on, and was not looked for. */
export type NotRun = {
  readonly ruleId: string;
  /** In words for a person. */
  readonly reason: string;
};

export type ScanResult = {
  readonly schemaVersion: 1;
  readonly stats: ScanStats;
  readonly signals: readonly Signal[];
  readonly exposures: readonly Exposure[];
  readonly undetermined: readonly Undetermined[];
  readonly problems: readonly Problem[];
  /** Absent when every rule was run. */
  readonly notRun?: readonly NotRun[];
  /** What suppressions hide, which is in none of the lists above; absent when nothing is. */
  readonly suppressed?: Suppressed;
};
