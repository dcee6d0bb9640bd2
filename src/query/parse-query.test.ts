import { describe, expect, test } from 'vitest';
import { and, not, or, type Query, type Test } from './ast.ts';
import { maxLength, parseQuery } from './parse-query.ts';
import { QueryError } from './query-error.ts';

const any = { wildcard: '*' } as const;
const one = { wildcard: '?' } as const;

function text(...pattern: Extract<Query, { kind: 'text' }>['pattern']): Query {
  return { kind: 'text', pattern };
}

function at(path: string, expected: Test): Query {
  return { kind: 'match', attribute: { kind: 'path', path }, test: expected };
}

function reserved(name: string, expected: Test): Query {
  return { kind: 'match', attribute: { kind: 'reserved', name }, test: expected };
}

function equals(value: string): Test {
  return { kind: 'equals', value };
}

function range(from: number, withFrom: boolean, to: number, withTo: boolean): Test {
  return {
    kind: 'range',
    from: { value: from, inclusive: withFrom },
    to: { value: to, inclusive: withTo },
  };
}

const exists: Test = { kind: 'exists' };

const a = text('a');
const b = text('b');
const c = text('c');

describe('terms', () => {
  test.each<[string, string, Query]>([
    ['nothing is everything', '', { kind: 'all' }],
    ['blanks are nothing', ' \t\r\n\u00a0\u2003 ', { kind: 'all' }],
    ['a star is everything', '*', { kind: 'all' }],
    ['several stars are one', '***', { kind: 'all' }],
    ['a word', 'hello', text('hello')],
    ['a phrase', '"hello dolly"', text('hello dolly')],
    ['the empty phrase', '""', text()],
    ['a word with wildcards', 'h?l*o', text('h', one, 'l', any, 'o')],
    ['a wildcard in a phrase is a character', '"h*"', text('h*')],
    ['an attribute', '@evt.name:RunInstances', at('evt.name', equals('RunInstances'))],
    ['a reserved attribute', 'source:cloudtrail', reserved('source', equals('cloudtrail'))],
    [
      'every attribute',
      '*:sg-1',
      { kind: 'match', attribute: { kind: 'any' }, test: equals('sg-1') },
    ],
    ['an attribute that exists', '@errorCode:*', at('errorCode', exists)],
    ['a quoted value', '@a:"b c"', at('a', equals('b c'))],
    ['an empty value', '@a:""', at('a', equals(''))],
    [
      'a value with wildcards',
      '@a:*b?c*',
      at('a', { kind: 'like', pattern: [any, 'b', one, 'c', any] }),
    ],
    ['a single character', '@a:?', at('a', { kind: 'like', pattern: [one] })],
    ['a value with colons', '@arn:arn:aws:iam::1:root', at('arn', equals('arn:aws:iam::1:root'))],
    ['a tag with a colon in its value', 'team:red:one', reserved('team', equals('red:one'))],
    ['a value that begins with a colon', '@cidr:::/0', at('cidr', equals('::/0'))],
    ['a value that begins with a minus', '@fromPort:-1', at('fromPort', equals('-1'))],
    ['a minus inside a word', 'aws-cli', text('aws-cli')],
    ['a plus, an at sign and a slash inside a word', 'a+b@c/d', text('a+b@c/d')],
    ['one ampersand and one bar', 'a&b|c', text('a&b|c')],
    ['a comma', '@a:b,c', at('a', equals('b,c'))],
    ['letters of any script', '@a:Zoë日本', at('a', equals('Zoë日本'))],
    [
      'words that begin like operators',
      'ANDROID ORACLE NOTE',
      and([text('ANDROID'), text('ORACLE'), text('NOTE')]),
    ],
    ['operators in lower case are words', 'a and b', and([a, text('and'), b])],
    ['operators in quotes are words', '"AND"', text('AND')],
    [
      'operators as names',
      'AND:a OR:b NOT:c',
      and([
        reserved('AND', equals('a')),
        reserved('OR', equals('b')),
        reserved('NOT', equals('c')),
      ]),
    ],
  ])('%s', (_name, query, expected) => {
    expect(parseQuery(query)).toEqual(expected);
  });
});

