// A query that does not parse: what is wrong, where, and what to write instead.
// The text shown is safe on a terminal: what steers one is replaced, character by character.

/** Characters of the query shown on either side of the place; a longer line is cut there. */
const shownAround = 60;

const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** A query that does not parse. The message names the place; `hint` says what to write instead. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  /** The whole query. */
  readonly text: string;
  /** Where it is wrong: offset in UTF-16 units, from 0, as `text.slice` counts. */
  readonly position: number;
  /** Line of the place, from 1. */
  readonly line: number;
  /** Column of the place in its line, in characters, from 1. */
  readonly column: number;
  /** What to write instead. */
  readonly hint: string;

  /** `problem` is a clause without a full stop: it becomes the message, with the place. */
  constructor(problem: string, hint: string, text: string, position: number) {
    const before = text.slice(0, position).split('\n');
    const line = before.length;
    const column = Array.from(before.at(-1) ?? '').length + 1;
    super(`${problem}, at ${line === 1 ? '' : `line ${line}, `}column ${column}`);
    this.text = text;
    this.position = position;
    this.line = line;
    this.column = column;
    this.hint = hint;
  }

  /** Three lines: the line of the query with the error, a caret under the place, the hint. */
  render(): string {
    const characters = Array.from(this.text.split('\n')[this.line - 1] ?? '');
    const place = this.column - 1;
    const start = place > shownAround ? place - shownAround : 0;
    const end = place + shownAround;
    const lead = start > 0 ? '…' : '';
    const shown = characters.slice(start, end).join('').replace(unprintable, ' ');
    const caret = ' '.repeat(lead.length + place - start);
    return [
      `${lead}${shown}${end < characters.length ? '…' : ''}`,
      `${caret}^ ${this.message}`,
      `${caret}  ${this.hint}`,
    ].join('\n');
  }
}
