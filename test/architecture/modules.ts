// The modules of src/ and what each imports, read by a parser: types, re-exports and imports at run
// time count like any other.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { parseSync } from 'oxc-parser';
import { z } from 'zod';
import { projectRoot } from '../support/project-copy.ts';

export type Import = {
  /** The importing file, relative to the project's root, with `/`. */
  readonly from: string;
  /** The imported file, likewise; or the package or Node module, by name. */
  readonly to: string;
  readonly isPackage: boolean;
};

const source = resolve(projectRoot, 'src');

function asPath(file: string): string {
  return relative(projectRoot, file).split(sep).join('/');
}

/** What the place `specifier` of `file` imports. */
function importOf(file: string, specifier: string): Import {
  const from = asPath(file);
  if (specifier.startsWith('.')) {
    return { from, to: asPath(resolve(dirname(file), specifier)), isPackage: false };
  }
  if (specifier.startsWith('node:')) return { from, to: specifier, isPackage: true };
  const parts = specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1);
  return { from, to: parts.join('/'), isPackage: true };
}

/** All imports that a module text states. Throws where it does not parse. */
export function importsOf(file: string, text: string): readonly Import[] {
  const { module, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file} does not parse: ${errors[0]?.message}`);
  const specifiers = [
    ...module.staticImports.map((statement) => statement.moduleRequest.value),
    ...module.staticExports.flatMap((statement) =>
      statement.entries.flatMap((entry) => entry.moduleRequest?.value ?? []),
    ),
    ...module.dynamicImports.map(({ moduleRequest: { start, end } }) =>
      // What is imported must be a literal, or nobody could tell.
      z.string().parse(JSON.parse(text.slice(start, end).replaceAll("'", '"'))),
    ),
    ...Array.from(
      text.matchAll(/\bcreateRequire\(import\.meta\.url\)\('([^']+)'\)/g),
      ([, specifier = '']) => specifier,
    ),
  ];
  return [...new Set(specifiers)].map((specifier) => importOf(file, specifier));
}

/** Every file below src/ whose name ends as given, as a path of the project. */
export function sourceFiles(ending: string): readonly string[] {
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => asPath(join(source, name)))
    .toSorted();
}

/** Every folder below src/, as a path of the project that ends in `/`. */
export function sourceFolders(): readonly string[] {
  return readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${asPath(join(entry.parentPath, entry.name))}/`)
    .toSorted();
}

/** What the production code imports; tests may reach for anything. */
export function productionImports(): readonly Import[] {
  return sourceFiles('.ts')
    .filter((path) => !path.endsWith('.test.ts') && !path.endsWith('.d.ts'))
    .filter((path) => !path.startsWith('src/decode/kernel/'))
    .flatMap((path) => {
      const file = resolve(projectRoot, path);
      return importsOf(file, readFileSync(file, 'utf8'));
    });
}
