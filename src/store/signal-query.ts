// What of a question about signals the database can answer by its columns, and what is left to be
// asked of each signal. Both together hold exactly where the whole question does.

import { severities } from '../model/exposure.ts';
import {
  and,
  attributePaths,
  compileQuery,
  parseQuery,
  type Predicate,
  type Query,
  type Test,
} from '../query/index.ts';
import { columnText } from './column-text.ts';

export type FilterColumn =
  | 'rule_id'
  | 'account_id'
  | 'region'
  | 'group_id'
  | 'severity'
  | 'is_open'
  | 'triage_state'
  | 'assignee';

export type Condition = {
  readonly column: FilterColumn;
  /** Holds for these values; none of them for `not`. Null stands for the absence of a value. */
  readonly values: readonly (string | number)[];
  readonly kind: 'in' | 'not-in' | 'exists' | 'absent';
};

export type SignalQuestion = {
  readonly conditions: readonly Condition[];
  /** Asked of the signal's object; null where the conditions say it all. */
  readonly rest: {
    readonly matches: Predicate;
    readonly needsExposures: boolean;
    readonly needsRecord: boolean;
  } | null;
};

/** Columns by the attribute of a signal's object that they hold. */
const columns: ReadonlyMap<string, FilterColumn> = new Map([
  ['ruleId', 'rule_id'],
  ['accountId', 'account_id'],
  ['region', 'region'],
  ['groupId', 'group_id'],
  ['severity', 'severity'],
  ['status', 'is_open'],
  ['triage', 'triage_state'],
  ['assignee', 'assignee'],
]);

/** Attributes of a signal's object that do not come from the record. */
const ownAttributes = new Set([
  ...columns.keys(),
  'id',
  'title',
  'actor',
  'firstSeen',
  'lastSeen',
  'closedAt',
  'closedBy',
  'durationSeconds',
  'message',
  'exposures',
  'eventIds',
  'groupBy',
  'case',
  'newValues',
  'eventCount',
  'queries',
]);

/** @throws QueryError where the text does not parse */
export function readSignalQuery(text: string): SignalQuestion {
  const query = parseQuery(text);
  const terms = query.kind === 'and' ? query.terms : [query];
  const conditions: Condition[] = [];
  const others: Query[] = [];
  for (const term of terms) {
    const condition = conditionOf(term);
    if (condition !== null) conditions.push(condition);
    else if (term.kind !== 'all') others.push(term);
  }
  return { conditions, rest: others.length === 0 ? null : restOf(and(others)) };
}

function restOf(query: Query): SignalQuestion['rest'] {
  const first = attributePaths(query).map((path) => path.split('.')[0] ?? '');
  // How `*:` stands in a tree; a value that says the same costs time and nothing else.
  const asksAll = JSON.stringify(query).includes('"kind":"any"');
  return {
    matches: compileQuery(query),
    needsExposures: asksAll || first.includes('exposures'),
    needsRecord: asksAll || first.some((name) => !ownAttributes.has(name)),
  };
}

/** The term as a condition on one column; null where it is something else. */
function conditionOf(term: Query): Condition | null {
  if (term.kind === 'not') return opposite(conditionOf(term.term));
  if (term.kind !== 'match' || term.attribute.kind === 'any') return null;
  const { attribute, test } = term;
  // A reserved attribute may also be a tag of the record, and CloudTrail's records have no tags.
  const column = columns.get(attribute.kind === 'path' ? attribute.path : attribute.name);
  return column === undefined ? null : testOn(column, test);
}

function testOn(column: FilterColumn, test: Test): Condition | null {
  switch (test.kind) {
    case 'equals':
      return { column, kind: 'in', values: [valueOf(column, test.value)] };
    case 'or': {
      const parts = test.terms.map((part) => testOn(column, part));
      if (!parts.every((part) => part?.kind === 'in')) return null;
      return { column, kind: 'in', values: parts.flatMap((part) => part?.values ?? []) };
    }
    case 'not':
      return opposite(testOn(column, test.term));
    case 'exists':
      return { column, kind: 'exists', values: [] };
    case 'and':
    case 'like':
    case 'compare':
    case 'range':
      return null;
    default:
      return test satisfies never;
  }
}

function opposite(condition: Condition | null): Condition | null {
  if (condition === null) return null;
  const kinds = { in: 'not-in', 'not-in': 'in', exists: 'absent', absent: 'exists' } as const;
  return { ...condition, kind: kinds[condition.kind] };
}

/** As the column holds it; −1 is a number that none does. */
function valueOf(column: FilterColumn, value: string): string | number {
  switch (column) {
    case 'severity':
      return severities.findIndex((severity) => severity === value);
    case 'is_open':
      return ['closed', 'open'].indexOf(value);
    case 'rule_id':
    case 'account_id':
    case 'region':
    case 'group_id':
    case 'triage_state':
    case 'assignee':
      return columnText(value);
    default:
      return column satisfies never;
  }
}
