import { expect, test } from 'vitest';
import { compileTemplate } from '../../template/index.ts';
import { asTemplate, oneLine } from './plain-text.ts';
import { extendedTitle, plainTitle } from './signal-title.ts';

test('a title is the name, and the values of attributes', () => {
  expect(plainTitle('Opened')).toBe('Opened');
  expect(extendedTitle('Opened', ['@a.b', 'service'])).toBe('Opened: {{@a.b}}, {{service}}');
  expect(extendedTitle('Opened', [])).toBe('Opened');
  expect(extendedTitle('Opened', ['@a}}b'])).toBe('Opened');
});

test.each(['a {{b}} c', '{{#if}}', 'a } b', '\\{{a}}', '{{{{raw}}}}', 'x {{'])(
  '%j is a template',
  (text) => {
    expect(() => compileTemplate(asTemplate(text))).not.toThrow();
    expect(compileTemplate(asTemplate(text)).attributes).toEqual([]);
  },
);

test('braces are shown where they can be', () => {
  expect(compileTemplate(asTemplate('a {{b}}')).render({ b: 'x' }, 'plain')).toBe('a {{b}}');
});

test('one line', () => {
  expect(oneLine(' a\n\n b\u0007\tc ')).toBe('a b c');
});
