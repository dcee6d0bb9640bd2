import * as fc from 'fast-check';
import markdownIt from 'markdown-it';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../model/json.ts';
import { compileTemplate } from './compile-template.ts';
import { stripControls, type Target } from './escape.ts';
import { TemplateError } from './template-error.ts';

const context = {
  source: 'cloudtrail',
  evt: { name: 'RunInstances' },
  userIdentity: { type: 'Root', arn: 'arn:aws:iam::111122223333:root', session_name: 'ro*ot' },
  ports: [22, 3389],
  items: [
    { port: 22, ranges: [{ cidr: '10.0.0.0/8' }] },
    { port: 443, ranges: [] },
  ],
  zero: 0,
  off: false,
  on: true,
  empty: '',
  none: [],
  nothing: null,
};

function rendered(
  template: string,
  target: Target = 'plain',
  subject: JsonObject = context,
): string {
  return compileTemplate(template).render(subject, target);
}

describe('an attribute', () => {
  test.each([
    ['is shown', '{{@evt.name}}', 'RunInstances'],
    ['is shown with blanks in its braces', '{{ @evt.name }}', 'RunInstances'],
    ['is shown without @', '{{source}} {{evt.name}}', 'cloudtrail RunInstances'],
    ['that is missing is empty', 'a{{@error.kind}}b', 'ab'],
    ['that is null is empty', 'a{{@nothing}}b', 'ab'],
    ['that is a number is shown', '{{@zero}}', '0'],
    ['that is a flag is shown', '{{@off}} {{@on}}', 'false true'],
    ['that is a list is shown in full', '{{@ports}}', '22, 3389'],
    ['of every element is shown', '{{@items.port}}', '22, 443'],
    ['of one element is shown', '{{@items.[1].port}}', '443'],
    ['deep in lists is shown', '{{@items.[0].ranges.[0].cidr}}', '10.0.0.0/8'],
    ['that is an object is shown as JSON', '{{@items.[1]}}', '{"port":443,"ranges":[]}'],
    ['in three braces is escaped like any other', '{{{@evt.name}}}', 'RunInstances'],
    [
      'for an address is encoded',
      '?q={{urlencode "@userIdentity.arn"}}',
      '?q=arn%3Aaws%3Aiam%3A%3A111122223333%3Aroot',
    ],
    ['for an address may stand without quotes', '{{urlencode @evt.name}}', 'RunInstances'],
  ])('%s', (_name, template, expected) => {
    expect(rendered(template)).toBe(expected);
  });

  test('that is half a character can be encoded', () => {
    expect(rendered('{{urlencode "@x"}}', 'plain', { x: 'a\ud800' })).toBe('a%EF%BF%BD');
  });

  test('whose key has dots is shown', () => {
    expect(rendered('{{@a.b.c}} {{@[a.b].c}}', 'plain', { 'a.b': { c: 'd' } })).toBe('d d');
  });

  test('that is inherited is empty', () => {
    expect(rendered('{{@constructor.name}}{{@__proto__}}{{@toString}}')).toBe('');
  });
});

test('a template tells the attributes it looks at, each once, of arrays the path of the array', () => {
  const { attributes } = compileTemplate(
    '{{@a.b}} {{c}} {{#if @a.b}}{{@d.[0].e}}{{else}}{{urlencode "@f.12.g"}}{{/if}}{{#is_match "@h" "i"}}{{@j1.2k}}{{/is_match}}',
  );
  expect(attributes).toEqual(['a.b', 'c', 'd', 'f', 'h', 'j1.2k']);
  expect(compileTemplate('{{@[0]}}').attributes).toEqual([]);
});

describe('text of the template', () => {
  test.each([
    ['stays as it is', '**a** <b>\n`c`', '**a** <b>\n`c`'],
    ['that is a comment goes', 'a{{! b }}c{{!-- {{d}} --}}e', 'ace'],
    ['shows braces behind a backslash', '\\{{@a}}', '{{@a}}'],
    ['that is raw stays as it is', '{{{{raw}}}} {{ a }} {{{{/raw}}}}', ' {{ a }} '],
    ['loses the lines on which blocks stand alone', 'a\n{{#if @on}}\nb\n{{/if}}\nc', 'a\nb\nc'],
    ['loses blanks at a tilde', 'a {{~@evt.name~}} b', 'aRunInstancesb'],
    ['that is empty stays empty', '', ''],
  ])('%s', (_name, template, expected) => {
    for (const target of ['plain', 'markdown', 'html', 'slack', 'terminal'] as const) {
      expect(rendered(template, target)).toBe(expected);
    }
  });
});

