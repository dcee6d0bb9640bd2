// Made by scripts/build-grammar.ts from grammar.peggy.

import type { Query } from './ast.js';

/** The tree of a query. Throws what `options.fail` and `options.wrong` throw. */
export function parse(text: string, options: object): Query;
