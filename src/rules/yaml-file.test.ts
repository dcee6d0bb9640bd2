import * as fc from 'fast-check';
import { stringify } from 'yaml';
import { describe, expect, test } from 'vitest';
import { PortcullisError } from '../errors/portcullis-error.ts';
import { asObject, asText, own } from '../model/json.ts';
import { readYaml } from './yaml-file.ts';

const sample = `# a comment
id: my-rule
exposure:
  ports:
    - { port: 22, service: SSH }
    - port: 23
      service: "Tel\\"net"
message: |
  one
    two {{x}}
  three
folded: >-
  one
  two

  three
quoted: 'it''s {{x}}'
plain: alpha beta
  gamma
`;

function failure(text: string): PortcullisError {
  try {
    readYaml(text, 'rule.yaml');
  } catch (error) {
    if (error instanceof PortcullisError) return error;
    throw error;
  }
  throw new Error('it was read');
}

describe('the place of a value', () => {
  const yaml = readYaml(sample, 'rule.yaml');

  test.each([
    [[], '2:1'],
    [['id'], '2:5'],
    [['exposure', 'ports'], '5:5'],
    [['exposure', 'ports', 0], '5:7'],
    [['exposure', 'ports', 0, 'service'], '5:28'],
    [['exposure', 'ports', 1, 'port'], '6:13'],
    [['message'], '8:10'],
  ])('at %j is %s', (path, place) => {
    expect(yaml.place(path)).toBe(`rule.yaml:${place}`);
  });

  test('that is not there is the place of what would hold it', () => {
    expect(yaml.place(['exposure', 'ports', 1, 'protocol'])).toBe('rule.yaml:6:7');
    expect(yaml.place(['exposure', 'ports', 7, 'port'])).toBe('rule.yaml:5:5');
    expect(yaml.place(['nothing', 'here'])).toBe('rule.yaml:2:1');
    expect(yaml.place(['id', 'deeper'])).toBe('rule.yaml:2:5');
  });

  test('of a key is where the key stands', () => {
    expect(yaml.placeOfKey(['exposure', 'ports', 1, 'service'])).toBe('rule.yaml:7:7');
    expect(yaml.placeOfKey(['quoted'])).toBe('rule.yaml:17:1');
  });

  test('behind an alias is the place of the alias', () => {
    const aliased = readYaml('a: &one { port: 1 }\nb: *one\n', 'rule.yaml');
    expect(aliased.place(['b', 'port'])).toBe('rule.yaml:2:4');
    expect(aliased.data).toEqual({ a: { port: 1 }, b: { port: 1 } });
  });
});