describe('a backslash', () => {
  const specials = Array.from(' "-!&|><=()[]{}*?:\\#“”@,\t');

  test.each(specials)('makes %j an ordinary character of a word', (character) => {
    expect(parseQuery(`x\\${character}y`)).toEqual(text(`x${character}y`));
    expect(parseQuery(`\\${character}`)).toEqual(text(character));
  });

  test.each(specials)('makes %j an ordinary character of a value and of a name', (character) => {
    expect(parseQuery(`@n\\${character}m:\\${character}v`)).toEqual(
      at(`n${character}m`, equals(`${character}v`)),
    );
    expect(parseQuery(`n\\${character}m:v`)).toEqual(reserved(`n${character}m`, equals('v')));
  });

  test.each([
    ['a quote in quotes', String.raw`"say \"hi\""`, 'say "hi"'],
    ['itself in quotes', String.raw`"a\\b"`, String.raw`a\b`],
    ['nothing before a letter', String.raw`\temp`, String.raw`\temp`],
    ['nothing before a letter in quotes', String.raw`"C:\temp\日"`, String.raw`C:\temp\日`],
    ['nothing before a letter beyond the 16 bits', '\\𝒳', '\\𝒳'],
    ['an emoji, which is no letter', '\\😀', '😀'],
    ['a star in quotes, where it need not', String.raw`"a\*"`, 'a*'],
  ])('escapes %s', (_name, query, expected) => {
    expect(parseQuery(query)).toEqual(text(expected));
  });

  test('keeps a wildcard from being one', () => {
    expect(parseQuery(String.raw`@a:b\*c*`)).toEqual(
      at('a', { kind: 'like', pattern: ['b*c', any] }),
    );
  });
});

describe('operators', () => {
  test.each<[string, string, Query]>([
    ['a blank is AND', 'a b', and([a, b])],
    ['AND', 'a AND b', and([a, b])],
    ['AND over lines', 'a\nAND\n\tb', and([a, b])],
    ['OR', 'a OR b', or([a, b])],
    ['OR binds looser than the blank', 'a b OR c', or([and([a, b]), c])],
    ['OR binds looser than AND', 'a OR b AND c', or([a, and([b, c])])],
    ['a minus negates the next term alone', '-a b', and([not(a), b])],
    ['NOT negates the next term alone', 'NOT a b', and([not(a), b])],
    ['AND NOT', 'a AND NOT b', and([a, not(b)])],
    ['OR with a minus', 'a OR -b', or([a, not(b)])],
    ['a negated group', '-(a OR b)', not(or([a, b]))],
    ['NOT before a parenthesis', 'NOT(a OR b)', not(or([a, b]))],
    ['two negations are none', 'NOT -a', a],
    ['three negations are one', '--NOT a', not(a)],
    ['a negated phrase', '-"a"', not(a)],
    ['a negated attribute', '-@x:*', not(at('x', exists))],
    ['nothing', '-*', not({ kind: 'all' })],
    ['parentheses change what binds', 'a (b OR c)', and([a, or([b, c])])],
    ['parentheses around one term change nothing', '((a))', a],
    ['blanks inside parentheses change nothing', '( a )', a],
    ['nested lists of a kind are one list', 'a (b (a c)) AND b', and([a, b, a, c, b])],
    ['nested alternatives are one list', '(a OR b) OR (c OR a)', or([a, b, c, a])],
    ['groups side by side', '(a) (b)', and([a, b])],
    ['AND right after a parenthesis', '(a)AND(b)', and([a, b])],
    ['OR right after a parenthesis', '(a)OR(b)', or([a, b])],
    ['AND right after a quote', '"a"AND"b"', and([a, b])],
  ])('%s', (_name, query, expected) => {
    expect(parseQuery(query)).toEqual(expected);
  });
});

