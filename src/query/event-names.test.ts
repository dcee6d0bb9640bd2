import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { object, query } from '../../test/support/query.ts';
import { deriveAttributes } from '../normalize/derive-attributes.ts';
import type { Query, Test } from './ast.ts';
import { compileQuery } from './compile-query.ts';
import { eventNamesOf } from './event-names.ts';
import { parseQuery } from './parse-query.ts';

describe('the event names that a query can match are', () => {
  test.each<[string, string, readonly string[] | null]>([
    ['the one it names', '@evt.name:A', ['A']],
    ['the one it names as AWS does', '@eventName:A', ['A']],
    ['all that it names', '@evt.name:(A OR B OR "C d")', ['A', 'B', 'C d']],
    ['those of both sides of OR', '@evt.name:A OR @eventName:B', ['A', 'B']],
    ['those that both sides of AND allow', '@evt.name:(A OR B) @eventName:(B OR C)', ['B']],
    [
      'those that what else is asked does not change',
      'source:cloudtrail @evt.name:A @x:1 word',
      ['A'],
    ],
    ['those in parentheses', '((@evt.name:A x:1) OR (@evt.name:B -x:1))', ['A', 'B']],
    ['all but those ruled out', '@evt.name:(A OR B OR C) -@evt.name:(A OR B)', ['C']],
    ['all but those ruled out in the values', '@evt.name:((A OR B) -A)', ['B']],
    [
      'not fewer for what is ruled out only sometimes',
      '@evt.name:(A OR B) -(@evt.name:A @x:1)',
      ['A', 'B'],
    ],
    ['fewer for what is ruled out anyway', '@evt.name:(A OR B) -(@evt.name:A OR @x:1)', ['B']],
    ['those of a double negation', '-(-@evt.name:A)', ['A']],
    ['those of De Morgan', '-(-@evt.name:A -@evt.name:B)', ['A', 'B']],
    ['none where names contradict', '@evt.name:A @evt.name:B', []],
    ['none where nothing matches', '-*', []],
    ['none where a record would need no name', '-@evt.name:*', []],
    ['those beside what matches nothing', '@evt.name:A OR -*', ['A']],
    ['those narrowed by a pattern, not fewer', '@evt.name:(A OR B) @evt.name:A*', ['A', 'B']],
    ['the empty name', '@evt.name:""', ['']],
    ['without end for everything', '*', null],
    ['without end for the empty query', '', null],
    ['without end for a pattern', '@evt.name:Describe*', null],
    ['without end for a name that exists', '@evt.name:*', null],
    ['without end for a comparison', '@evt.name:>1', null],
    ['without end for a range', '@evt.name:[1 TO 2]', null],
    ['without end for another attribute', '@eventSource:ec2.amazonaws.com', null],
    ['without end for a tag of the same name', 'eventName:A', null],
    ['without end for a value anywhere', '*:A', null],
    ['without end for a word', 'A', null],
    ['without end for a block', 'CIDR(@sourceIPAddress, 10.0.0.0/8)', null],
    ['without end for a negation', '-@evt.name:A', null],
    ['without end for an alternative without a name', '@evt.name:A OR @x:1', null],
    ['without end for a pattern among names', '@evt.name:(A OR B*)', null],
    ['without end for two negations', '-@evt.name:A -@evt.name:B', null],
    ['without end for a negated conjunction', '-(@evt.name:A @evt.name:B)', null],
  ])('%s: %s', (_name, text, expected) => {
    const names = eventNamesOf(parseQuery(text));
    expect(names === null ? null : Array.from(names).toSorted()).toEqual(expected);
  });
});

const names = ['A', 'B', 'C', 'AB'];

/** Queries in which names of events are frequent. */
const named = fc.letrec<{ query: Query }>((tie) => ({
  query: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    {
      weight: 4,
      arbitrary: fc
        .record({ path: fc.constantFrom('evt.name', 'eventName'), test: nameTest() })
        .map(({ path, test: asked }) => ({
          kind: 'match' as const,
          attribute: { kind: 'path' as const, path },
          test: asked,
        })),
    },
    { weight: 1, arbitrary: query },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constantFrom('and', 'or' as const),
        terms: fc.array(tie('query'), { minLength: 2, maxLength: 3 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('not' as const), term: tie('query') }) },
  ),
})).query;

function nameTest(): fc.Arbitrary<Test> {
  return fc.letrec<{ test: Test }>((tie) => ({
    test: fc.oneof(
      { maxDepth: 2, depthSize: 'small' },
      {
        weight: 4,
        arbitrary: fc.constantFrom(...names).map((value) => ({ kind: 'equals' as const, value })),
      },
      { weight: 1, arbitrary: fc.constant({ kind: 'exists' as const }) },
      {
        weight: 1,
        arbitrary: fc.constant({
          kind: 'like' as const,
          pattern: ['A', { wildcard: '*' as const }],
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constantFrom('and', 'or' as const),
          terms: fc.array(tie('test'), { minLength: 2, maxLength: 3 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('not' as const), term: tie('test') }) },
    ),
  })).test;
}

/** A record as AWS writes it: `evt` and its like are derived, not there before. */
const record = fc
  .record({ eventName: fc.constantFrom(...names, 'Z'), rest: object })
  .map(({ eventName, rest }) => {
    const own = Object.entries(rest).filter(([key]) => !/^(?:evt|eventName)/.test(key));
    return deriveAttributes({ ...Object.fromEntries(own), eventName });
  });

test('a record that a query matches has one of its event names', () => {
  let finite = 0;
  fc.assert(
    fc.property(named, record, (tree, subject) => {
      const found = eventNamesOf(tree);
      if (found === null) return;
      finite += 1;
      const matches = compileQuery(tree)(subject);
      expect({ matches, listed: found.has(String(subject['eventName'])) }).not.toEqual({
        matches: true,
        listed: false,
      });
    }),
    { numRuns: 3000 },
  );
  expect(finite).toBeGreaterThan(300);
});

test('where names alone are asked for, every name listed has a record that matches', () => {
  const nameOnly = nameTest().map((asked): Query => ({
    kind: 'match',
    attribute: { kind: 'path', path: 'evt.name' },
    test: asked,
  }));
  fc.assert(
    fc.property(nameOnly, (tree) => {
      const hasPattern = JSON.stringify(tree).includes('like');
      const found = eventNamesOf(tree);
      fc.pre(!hasPattern && found !== null);
      for (const eventName of found) {
        expect(compileQuery(tree)(deriveAttributes({ eventName }))).toBe(true);
      }
    }),
  );
});
