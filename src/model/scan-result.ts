// The document that `scan --format json` prints, and the value every output format starts from.

import type { Undetermined } from './change.ts';
import type { Exposure } from './exposure.ts';
import type { Problem } from './problem.ts';
import type { Signal } from './signal.ts';

export type ScanStats = {
  /** Files, objects or streams read. */
  readonly files: number;
  /** Bytes as stored. */
  readonly compressedBytes: number;
  /** Bytes after unpacking. */
  readonly bytes: number;
  /** Records seen, whatever became of them. The four tallies below add up to it. */
  readonly records: number;
  /** Records that the fast path handed on to be parsed. */
  readonly candidateRecords: number;
  readonly irrelevantRecords: number;
  readonly changeRecords: number;
  readonly undeterminedRecords: number;
  readonly rejectedRecords: number;
  readonly rejectedFiles: number;
  readonly durationMs: number;
};

export type ScanResult = {
  readonly schemaVersion: 1;
  readonly stats: ScanStats;
  readonly signals: readonly Signal[];
  readonly exposures: readonly Exposure[];
  readonly undetermined: readonly Undetermined[];
  readonly problems: readonly Problem[];
};
