// Rules by their ids, as a person names them on the command line.

import { PortcullisError } from '../errors/portcullis-error.ts';
import type { Rule } from '../model/rule.ts';
import { didYouMean } from './did-you-mean.ts';

/** @throws PortcullisError `rule/unknown-id`, with the id that was probably meant */
export function findRule<T extends Rule>(rules: readonly T[], id: string): T {
  const found = rules.find((rule) => rule.id === id);
  if (found !== undefined) return found;
  const ids = rules.map((rule) => rule.id);
  const meant = didYouMean(id, ids) ?? ids.find((known) => id !== '' && known.includes(id));
  const hint = meant === undefined ? {} : { hint: `Did you mean ${meant}?` };
  throw new PortcullisError('rule/unknown-id', `there is no rule ${JSON.stringify(id)}`, hint);
}

/**
 * The rules, those with the given ids switched on.
 *
 * @throws PortcullisError `rule/unknown-id`
 */
export function enableRules(rules: readonly Rule[], ids: readonly string[]): readonly Rule[] {
  const wanted = new Set(ids.map((id) => findRule(rules, id).id));
  return rules.map((rule) => (wanted.has(rule.id) ? { ...rule, enabled: true } : rule));
}