describe('values in parentheses', () => {
  test.each<[string, string, Test]>([
    ['alternatives', '(a OR "b c")', or([equals('a'), equals('b c')])],
    ['all of several', '(a b*)', and([equals('a'), { kind: 'like', pattern: ['b', any] }])],
    ['with AND', '(a AND b)', and([equals('a'), equals('b')])],
    ['negated', '(* -a)', and([exists, not(equals('a'))])],
    ['negated with NOT', '(NOT a)', not(equals('a'))],
    ['nested', '(a OR (b -c))', or([equals('a'), and([equals('b'), not(equals('c'))])])],
    ['a negated group', '(a -(b OR c))', and([equals('a'), not(or([equals('b'), equals('c')]))])],
    [
      'comparisons',
      '(>5 AND <=10)',
      and([
        { kind: 'compare', operator: '>', value: 5 },
        { kind: 'compare', operator: '<=', value: 10 },
      ]),
    ],
    ['with colons', '(::/0 OR 0.0.0.0/0)', or([equals('::/0'), equals('0.0.0.0/0')])],
    ['a minus negates', '(-1)', not(equals('1'))],
    ['an escaped minus does not', String.raw`(\-1)`, equals('-1')],
    ['one value', '(a)', equals('a')],
    ['blanks', '(  a  )', equals('a')],
  ])('%s', (_name, value, expected) => {
    expect(parseQuery(`@x:${value}`)).toEqual(at('x', expected));
  });

  test('go with a reserved attribute too', () => {
    expect(parseQuery('env:(prod OR test)')).toEqual(
      reserved('env', or([equals('prod'), equals('test')])),
    );
  });
});

describe('numbers', () => {
  test.each<[string, Test]>([
    ['>10', { kind: 'compare', operator: '>', value: 10 }],
    ['>=10', { kind: 'compare', operator: '>=', value: 10 }],
    ['<-0.5', { kind: 'compare', operator: '<', value: -0.5 }],
    ['<=+1.5e3', { kind: 'compare', operator: '<=', value: 1500 }],
    ['>.5', { kind: 'compare', operator: '>', value: 0.5 }],
    ['>5.', { kind: 'compare', operator: '>', value: 5 }],
    ['>-0', { kind: 'compare', operator: '>', value: 0 }],
    ['>2E-3', { kind: 'compare', operator: '>', value: 0.002 }],
    ['[1 TO 5]', range(1, true, 5, true)],
    ['{1 TO 5}', range(1, false, 5, false)],
    ['[1 TO 5}', range(1, true, 5, false)],
    ['{1 TO 5]', range(1, false, 5, true)],
    ['[ -5   TO\n5 ]', range(-5, true, 5, true)],
    ['[10 TO *]', { kind: 'range', from: { value: 10, inclusive: true }, to: null }],
    ['{* TO 10}', { kind: 'range', from: null, to: { value: 10, inclusive: false } }],
    ['[* TO *]', { kind: 'range', from: null, to: null }],
  ])('%s', (value, expected) => {
    expect(parseQuery(`@x:${value}`)).toEqual(at('x', expected));
  });
});

describe('CIDR()', () => {
  test.each<[string, string, string, readonly string[]]>([
    ['one block', 'CIDR(@a.b,10.0.0.0/8)', 'a.b', ['10.0.0.0/8']],
    ['several', 'CIDR( @a , 10.0.0.0/8 , 2001:db8::/32 )', 'a', ['10.0.0.0/8', '2001:db8::/32']],
    ['a name with an escaped comma', String.raw`CIDR(@a\,b, ::/0)`, 'a,b', ['::/0']],
  ])('%s', (_name, query, path, blocks) => {
    expect(parseQuery(query)).toEqual({ kind: 'cidr', path, blocks });
    expect(parseQuery(`-${query} a`)).toEqual(and([not({ kind: 'cidr', path, blocks }), a]));
  });

  test('the word alone is a word', () => {
    expect(parseQuery('CIDR')).toEqual(text('CIDR'));
  });
});

