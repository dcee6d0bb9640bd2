// Values and blocks as HCL, laid out as `terraform fmt` does. Whatever a text holds stays text:
// quotes, line ends and the marks of a template are escaped.
// https://developer.hashicorp.com/terraform/language/expressions/strings

import { templateOf } from './hcl-template.ts';

export type HclValue = string | number | boolean | readonly string[];

export type HclBlock = {
  /** `resource "type" "name"` without the labels: `resource`. */
  readonly type: string;
  readonly labels?: readonly string[];
  readonly attributes: readonly (readonly [name: string, value: HclValue])[];
  readonly blocks: readonly HclBlock[];
};

export function printHcl(block: HclBlock): string {
  return `${printBlock(block, '').join('\n')}\n`;
}

function printBlock({ type, labels = [], attributes, blocks }: HclBlock, indent: string): string[] {
  const inner = `${indent}  `;
  const head = [type, ...labels.map(quoted)].join(' ');
  const groups = [
    ...attributeGroups(attributes).map((group) => printAttributes(group, inner)),
    ...blocks.map((block) => printBlock(block, inner)),
  ];
  const body = groups.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
  return [`${indent}${head} {`, ...body, `${indent}}`];
}

type Attributes = HclBlock['attributes'];

/** A text of several lines stands apart, so that what is above and below it lines up. */
function attributeGroups(attributes: Attributes): readonly Attributes[] {
  const groups: Attributes[number][][] = [];
  let isOpen = false;
  for (const attribute of attributes) {
    const [, value] = attribute;
    const isTall = typeof value === 'string' && isHeredoc(value);
    if (isOpen && !isTall) groups.at(-1)?.push(attribute);
    else groups.push([attribute]);
    isOpen = !isTall;
  }
  return groups;
}

function printAttributes(attributes: Attributes, indent: string): string[] {
  const width = Math.max(...attributes.map(([name]) => name.length));
  return attributes.map(([name, value]) => {
    const printed =
      typeof value === 'string' && isHeredoc(value) ? heredoc(value, indent) : flat(value);
    return `${indent}${name.padEnd(width)} = ${printed}`;
  });
}

function flat(value: HclValue): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'object') return `[${value.map(quoted).join(', ')}]`;
  return String(value);
}

/** `\u{…}` would be a template; the escapes with a letter are those that HCL has. */
const escapes: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '"': '\\"',
  '\\': '\\\\',
};

function quoted(text: string): string {
  const escaped = text.replaceAll(
    /["\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => escapes[character] ?? unicodeEscape(character),
  );
  return `"${templateOf(escaped)}"`;
}

function unicodeEscape(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`;
}

/** A heredoc takes characters as they are. */
function isHeredoc(text: string): boolean {
  return /\n./s.test(text) && !/[^\P{Cc}\n\t]|\p{Cf}|\p{Zl}|\p{Zp}/u.test(text);
}

/** A heredoc ends in a line end, always; `chomp` takes it off where there is none. */
function heredoc(text: string, indent: string): string {
  const lines = new Set(text.split('\n').map((line) => line.trim()));
  let mark = 'EOT';
  while (lines.has(mark)) mark += 'T';
  return text.endsWith('\n')
    ? `<<${mark}\n${templateOf(text)}${mark}`
    : `chomp(<<${mark}\n${templateOf(text)}\n${mark}\n${indent})`;
}
