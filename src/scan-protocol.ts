// What the scan's threads say to each other. Plain values only: they cross by structured clone.

import type { Change, Undetermined } from './model/change.ts';
import type { Problem } from './model/problem.ts';
import type { InputReading } from './scan-input.ts';
import type { KeyFilter } from './source/aws-layout.ts';
import type { Input } from './source/find-inputs.ts';
import type { S3Options } from './aws/s3-object-store.ts';

export type WorkerSettings = {
  readonly eventNames: readonly string[];
  readonly filter: KeyFilter;
  readonly maxRatio: number;
  readonly s3: S3Options;
};

/** To a worker: the next inputs to read. */
export type Assignment = { readonly inputs: readonly Input[] };

/** From a worker, once for each assignment. */
export type Report = {
  readonly changes: readonly Change[];
  readonly undetermined: readonly Undetermined[];
  readonly problems: readonly Problem[];
  readonly totals: readonly InputReading['totals'][];
};
