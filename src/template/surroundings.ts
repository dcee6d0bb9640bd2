// Where in the Markdown of a template an attribute will stand: in text, in code, or in a shell
// command that a person may copy. It decides how the attribute is escaped.
//
// Only what holds for every rendering counts: code whose two ends could be shown one without the
// other is taken for text, whose escapes are safe inside code as well.

import type { Surroundings } from './escape.ts';

/** A part of a template: pieces in the order of the source hold both branches of a condition. */
export type Piece = {
  /** Text of the template, or null for an attribute. */
  readonly text: string | null;
  /** Pieces with the same branch are always shown together. */
  readonly branch: object;
};

/** Stands for an attribute in the joined text: a character that means nothing in Markdown. */
const placeholder = '\ufffc';

const openingFence = /^[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(`{3,}|~{3,})[ \t]*([^\s`]*)[^`]*$/;
const shellNames = /^(?:sh|bash|dash|ksh|zsh|shell|console|shell-session)$/;

/** The surroundings of each attribute among the pieces, in their order. */
export function surroundingsOf(pieces: readonly Piece[], root: object): readonly Surroundings[] {
  return new Reading(pieces, root).surroundings();
}

type Line = { readonly start: number; readonly text: string };

class Reading {
  readonly #root: object;
  /** The branch of each UTF-16 unit of the joined text. */
  readonly #branches: readonly object[];
  readonly #attributes: readonly number[];
  readonly #lines: readonly Line[];
  /** By the place of an attribute; where nothing is noted, it stands in text. */
  readonly #found = new Map<number, Surroundings>();

  constructor(pieces: readonly Piece[], root: object) {
    this.#root = root;
    const branches: object[] = [];
    const attributes: number[] = [];
    let joined = '';
    for (const { text, branch } of pieces) {
      if (text === null) attributes.push(joined.length);
      const shown = text ?? placeholder;
      joined += shown;
      for (let unit = 0; unit < shown.length; unit += 1) branches.push(branch);
    }
    this.#branches = branches;
    this.#attributes = attributes;
    let start = 0;
    this.#lines = joined.split('\n').map((text) => {
      const line = { start, text };
      start += text.length + 1;
      return line;
    });
  }

  surroundings(): readonly Surroundings[] {
    for (let index = 0; index < this.#lines.length; index += 1) {
      const line = this.#lines[index]!;
      const [, fence, language = ''] = openingFence.exec(line.text) ?? [];
      if (fence === undefined) {
        this.#readSpans(line);
      } else {
        index = this.#readFence(index, fence, language.toLowerCase());
      }
    }
    return this.#attributes.map((place) => this.#found.get(place) ?? 'text');
  }

  /** The code between an opening fence and its closing one, whose line is returned. */
  #readFence(opening: number, fence: string, language: string): number {
    const closingFence = new RegExp(`^[ \\t]*${fence[0]!}{${fence.length},}[ \\t]*$`);
    const found = this.#lines.findIndex(
      ({ text }, index) => index > opening && closingFence.test(text),
    );
    // A fence that is never closed reaches to the end.
    const closing = found === -1 ? this.#lines.length : found;
    const branch = this.#fenceBranch(opening);
    const together = branch === (found === -1 ? this.#root : this.#fenceBranch(found));
    if (together) {
      const content = this.#lines.slice(opening + 1, closing);
      if (shellNames.test(language)) this.#readShell(content);
      else for (const line of content) this.#note(line, 0, line.text.length, 'code');
    }
    return closing;
  }

  #fenceBranch(index: number): object | undefined {
    const line = this.#lines[index]!;
    return this.#branches[line.start + line.text.search(/[`~]/)];
  }

  /** Notes at each attribute of a command in what quotes it stands. */
  #readShell(lines: readonly Line[]): void {
    const surroundings = { '': 'shell', "'": 'shell-single', '"': 'shell-double' } as const;
    let quote: keyof typeof surroundings = '';
    for (const line of lines) {
      for (let at = 0; at < line.text.length; at += 1) {
        const character = line.text[at]!;
        this.#note(line, at, at + 1, surroundings[quote]);
        if (character === quote) quote = '';
        else if (quote === '' && (character === "'" || character === '"')) quote = character;
        else if (character === '\\' && quote !== "'") at += 1;
        else if (quote === '' && character === '#' && /^\s?$/.test(line.text.slice(at - 1, at))) {
          // What follows is a comment, in which quotes mean nothing.
          this.#note(line, at, line.text.length, 'shell');
          break;
        }
      }
    }
  }

  /** Pieces of code between equal runs of backticks on one line. */
  #readSpans(line: Line): void {
    const spans: (readonly [number, number])[] = [];
    const { text } = line;
    let at = 0;
    while (at < text.length) {
      if (text[at] === '\\') {
        if (this.#branchAt(line, at) !== this.#branchAt(line, at + 1)) return;
        at += 2;
        continue;
      }
      const run = runAt(text, at);
      const end = run === 0 ? -1 : closingRun(text, at + run, run);
      if (end === -1) {
        at += Math.max(run, 1);
        continue;
      }
      if (this.#branchAt(line, at) !== this.#branchAt(line, end)) return;
      spans.push([at, end]);
      at = end + run;
    }
    for (const [from, to] of spans) this.#note(line, from, to, 'code');
  }

  #branchAt(line: Line, at: number): object | undefined {
    return this.#branches[line.start + at];
  }

  #note(line: Line, from: number, to: number, surroundings: Surroundings): void {
    for (let at = from; at < to; at += 1) {
      if (line.text[at] === placeholder) this.#found.set(line.start + at, surroundings);
    }
  }
}

/** How many backticks stand in a row from this place on. */
function runAt(text: string, from: number): number {
  let to = from;
  while (text[to] === '`') to += 1;
  return to - from;
}

/** Where the next run of exactly that many backticks begins, or -1. */
function closingRun(text: string, from: number, length: number): number {
  let at = from;
  while (at < text.length) {
    const run = runAt(text, at);
    if (run === length) return at;
    at += Math.max(run, 1);
  }
  return -1;
}
