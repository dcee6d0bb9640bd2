// The built-in rules as values, without a file being read: for a bundle, which has no files beside it.

import prepared from './prepared-rules.json' with { type: 'json' };
import type { Rule } from '../model/rule.ts';
import type { PreparedRule } from './prepared-rules.ts';
import { toRule } from './to-rule.ts';

/** Disabled ones too; the same as `loadRules([builtInRulesDirectory()])` gives. */
export function builtInRules(): readonly Rule[] {
  // Made of checked rules, and compared with them by a test.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const rules = prepared as unknown as Readonly<Record<string, PreparedRule>>;
  const byId = new Map(Object.values(rules).map(({ data }) => [data.id, data]));
  return [...byId.values()].map((data) => toRule(data, (id) => byId.get(id)));
}
