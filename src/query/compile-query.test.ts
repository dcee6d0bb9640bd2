import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { means, object, query } from '../../test/support/query.ts';
import { compileQuery } from './compile-query.ts';
import { parseQuery } from './parse-query.ts';
import { printQuery } from './print-query.ts';
import { QueryError } from './query-error.ts';

/** A record in the shapes that matter: arrays of objects, numbers, texts, flags, nothing. */
const record = {
  eventName: 'AuthorizeSecurityGroupIngress',
  source: 'cloudtrail',
  message: 'Access-Denied: user Alice_1 may not call ec2:RunInstances!',
  tags: ['env:prod', 'team:red:one', 'plain'],
  errorCode: null,
  count: 0,
  ratio: 0.5,
  ok: true,
  failed: false,
  empty: '',
  port: '22',
  emptyObject: {},
  emptyList: [],
  ips: ['10.1.2.3', 'cloudformation.amazonaws.com', '2001:db8::1'],
  requestParameters: {
    groupId: 'sg-1',
    ipPermissions: {
      items: [
        { fromPort: 22, toPort: 22, ipRanges: { items: [{ cidrIp: '10.0.0.0/8' }] } },
        { fromPort: 443, toPort: 8443, ipRanges: { items: [{ cidrIp: '0.0.0.0/0' }] } },
      ],
    },
  },
  'dotted.key': { 'inner.key': 'v' },
  nested: [[['deep']], [], [{ x: [['y']] }]],
};

const ranges = '@requestParameters.ipPermissions.items.ipRanges.items.cidrIp';
const ports = '@requestParameters.ipPermissions.items.fromPort';

describe('matches', () => {
  test.each([
    ['everything', '*'],
    ['everything, without a term', ''],
    ['an attribute', '@eventName:AuthorizeSecurityGroupIngress'],
    ['a reserved attribute', 'source:cloudtrail'],
    ['a reserved attribute that is not one of Datadog’s', 'eventName:Authorize*'],
    ['a path in an object', '@requestParameters.groupId:sg-1'],
    ['a path through arrays, first element', `${ranges}:10.0.0.0/8`],
    ['a path through arrays, last element', `${ranges}:"0.0.0.0/0"`],
    ['one of several values', `${ranges}:("0.0.0.0/0" OR "::/0")`],
    ['both of two values, each in another element', `${ranges}:(10.0.0.0/8 0.0.0.0/0)`],
    ['a conjunction satisfied by two elements', `${ports}:22 ${ranges}:"0.0.0.0/0"`],
    ['arrays in arrays', '@nested:deep'],
    ['objects in arrays in arrays', '@nested.x:y'],
    ['a key with dots', '@dotted.key.inner.key:v'],
    ['a number as a text', '@requestParameters.ipPermissions.items.toPort:8443'],
    ['a number with a wildcard', '@requestParameters.ipPermissions.items.toPort:84*'],
    ['a fraction', '@ratio:0.5'],
    ['zero', '@count:0'],
    ['true', '@ok:true'],
    ['false', '@failed:false'],
    ['the empty text', '@empty:""'],
    ['greater', `${ports}:>442`],
    ['greater or equal', `${ports}:>=443`],
    ['less', `${ports}:<23`],
    ['less or equal', `${ports}:<=22`],
    ['a range', `${ports}:[20 TO 25]`],
    ['the ends of a range', `${ports}:[22 TO 22]`],
    ['a range without its start', `${ports}:{21 TO 22]`],
    ['a range without its end', `${ports}:[443 TO 444}`],
    ['a range without an upper limit', `${ports}:[443 TO *]`],
    ['a range without a lower limit', `${ports}:[* TO 22]`],
    ['a range without limits', `${ports}:[* TO *]`],
    ['a number in a text', '@port:>21'],
    ['two comparisons', `${ports}:(>22 <=443)`],
    ['an attribute that exists', '@requestParameters.groupId:*'],
    ['an object that exists', '@requestParameters:*'],
    ['an empty object that exists', '@emptyObject:*'],
    ['an empty text that exists', '@empty:*'],
    ['a zero that exists', '@count:*'],
    ['an attribute that does not', '-@errorMessage:*'],
    ['a wildcard before', '@eventName:*Ingress'],
    ['a wildcard behind', '@eventName:Authorize*'],
    ['wildcards on both sides', '@eventName:*Security*'],
    ['a wildcard inside', '@eventName:Auth*Ingress'],
    ['single characters', '@requestParameters.groupId:s?-?'],
    ['a negation', '-@eventName:RunInstances'],
    ['a negated value', '@eventName:(-RunInstances)'],
    ['an alternative', '@eventName:RunInstances OR source:cloudtrail'],
    ['a tag', 'env:prod'],
    ['a tag with a colon in its value', 'team:red:one'],
    ['a tag with a wildcard', 'env:p*'],
    ['a tag that exists', 'team:*'],
    ['a tag as a whole', 'tags:plain'],
    ['a value anywhere', '*:sg-1'],
    ['a number anywhere', '*:8443'],
    ['a value in an array anywhere', '*:deep'],
    ['a value anywhere, with wildcards', '*:*Ingress'],
    ['one of several values anywhere', '*:(nothing OR sg-1)'],
    ['a word of the message', 'access'],
    ['a word in other case', 'ACCESS'],
    ['a word next to punctuation', 'runinstances'],
    ['a phrase over punctuation', '"access denied user"'],
    ['a phrase that begins with punctuation', '"!access"'],
    ['a phrase of the other punctuation', 'ec2-RunInstances'],
    ['the beginning of a word', 'deni*'],
    ['the end of a word', '*ied'],
    ['the middle of a word', '*cces*'],
    ['a single character of a word', 'al?ce_1'],
    ['words in any order', 'runinstances access'],
    ['punctuation', '"!"'],
    ['an address in a block', 'CIDR(@ips, 10.0.0.0/8)'],
    ['an address in the last of several blocks', 'CIDR(@ips, 192.0.2.0/24, 2001:db8::/32)'],
    ['a block in a block', `CIDR(${ranges}, 10.0.0.0/7)`],
  ])('%s', (_name, text) => {
    expect(compileQuery(text)(record)).toBe(true);
  });
});