describe('the place within a text', () => {
  const yaml = readYaml(sample, 'rule.yaml');

  function placeOf(path: string, part: string): string {
    const offset = asText(own(yaml.data, path))?.indexOf(part) ?? -1;
    expect(offset).toBeGreaterThan(-1);
    return yaml.placeWithin([path], offset);
  }

  test.each([
    ['message', 'one', '9:3'],
    ['message', 'two', '10:5'],
    ['message', '{{x}}', '10:9'],
    ['message', 'three', '11:3'],
    ['folded', 'two', '14:3'],
    ['folded', 'three', '16:3'],
    ['quoted', 's {{', '17:14'],
    ['quoted', '{{x}}', '17:16'],
    ['plain', 'beta', '18:14'],
    ['plain', 'gamma', '19:3'],
  ])('%s, at %s, is %s', (path, part, place) => {
    expect(placeOf(path, part)).toBe(`rule.yaml:${place}`);
  });

  test('behind an escape in double quotes is found', () => {
    const path = ['exposure', 'ports', 1, 'service'];
    // Tel"net: the quote is written as two characters.
    expect(yaml.placeWithin(path, 4)).toBe('rule.yaml:7:22');
  });

  test('at the end of the text is behind its last character', () => {
    expect(yaml.placeWithin(['id'], 7)).toBe('rule.yaml:2:12');
    expect(yaml.placeWithin(['id'], 99)).toBe('rule.yaml:2:12');
  });

  test('of something that is no text is its start', () => {
    expect(yaml.placeWithin(['exposure', 'ports', 0, 'port'], 1)).toBe('rule.yaml:5:15');
  });

  test('is the character itself, in whatever style the text is written', () => {
    const word = fc.stringMatching(/^[a-z{}"'#:-]{1,12}$/);
    const text = fc.array(fc.array(word, { minLength: 1 }), { minLength: 1, maxLength: 5 });
    const style = fc.constantFrom('PLAIN', 'QUOTE_SINGLE', 'QUOTE_DOUBLE', 'BLOCK_LITERAL');
    fc.assert(
      fc.property(text, style, fc.nat(), (lines, defaultStringType, at) => {
        const value = lines.map((words) => words.join(' ')).join('\n');
        const source = stringify({ a: { b: value } }, { defaultStringType, lineWidth: 40 });
        const file = readYaml(source, 'f');
        expect(file.data).toEqual({ a: { b: value } });
        const offset = at % value.length;
        const character = value[offset] ?? '';
        fc.pre(/\S/.test(character));
        const [, line, column] = file.placeWithin(['a', 'b'], offset).split(':').map(Number);
        expect(source.split('\n')[(line ?? 0) - 1]?.[(column ?? 0) - 1]).toBe(character);
      }),
      { numRuns: 300 },
    );
  });
});

describe('what is not YAML is an error with its place', () => {
  test.each([
    ['a quote that is not closed', 'id: "my-rule\nname: x\n', '3:1'],
    ['a tab for indentation', 'a:\n\tb: 1\n', '2:1'],
    ['a field that stands twice', 'id: a\nname: b\nid: c\n', '3:1'],
    ['a colon in a text', 'goal: first: second\n', '1:7'],
    ['a second document', 'id: a\n---\nid: b\n', '2:1'],
    ['a wrong indentation', 'a:\n    b: 1\n  c: 2\n', '3:1'],
    ['an alias without anchor', 'a: 1\nb: *c\n', '2:4'],
    ['a tag', 'a: !!js/function 1\n', '1:4'],
    ['a key that is no text', '? [a, b]\n: 1\n', '1:3'],
  ])('%s', (_, text, place) => {
    const error = failure(text);
    expect(error.code).toBe('rule/bad-yaml');
    expect(error.place).toBe(`rule.yaml:${place}`);
    expect(error.hint).toMatch(/\w.*\.$/);
  });

  test('a hint says what to do about the usual causes', () => {
    expect(failure('goal: first: second\n').hint).toContain('in quotes');
    expect(failure('a:\n\tb: 1\n').hint).toContain('not with tabs');
  });

  test('aliases of aliases that would fill the memory', () => {
    const levels = 'bcdefghi'.split('').map((name, index) => {
      const former = 'abcdefgh'[index];
      return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${former}`).join(', ')}]`;
    });
    const error = failure(`a: &a [x, x, x, x, x, x, x, x, x]\n${levels.join('\n')}\n`);
    expect(error.code).toBe('rule/bad-yaml');
    expect(error.message).toContain('aliases');
  });

  test('nesting without end', () => {
    expect(failure(`a: ${'['.repeat(200_000)}`).code).toBe('rule/bad-yaml');
  });
});

test('an empty file and a key called __proto__ are data like any other', () => {
  expect(readYaml('', 'rule.yaml').data).toBeNull();
  expect(readYaml('', 'rule.yaml').place(['id'])).toBe('rule.yaml:1:1');
  const { data } = readYaml('__proto__: { polluted: true }\n', 'rule.yaml');
  expect(Object.keys(asObject(data) ?? {})).toEqual(['__proto__']);
  expect('polluted' in {}).toBe(false);
});