describe('a mistake is told with its place', () => {
  test.each<[string, string, string]>([
    ['(a', '^', 'the parenthesis is never closed'],
    ['a (b (c)', '  ^', 'the parenthesis is never closed'],
    ['@x:(a', '   ^', 'the parenthesis is never closed'],
    ['a)', ' ^', 'the parenthesis was never opened'],
    ['(a b))', '     ^', 'the parenthesis was never opened'],
    ['()', ' ^', 'the parentheses hold nothing'],
    ['@x:()', '    ^', 'the parentheses hold nothing'],
    ['"a', '^', 'the quote is never closed'],
    ['a "b\\"', '  ^', 'the quote is never closed'],
    ['@x:"a', '   ^', 'the quote is never closed'],
    ['“a”', '^', 'a curly quote stands for nothing'],
    ['a “', '  ^', 'a curly quote stands for nothing'],
    ['@x:”', '   ^', 'a curly quote stands for nothing'],
    ['@x', '  ^', 'a colon and a value are missing after the name of the attribute'],
    ['@x y', '  ^', 'a colon and a value are missing after the name of the attribute'],
    ['@x)', '  ^', 'a colon and a value are missing after the name of the attribute'],
    ['@x#y:1', '  ^', 'a special character stands in a word'],
    ['@:x', '^', 'the name of an attribute is missing'],
    [':x', '^', 'the name of an attribute is missing'],
    ['@x*:y', '^', 'the name of an attribute holds a wildcard'],
    ['@*:y', '^', 'the name of an attribute holds a wildcard'],
    ['x?:y', '^', 'the name of an attribute holds a wildcard'],
    ['**a:y', '^', 'the name of an attribute holds a wildcard'],
    ['@x:', '   ^', 'a value is missing after the colon'],
    ['@x: y', '   ^', 'a value is missing after the colon'],
    ['(@x:)', '    ^', 'a value is missing after the colon'],
    ['@x: OR y', '   ^', 'a value is missing after the colon'],
    ['@x: #', '   ^', 'a value is missing after the colon'],
    ['@x #y', '  ^', 'a colon and a value are missing after the name of the attribute'],
    ['"a"b#', '   ^', 'a blank is missing'],
    ['a - OR b', '  ^', 'the minus negates nothing'],
    ['#<', '^', 'a special character stands in a word'],
    ['@x:AND', '   ^', 'an operator stands where a value should'],
    ['@x:OR @y:b', '   ^', 'an operator stands where a value should'],
    ['@x:NOT a', '   ^', 'an operator stands where a value should'],
    ['@x:@y', '   ^', 'an attribute stands where a value should'],
    ['@x:(a @y:b)', '      ^', 'an attribute stands where a value should'],
    ['@x:#', '   ^', 'a special character stands in a word'],
    ['@x:]', '   ^', 'a special character stands in a word'],
    ['a AND', '     ^', 'a term is missing'],
    ['a OR ', '     ^', 'a term is missing'],
    ['NOT', '   ^', 'a term is missing'],
    ['(a OR )', '      ^', 'a term is missing'],
    ['AND a', '^', 'an operator stands where a term should'],
    ['a OR OR b', '     ^', 'an operator stands where a term should'],
    ['a AND OR b', '      ^', 'an operator stands where a term should'],
    ['(OR a)', ' ^', 'an operator stands where a term should'],
    ['@x:(a OR AND)', '         ^', 'an operator stands where a term should'],
    ['- a', '^', 'the minus negates nothing'],
    ['a -', '  ^', 'the minus negates nothing'],
    ['(-)', ' ^', 'the minus negates nothing'],
    ['@x:(a - b)', '      ^', 'the minus negates nothing'],
    ['a && b', '  ^', '&& is not an operator'],
    ['a&&b', ' ^', '&& is not an operator'],
    ['a || b', '  ^', '|| is not an operator'],
    ['@x:||', '   ^', '|| is not an operator'],
    ['!a', '^', '! is not an operator'],
    ['a !b', '  ^', '! is not an operator'],
    ['a!', ' ^', 'a special character stands in a word'],
    ['a#b', ' ^', 'a special character stands in a word'],
    ['#a', '^', 'a special character stands in a word'],
    ['a>5', ' ^', 'a special character stands in a word'],
    ['@x:a[0]', '    ^', 'a special character stands in a word'],
    ['"a":b', '   ^', 'a special character stands in a word'],
    ['>5', '^', 'the comparison has no attribute'],
    ['[1 TO 5]', '^', 'the comparison has no attribute'],
    ['a{', ' ^', 'a special character stands in a word'],
    ['a\\', ' ^', 'the backslash escapes nothing'],
    ['\\', '^', 'the backslash escapes nothing'],
    ['@x:\\', '   ^', 'the backslash escapes nothing'],
    ['"a"b', '   ^', 'a blank is missing'],
    ['a"b"', ' ^', 'a blank is missing'],
    ['a(b)', ' ^', 'a blank is missing'],
    ['(a)(b)', '   ^', 'a blank is missing'],
    ['(a)b', '   ^', 'a blank is missing'],
    ['@x:(a"b")', '     ^', 'a blank is missing'],
    ['@x:>', '    ^', 'a number is missing'],
    ['@x:>=a', '     ^', 'a number is missing'],
    ['@x:>1.2.3', '    ^', 'a number is missing'],
    ['@x:> 5', '    ^', 'a number is missing'],
    ['@x:>1e', '    ^', 'a number is missing'],
    ['@x:<0x10', '    ^', 'a number is missing'],
    ['@x:[a TO b]', '    ^', 'a number is missing'],
    ['@x:[1 TO b]', '         ^', 'a number is missing'],
    ['@x:[ TO 5]', '     ^', 'a number is missing'],
    ['@x:>1e999', '    ^', 'the number is too large'],
    ['@x:[1 5]', '     ^', 'the range is not complete'],
    ['@x:[1 to 5]', '     ^', 'the range is not complete'],
    ['@x:[1 TO 5', '          ^', 'the range is not complete'],
    ['@x:[1 TO 5)', '          ^', 'the range is not complete'],
    ['@x:[1', '     ^', 'the range is not complete'],
    ['CIDR(', '     ^', 'CIDR() is not complete'],
    ['CIDR(a, ::/0)', '     ^', 'CIDR() is not complete'],
    ['CIDR(@a, ::/0', '             ^', 'CIDR() is not complete'],
    ['CIDR(@a ::/0)', '        ^', 'CIDR() is not complete'],
    ['CIDR(@a)', '^', 'CIDR() has no block of addresses'],
    ['CIDR(@a, )', '         ^', 'a block of addresses is not one'],
    ['CIDR(@a, 10.0.0.0)', '         ^', 'a block of addresses is not one'],
    [
      'CIDR(@a, 10.0.0.0/8, 10.0.0.0/33)',
      '                     ^',
      'a block of addresses is not one',
    ],
  ])('%s', (query, caret, problem) => {
    const error = mistake(query);
    expect({ caret: `${' '.repeat(error.position)}^`, message: error.message }).toEqual({
      caret,
      message: `${problem}, at column ${caret.length}`,
    });
    expect(error.hint).toMatch(/^[A-Z].*\.$/);
  });

  test('in the line where it is', () => {
    const error = mistake('a\n  OR\n@b:');
    expect([error.line, error.column, error.position]).toEqual([3, 4, 10]);
    expect(error.message).toBe('a value is missing after the colon, at line 3, column 4');
  });
});