describe('a condition', () => {
  test.each([
    ['holds for a text', '{{#if @evt.name}}y{{else}}n{{/if}}', 'y'],
    ['holds for zero, which is a value', '{{#if @zero}}y{{else}}n{{/if}}', 'y'],
    ['holds for true', '{{#if @on}}y{{else}}n{{/if}}', 'y'],
    ['holds for an object', '{{#if @evt}}y{{else}}n{{/if}}', 'y'],
    ['holds for the name in quotes', '{{#if "@evt.name"}}y{{else}}n{{/if}}', 'y'],
    ['does not hold for what is missing', '{{#if @a.b}}y{{else}}n{{/if}}', 'n'],
    ['does not hold for null', '{{#if @nothing}}y{{else}}n{{/if}}', 'n'],
    ['does not hold for false', '{{#if @off}}y{{else}}n{{/if}}', 'n'],
    ['does not hold for the empty text', '{{#if @empty}}y{{else}}n{{/if}}', 'n'],
    ['does not hold for an empty list', '{{#if @none}}y{{else}}n{{/if}}', 'n'],
    ['may have no other side', '{{#if @a}}y{{/if}}', ''],
    ['may be turned round', '{{^if @a}}n{{/if}}', 'n'],
    ['may be turned round in words', '{{#unless @a}}n{{/unless}}{{#unless @on}}y{{/unless}}', 'n'],
    ['may go on', '{{#if @a}}1{{else if @on}}2{{else}}3{{/if}}', '2'],
    ['may stand in another', '{{#if @on}}a{{#if @off}}b{{else}}c{{/if}}{{/if}}', 'ac'],
    [
      'finds a text in an attribute',
      '{{#is_match "@evt.name" "Inst"}}y{{else}}n{{/is_match}}',
      'y',
    ],
    ['finds one of several', '{{#is_match "@evt.name" "a" "Run"}}y{{else}}n{{/is_match}}', 'y'],
    [
      'finds a text in one of several values',
      '{{#is_match "@ports" "33"}}y{{else}}n{{/is_match}}',
      'y',
    ],
    [
      'finds no text that is not there',
      '{{#is_match "@evt.name" "inst"}}y{{else}}n{{/is_match}}',
      'n',
    ],
    ['finds nothing in what is missing', '{{#is_match "@a" "a"}}y{{else}}n{{/is_match}}', 'n'],
    [
      'asks for any value with the empty text',
      '{{#is_match "@evt.name" ""}}y{{else}}n{{/is_match}}',
      'y',
    ],
    ['and finds none in the empty text', '{{#is_match "@empty" ""}}y{{else}}n{{/is_match}}', 'n'],
    ['takes a name without quotes', '{{#is_match @evt.name "Run"}}y{{/is_match}}', 'y'],
    ['may be turned round, too', '{{^is_match "@evt.name" "x"}}n{{/is_match}}', 'n'],
    ['is exact', '{{#is_exact_match "@evt.name" "Run"}}y{{else}}n{{/is_exact_match}}', 'n'],
    [
      'is exactly met',
      '{{#is_exact_match "@evt.name" "a" "RunInstances"}}y{{/is_exact_match}}',
      'y',
    ],
    ['is exactly met by a number', '{{#is_exact_match "@ports" 22}}y{{/is_exact_match}}', 'y'],
    [
      'is exactly met by a number in quotes',
      '{{#is_exact_match "@ports" "22"}}y{{/is_exact_match}}',
      'y',
    ],
    ['is exactly met by a flag', '{{#is_exact_match "@on" true}}y{{/is_exact_match}}', 'y'],
    [
      'is exactly met by the empty text',
      '{{#is_exact_match "@empty" ""}}y{{/is_exact_match}}',
      'y',
    ],
    ['takes one element', '{{#is_match "@items.[1].port" "443"}}y{{/is_match}}', 'y'],
  ])('%s', (_name, template, expected) => {
    expect(rendered(template)).toBe(expected);
  });
});

