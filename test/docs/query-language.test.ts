// What docs/query-language.md says of its record is true, its mistakes look as shown, and its table
// of derived attributes lists those that there are.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { asObject } from '../../src/model/json.ts';
import { deriveAttributes } from '../../src/normalize/derive-attributes.ts';
import { compileQuery, parseQuery, QueryError } from '../../src/query/index.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../docs/query-language.md'), 'utf8');

function blocksOf(language: string): readonly string[] {
  const fence = new RegExp(`^\`\`\`${language}\n([^]*?)\n\`\`\`$`, 'gm');
  return Array.from(page.matchAll(fence), ([, body = '']) => body);
}

const parsed: unknown = JSON.parse(blocksOf('json')[0] ?? '');
const record = deriveAttributes(asObject(parsed) ?? {});

const claims = Array.from(
  page.matchAll(/^\| `([^|]+)` +\| \*{0,2}(yes|no)\*{0,2} +\|/gm),
  ([, query = '', verdict = '']) => ({ query, verdict }),
);

test('the page makes claims of both kinds', () => {
  expect(claims.filter(({ verdict }) => verdict === 'yes').length).toBeGreaterThan(20);
  expect(claims.filter(({ verdict }) => verdict === 'no').length).toBeGreaterThan(10);
  // No row of a table of queries is passed over.
  expect(claims.length).toBe(page.match(/^\| .*\| \*{0,2}(?:yes|no)\*{0,2} +\|/gm)?.length);
});

describe('of the record on the page', () => {
  test.each(claims)('$query: $verdict', ({ query, verdict }) => {
    expect(compileQuery(query)(record) ? 'yes' : 'no').toBe(verdict);
  });
});

test('the other queries on the page match as it says', () => {
  const [opening = ''] = blocksOf('query');
  expect(compileQuery(opening)(record)).toBe(true);
  const [, message = '', found = '', missed = ''] =
    /In the message `([^`]+)` these are found:\s+([^;]+);\s+and these are not:\s+([^.]+)\./.exec(
      page,
    ) ?? [];
  const codes = (text: string): readonly string[] =>
    Array.from(text.matchAll(/`([^`]+)`/g), ([, code = '']) => code);
  expect(codes(found)).toHaveLength(4);
  expect(codes(found).map((query) => compileQuery(query)({ message }))).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(codes(missed).map((query) => compileQuery(query)({ message }))).toEqual([false, false]);
});

describe('a mistake looks as shown', () => {
  test.each(blocksOf('text'))('%s', (shown) => {
    const [query = ''] = shown.split('\n');
    expect(() => parseQuery(query)).toThrow(QueryError);
    try {
      parseQuery(query);
    } catch (error) {
      expect(error instanceof QueryError ? error.render() : error).toBe(shown);
    }
  });
});

test('the derived attributes on the page are those that there are', () => {
  const start = page.indexOf('### Derived attributes');
  const table = page.slice(start, page.indexOf('| query', start));
  const listed = Array.from(table.matchAll(/^\| ((?:`[^`]+`(?:, )?)+) +\|/gm), ([, cell = '']) =>
    Array.from(cell.matchAll(/`@?([^`]+)`/g), ([, name = '']) => name),
  ).flat();
  const everything = {
    eventName: 'a',
    eventID: 'a',
    errorCode: 'a',
    errorMessage: 'a',
    sourceIPAddress: 'a',
    userAgent: 'a',
    userIdentity: {
      type: 'AssumedRole',
      arn: 'a/b/c',
      principalId: 'a:b',
      accountId: 'a',
      accessKeyId: 'a',
    },
  };
  const added = pathsOf(deriveAttributes(everything)).filter(
    (path) => !pathsOf(everything).includes(path),
  );
  expect(listed.toSorted()).toEqual(added.toSorted());
});

function pathsOf(value: object, before = ''): readonly string[] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    typeof inner === 'object' && inner !== null
      ? pathsOf(inner, `${before}${key}.`)
      : [`${before}${key}`],
  );
}
