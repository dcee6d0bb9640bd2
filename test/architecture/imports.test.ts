// The arrows between the parts of src/ point one way: a station knows the leaves and the stations to
// its left, and only what joins them knows them all.

import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectRoot } from '../support/project-copy.ts';
import { importsOf, productionImports, sourceFiles, type Import } from './modules.ts';

const leaves = ['errors', 'model', 'ports.ts', 'query', 'template'];
const stations = ['source', 'decode', 'normalize', 'detect', 'track', 'live'];

/** For each part of src/, the parts that it may import besides itself. */
const mayImport: ReadonlyMap<string, readonly string[]> = new Map([
  ['errors', []],
  ['model', ['errors']],
  ['ports.ts', ['errors', 'model']],
  ['query', ['errors', 'model']],
  ['template', ['errors', 'model']],
  ...stations.map((station, index): [string, readonly string[]] => [
    station,
    [...leaves, ...stations.slice(0, index)],
  ]),
  ['rules', leaves],
  ['audit', [...leaves, 'normalize', 'detect']],
  ['render', leaves],
  ['config', [...leaves, 'notify', 'rules']],
  ['notify', [...leaves, 'render', 'track']],
  ['aws', ['errors', 'model', 'ports.ts']],
  ['serve', [...leaves, 'render']],
  ['store', ['errors', 'model', 'ports.ts', 'query', 'track']],
]);

/** The files that join the stations; cli/ joins everything, and nothing imports it. */
const joining = [
  'doctor.ts',
  'audit-estate.ts',
  'app-sources.ts',
  'app.ts',
  'index.ts',
  'input-reader.ts',
  'lambda',
  'pipeline.ts',
  'scan-input.ts',
  'scan-protocol.ts',
  'scan-threads.ts',
  'scan-worker.ts',
  'scan.ts',
  'survey.ts',
  'watcher.ts',
];

/** Where each package may be imported; all others, nowhere. */
const packages: ReadonlyMap<string, readonly string[]> = new Map([
  ['@aws-sdk/client-eventbridge', ['aws']],
  ['@aws-sdk/client-cloudtrail', ['aws']],
  ['@aws-sdk/client-ec2', ['aws']],
  ['@aws-sdk/client-s3', ['aws']],
  ['@aws-sdk/client-securityhub', ['aws']],
  ['@aws-sdk/client-sns', ['aws']],
  ['@aws-sdk/client-sqs', ['aws']],
  ['@aws-sdk/client-sts', ['aws']],
  ['@aws-sdk/credential-providers', ['aws']],
  ['@cdktn/hcl2json', ['rules']],
  ['@hono/node-server', ['serve']],
  ['@hono/zod-openapi', ['serve']],
  ['commander', ['cli']],
  ['handlebars', ['template']],
  ['hono', ['serve']],
  ['ipaddr.js', ['normalize', 'detect', 'query']],
  ['kysely', ['store']],
  ['markdown-it', ['render']],
  ['nodemailer', ['notify']],
  ['openid-client', ['serve']],
  ['pg', ['store']],
  ['pino', ['serve']],
  ['prom-client', ['serve']],
  ['string-width', ['render']],
  ['yaml', ['config', 'rules']],
  ['zod', ['config', 'notify', 'rules']],
]);

/** Parts that decide, and therefore touch nothing but values. A digest is a value. */
const pure = new Set([
  'errors',
  'model',
  'query',
  'template',
  'normalize',
  'detect',
  'track',
  'live',
  'pipeline.ts',
]);

/** The folder or file directly below src/ that a path belongs to. */
function partOf(path: string): string {
  return path.split('/')[1] ?? '';
}

function isWrong({ from, to, isPackage }: Import): boolean {
  const part = partOf(from);
  if (isPackage && to.startsWith('node:')) return pure.has(part) && to !== 'node:crypto';
  if (isPackage) return packages.get(to)?.includes(part) !== true;
  const target = partOf(to);
  if (target === part) return false;
  if (target === 'cli' || !to.startsWith('src/')) return true;
  if (part === 'cli') return false;
  if (joining.includes(part)) return target === 'render';
  return mayImport.get(part)?.includes(target) !== true;
}

function arrow({ from, to }: Import): string {
  return `${from} → ${to}`;
}

/** What a module at `path` with this text would import wrongly. */
function wrongIn(path: string, text: string): readonly string[] {
  return importsOf(resolve(projectRoot, path), text)
    .filter(isWrong)
    .map(({ to }) => to);
}

const imports = productionImports();

test('no part imports what it must not know', () => {
  expect(imports.filter(isWrong).map(arrow)).toEqual([]);
});

test('every part and every permitted package is there, so that the rules above are about something', () => {
  const production = sourceFiles('.ts').filter((path) => !path.endsWith('.test.ts'));
  const parts = new Set(production.map(partOf));
  expect([...parts].toSorted()).toEqual([...mayImport.keys(), ...joining, 'cli'].toSorted());
  const imported = new Set(imports.filter(({ isPackage }) => isPackage).map(({ to }) => to));
  for (const name of packages.keys()) expect(imported).toContain(name);
});

test('every file that is imported exists', () => {
  const files = new Set([...sourceFiles('.ts'), ...sourceFiles('.js'), ...sourceFiles('.json')]);
  const dangling = imports.filter(({ to, isPackage }) => !isPackage && !files.has(to));
  expect(dangling.map(arrow)).toEqual([]);
});

describe('the check sees', () => {
  test.each([
    ['a station that imports one to its right', `import { x } from '../track/x.ts';`],
    ['an arrow that carries a type only', `import type { X } from '../rules/x.ts';`],
    ['a re-export', `export { x } from '../cli/x.ts';`],
    ['an import at run time', `const x = await import('../render/x.ts');`],
    ['an import for its effect', `import '../aws/x.ts';`],
    ['a file that joins', `import { detect } from '../pipeline.ts';`],
    ['a way out of src/', `import { x } from '../../test/x.ts';`],
    ['a package in the wrong place', `import { z } from 'zod';`],
    ['a package that is required', `createRequire(import.meta.url)('@cdktn/hcl2json');`],
    ['a part of a package', `import { x } from '@aws-sdk/client-s3/dist/x.js';`],
    ['the world in a part that decides', `import { readFileSync } from 'node:fs';`],
  ])('%s', (_, text) => {
    expect(wrongIn('src/detect/x.ts', text)).toHaveLength(1);
  });

  test('no fault in what is permitted', () => {
    const text = `import { a } from '../normalize/a.ts';
      import type { B } from '../model/b.ts';
      import { createHash } from 'node:crypto';
      export { c } from './c.ts';`;
    expect(wrongIn('src/detect/x.ts', text)).toEqual([]);
  });
});
