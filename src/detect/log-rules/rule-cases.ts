// The cases of a rule, compiled: which one holds for what the queries came to.

import type { GroupValue } from '../../model/signal.ts';
import type { LogRule } from '../../model/rule.ts';
import { compileCondition, parseCondition } from '../../query/condition.ts';
import { groupValues } from './log-match.ts';

/**
 * The position of the first case that holds for the values of the queries, in the rule's order; -1
 * where none does. A case without a condition always holds.
 */
export function compileCases({ cases, queries }: LogRule): (values: readonly number[]) => number {
  const labels = queries.map(({ name }) => name);
  const conditions = cases.map(({ condition }) =>
    condition === null ? () => true : compileCondition(parseCondition(condition), labels),
  );
  return (values) => conditions.findIndex((holds) => holds(values));
}

/**
 * The values of a group with the attributes that they come from. Queries that share a group may call
 * their attributes differently; the first of them gives the names.
 */
export function groupByOf({ queries }: LogRule, group: string): readonly GroupValue[] {
  const values = groupValues(group);
  const names = queries.find(({ groupByFields }) => groupByFields.length === values.length);
  return values.map((value, index) => ({
    attribute: names?.groupByFields[index] ?? '',
    value,
  }));
}
