// A scan with the built-in rules starts without the libraries that check rule files: they take longer
// to load than a small scan takes to run.

import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const loader = JSON.stringify(resolve(import.meta.dirname, '../../src/rules/load-rules.ts'));

/** Loads rules in a process of its own, and prints how many there are and what was loaded for it. */
function script(prepared: string): string {
  return `
    import { registerHooks } from 'node:module';
    const packages = new Set();
    registerHooks({
      resolve(specifier, context, next) {
        const found = next(specifier, context);
        const [, name] = /node_modules\\/([^/]+)\\//.exec(found.url) ?? [];
        if (name !== undefined) packages.add(name);
        return found;
      },
    });
    const { builtInRulesDirectory, readRules } = await import(${loader});
    const { rules } = await readRules([builtInRulesDirectory()], ${prepared});
    console.log(JSON.stringify([rules.length, [...packages].sort()]));
  `;
}

async function load(prepared: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    '--input-type=module',
    '--eval',
    script(prepared),
  ]);
  return JSON.parse(stdout);
}

test('prepared rules load no package', async () => {
  expect(await load('undefined')).toEqual([4, []]);
});

test('rules that are not prepared are checked with all that it takes', async () => {
  expect(await load('new Map()')).toEqual([4, expect.arrayContaining(['yaml', 'zod'])]);
});
