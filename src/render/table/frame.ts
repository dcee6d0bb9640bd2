// What the blocks of the table share: the frame that fits the terminal, the bar that leads a block,
// and the length up to which text from a log is shown.

import { oneLine } from '../words.ts';
import { type Column, type Line, type Span, together, truncate } from './layout.ts';

const narrowest = 40;
const widest = 140;

/** How the lines of the table are laid out. All but the summary have a bar and a blank in front. */
export type Frame = {
  /** Columns that a line may take. */
  readonly width: number;
  /** Columns that are left behind the bar. */
  readonly inner: number;
  /** Columns that are left to what is indented below the title of a block. */
  readonly detail: number;
  /** Port, reach, opened, closed (when wide), how long; null where the terminal is too narrow. */
  readonly columns: readonly [Column, Column, ...Column[]] | null;
  /** Whether there is room for the time of closing and for the rule. */
  readonly isWide: boolean;
};

export function frameFor(terminal: number): Frame {
  const width = Math.min(Math.max(terminal, narrowest), widest);
  const inner = width - 2;
  const detail = inner - 2;
  const isWide = width >= 116;
  if (width < 76) return { width, inner, detail, columns: null, isWide };
  const times = isWide ? [{ width: 19 }, { width: 19 }] : [{ width: 19 }];
  const last: Column = { width: isWide || width < 96 ? 10 : 18, align: 'end' };
  const fixed = [...times, last].reduce((sum, column) => sum + 2 + column.width, 2);
  const ports = Math.ceil((detail - fixed) * 0.52);
  const columns = [{ width: ports }, { width: detail - fixed - ports }, ...times, last] as const;
  return { width, inner, detail, columns, isWide };
}

export const indent: Span = { text: '  ' };

/** Leads lines by a span. */
export function behind(span: Span): (line: Line) => Line {
  return (line) => [span, ...line];
}

/**
 * Lines after the first are indented. So each item of a list can be told from the next, and text
 * from a log never begins a line where the title of a block would.
 */
export function hanging(lines: readonly Line[]): Line[] {
  return lines.map((line, index) => (index === 0 ? line : behind(indent)(line)));
}

/** Marks heaped on one letter would be drawn over the lines around it. */
const heapedMarks = /(\p{M}{4})\p{M}+/gu;

/** Text from a log on one line, at most `width` columns, its words held together. */
export function brief(text: string, width = 64): string {
  return together(clip(text, width));
}

/** Like `brief`, but it may be broken between its words. */
export function clip(text: string, width: number): string {
  return truncate(oneLine(text.slice(0, width * 64)).replace(heapedMarks, '$1'), width);
}