describe('does not match', () => {
  test.each([
    ['another value', '@eventName:RunInstances'],
    ['another case', '@eventName:authorizesecuritygroupingress'],
    ['a part of the value', '@eventName:Authorize'],
    ['a wildcard that another character follows', '@eventName:Auth*Egress'],
    ['a path with an index', '@nested.0:deep'],
    ['a path that stops at an object', '@requestParameters:sg-1'],
    ['a path that goes on behind a text', '@eventName.length:29'],
    ['an object as a text', '@emptyObject:*object*'],
    ['null', '@errorCode:null'],
    ['null as existing', '@errorCode:*'],
    ['an empty list as existing', '@emptyList:*'],
    ['a value that differs from the number', '@count:0.0'],
    ['nothing', '-*'],
    ['greater', `${ports}:>443`],
    ['less', `${ports}:<22`],
    ['a range that excludes its ends', `${ports}:{22 TO 443}`],
    ['a range without limits, of a text', '@eventName:[* TO *]'],
    ['a flag as a number', '@ok:>=0'],
    ['the empty text as a number', '@empty:>=0'],
    ['a text that only begins like a number', '@ips:>=0'],
    ['a negation of any of the elements', `-${ranges}:"0.0.0.0/0"`],
    ['one of two that must hold', '@eventName:Auth* @eventName:Run*'],
    ['a tag that is another', 'env:test'],
    ['a tag as an attribute', '@env:prod'],
    ['a part of a word', 'acces'],
    ['the end of a word without a star', 'ccess'],
    ['the middle of a word with one star', '*enie'],
    ['the end of a word behind punctuation', '"!ccess"'],
    ['words of a phrase in another order', '"denied access"'],
    ['a phrase with a word between', '"access user"'],
    ['a star over several words', 'acc*user'],
    ['a word of another attribute', 'cloudtrail'],
    ['punctuation that is not there', '"?"'],
    ['a key anywhere', '*:eventName'],
    ['a name in a block', 'CIDR(@ips, 192.0.2.0/24)'],
    ['a block wider than the block', `CIDR(${ranges}, 10.0.0.0/9)`],
    ['a number in a block', 'CIDR(@count, 0.0.0.0/0)'],
  ])('%s', (_name, text) => {
    expect(compileQuery(text)(record)).toBe(false);
  });

  test.each([undefined, null, 'message', 7, true, [], [['x']]])('anything of %j', (value) => {
    expect(compileQuery('@length:* OR message OR source:* OR @0:*')(value)).toBe(false);
    expect(compileQuery('*')(value)).toBe(true);
  });

  test('a word, where there is no message or it is no text', () => {
    expect(compileQuery('a')({ Message: 'a' })).toBe(false);
    expect(compileQuery('7')({ message: 7 })).toBe(false);
    expect(compileQuery('-a')({ Message: 'a' })).toBe(true);
  });

  test('what is inherited', () => {
    const inherited: unknown = Object.create({ a: 'b', message: 'c', tags: ['d:e'] });
    expect(compileQuery('@a:b OR c OR d:e OR *:b')(inherited)).toBe(false);
    expect(compileQuery('@constructor:* OR @__proto__:* OR @toString:*')({})).toBe(false);
  });
});

