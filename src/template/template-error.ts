// A template that does not parse, or asks for what templates cannot do.

export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  /** Line of the place in the template, from 1. */
  readonly line: number;
  /** Column of the place, in UTF-16 units, from 1. */
  readonly column: number;
  /** What to write instead. */
  readonly hint: string;

  /** `problem` is a clause without a full stop: it becomes the message, with the place. */
  constructor(problem: string, hint: string, line: number, column: number, cause?: unknown) {
    super(`${problem}, at line ${line}, column ${column}`, cause === undefined ? {} : { cause });
    this.line = line;
    this.column = column;
    this.hint = hint;
  }
}
