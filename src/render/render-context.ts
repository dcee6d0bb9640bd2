// What every output format takes and gives. A renderer is pure: the same result and context give
// the same text, and it comes in chunks, so that a huge result is never one string.

import type { Rule } from '../model/rule.ts';
import type { ScanResult } from '../model/scan-result.ts';

export type RenderContext = {
  /** The rules that were looked for, enabled ones only. */
  readonly rules: readonly Rule[];
  /** Width of the terminal in columns; formats for programs do not look at it. */
  readonly columns: number;
  /** Whether terminal colors are wanted. */
  readonly color: boolean;
  /** The moment up to which an open exposure has lasted. */
  readonly now: Date;
  /** Version of Portcullis. */
  readonly version: string;
};

/** Chunks of the output, in order. The last one ends with a line end. */
export type Renderer = (result: ScanResult, context: RenderContext) => Iterable<string>;
