// Reads a YAML file of a rule so that everything said about it later can name line and column.
// Text that is not exactly one well-formed YAML document is an error, with the place.

import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type YAMLError,
} from 'yaml';
import { PortcullisError } from '../errors/portcullis-error.ts';

/** Keys and indexes that lead from the top of the file to a value. */
export type YamlPath = readonly (string | number)[];

export type YamlFile = {
  /** Where the text came from, as errors show it. */
  readonly file: string;
  /** Plain data: mappings, lists, texts, numbers, booleans, null. */
  readonly data: unknown;
  /** `file:line:column` of the value at the path, or of the nearest that is there above it. */
  place(path: YamlPath): string;
  /** `file:line:column` of the key itself, not of its value. */
  placeOfKey(path: YamlPath): string;
  /** `file:line:column` of a character of the text at the path; `offset` in UTF-16 units. */
  placeWithin(path: YamlPath, offset: number): string;
};

/** @throws PortcullisError `rule/bad-yaml` for the first place that is not YAML */
export function readYaml(text: string, file: string): YamlFile {
  const lines = new LineCounter();
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    // `silent` would also silence the error about a second document.
    logLevel: 'error',
  });
  const failure = document.errors[0] ?? document.warnings[0];
  if (failure !== undefined) throw notYaml(failure, at(failure.pos[0]));
  return {
    file,
    data: plainData(document, at),
    place: (path) => at(nodeAt(document, path).start),
    placeOfKey: (path) => at(keyStart(document, path)),
    placeWithin: (path, offset) => at(characterStart(text, nodeAt(document, path), offset)),
  };
}

function plainData(document: Document, at: (offset: number) => string): unknown {
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) === undefined) {
        throw new PortcullisError('rule/bad-yaml', `there is no anchor &${alias.source} above it`, {
          place: at(alias.range?.[0] ?? 0),
          hint: 'Put a text that starts with * in quotes, or define the anchor.',
        });
      }
    },
  });
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    // Aliases of aliases that would unpack to more than any honest file holds.
    throw new PortcullisError('rule/bad-yaml', 'its aliases unpack to too much', {
      place: at(0),
      hint: 'Write the values out, or use fewer aliases.',
      cause: error,
    });
  }
}

const hints: Partial<Record<YAMLError['code'], string>> = {
  BAD_INDENT: 'Fields of one mapping must start in the same column.',
  BLOCK_AS_IMPLICIT_KEY: 'Put a text that contains a colon and a blank in quotes.',
  DUPLICATE_KEY: 'Each field may stand once; remove one of the two.',
  MISSING_CHAR: 'Close the quote or bracket, or put the text in quotes.',
  MULTIPLE_DOCS: 'A rule file holds one document; remove the line `---`.',
  TAB_AS_INDENT: 'YAML is indented with blanks, not with tabs.',
  TAG_RESOLVE_FAILED: 'A rule file needs no tags such as !!str; remove it.',
  UNEXPECTED_TOKEN: 'Put a text that starts with a special character in quotes.',
};

function notYaml(error: YAMLError, place: string): PortcullisError {
  const hint = hints[error.code];
  const message = `not well-formed YAML: ${error.message}`;
  return new PortcullisError('rule/bad-yaml', message, {
    place,
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  });
}

type Place = {
  readonly start: number;
  /** One past the last character of the value. */
  readonly end: number;
  /** For a text: its value, and how it is written. */
  readonly text: string | null;
  readonly style: 'plain' | 'quoted' | 'block';
};

/** The node at the path; where the path leads on past what is there, the last one that is. */
function nodeAt(document: Document, path: YamlPath): Place {
  let node: unknown = document.contents;
  let found = placeOf(node) ?? { start: 0, end: 0, text: null, style: 'plain' };
  for (const step of path) {
    if (isMap(node) || isSeq(node)) node = node.get(step, true);
    if (isAlias(node)) return placeOf(node) ?? found;
    const place = placeOf(node);
    if (place === undefined) return found;
    found = place;
  }
  return found;
}

function placeOf(node: unknown): Place | undefined {
  if (isScalar(node) && node.range) {
    const text = typeof node.value === 'string' ? node.value : null;
    const style =
      node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE'
        ? 'quoted'
        : node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED'
          ? 'block'
          : 'plain';
    return { start: node.range[0], end: node.range[1], text, style };
  }
  if ((isMap(node) || isSeq(node) || isAlias(node)) && node.range) {
    return { start: node.range[0], end: node.range[1], text: null, style: 'plain' };
  }
  return undefined;
}

function keyStart(document: Document, path: YamlPath): number {
  const parent = path.slice(0, -1);
  const key = path.at(-1);
  const map = parent.length === 0 ? document.contents : document.getIn(parent, true);
  if (isMap(map)) {
    for (const { key: node } of map.items) {
      if (isScalar(node) && node.value === key && node.range) return node.range[0];
    }
  }
  return nodeAt(document, parent).start;
}

/**
 * Where in the file the character at `offset` of a text stands. The value and its source are walked
 * side by side: line ends and indentation differ between the two, escapes are longer in the source.
 * A character that cannot be found again, such as one written as `\u0041`, gives the text's start.
 */
function characterStart(source: string, place: Place, offset: number): number {
  const { text, start, end, style } = place;
  if (text === null) return start;
  let inSource = style === 'quoted' ? start + 1 : start;
  // The header of a block text, `|-` or `>`, and a comment after it are not part of the text.
  if (style === 'block') inSource = source.indexOf('\n', start) + 1;
  let inText = 0;
  while (inText < offset && inText < text.length) {
    if (isBlank(text[inText])) {
      while (inText < offset && isBlank(text[inText])) inText += 1;
      inSource = afterBlanks(source, inSource);
    } else {
      inSource = find(source, inSource, end, text[inText]) + 1;
      if (inSource === 0) return start;
      inText += 1;
    }
  }
  if (inText >= text.length || isBlank(text[inText])) return inSource;
  const found = find(source, inSource, end, text[inText]);
  return found === -1 ? start : found;
}

function find(source: string, from: number, end: number, character: string | undefined): number {
  const found = character === undefined ? -1 : source.indexOf(character, from);
  return found < end ? found : -1;
}

function afterBlanks(source: string, start: number): number {
  let end = start;
  while (isBlank(source[end]) || (source[end] === '\\' && /[nrt\n ]/.test(source[end + 1] ?? ''))) {
    end += source[end] === '\\' ? 2 : 1;
  }
  return end;
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\n' || character === '\t' || character === '\r';
}
