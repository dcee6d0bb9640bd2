// The page's script as one text. From source, Node takes the types off; in the package, the compiled
// modules are there already.

import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';

import { linkModules } from './link-modules.ts';

const fromSource = import.meta.url.endsWith('.ts');

function readModule(name: string): string {
  const url = new URL(`./client/${name}.${fromSource ? 'ts' : 'js'}`, import.meta.url);
  const text = readFileSync(url, 'utf8').replaceAll('\r\n', '\n');
  return fromSource ? stripTypeScriptTypes(text) : text;
}

let script: string | undefined;

/** Read once for the life of the process. */
export function clientScript(): string {
  script ??= linkModules('main', readModule);
  return script;
}
