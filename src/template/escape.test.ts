import { execFileSync, spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  escapeFor,
  escapeHtml,
  escapeMarkdown,
  escapeMarkdownCode,
  escapeShell,
  escapeSlack,
  escapeSlackCode,
  stripControls,
  stripControlsKeepLines,
  type Target,
} from './escape.ts';

/** Text as an attacker would write it: markup, controls and invisible characters are frequent. */
const hostile = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 4 }),
      fc.string({ unit: 'grapheme', maxLength: 4 }),
      fc.constantFrom(...Array.from('\\`*_[]()<>|~&$!#+-.:=0123456789"\' \t\n\r\v\f')),
      fc.constantFrom('\u001b[31m', '\u202e', '\u2066', '\u200b', '\u{e0041}', '\u0085', '\u2028'),
      fc.constantFrom('<img src=x onerror=alert(1)>', '](javascript:alert(1))', '<!channel>'),
      fc.constantFrom('https://', 'www.', '&#x202e;', '&lt;', '```', '```\n', '\ud800', '\u0000'),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

const steering =
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/u;

const oneLine: readonly (readonly [string, (text: string) => string])[] = [
  ['stripControls', stripControls],
  ['escapeMarkdown', escapeMarkdown],
  ['escapeMarkdownCode', escapeMarkdownCode],
  ['escapeSlack', escapeSlack],
  ['escapeSlackCode', escapeSlackCode],
];

