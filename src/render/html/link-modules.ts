// Joins a few modules into one script, so that a page needs no loader. Each keeps a scope of its own.
// It knows the forms that this project writes (named imports, exported declarations) and refuses
// any other, rather than to produce a page that does not run.

const importForm = /^import \{([^}]*)\} from '\.\/([a-z-]+)\.[jt]s';$/gm;
const exportForm = /^export ((?:async )?function|const|class) (\w+)/gm;
// What TypeScript leaves of a module that exports types only.
const emptyExport = /^export \{\s*\};?$/gm;
const otherForm = /^\s*(?:import|export)\s.*$/m;

function variableOf(name: string): string {
  return `module_${name.replaceAll('-', '_')}`;
}

function linkOne(name: string, source: string, isEntry: boolean): string {
  const exported: string[] = [];
  const body = source
    .replaceAll(emptyExport, '')
    .replaceAll(importForm, (_, names: string, from: string) => {
      const bindings = names
        .replaceAll(/\bas\b/g, ':')
        .replaceAll(/\s+/g, ' ')
        .trim();
      return `const { ${bindings} } = ${variableOf(from)};`;
    })
    .replaceAll(exportForm, (_, form: string, exportedName: string) => {
      exported.push(exportedName);
      return `${form} ${exportedName}`;
    });
  const unknown = otherForm.exec(body);
  if (unknown !== null) throw new Error(`Cannot link ${name}: ${unknown[0].trim()}`);
  const end = isEntry ? '' : `return { ${exported.join(', ')} };\n`;
  return `const ${variableOf(name)} = (() => {\n${body.trim()}\n${end}})();\n`;
}

/**
 * The script of an entry module and all that it imports, each once, imported before importing.
 * `read` gives a module's JavaScript by its name without folder and ending. Throws on an import
 * cycle and on forms of import and export other than those above.
 */
export function linkModules(entry: string, read: (name: string) => string): string {
  const linked = new Map<string, string>();
  const path: string[] = [];

  function visit(name: string): void {
    if (linked.has(name)) return;
    if (path.includes(name))
      throw new Error(`Modules import each other: ${[...path, name].join(' → ')}`);
    path.push(name);
    const source = read(name);
    for (const [, , imported] of source.matchAll(importForm)) {
      if (imported !== undefined) visit(imported);
    }
    path.pop();
    linked.set(name, linkOne(name, source, name === entry));
  }
  visit(entry);
  return [...linked.values()].join('');
}
