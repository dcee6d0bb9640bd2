// The result for a person at a terminal: one block a signal, newest first, then what could not be
// judged, what could not be read, and a summary. No line is wider than the terminal, down to 40
// columns; without color no escape sequence is printed.

import type { ScanResult } from '../model/scan-result.ts';
import { newestFirst } from './fold.ts';
import type { RenderContext } from './render-context.ts';
import { notRunBlock, problemsBlock, undeterminedBlock } from './table/doubts.ts';
import { frameFor } from './table/frame.ts';
import { type Line, paint } from './table/layout.ts';
import { headingLines, signalBlock } from './table/signal-block.ts';
import { suppressedBlock, suppressedHeading } from './table/suppressed-block.ts';
import { summaryLines } from './table/summary.ts';

export function* renderTable(result: ScanResult, context: RenderContext): Generator<string> {
  const frame = frameFor(context.columns);
  const print = (lines: readonly Line[]): string =>
    lines.map((line) => `${paint(line, context.color)}\n`).join('');

  yield '\n';
  const stories = newestFirst(result);
  if (result.exposures.length > 0 && frame.columns !== null) yield print(headingLines(frame));
  for (const story of stories) yield print([...signalBlock(story, frame, context.now), []]);
  const { undetermined, problems, notRun = [] } = result;
  if (undetermined.length > 0) yield print([...undeterminedBlock(undetermined, frame), []]);
  if (problems.length > 0) yield print([...problemsBlock(problems, frame), []]);
  const hidden = result.suppressed?.hidden ?? [];
  if (hidden.length > 0) {
    yield print(suppressedHeading(hidden.length, frame));
    for (const each of hidden) {
      yield print([...suppressedBlock(each, frame, context.now), []]);
    }
  }
  if (notRun.length > 0) yield print([...notRunBlock(notRun, frame), []]);
  yield print([...summaryLines(result, frame, context), []]);
}