describe('what an attacker wrote', () => {
  const hostile = '`*<b>\u001b[31m\u202e\n| [x](y) $(id)';

  test.each<[Target, string]>([
    ['markdown', '\\`\\*\\<b\\>\\[31m \\| \\[x\\](y) \\$(id)'],
    ['html', '&#96;*&lt;b&gt;[31m\n| [x](y) $(id)'],
    ['slack', '\u02cb\u2217&lt;b&gt;[31m | [x](y) $(id)'],
    ['terminal', '`*<b>[31m | [x](y) $(id)'],
    ['plain', '`*<b>[31m | [x](y) $(id)'],
  ])('is harmless in %s', (target, expected) => {
    expect(rendered('{{@x}}', target, { x: hostile })).toBe(expected);
  });

  test('is escaped for where it stands', () => {
    const template = 'a {{@x}} `{{@x}}`\n\n```sh\nls {{@x}} \'{{@x}}\' "{{@x}}"\n```\n{{@x}}';
    expect(rendered(template, 'markdown', { x: '*; $x' })).toBe(
      [
        'a \\*; \\$x `*; $x`',
        '',
        '```sh',
        String.raw`ls \*\;\ \$x ''\*\;\ \$x'' ""\*\;\ \$x""`,
        '```',
        '\\*; \\$x',
      ].join('\n'),
    );
  });

  test('is escaped in both branches of a condition, too', () => {
    const template = '`{{#if @x}}{{@x}}{{else}}{{@y}}{{/if}}` {{#if @y}}{{else}}{{@x}}{{/if}}';
    expect(rendered(template, 'markdown', { x: '*a*' })).toBe('`*a*` \\*a\\*');
  });

  test('makes no element of its own when the Markdown is shown, wherever it stands', () => {
    const markdown = markdownIt({ html: true, linkify: true });
    const template = compileTemplate(
      [
        '# {{@a}} and `{{@b}}`',
        '',
        '{{@a}} **{{@b}}** `{{@a}}` {{#if @a}}`{{@b}}`{{else}}{{@b}}{{/if}} [link](https://example.com) {{@a}}',
        '',
        '- {{@a}}',
        '- `{{@b}}`, {{@a}}',
        '',
        '| {{@a}} | {{@b}} |',
        '|---|---|',
        '| {{@b}} | {{@a}} |',
        '',
        '```',
        '{{@a}}',
        '```',
        '',
        '{{@a}}',
      ].join('\n'),
    );
    const shape = (a: string, b: string): string =>
      (markdown.render(template.render({ a, b }, 'markdown')).match(/<[^>]*>/g) ?? []).join('');
    const expected = shape('x', 'x');
    const mark = fc.constantFrom(
      ...Array.from('`*_~[]()<>|#+-=.!\\&:;"\'$\n \t1'),
      '<img src=x onerror=alert(1)>',
      '](javascript:alert(1))',
      '![a](b)',
      'https://evil.example',
      'www.evil.example',
      '```',
      '\n```\n',
      '</p>',
      '<!--',
      '&lt;script&gt;',
      '    ',
      '> ',
      '- ',
      '1. ',
      '---',
      '===',
      'a',
      'b',
    );
    const text = fc
      .array(mark, { minLength: 1, maxLength: 8 })
      .map((parts) => `x${parts.join('')}`);
    const anywhere = fc.oneof(
      text,
      text.map((attack) => attack.slice(1)).filter((attack) => stripControls(attack).trim() !== ''),
    );
    fc.assert(
      fc.property(anywhere, anywhere, (a, b) => {
        expect(shape(a, b)).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  test('makes no element when the text is HTML', () => {
    const template = compileTemplate('<p title="{{@x}}">{{@x}}</p>');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (x) => {
        const html = template.render({ x }, 'html');
        expect(html.match(/[<>"]/g)?.join('')).toBe('<""><>');
      }),
    );
  });

  test('steers no terminal, whatever the target', () => {
    const template = compileTemplate('{{@x}} `{{@x}}`\n```sh\n{{@x}}\n```');
    const targets: readonly Target[] = ['markdown', 'html', 'slack', 'terminal', 'plain'];
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(...targets), (x, target) => {
        expect(template.render({ x }, target)).not.toMatch(
          /(?![\n\t])[\p{Cc}\u202a-\u202e\u2066-\u2069]/u,
        );
      }),
      { numRuns: 500 },
    );
  });

  test('is never read as a template', () => {
    expect(rendered('{{@x}}', 'plain', { x: '{{@evt.name}}{{#if @y}}' })).toBe(
      '{{@evt.name}}{{#if @y}}',
    );
  });
});

describe('a mistake is told with its place', () => {
  test.each([
    ['{{#if @a}}b', '{{#if}} is never closed, at line 1, column 1'],
    [
      'a\n b{{#is_match "@a" "b"}}c{{#if @a}}{{/if}}',
      '{{#is_match}} is never closed, at line 2, column 3',
    ],
    ['{{#if @a}}b{{/unless}}', '{{#if}} is closed by {{/unless}}, at line 1, column 4'],
    ['a\n{{/if}}', 'the template does not parse, at line 2, column 1'],
    ['a {{@b', 'the template does not parse, at line 1, column 6'],
    ['{{}}', 'the template does not parse, at line 1, column 3'],
    ['{{else}}', 'the template does not parse, at line 1, column 1'],
    ['{{@a b}}', '@a is not a helper, at line 1, column 1'],
    ['{{eval "a+b"}}', 'eval is not a helper, at line 1, column 1'],
    ['{{a b=c}}', 'a is not a helper, at line 1, column 1'],
    ['{{"a" b}}', 'this is not a helper, at line 1, column 1'],
    ['\n {{#each @a}}{{/each}}', 'each is not a helper, at line 2, column 2'],
    ['{{#@a}}b{{/@a}}', '@a is not a helper, at line 1, column 1'],
    ['{{#if}}a{{/if}}', 'if has not what it takes, at line 1, column 1'],
    ['{{#if @a @b}}a{{/if}}', 'if has not what it takes, at line 1, column 1'],
    ['{{#unless}}a{{/unless}}', 'unless has not what it takes, at line 1, column 1'],
    ['{{#if @a b=1}}a{{/if}}', 'if has not what it takes, at line 1, column 1'],
    ['{{#if @a as |b|}}a{{/if}}', 'if has not what it takes, at line 1, column 1'],
    ['{{#is_match "@a"}}a{{/is_match}}', 'is_match has not what it takes, at line 1, column 1'],
    [
      '{{#is_exact_match}}a{{/is_exact_match}}',
      'is_exact_match has not what it takes, at line 1, column 1',
    ],
    ['{{urlencode @a @b}}', 'urlencode has not what it takes, at line 1, column 1'],
    ['{{urlencode @a b=1}}', 'urlencode has not what it takes, at line 1, column 1'],
    [
      '{{#is_match "@a" @b}}a{{/is_match}}',
      'is_match compares with texts alone, at line 1, column 18',
    ],
    [
      '{{#is_match "@a" null}}a{{/is_match}}',
      'is_match compares with texts alone, at line 1, column 18',
    ],
    [
      '{{#if (a b)}}a{{/if}}',
      'something other than an attribute stands where one should, at line 1, column 7',
    ],
    [
      '{{#if 5}}a{{/if}}',
      'something other than an attribute stands where one should, at line 1, column 7',
    ],
    ['{{../a}}', 'something other than an attribute stands where one should, at line 1, column 3'],
    ['{{this}}', 'an attribute has no name, at line 1, column 3'],
    ['{{#if "@"}}a{{/if}}', 'an attribute has no name, at line 1, column 7'],
    ['{{#if "@a..b"}}a{{/if}}', 'an attribute has no name, at line 1, column 7'],
    ['{{> a}}', 'a template cannot include another, at line 1, column 1'],
    ['{{#> a}}{{/a}}', 'a template cannot include another, at line 1, column 1'],
    ['{{#*inline "a"}}{{/inline}}', 'a template cannot include another, at line 1, column 1'],
    ['{{* a}}', 'a template cannot include another, at line 1, column 1'],
  ])('%j', (template, message) => {
    const error = mistake(template);
    expect(error.message).toBe(message);
    expect(error.hint).toMatch(/^[A-Z].*\.$/);
    expect(message).toContain(`line ${error.line}, column ${error.column}`);
  });

  test('with the name of the error, and what Handlebars said as its cause', () => {
    const error = mistake('{{#if @a}}');
    expect(error.name).toBe('TemplateError');
    expect(error.cause).toBeInstanceOf(Error);
    expect(mistake('{{> a}}').cause).toBeUndefined();
  });

  test('with what a helper takes', () => {
    expect(mistake('{{#is_match}}{{/is_match}}').hint).toBe(
      'Write it as in {{#is_match "@userIdentity.arn" "admin"}}.',
    );
  });
});

function mistake(template: string): TemplateError {
  try {
    compileTemplate(template);
  } catch (error) {
    if (error instanceof TemplateError) return error;
    throw error;
  }
  throw new Error(`parses: ${template}`);
}