describe('whatever the text', () => {
  test.each([...oneLine, ['escapeHtml', escapeHtml] as const])(
    '%s lets nothing through that steers a terminal or hides',
    (_name, escape) => {
      fc.assert(
        fc.property(hostile, (text) => {
          expect(escape(text)).not.toMatch(steering);
        }),
        { numRuns: 1000 },
      );
    },
  );

  test.each(oneLine)('%s gives one line', (_name, escape) => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(escape(text)).not.toMatch(/[\t\n\r\v\f\u0085\u2028\u2029]/);
      }),
      { numRuns: 1000 },
    );
  });

  test('HTML gets no tag, no entity of the text and no end of an attribute', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const html = escapeHtml(text);
        expect(html).not.toMatch(/[<>"'`]/);
        expect(html.replace(/&(?:amp|lt|gt|quot|#39|#96);/g, '')).not.toContain('&');
      }),
      { numRuns: 1000 },
    );
  });

  test('HTML shows the text as it was', () => {
    const shown = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&#96;': '`' };
    fc.assert(
      fc.property(hostile, (text) => {
        let back = escapeHtml(text);
        for (const [entity, character] of Object.entries(shown)) {
          back = back.replaceAll(entity, character);
        }
        expect(back.replaceAll('&amp;', '&')).toBe(stripControlsKeepLines(text));
      }),
    );
  });

  test('Markdown gets every mark behind a backslash', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const bare = escapeMarkdown(text).replace(/\\[!-/:-@[-`{-~]/g, '.');
        expect(bare).not.toMatch(/[\\`*[\]<>|~&$]|:\/\/|!$/);
        expect(escapeMarkdown(text)).not.toMatch(/\bwww\./i);
      }),
      { numRuns: 1000 },
    );
  });

  test('Markdown shows the text as it was, up to blanks at its ends', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(escapeMarkdown(text).replace(/\\([!-/:-@[-`{-~])/g, '$1')).toBe(
          stripControls(text).trim(),
        );
      }),
      { numRuns: 1000 },
    );
  });

  test('code between backticks cannot end before the template ends it', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(escapeMarkdownCode(text)).not.toContain('`');
        expect(escapeSlackCode(text)).not.toContain('`');
      }),
    );
  });

  test('Slack gets no mention, no link and no entity of the text', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const mrkdwn = escapeSlack(text);
        expect(mrkdwn).not.toMatch(/[<>`]/);
        expect(mrkdwn.replace(/&(?:amp|lt|gt);/g, '')).not.toContain('&');
      }),
      { numRuns: 1000 },
    );
  });

  test('stripping twice is stripping once', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const once = stripControlsKeepLines(text);
        expect(stripControlsKeepLines(once)).toBe(once);
      }),
    );
  });
});

describe('stripControls', () => {
  test.each([
    ['the escape character of a color goes, its visible rest stays', '\u001b[31mred', '[31mred'],
    ['an override of the writing direction goes', 'a\u202egpj.exe', 'agpj.exe'],
    ['fillers that look like nothing go', 'a\u3164\u034fb', 'ab'],
    ['selectors that could carry hidden text go', 'a\ufe00\u{e0100}b', 'ab'],
    ['the selector of an emoji stays', '\u2764\ufe0f', '\u2764\ufe0f'],
    ['hidden tag characters go', 'safe\u{e0041}\u{e0042}', 'safe'],
    ['a line break of two characters is one blank', 'a\r\nb', 'a b'],
    ['every line break is a blank', 'a\nb\rc\vd\fe\u0085f\u2028g\u2029h', 'a b c d e f g h'],
    ['a tab is a blank', 'a\tb', 'a b'],
    ['half a surrogate pair is replaced', 'a\ud800b', 'a\ufffdb'],
    ['ordinary names stay', 'deploy-bot@example.com Zoë 日本', 'deploy-bot@example.com Zoë 日本'],
    ['joined emoji stay', '👩\u200d💻', '👩\u200d💻'],
    ['Arabic number signs, which are visible, stay', '\u0600\u06dd', '\u0600\u06dd'],
  ])('%s', (_name, text, expected) => {
    expect(stripControls(text)).toBe(expected);
  });

  test('keeps lines and tabs where asked to', () => {
    expect(stripControlsKeepLines('a\r\nb\tc\u2028d\u0007')).toBe('a\nb\tc\nd');
  });
});

describe('escapeMarkdown', () => {
  test.each([
    ['names and ARNs stay readable', 'arn:aws:iam::111122223333:role/my_role-1.x'],
    ['an address stays readable', '203.0.113.7'],
    ['a number and a version stay readable', '12.5 (v1.2)'],
    ['a sentence stays readable', 'Access denied. Try again, (later)'],
  ])('%s', (_name, text) => {
    expect(escapeMarkdown(text)).toBe(text);
  });

  test.each([
    ['emphasis', '*a* _b_ __c__', '\\*a\\* \\_b\\_ \\_\\_c\\_\\_'],
    ['code', '`rm -rf`', '\\`rm -rf\\`'],
    ['a link', '[click](http://x)', '\\[click\\](http\\://x)'],
    ['an image', '![a](b)', '\\!\\[a\\](b)'],
    ['an image made of the template’s link', 'hello!', 'hello\\!'],
    ['HTML', '<b>', '\\<b\\>'],
    ['an entity', '&#x202e;', '\\&#x202e;'],
    ['a table cell', 'a|b', 'a\\|b'],
    ['struck text', '~~a~~', '\\~\\~a\\~\\~'],
    ['a formula', '$x$', '\\$x\\$'],
    ['a bare address', 'see HTTPS://x and www.x', 'see HTTPS\\://x and www\\.x'],
    ['a heading', '# a', '\\# a'],
    ['a bullet', '- a', '\\- a'],
    ['a numbered item', '12) a', '12\\) a'],
    ['another numbered item', '1. a', '1\\. a'],
    ['a number that the template’s text makes an item', '1.', '1\\.'],
    ['a full stop behind a number from another attribute', '. a', '\\. a'],
    ['a rule', '---', '\\---'],
    ['another bullet', '+ a', '\\+ a'],
    ['an underline that makes a heading', '===', '\\==='],
    ['an indented code block', '    a', 'a'],
    ['a line break', 'a  ', 'a'],
    ['a numbered item behind blanks', '  1. a', '1\\. a'],
  ])('%s is shown, not made', (_name, text, expected) => {
    expect(escapeMarkdown(text)).toBe(expected);
  });
});

describe('escapeSlack', () => {
  test.each([
    ['a mention of everybody', '<!channel>', '&lt;!channel&gt;'],
    ['a masked link', '<https://evil|aws.com>', '&lt;https://evil|aws.com&gt;'],
    ['an entity', '&lt;', '&amp;lt;'],
    ['bold, italic and struck text', '*a* _b_ ~c~', '\u2217a\u2217 \uff3fb\uff3f \u223cc\u223c'],
    ['code', '`a`', '\u02cba\u02cb'],
    ['a name with underscores', 'my_role_name', 'my_role_name'],
  ])('%s is shown, not made', (_name, text, expected) => {
    expect(escapeSlack(text)).toBe(expected);
  });

  test('inside code the marks of bold and italic mean nothing and stay', () => {
    expect(escapeSlackCode('*a* _b_ <c>')).toBe('*a* _b_ &lt;c&gt;');
  });
});

describe('escapeShell', () => {
  test.each([
    ['an ordinary value stays', 'arn:aws:iam::1:user/alice@example.com', 'shell'],
    ['letters of any script stay', 'Zoë日本', 'shell'],
    ['inside quotes too', 'sg-0abc', 'shell-single'],
    ['nothing stays nothing', '', 'shell'],
  ] as const)('%s', (_name, text, surroundings) => {
    expect(escapeShell(text, surroundings)).toBe(text);
  });

  test.each([
    ['shell', String.raw`\$\(id\)\ \'x\'`],
    ['shell-single', String.raw`'\$\(id\)\ \'x\''`],
    ['shell-double', String.raw`"\$\(id\)\ \'x\'"`],
  ] as const)('a value that would run something is shown, in %s', (surroundings, expected) => {
    expect(escapeShell("$(id) 'x'", surroundings)).toBe(expected);
  });

  test('a shell reads back the text, in and out of quotes', () => {
    const words = fc.array(hostile.map(stripControls), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(words, (texts) => {
        const script = texts
          .map(
            (text) =>
              `printf '%s\\n' x${escapeShell(text, 'shell')} 'x${escapeShell(text, 'shell-single')}' "x${escapeShell(text, 'shell-double')}"\n`,
          )
          .join('');
        const lines = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\n');
        expect(lines.slice(0, -1)).toEqual(
          texts.flatMap((text) => [`x${text}`, `x${text}`, `x${text}`]),
        );
      }),
      { numRuns: 50 },
    );
  });

  test('a shell runs nothing even where the quotes were read wrongly', () => {
    const kinds = ['shell', 'shell-single', 'shell-double'] as const;
    const attack = fc
      .array(fc.constantFrom("'", '"', '\\', '`', '$(', ')', ';', '|', '&', ' ', 'echo HIT', '#'), {
        maxLength: 8,
      })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(
        attack,
        fc.constantFrom(...kinds),
        fc.constantFrom('', "'", '"'),
        (text, kind, quote) => {
          // The closing quote may be swallowed; what counts is that no part of the value was run.
          const script = `printf %s x${quote}${escapeShell(text, kind)}${quote}\n`;
          const { stdout } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
          expect(stdout === '' || stdout.startsWith('x')).toBe(true);
          expect(stdout.split('\n')).not.toContain('HIT');
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('escapeFor', () => {
  const text = '`*<\u0007';
  test.each<[Target, string, string, string]>([
    ['markdown', '\\`\\*\\<', "'*<", '\\`\\*\\<'],
    ['html', '&#96;*&lt;', '&#96;*&lt;', '\\&#96;\\*\\&lt;'],
    ['slack', '\u02cb\u2217&lt;', '\u02cb*&lt;', '\\\u02cb\\*\\&lt;'],
    ['terminal', '`*<', '`*<', '\\`\\*\\<'],
    ['plain', '`*<', '`*<', '\\`\\*\\<'],
  ])('%s', (target, inText, inCode, inShell) => {
    expect(escapeFor(target, text, 'text')).toBe(inText);
    expect(escapeFor(target, text, 'code')).toBe(inCode);
    expect(escapeFor(target, text, 'shell')).toBe(inShell);
  });

  test('in the quotes of a command it leaves the quotes', () => {
    expect(escapeFor('markdown', 'a b', 'shell-single')).toBe("'a\\ b'");
    expect(escapeFor('terminal', 'a b', 'shell-double')).toBe('"a\\ b"');
  });
});
