import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';

import { linkModules } from './link-modules.ts';

function link(modules: Readonly<Record<string, string>>): string {
  return linkModules('main', (name) => modules[name] ?? '');
}

function run(modules: Readonly<Record<string, string>>): unknown {
  const context: { out?: unknown } = {};
  runInNewContext(link(modules), context);
  return context.out;
}

describe('joining modules into one script', () => {
  it('gives the importing module what the imported one exports', () => {
    const out = run({
      main: "import { add, one as first } from './sums.ts';\nout = add(first, 2);",
      sums: 'export const one = 1;\nexport function add(a, b) {\n  return a + b;\n}',
    });
    expect(out).toBe(3);
  });

  it('reads imports that span lines, and modules as the compiler leaves them', () => {
    const out = run({
      main: "import {\n  a,\n  b,\n} from './both.js';\nout = a + b;",
      both: "import { c } from './types-only.js';\nexport const a = 1;\nexport const b = 2;\nexport {};",
      'types-only': 'export const c = 0;',
    });
    expect(out).toBe(3);
  });

  it('runs a module once, however many import it, before those that do', () => {
    const out = run({
      main: "import { left } from './left.ts';\nimport { right } from './right.ts';\nout = [left, right];",
      left: "import { next } from './counter.ts';\nexport const left = next();",
      right: "import { next } from './counter.ts';\nexport const right = next();",
      counter: 'let count = 0;\nexport function next() {\n  count += 1;\n  return count;\n}',
    });
    expect(out).toEqual([1, 2]);
  });

  it('keeps names of modules apart', () => {
    const out = run({
      main: "import { get } from './other.ts';\nconst name = 'main';\nout = name + get();",
      other: "const name = 'other';\nexport function get() {\n  return name;\n}",
    });
    expect(out).toBe('mainother');
  });

  it.each([
    "import * as all from './other.ts';",
    "import x from './other.ts';",
    "import { x } from 'node:fs';",
    "export * from './other.ts';",
    'export default 1;',
  ])('refuses the form %s', (line) => {
    expect(() => link({ main: line })).toThrow('Cannot link main');
  });

  it('refuses modules that import each other', () => {
    const modules = {
      main: "import { a } from './other.ts';\nexport const b = 1;",
      other: "import { b } from './main.ts';\nexport const a = 1;",
    };
    expect(() => link(modules)).toThrow('main → other → main');
  });
});
