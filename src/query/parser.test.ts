import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  buildParser,
  declaration,
  declarationFile,
  parserFile,
} from '../../scripts/build-grammar.ts';

test('the parser is the one that its grammar makes; else run node scripts/build-grammar.ts', () => {
  expect(readFileSync(parserFile, 'utf8')).toBe(buildParser());
  expect(readFileSync(declarationFile, 'utf8')).toBe(declaration);
});
