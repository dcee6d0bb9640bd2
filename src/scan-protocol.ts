// What the scan's threads say to each other. Plain values only: they cross by structured clone.

import type { PackedMatches } from './detect/log-rules/packed-matches.ts';
import type { RunnableRule } from './detect/log-rules/plan-log-rules.ts';
import type { Change, Undetermined } from './model/change.ts';
import type { Problem } from './model/problem.ts';
import type { InputReading } from './scan-input.ts';
import type { KeyFilter } from './source/aws-layout.ts';
import type { Input } from './source/input.ts';
import type { S3Options } from './aws/s3-object-store.ts';

export type WorkerSettings = {
  /** The event names that matter beside those of changes; null when any can. */
  readonly eventNames: readonly string[] | null;
  readonly logRules: readonly RunnableRule[];
  readonly filter: KeyFilter;
  readonly maxRatio: number;
  readonly s3: S3Options;
};

/** The next inputs to read. */
export type Assignment = { readonly inputs: readonly Input[] };

/** To a worker: the settings once, then one assignment after the other. */
export type ToWorker = { readonly settings: WorkerSettings } | Assignment;

/** What was found, some of it or the rest. */
export type Part = {
  readonly changes: readonly Change[];
  readonly undetermined: readonly Undetermined[];
  readonly matches: PackedMatches;
};

/** What an assignment came to. */
export type Report = Part & {
  readonly problems: readonly Problem[];
  /** Time of the newest record that a log rule was asked about so far; null for none. */
  readonly latestMs: number | null;
  readonly totals: readonly InputReading['totals'][];
};

/** Changes cross as JSON: parsed again, they take less memory and time than copies. */
export type Packed<T extends Part> = Omit<T, 'changes'> & { readonly changes: string };

/** From a worker: for each assignment any number of parts, and then the report. */
export type FromWorker = Packed<Part> | Packed<Report>;

export function pack<T extends Part>(part: T): Packed<T> {
  return { ...part, changes: JSON.stringify(part.changes) };
}

/** What `pack` was given. */
export function unpack<T extends Part>({ changes, ...rest }: Packed<T>): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return { ...rest, changes: JSON.parse(changes) as readonly Change[] } as unknown as T;
}
