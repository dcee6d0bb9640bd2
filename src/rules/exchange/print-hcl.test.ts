import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asObject, own } from '../../model/json.ts';
import { literalOf } from './hcl-template.ts';
import { parseHcl } from './parse-hcl.ts';
import { printHcl } from './print-hcl.ts';
import { withTrimmedTexts } from './trimmed-texts.ts';

/** HCL puts letters and their accents together, whatever is done about it. */
const text = fc
  .oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }).map((value) => value.toWellFormed()),
    fc
      .array(
        fc.constantFrom(
          'a',
          'EOT',
          '\n',
          '\r',
          '\t',
          '\\',
          '"',
          '$',
          '%',
          '{',
          '${',
          '%{',
          ' ',
          '\u202e',
        ),
      )
      .map((parts) => parts.join('')),
  )
  .map((value) => value.normalize('NFC'));

test('whatever the texts, the real parser reads them back', async () => {
  const texts = fc.sample(text, 400);
  const printed = printHcl({
    type: 'block',
    attributes: texts.map((value, index) => [`a${index}`, value]),
    blocks: [],
  });
  const document = await withTrimmedTexts(await parseHcl(printed, 'f'), (part) =>
    parseHcl(part, 'f'),
  );
  const blocks = own(document, 'block');
  const block = asObject(Array.isArray(blocks) ? blocks[0] : undefined) ?? {};
  for (const [index, value] of texts.entries()) {
    expect(literalOf(String(block[`a${index}`]))).toBe(value);
  }
});

describe('the layout', () => {
  test('is that of terraform fmt', () => {
    expect(
      printHcl({
        type: 'resource',
        labels: ['a_type', 'x"y'],
        attributes: [
          ['name', 'n'],
          ['is_on', true],
          ['message', 'one\ntwo\n'],
          ['tags', ['a', 'b${c}']],
          ['count', 3],
        ],
        blocks: [{ type: 'options', attributes: [['a', 1]], blocks: [] }],
      }),
    ).toBe(
      `resource "a_type" "x\\"y" {
  name  = "n"
  is_on = true

  message = <<EOT
one
two
EOT

  tags  = ["a", "b$\${c}"]
  count = 3

  options {
    a = 1
  }
}
`,
    );
  });

  test('a text that ends without a line end has none taken on', () => {
    const printed = printHcl({ type: 'b', attributes: [['m', 'EOT\n  EOTT\nend']], blocks: [] });
    expect(printed).toBe('b {\n  m = chomp(<<EOTTT\nEOT\n  EOTT\nend\nEOTTT\n  )\n}\n');
  });

  test('what a terminal would obey is escaped', () => {
    const printed = printHcl({
      type: 'b',
      attributes: [['m', 'a\u001b[2J\n\u{e0001}b']],
      blocks: [],
    });
    expect(printed).toBe('b {\n  m = "a\\u001b[2J\\n\\U000e0001b"\n}\n');
  });
});