describe('what is bounded', () => {
  const tooDeep = 'parentheses nest deeper than 64, at column 65';

  test('parentheses nest 64 deep and no deeper', () => {
    expect(parseQuery(`${'('.repeat(64)}a${')'.repeat(64)}`)).toEqual(a);
    expect(mistake(`${'('.repeat(65)}a${')'.repeat(65)}`).message).toBe(tooDeep);
  });

  test('those that are closed do not count', () => {
    const level = `${'('.repeat(64)}a${')'.repeat(64)}`;
    expect(parseQuery(`${level} OR ${level}`)).toEqual(or([a, a]));
  });

  test('those of values count as well', () => {
    expect(parseQuery(`(@x:${'('.repeat(63)}a${')'.repeat(63)})`)).toEqual(at('x', equals('a')));
    expect(mistake(`(@x:${'('.repeat(64)}a`).message).toBe(
      'parentheses nest deeper than 64, at column 68',
    );
  });

  test('a query has 65,536 characters at most', () => {
    expect(parseQuery(`@x:"${'a'.repeat(maxLength - 5)}"`)).toEqual(
      at('x', equals('a'.repeat(maxLength - 5))),
    );
    const error = mistake('a'.repeat(maxLength + 1));
    expect(error.message).toBe('the query is longer than 65,536 characters, at column 65537');
  });

  test('a text with wildcards has 1,024 characters at most', () => {
    const problem =
      'a text with wildcards, or to be found in the message, is longer than 1024 characters';
    expect(parseQuery(`@x:${'a'.repeat(1023)}*`)).toBeDefined();
    expect(mistake(`@x:${'a'.repeat(1024)}*`).message).toBe(`${problem}, at column 4`);
    expect(parseQuery('a'.repeat(1024))).toEqual(text('a'.repeat(1024)));
    expect(mistake(`-${'a'.repeat(1025)}`).message).toBe(`${problem}, at column 2`);
    expect(mistake(`"${'a'.repeat(1025)}"`).message).toBe(`${problem}, at column 1`);
  });

  test('the name of an attribute has 64 parts at most', () => {
    const name = Array(64).fill('a').join('.');
    expect(parseQuery(`@${name}:b`)).toEqual(at(name, equals('b')));
    expect(parseQuery(`${name}:b`)).toEqual(reserved(name, equals('b')));
    const problem = 'the name of an attribute has more than 64 parts, at column 1';
    expect(mistake(`@${name}.a:b`).message).toBe(problem);
    expect(mistake(`${name}.a:b`).message).toBe(problem);
    expect(mistake(`CIDR(@${name}.a, ::/0)`).message).toBe(problem.replace('column 1', 'column 6'));
  });
});

