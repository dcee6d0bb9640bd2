// Something that could not be read, with its place. A problem never stops the rest from being found.

import type { ProblemCode } from '../errors/catalogue.ts';

export type Problem = {
  readonly code: ProblemCode;
  /** Path, `s3://` address, or `-` for standard input. */
  readonly file: string;
  /** Index of the record in its file, from 0; absent when the whole file is meant. */
  readonly record?: number;
  /** Byte offset in the unpacked file, where it is known. */
  readonly offset?: number;
  /** What was found and what to do about it. */
  readonly message: string;
};
