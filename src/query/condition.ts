// The condition of a log rule's case: what the queries of the rule, each under its label, must have
// come to. `logins > 3 && changes >= 1 || deletions > 0`: the label stands left of the operator, `&&`
// binds tighter than `||`. Trees are in normal form: no `and` in an `and`, no `or` in an `or`.

import { QueryError } from './query-error.ts';

export const conditionOperators = ['>', '>=', '<', '<=', '==', '!='] as const;

export type ConditionOperator = (typeof conditionOperators)[number];

export type Condition =
  | { readonly kind: 'and'; readonly terms: readonly Condition[] }
  | { readonly kind: 'or'; readonly terms: readonly Condition[] }
  | {
      readonly kind: 'compare';
      readonly label: string;
      readonly operator: ConditionOperator;
      readonly value: number;
    };

/** Parentheses within parentheses; nobody writes more, and a reader without an end needs a limit. */
const deepest = 64;

/** Throws a QueryError that tells the place. */
export function parseCondition(text: string): Condition {
  return new Reader(text).read();
}

/** The condition in its one canonical form; parsing it gives the same tree. */
export function printCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'or':
      return condition.terms.map(printCondition).join(' || ');
    case 'and':
      return condition.terms
        .map((term) => (term.kind === 'or' ? `(${printCondition(term)})` : printCondition(term)))
        .join(' && ');
    case 'compare':
      return `${condition.label} ${condition.operator} ${condition.value}`;
    default:
      return condition satisfies never;
  }
}

/** The labels of a condition, each once, in the order in which they stand. */
export function conditionLabels(condition: Condition): readonly string[] {
  return condition.kind === 'compare'
    ? [condition.label]
    : [...new Set(condition.terms.flatMap(conditionLabels))];
}

/**
 * Whether the condition holds for what the queries came to. A value that is not there is NaN, and no
 * comparison with it holds.
 *
 * @param labels of the queries, in the order in which their values will be given
 * @throws RangeError for a label that none of the queries has
 */
export function compileCondition(
  condition: Condition,
  labels: readonly string[],
): (values: readonly number[]) => boolean {
  switch (condition.kind) {
    case 'and': {
      const terms = condition.terms.map((term) => compileCondition(term, labels));
      return (values) => terms.every((holds) => holds(values));
    }
    case 'or': {
      const terms = condition.terms.map((term) => compileCondition(term, labels));
      return (values) => terms.some((holds) => holds(values));
    }
    case 'compare': {
      const { label, operator, value: limit } = condition;
      const index = labels.indexOf(label);
      if (index === -1) throw new RangeError(`no query is called ${label}`);
      const compares = comparisons[operator];
      return (values) => compares(values[index] ?? Number.NaN, limit);
    }
    default:
      return condition satisfies never;
  }
}

const comparisons: Readonly<Record<ConditionOperator, (value: number, limit: number) => boolean>> =
  {
    '>': (value, limit) => value > limit,
    '>=': (value, limit) => value >= limit,
    '<': (value, limit) => value < limit,
    '<=': (value, limit) => value <= limit,
    '==': (value, limit) => value === limit,
    '!=': (value, limit) => value !== limit && !Number.isNaN(value),
  };

type Token = {
  readonly kind: 'label' | 'number' | 'operator' | 'and' | 'or' | 'open' | 'close' | 'end' | 'odd';
  readonly text: string;
  readonly at: number;
};

const tokenPattern =
  /(?<label>[A-Za-z_]\w*)|(?<number>-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?(?!\w))|(?<operator>[<>]=?|[=!]=)|(?<and>&&)|(?<or>\|\|)|(?<open>\()|(?<close>\))|(?<odd>\S)/y;

class Reader {
  readonly #text: string;
  #at = 0;
  #token: Token;

  constructor(text: string) {
    this.#text = text;
    this.#token = this.#scan();
  }

