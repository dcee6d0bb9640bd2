import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { query } from '../../test/support/query.ts';
import { parseQuery } from './parse-query.ts';
import { printQuery } from './print-query.ts';

describe('printing', () => {
  test('and parsing again gives the same tree, whatever the tree', () => {
    fc.assert(
      fc.property(query, (tree) => {
        expect(parseQuery(printQuery(tree))).toEqual(tree);
      }),
      { numRuns: 2000 },
    );
  });

  test('what was parsed is canonical: printed and parsed again it prints the same', () => {
    fc.assert(
      fc.property(query, (tree) => {
        const text = printQuery(tree);
        expect(printQuery(parseQuery(text))).toBe(text);
      }),
    );
  });

  test.each([
    ['nothing is a star', '  ', '*'],
    ['AND is a blank', 'a AND b\nc', 'a b c'],
    ['NOT is a minus', 'NOT a NOT (b c)', '-a -(b c)'],
    ['what binds closer than OR gets parentheses', 'a b OR -c', '(a b) OR -c'],
    ['parentheses that change nothing go', '((a) (b (c)))', 'a b c'],
    ['quotes that change nothing go', '@a:"b" "c"', '@a:b c'],
    [
      'values with special characters get quotes',
      String.raw`@a:b\ c @d:e\"f\\g`,
      String.raw`@a:"b c" @d:"e\"f\\g"`,
    ],
    ['and so do those with a colon', '@arn:arn:aws:iam::1:root', '@arn:"arn:aws:iam::1:root"'],
    ['and those that begin like something else', String.raw`@a:-1 \-b \@c`, '@a:"-1" "-b" "@c"'],
    ['and operators', '@a:"NOT" "AND"', '@a:"NOT" "AND"'],
    ['but not what only begins or ends like one', 'ANDROID BAND a-b a@b', 'ANDROID BAND a-b a@b'],
    ['nor what has a minus inside', 'x-y@z* a-b@c:d', 'x-y@z* a-b@c:d'],
    ['and the empty value', '@a:"" ""', '@a:"" ""'],
    ['TO needs none', '@a:TO', '@a:TO'],
    [
      'everyday characters need none',
      "@a:x-y_z/1.2,3%4$5'6;7+8=9~0^@é",
      "@a:x-y_z/1.2,3%4$5'6;7+8=9~0^@é",
    ],
    ['a value with wildcards is escaped', String.raw`@a:x\ y\:z\*w*`, String.raw`@a:x\ y\:z\*w*`],
    [
      'even where it begins like something else',
      String.raw`@a:\-x* \@y?`,
      String.raw`@a:\-x* \@y?`,
    ],
    ['several stars are one', '@a:x***y', '@a:x*y'],
    [
      'names are escaped',
      String.raw`@a\ b\:c:d e\*f:g \-h:i \@j:k`,
      String.raw`@a\ b\:c:d e\*f:g \-h:i \@j:k`,
    ],
    ['every attribute', '*:a*', '*:a*'],
    ['an attribute that exists', '-@a:*', '-@a:*'],
    ['values', '@a:((b OR c) AND (NOT "d"))', '@a:((b OR c) -d)'],
    ['one negated value keeps its parentheses', '@a:(-b)', '@a:(-b)'],
    [
      'numbers',
      '@a:>1.50 @b:<=-2e3 @c:[ 1 TO *] @d:{* TO 5} @e:{1 TO 5]',
      '@a:>1.5 @b:<=-2000 @c:[1 TO *] @d:[* TO 5} @e:{1 TO 5]',
    ],
    ['blocks', 'CIDR(@a,10.0.0.0/8,::/0)', 'CIDR(@a, 10.0.0.0/8, ::/0)'],
    ['backslashes before letters are doubled', String.raw`a\b`, String.raw`"a\\b"`],
  ])('%s', (_name, text, canonical) => {
    expect(printQuery(parseQuery(text))).toBe(canonical);
    expect(printQuery(parseQuery(canonical))).toBe(canonical);
  });
});