describe('whatever the text', () => {
  const fragments = Array.from('()[]{}"\\*?:-!&|<>#@,.\n “”').concat(
    ['AND', 'OR', 'NOT', 'TO', 'CIDR(', '@x:', '*:', 'a', 'b.c', '1', '10.0.0.0/8', '𝒳', '\ud800'],
    [' AND ', ' OR ', ' NOT ', ' -', '&&', '||', '>=', '[1 TO ', '"a b"', 'service:'],
  );
  const random = randomNumbers(1);
  const randomText = (mostFragments: number): string => {
    let query = '';
    for (let length = random(mostFragments); length > 0; length -= 1) {
      query +=
        random(4) === 0
          ? String.fromCodePoint(random(0x11_0000))
          : fragments[random(fragments.length)]!;
    }
    return query;
  };

  test('100,000 texts parse or are told what is wrong, each in under a millisecond per kilobyte', () => {
    let parsed = 0;
    const slow: string[] = [];
    for (let index = 0; index < 100_000; index += 1) {
      // Some are as long as a query of many terms.
      const query = randomText(index % 1000 === 0 ? 4000 : 24);
      const start = performance.now();
      parsed += parsesCleanly(query) ? 1 : 0;
      if (performance.now() - start >= limitMs(query)) slow.push(query);
    }
    // The first ones met code that was not compiled yet, others met whatever else the machine did:
    // what is slow every time is slow.
    expect(slow.filter((query) => parseMs(query) >= limitMs(query))).toEqual([]);
    expect(slow.length).toBeLessThan(1000);
    // Both ways are taken often enough to mean something.
    expect(parsed).toBeGreaterThan(1000);
    expect(100_000 - parsed).toBeGreaterThan(1000);
  }, 60_000);

  test.each<[string, (length: number) => string]>([
    ['opening parentheses', (length) => '('.repeat(length)],
    ['groups', (length) => '(a b) '.repeat(length / 6)],
    ['deep groups', (length) => `${'('.repeat(64)}a${')'.repeat(64)} `.repeat(length / 130)],
    ['minus signs', (length) => '-'.repeat(length)],
    ['quotes', (length) => '"'.repeat(length)],
    ['quotes, never closed', (length) => '"a" '.repeat(length / 4 - 1).concat('"')],
    ['backslashes', (length) => '\\'.repeat(length)],
    ['stars', (length) => '*'.repeat(length)],
    ['question marks', (length) => '?'.repeat(length)],
    ['negations', (length) => 'NOT '.repeat(length / 4)],
    ['alternatives', (length) => 'a OR '.repeat(length / 5)],
    ['words', (length) => 'a '.repeat(length / 2)],
    ['words like operators', (length) => 'ANDa ORb NOTc '.repeat(length / 14)],
    ['blanks', (length) => `a${' '.repeat(length - 2)}b`],
    [
      'blanks before operators',
      (length) => `a${' '.repeat(99)}OR${' '.repeat(98)}`.repeat(length / 200),
    ],
    ['brackets', (length) => '@x:[ '.repeat(length / 5)],
    ['names', (length) => '@a'.repeat(length / 2)],
    ['dots', (length) => `@${'a.'.repeat(length / 2 - 4)}:b`],
    ['digits', (length) => `@x:>${'1'.repeat(length - 6)}x`],
    ['values', (length) => `@x:(${'a OR '.repeat(length / 5 - 2)}a)`],
    ['blocks', (length) => `CIDR(@x${', 10.0.0.0/8'.repeat(length / 12 - 1)})`],
    ['colons', (length) => `@x:${':'.repeat(length - 3)}`],
  ])('%s: twice the text takes about twice the time', (_name, make) => {
    const length = maxLength / 2;
    const half = make(length / 2);
    const full = make(length);
    parseMs(half);
    // Quadratic time would take four times as long; under 5 ms, noise decides.
    expect(parseMs(full)).toBeLessThan(3.2 * parseMs(half) + 5);
    expect(parseMs(full)).toBeLessThan(length / 1000);
  });
});

function parsesCleanly(query: string): boolean {
  try {
    parseQuery(query);
    return true;
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    if (error.position < 0 || error.position > query.length) throw error;
    return false;
  }
}

/** A source of whole numbers below a bound: the same ones in every run. */
function randomNumbers(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

/** A millisecond per kilobyte, of which a text has at least one. */
function limitMs(query: string): number {
  return Math.max(1, query.length / 1000);
}

/** CPU time of parsing in milliseconds, the least of a few tries: other processes do not count. */
function parseMs(query: string): number {
  let least = Infinity;
  for (let round = 0; round < 4; round += 1) {
    const before = process.cpuUsage();
    parsesCleanly(query);
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

function mistake(query: string): QueryError {
  try {
    parseQuery(query);
  } catch (error) {
    if (error instanceof QueryError) return error;
    throw error;
  }
  throw new Error(`parses: ${query}`);
}
