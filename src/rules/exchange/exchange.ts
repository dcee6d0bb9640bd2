// Rules on their way from and to other tools: what both directions speak of. A field or a rule that
// has no equal on the other side is named with the reason; none is dropped in silence.

import type { z } from 'zod';
import type { logRuleFileSchema } from '../rule-schema.ts';

/** The formats that rules are read from and written to. */
export const exchangeFormats = ['datadog-json', 'datadog-terraform', 'sigma'] as const;

export type ExchangeFormat = (typeof exchangeFormats)[number];

/** What one side says and the other cannot. */
export type Loss = {
  /** Where it stands in the rule, as its own format writes it: `queries[0].query`. */
  readonly field: string;
  /** Why it has no equal and what becomes of it, as a clause for a person. */
  readonly reason: string;
};

/** The fields of a log rule's rule.yaml; what is left out has its default. */
export type LogRuleDraft = z.input<typeof logRuleFileSchema>;

/** A rule of another tool, read. */
export type ForeignRule = {
  /** As its tool shows it to people; may hold anything. */
  readonly name: string;
  /** The rule in our terms; null when what it detects cannot be expressed. */
  readonly draft: LogRuleDraft | null;
  readonly losses: readonly Loss[];
};

/** A rule of ours, written for another tool. */
export type WrittenRule = {
  /** The document; null when what the rule detects cannot be expressed. */
  readonly text: string | null;
  readonly losses: readonly Loss[];
};

/** Takes note of what cannot be expressed while a rule is read or written. */
export class Losses {
  readonly #found: Loss[] = [];
  #isFatal = false;

  /** A field that is left out, or is not quite what it was. */
  add(field: string, reason: string): void {
    const isKnown = this.#found.some((loss) => loss.field === field && loss.reason === reason);
    if (!isKnown) this.#found.push({ field, reason });
  }

  /** Something without which the rule would detect something else: it is not carried over. */
  refuse(field: string, reason: string): void {
    this.add(field, reason);
    this.#isFatal = true;
  }

  /** Whether the rule as a whole cannot be expressed. */
  get isFatal(): boolean {
    return this.#isFatal;
  }

  get found(): readonly Loss[] {
    return this.#found;
  }
}
