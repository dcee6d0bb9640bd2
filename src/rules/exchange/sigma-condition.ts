// The condition of a Sigma rule: `selection and not 1 of filter_*`. `or` binds loosest, then `and`,
// then `not`. What the names stand for is not known here.
// https://sigmahq.io/sigma-specification/specification/sigma-rules-specification.html#condition

export type SigmaCondition =
  | { readonly kind: 'and'; readonly terms: readonly SigmaCondition[] }
  | { readonly kind: 'or'; readonly terms: readonly SigmaCondition[] }
  | { readonly kind: 'not'; readonly term: SigmaCondition }
  | { readonly kind: 'name'; readonly name: string }
  /** `1 of selection_*`, `all of them`; the pattern null is `them`. */
  | { readonly kind: 'of'; readonly quantity: 'any' | 'all'; readonly pattern: string | null };

/** A condition that is none, or asks for more than is known here. */
export class SigmaConditionError extends Error {
  override readonly name = 'SigmaConditionError';
}

const deepest = 64;

/** Throws a SigmaConditionError whose message is a clause for a person. */
export function parseSigmaCondition(text: string): SigmaCondition {
  if (text.includes('|')) {
    throw new SigmaConditionError('counts matches with |, the old way of correlating');
  }
  const reader = new Reader(text.match(/[()]|[^\s()]+/g) ?? []);
  return reader.whole();
}

class Reader {
  readonly #tokens: readonly string[];
  #place = 0;
  #depth = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  whole(): SigmaCondition {
    const condition = this.#or();
    const next = this.#next;
    if (next !== undefined) throw new SigmaConditionError(`has ${next} where it should end`);
    return condition;
  }

  get #next(): string | undefined {
    return this.#tokens[this.#place];
  }

  #takeWord(word: string): boolean {
    if (this.#next?.toLowerCase() !== word) return false;
    this.#place += 1;
    return true;
  }

  #or(): SigmaCondition {
    const terms = [this.#and()];
    while (this.#takeWord('or')) terms.push(this.#and());
    return joined('or', terms);
  }

  #and(): SigmaCondition {
    const terms = [this.#not()];
    while (this.#takeWord('and')) terms.push(this.#not());
    return joined('and', terms);
  }

  #not(): SigmaCondition {
    let isNegated = false;
    while (this.#takeWord('not')) isNegated = !isNegated;
    const term = this.#term();
    return isNegated ? { kind: 'not', term } : term;
  }

  #term(): SigmaCondition {
    const token = this.#next;
    this.#place += 1;
    if (token === undefined || token === ')' || /^(?:and|or|of|them)$/i.test(token)) {
      throw new SigmaConditionError('lacks a selection');
    }
    if (token === '(') return this.#group();
    if (!this.#takeWord('of')) return { kind: 'name', name: token };
    const quantity = /^(?:1|any)$/i.test(token) ? 'any' : /^all$/i.test(token) ? 'all' : null;
    if (quantity === null) {
      throw new SigmaConditionError(`asks for ${token} of several; 1 and all are known`);
    }
    const pattern = this.#next;
    this.#place += 1;
    if (pattern === undefined || /^[()]$/.test(pattern)) {
      throw new SigmaConditionError('lacks a selection');
    }
    return { kind: 'of', quantity, pattern: /^them$/i.test(pattern) ? null : pattern };
  }

  #group(): SigmaCondition {
    this.#depth += 1;
    if (this.#depth > deepest) throw new SigmaConditionError('nests too deep');
    const condition = this.#or();
    if (!this.#takeWord(')')) throw new SigmaConditionError('has a parenthesis that is not closed');
    this.#depth -= 1;
    return condition;
  }
}

function joined(kind: 'and' | 'or', terms: readonly SigmaCondition[]): SigmaCondition {
  const [first] = terms;
  return first !== undefined && terms.length === 1 ? first : { kind, terms };
}
