// Plain values as YAML that a person can read and edit: texts of several lines as blocks, what says
// nothing left out. Reading it again gives the same values.

import { Document, visit } from 'yaml';
import { isObject } from '../../model/json.ts';

type YamlOptions = {
  /** Stands above the values, each of its lines behind a `#`. */
  readonly comment?: string;
  /** Blanks by which what is inside is indented. */
  readonly indent?: number;
};

export function printYaml(value: unknown, { comment, indent = 2 }: YamlOptions = {}): string {
  const document = new Document(pruned(value), { aliasDuplicateObjects: false });
  if (comment !== undefined) document.commentBefore = comment.replaceAll(/^/gm, ' ');
  visit(document, {
    Scalar: (_, scalar) => {
      const { value: text } = scalar;
      if (typeof text === 'string' && isQuoted(text)) scalar.type = 'QUOTE_DOUBLE';
    },
  });
  // What a terminal or an editor would obey, or not show, now stands in quotes alone.
  return document
    .toString({
      indent,
      lineWidth: 0,
      singleQuote: true,
      blockQuote: 'literal',
      doubleQuotedMinMultiLineLength: Infinity,
    })
    .replaceAll(everyInvisible, escaped);
}

const invisible = /[^\P{C}\n]|\p{Zl}|\p{Zp}/u;
const everyInvisible = new RegExp(invisible, 'gu');

/** A block would lose blanks that stand before its first word. */
function isQuoted(text: string): boolean {
  return invisible.test(text) || /^\s[^]*\n/.test(text) || text.startsWith('\n');
}

function escaped(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`;
}

/** Without fields that are missing, or lists and mappings that are empty. */
function pruned(value: unknown): unknown {
  if (Array.isArray(value)) return (value as readonly unknown[]).map(pruned);
  if (!isObject(value)) return value;
  return new Map(
    Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
      const kept = pruned(inner);
      const isEmpty =
        kept === undefined ||
        (Array.isArray(kept) && kept.length === 0) ||
        (kept instanceof Map && kept.size === 0);
      return isEmpty ? [] : [[key, kept]];
    }),
  );
}
