import { describe, expect, test } from 'vitest';
import { PortcullisError } from '../../errors/portcullis-error.ts';
import { readDatadogJson } from './datadog-json-reader.ts';

const one = { name: 'One', queries: [] };
const two = { name: 'Two', queries: [] };

function names(document: unknown): readonly string[] {
  return readDatadogJson(JSON.stringify(document), 'f.json', '2026-11-24').map(({ name }) => name);
}

describe('rules are found in', () => {
  test.each<[string, unknown, readonly string[]]>([
    ['one rule', one, ['One']],
    ['a list', [one, two], ['One', 'Two']],
    ['an answer of the API', { data: [one, two], meta: { page: {} } }, ['One', 'Two']],
    ['an answer for one', { data: one }, ['One']],
    [
      'JSON:API',
      {
        data: [
          { id: 'a', type: 'rule', attributes: one },
          { id: 'b', attributes: two },
        ],
      },
      ['One', 'Two'],
    ],
    ['a list of answers', [{ data: [one] }, { data: { attributes: two } }], ['One', 'Two']],
  ])('%s', (_, document, expected) => {
    expect(names(document)).toEqual(expected);
  });

  test('a file with a byte-order mark', () => {
    expect(readDatadogJson(`\uFEFF${JSON.stringify(one)}`, 'f', '2026-11-24')).toHaveLength(1);
  });
});

test('what is no rule among rules is one that cannot be read', () => {
  expect(
    readDatadogJson('[1, {"name": "One"}]', 'f', '2026-11-24').map(({ name }) => name),
  ).toEqual(['', 'One']);
});

test.each(['[]', '{}', '{"data": []}', '{"rules": 1}'])('%s holds no rule', (text) => {
  expect(() => readDatadogJson(text, 'f.json', '2026-11-24')).toThrow('holds no Datadog rule');
});

test('what is not JSON is told with its place', () => {
  const error = (() => {
    try {
      return readDatadogJson('{\n  "name": oops\n}', 'f.json', '2026-11-24');
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(error).toBeInstanceOf(PortcullisError);
  expect(error).toMatchObject({ code: 'rule/bad-import' });
  expect((error as PortcullisError).place).toMatch(/^f\.json(?::2:\d+)?$/);
});