  read(): Condition {
    const condition = this.#any(0);
    if (this.#token.kind === 'end') return condition;
    if (this.#token.kind === 'close') {
      throw this.#error('there is no ( for this )', 'Remove it, or open it before.');
    }
    throw this.#error(
      'something follows the condition',
      this.#token.text.toLowerCase() === 'then'
        ? 'Sequences are not known here: join the comparisons with && or ||.'
        : 'Join comparisons with && or ||.',
    );
  }

  #any(depth: number): Condition {
    const terms = [this.#all(depth)];
    while (this.#takes('or')) terms.push(this.#all(depth));
    return join('or', terms);
  }

  #all(depth: number): Condition {
    const terms = [this.#term(depth)];
    while (this.#takes('and')) terms.push(this.#term(depth));
    return join('and', terms);
  }

  #term(depth: number): Condition {
    if (this.#token.kind !== 'open') return this.#comparison();
    const { at } = this.#token;
    if (depth === deepest) {
      throw this.#error(
        `parentheses stand more than ${deepest} deep`,
        'Write the condition with fewer.',
      );
    }
    this.#token = this.#scan();
    const inner = this.#any(depth + 1);
    if (this.#token.kind === 'end') {
      throw this.#error('this ( is never closed', 'Close it with ).', at);
    }
    if (!this.#takes('close')) {
      throw this.#error('a ) should stand here', 'Join comparisons with && or ||.');
    }
    return inner;
  }

  #comparison(): Condition {
    const label = this.#token;
    if (label.kind !== 'label') throw this.#error(...misplaced(label));
    this.#token = this.#scan();
    const { kind, text } = this.#token;
    const operator = conditionOperators.find((known) => kind === 'operator' && known === text);
    if (operator === undefined) {
      throw this.#error(
        'an operator should stand here',
        text === '=' ? 'Write == for equal.' : `Compare, as in ${label.text} > 3.`,
      );
    }
    this.#token = this.#scan();
    if (this.#token.kind !== 'number') {
      throw this.#error('a number should stand here', `Compare, as in ${label.text} > 3.`);
    }
    // Adding 0 leaves no negative zero.
    const value = Number(this.#token.text) + 0;
    if (!Number.isFinite(value)) {
      throw this.#error('the number is too large', 'Write a smaller one.');
    }
    this.#token = this.#scan();
    return { kind: 'compare', label: label.text, operator, value };
  }

  #takes(kind: Token['kind']): boolean {
    if (this.#token.kind !== kind) return false;
    this.#token = this.#scan();
    return true;
  }

  #scan(): Token {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1;
    const at = this.#at;
    tokenPattern.lastIndex = at;
    const groups = tokenPattern.exec(this.#text)?.groups ?? {};
    for (const [kind, text] of Object.entries(groups)) {
      if (text === undefined) continue;
      this.#at += text.length;
      // The names of the groups are those of the kinds.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      return { kind: kind as Token['kind'], text, at };
    }
    return { kind: 'end', text: '', at };
  }

  #error(problem: string, hint: string, at = this.#token.at): QueryError {
    return new QueryError(problem, hint, this.#text, at);
  }
}

/** What is wrong with what stands where a comparison should begin. */
function misplaced({ kind, text }: Token): readonly [problem: string, hint: string] {
  const hint = 'Write comparisons such as logins > 3, joined with && or ||.';
  if (kind === 'number') {
    return [
      'a number stands left of the operator',
      'The label of a query stands left: write a > 3, not 3 < a.',
    ];
  }
  if (kind === 'end') return ['a comparison is missing', hint];
  return [`a comparison should stand in place of ${JSON.stringify(text)}`, hint];
}

function join(kind: 'and' | 'or', terms: readonly Condition[]): Condition {
  const flat = terms.flatMap((term) => (term.kind === kind ? term.terms : [term]));
  const [first] = flat;
  return first !== undefined && flat.length === 1 ? first : { kind, terms: flat };
}
