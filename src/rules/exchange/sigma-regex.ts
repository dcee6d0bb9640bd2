// Regular expressions that say no more than wildcards do, as patterns. `.` is one character, `.*` any
// run; alternatives, small classes and optional groups are written out. All others are null.

import type { Pattern } from '../../query/index.ts';
import { joined, one, star } from './sigma-text.ts';

type Part = Pattern[number];

/** Patterns that one expression is written out as, at most, and characters of it that are read. */
const mostPatterns = 64;
const longest = 2000;

/**
 * The patterns of which a text matches one when the expression is found somewhere in it; null when
 * wildcards cannot say it.
 */
export function patternsOfRegex(expression: string): readonly Pattern[] | null {
  if (expression.length > longest) return null;
  try {
    const reader = new Reader(Array.from(expression));
    return reader.whole().map(joined);
  } catch (error) {
    if (error instanceof NoPattern) return null;
    throw error;
  }
}

class NoPattern extends Error {}

type Sequences = readonly (readonly Part[])[];

class Reader {
  readonly #text: readonly string[];
  #place = 0;

  constructor(text: readonly string[]) {
    this.#text = text;
  }

  /** Alternatives, each of which may be tied to the start and to the end of the text. */
  whole(): Sequences {
    const found: (readonly Part[])[] = [];
    do {
      const fromStart = this.#take('^');
      const sequences = this.#sequence();
      const toEnd = this.#take('$');
      if (!this.#isAt('|') && this.#next !== undefined) throw new NoPattern();
      for (const parts of sequences) {
        found.push([...(fromStart ? [] : [star]), ...parts, ...(toEnd ? [] : [star])]);
      }
    } while (this.#take('|'));
    return bounded(found);
  }

  get #next(): string | undefined {
    return this.#text[this.#place];
  }

  #isAt(character: string): boolean {
    return this.#next === character;
  }

  #take(character: string): boolean {
    if (!this.#isAt(character)) return false;
    this.#place += 1;
    return true;
  }

  /** Up to the end, a `|`, a `)` or a `$`. */
  #sequence(): Sequences {
    let sequences: Sequences = [[]];
    for (;;) {
      const next = this.#next;
      if (next === undefined || next === '|' || next === ')' || next === '$') return sequences;
      const atoms = this.#repeated(this.#atom());
      sequences = bounded(sequences.flatMap((parts) => atoms.map((atom) => [...parts, ...atom])));
    }
  }

  #atom(): Sequences {
    const character = this.#next;
    this.#place += 1;
    switch (character) {
      case '.':
        return [[one]];
      case '(':
        return this.#group();
      case '[':
        return this.#class().map((member) => [member]);
      case '\\':
        return [[this.#escaped()]];
      case undefined:
      case '^':
      case '*':
      case '+':
      case '?':
      case '{':
        throw new NoPattern();
      default:
        return [[character]];
    }
  }

  /** A backslash before a letter or digit is more than that character. */
  #escaped(): string {
    const character = this.#next;
    if (character === undefined || /[\p{L}\p{N}]/u.test(character)) throw new NoPattern();
    this.#place += 1;
    return character;
  }

  #group(): Sequences {
    if (this.#take('?') && !this.#take(':')) throw new NoPattern();
    const found: (readonly Part[])[] = [];
    do found.push(...this.#sequence());
    while (this.#take('|'));
    if (!this.#take(')')) throw new NoPattern();
    return bounded(found);
  }

  #class(): readonly string[] {
    const members = new Set<string>();
    if (this.#isAt('^') || this.#isAt(']')) throw new NoPattern();
    while (!this.#take(']')) {
      const first = this.#member();
      const last =
        this.#isAt('-') && this.#text[this.#place + 1] !== ']' && this.#take('-')
          ? this.#member()
          : first;
      const from = first.codePointAt(0) ?? 0;
      const to = last.codePointAt(0) ?? 0;
      if (to < from || to - from > mostPatterns) throw new NoPattern();
      for (let code = from; code <= to; code += 1) members.add(String.fromCodePoint(code));
    }
    return [...members];
  }

  #member(): string {
    const character = this.#next;
    if (character === undefined || character === '[') throw new NoPattern();
    this.#place += 1;
    return character === '\\' ? this.#escaped() : character;
  }

  /** What a quantifier makes of an atom. A `?` after one asks for the shortest match, which is one. */
  #repeated(atoms: Sequences): Sequences {
    const times = this.#quantifier();
    if (times === null) return atoms;
    this.#take('?');
    if (this.#isAt('+')) throw new NoPattern();
    const { least, most } = times;
    const [[only] = [], ...others] = atoms;
    const isAny = others.length === 0 && atoms[0]?.length === 1 && only === one;
    if (most === Infinity) {
      if (!isAny) throw new NoPattern();
      return [[...Array.from({ length: least }, () => one), star]];
    }
    return bounded(
      Array.from({ length: most - least + 1 }, (_, more) => least + more).flatMap((count) =>
        power(atoms, count),
      ),
    );
  }

  #quantifier(): { readonly least: number; readonly most: number } | null {
    if (this.#take('*')) return { least: 0, most: Infinity };
    if (this.#take('+')) return { least: 1, most: Infinity };
    if (this.#take('?')) return { least: 0, most: 1 };
    if (!this.#isAt('{')) return null;
    const rest = this.#text.slice(this.#place, this.#place + 12).join('');
    const [all, least, comma, most] = /^\{(\d{1,3})(,?)(\d{0,3})\}/.exec(rest) ?? [];
    if (all === undefined) throw new NoPattern();
    this.#place += all.length;
    const from = Number(least);
    const to = comma === '' ? from : most === '' ? Infinity : Number(most);
    if (to < from) throw new NoPattern();
    return { least: from, most: to };
  }
}

function power(atoms: Sequences, count: number): Sequences {
  let sequences: Sequences = [[]];
  for (let done = 0; done < count; done += 1) {
    sequences = bounded(sequences.flatMap((parts) => atoms.map((atom) => [...parts, ...atom])));
  }
  return sequences;
}

function bounded(sequences: Sequences): Sequences {
  if (sequences.length > mostPatterns) throw new NoPattern();
  return sequences;
}
