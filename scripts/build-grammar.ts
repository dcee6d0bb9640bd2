// Makes the parser of the query language from its grammar. The result is committed, so that the
// package needs no generator; a test fails when the two differ.
//
//   node scripts/build-grammar.ts

import { readFileSync, writeFileSync } from 'node:fs';
import peggy from 'peggy';

const folder = new URL('../src/query/', import.meta.url);
const grammarFile = new URL('grammar.peggy', folder);

export const parserFile = new URL('parser.js', folder);
export const declarationFile = new URL('parser.d.ts', folder);

export const declaration = `// Made by scripts/build-grammar.ts from grammar.peggy.

import type { Query } from './ast.js';

/** The tree of a query. Throws what \`options.fail\` and \`options.wrong\` throw. */
export function parse(text: string, options: object): Query;
`;

/** The source of the parser, as an ES module. Throws where the grammar is wrong. */
export function buildParser(): string {
  const source = peggy.generate(readFileSync(grammarFile, 'utf8'), {
    output: 'source',
    format: 'es',
    grammarSource: 'grammar.peggy',
  });
  return source;
}

if (import.meta.main) {
  writeFileSync(parserFile, buildParser());
  writeFileSync(declarationFile, declaration);
}
