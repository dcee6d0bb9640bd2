// Text on a terminal, measured in columns: wide characters and emoji count two, combining marks
// none. Every string that comes in here is already free of control characters.

import { styleText } from 'node:util';
import stringWidth from 'string-width';

export type Style = Parameters<typeof styleText>[0];

/** A run of text in one style. A no-break space in it holds two words together. */
export type Span = { readonly text: string; readonly style?: Style };

/** One line of a cell. */
export type Line = readonly Span[];

const noBreak = '\u00a0';
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Each of these takes one column and is a grapheme of its own; most text is nothing else. */
const simple = /^[\u0020-\u007e\u00a0]*$/;

export function textWidth(text: string): number {
  return simple.test(text) ? text.length : stringWidth(text);
}

export function lineWidth(line: Line): number {
  return line.reduce((width, span) => width + textWidth(span.text), 0);
}

export function lineText(line: Line): string {
  return line.map(({ text }) => text).join('');
}

/** The text with its blanks made unbreakable. */
export function together(text: string): string {
  return text.replaceAll(' ', noBreak);
}

/** Text cut to `width` columns; its last one then shows that something is missing. */
export function truncate(text: string, width: number): string {
  const fitting = takeColumns(text, width);
  return fitting.length === text.length ? text : `${takeColumns(text, width - 1)}…`;
}

/** Like `truncate`, but the end is kept: of a path, its file name. */
export function truncateStart(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let kept = '';
  for (const { segment } of [...graphemes.segment(text)].toReversed()) {
    if (textWidth(segment + kept) > width - 1) break;
    kept = segment + kept;
  }
  return `…${kept}`;
}

/** The longest start of `text` that fits `width` columns, in whole graphemes, at least one. */
function takeColumns(text: string, width: number): string {
  if (simple.test(text)) return text.slice(0, Math.max(width, 1));
  let taken = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    used += textWidth(segment);
    if (taken !== '' && used > width) break;
    taken += segment;
  }
  return taken;
}

/**
 * Breaks spans into lines of at most `width` columns, at blanks. A word that is longer than a whole
 * line is broken after a separator such as `/` or `,` where it has one. At least one line.
 */
export function wrap(spans: Line, width: number): Line[] {
  const lines: Span[][] = [[]];
  let used = 0;
  let blankBefore = false;
  const add = (span: Span): void => {
    lines.at(-1)?.push(span);
    used += textWidth(span.text);
  };
  const startLine = (): void => {
    lines.push([]);
    used = 0;
  };
  for (const word of words(spans)) {
    if (word === 'blank') {
      blankBefore = used > 0;
      continue;
    }
    if (used > 0 && used + (blankBefore ? 1 : 0) + lineWidth(word) > width) startLine();
    else if (blankBefore) add({ text: ' ' });
    blankBefore = false;
    for (const piece of word.flatMap((span) => pieces(span, width))) {
      if (used > 0 && used + textWidth(piece.text) > width) startLine();
      add({ ...piece, text: piece.text.replaceAll(noBreak, ' ') });
    }
  }
  return lines;
}

/** A span cut so that each piece fits a line, after the last separator in reach where it has one. */
function pieces(span: Span, width: number): Span[] {
  const cut: Span[] = [];
  let rest = span.text;
  while (textWidth(rest) > width) {
    const fitting = takeColumns(rest, width);
    const upToSeparator = /^.+[/:.,_@=\u00a0-]/su.exec(fitting)?.[0] ?? '';
    const piece = textWidth(upToSeparator) * 2 > width ? upToSeparator : fitting;
    cut.push({ ...span, text: piece });
    rest = rest.slice(piece.length);
  }
  return rest === '' ? cut : [...cut, { ...span, text: rest }];
}

/** Words, each of one or more spans that touch, and the blanks between them. */
function* words(spans: Line): Generator<Line | 'blank'> {
  let word: Span[] = [];
  for (const span of spans) {
    for (const part of span.text.split(/( +)/)) {
      if (part === '') continue;
      if (part.startsWith(' ')) {
        if (word.length > 0) yield word;
        word = [];
        yield 'blank';
      } else {
        word.push({ ...span, text: part });
      }
    }
  }
  if (word.length > 0) yield word;
}

export function padEnd(line: Line, width: number): Line {
  const missing = width - lineWidth(line);
  return missing > 0 ? [...line, { text: ' '.repeat(missing) }] : line;
}

export function padStart(line: Line, width: number): Line {
  const missing = width - lineWidth(line);
  return missing > 0 ? [{ text: ' '.repeat(missing) }, ...line] : line;
}

export type Column = { readonly width: number; readonly align?: 'start' | 'end' };

/** Lays cells side by side, two blanks between them, each wrapped within its column. */
export function row(cells: readonly Line[], columns: readonly Column[]): Line[] {
  const wrapped = columns.map((column, index) => wrap(cells[index] ?? [], column.width));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, y) =>
    columns.flatMap(({ width, align }, x) => {
      const line = wrapped[x]?.[y] ?? [];
      const cell = align === 'end' ? padStart(line, width) : padEnd(line, width);
      return x === 0 ? cell : [{ text: '  ' }, ...cell];
    }),
  );
}

/** One line as text. Without color there is no escape sequence in it; blanks at the end are cut. */
export function paint(line: Line, color: boolean): string {
  const end = line.findLastIndex((span) => span.text.trim() !== '');
  const shown = line.slice(0, end + 1);
  return shown
    .map(({ text, style }, index) => {
      const visible = index === end ? text.trimEnd() : text;
      return color && style !== undefined
        ? styleText(style, visible, { validateStream: false })
        : visible;
    })
    .join('');
}
