import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { literalOf, templateOf } from './hcl-template.ts';

test('whatever the text, its template stands for it', () => {
  const text = fc
    .array(fc.constantFrom('$', '%', '{', '}', 'a', '\n'))
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(text, fc.string()), (value) => {
      expect(literalOf(templateOf(value))).toBe(value);
    }),
  );
});

test.each([
  ['${var.x}', null],
  ['a %{if true}b%{endif}', null],
  ['$${x} ${y}', null],
  ['$${x}', '${x}'],
  ['%%{x}', '%{x}'],
  ['$$${x}', '$${x}'],
  ['100% $5 {}', '100% $5 {}'],
])('%j stands for %j', (template, text) => {
  expect(literalOf(template)).toBe(text);
});
