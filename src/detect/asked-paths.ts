// What exposure rules, and whoever narrows what they find, ask of the records of changes: so much of a
// record is kept, and no more.

import type { Rule } from '../model/rule.ts';
import type { AskedPaths } from '../normalize/kept-record.ts';
import { asksAny, attributePaths, parseQuery } from '../query/index.ts';
import { compileTemplate } from '../template/index.ts';

/** What derived attributes are made from, where that is not always kept. */
const sources: ReadonlyMap<string, string> = new Map([['evt.outcome', 'responseElements']]);

/**
 * @param queries further queries on signals, which ask for attributes of records, too
 * @returns dotted paths without `@`; null where a query asks for any attribute there is
 */
export function askedPaths(rules: readonly Rule[], queries: readonly string[]): AskedPaths {
  const exposureRules = rules.filter((rule) => rule.kind === 'exposure');
  const parsed = [
    ...exposureRules.flatMap(({ exposure, cases }) => [
      exposure.where ?? '',
      ...cases.map(({ where }) => where ?? ''),
    ]),
    ...queries,
  ].map(parseQuery);
  if (parsed.some(asksAny)) return null;
  const named = new Set([
    // A word alone is looked for in the one, a name alone in the other as well.
    'message',
    'tags',
    ...parsed.flatMap(attributePaths),
    ...exposureRules.flatMap(({ title, message, groupBy }) => [
      ...[title, message].flatMap((text) => compileTemplate(text).attributes),
      ...groupBy.map((attribute) => attribute.replace(/^@/, '')),
    ]),
  ]);
  for (const [derived, source] of sources) {
    // Who names an object names what is in it.
    const isNamed = [...named].some((path) => `${derived}.`.startsWith(`${path}.`));
    if (isNamed) named.add(source);
  }
  return [...named];
}