test('an attribute without a value does not exist', () => {
  expect(compileQuery('@a:* OR *:*')({ a: undefined, b: [undefined] })).toBe(false);
});

test('a key named like a prototype is a key', () => {
  const subject: unknown = JSON.parse('{"__proto__": {"a": "b"}, "constructor": "c"}');
  expect(compileQuery('@__proto__.a:b @constructor:c')(subject)).toBe(true);
});

test('a message without words has none, not even one of any length', () => {
  expect(compileQuery('"" OR *a OR a*')({ message: '' })).toBe(true);
  expect(compileQuery(String.raw`*\  OR ?* OR *?`)({ message: '' })).toBe(false);
  expect(compileQuery(String.raw`*\  OR ?* OR *?`)({ message: '!?' })).toBe(false);
});

test('a number written in digits is a number, however it is written', () => {
  for (const text of ['5', '+5', '5.0', '5.', '.5e1', '50E-1']) {
    expect(compileQuery('@n:[5 TO 5]')({ n: text })).toBe(true);
  }
  for (const text of [
    '',
    ' 5',
    '5 ',
    '0x5',
    '5_0',
    'five',
    '5e',
    '.',
    'Infinity',
    'NaN',
    '1,000',
  ]) {
    expect(compileQuery('@n:[* TO *]')({ n: text })).toBe(false);
  }
});

test('one query looks at one message after another', () => {
  const matches = compileQuery('red OR blue green');
  expect(['red', 'blue', 'green blue', 'red'].map((message) => matches({ message }))).toEqual([
    true,
    false,
    true,
    true,
  ]);
});

test('each of several messages is searched', () => {
  expect(compileQuery('"b c"')({ message: ['a b', 'b c'] })).toBe(true);
  expect(compileQuery('"b b"')({ message: ['a b', 'b c'] })).toBe(false);
});

test('a tree is compiled as its text is', () => {
  const text = '@eventName:Authorize* -@errorCode:*';
  expect(compileQuery(parseQuery(text))(record)).toBe(compileQuery(text)(record));
});

test('a text that does not parse is told at once', () => {
  expect(() => compileQuery('(a')).toThrow(QueryError);
});

test('a tree with a block that is none is told at once', () => {
  expect(() => compileQuery({ kind: 'cidr', path: 'a', blocks: ['10.0.0.0'] })).toThrow(
    new RangeError('not a block of addresses: 10.0.0.0'),
  );
});

test('means what its definition says, whatever the query and the object', () => {
  let matched = 0;
  let total = 0;
  fc.assert(
    fc.property(query, object, (tree, subject) => {
      const expected = means(tree, subject);
      total += 1;
      matched += expected ? 1 : 0;
      expect(compileQuery(tree)(subject)).toBe(expected);
    }),
    { numRuns: 5000 },
  );
  // Both answers come often enough to mean something.
  expect(matched / total).toBeGreaterThan(0.1);
  expect(matched / total).toBeLessThan(0.9);
});

test('means the same when it is printed and parsed', () => {
  fc.assert(
    fc.property(query, object, (tree, subject) => {
      expect(compileQuery(printQuery(tree))(subject)).toBe(compileQuery(tree)(subject));
    }),
    { numRuns: 500 },
  );
});

describe('an object of any depth is looked at without overflow', () => {
  test('objects in objects', () => {
    let deep: unknown = 'found';
    for (let level = 0; level < 100_000; level += 1) deep = { a: deep };
    expect(compileQuery('*:found')(deep)).toBe(true);
    expect(compileQuery('@a.a.a:*')(deep)).toBe(true);
  });

  test('arrays in arrays', () => {
    let deep: unknown = 'found';
    for (let level = 0; level < 100_000; level += 1) deep = [deep];
    expect(compileQuery('*:found')(deep)).toBe(true);
    expect(compileQuery('@a:found')({ a: deep })).toBe(true);
  });
});
