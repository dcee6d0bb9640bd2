// Finds and loads rule folders. A rule that does not load stops the command with its place; none is
// ever skipped. Rules are data: nothing in a rule folder is executed.

import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { PortcullisError } from '../errors/portcullis-error.ts';
import type { Rule } from '../model/rule.ts';
import { didYouMean } from './did-you-mean.ts';
import { readPrepared, type Prepared } from './prepared-rules.ts';
import { isLogRuleFile } from './rule-kind.ts';
import type { RuleFile } from './rule-schema.ts';
import { toRule } from './to-rule.ts';

export type LoadedRule = {
  readonly rule: Rule;
  /** The folder that holds rule.yaml and examples.yaml. */
  readonly folder: string;
  /** The directory, as given, through which it was found; the last one where there are several. */
  readonly directory: string;
};

export type RulesReading = {
  /** The rules without errors, in the order of the directories, then by folder name. */
  readonly rules: readonly LoadedRule[];
  /** Everything that is wrong with the others. */
  readonly errors: readonly PortcullisError[];
};

/** The rules that come with Portcullis: beside `src` and beside `dist` alike. */
export function builtInRulesDirectory(): string {
  return resolve(import.meta.dirname, '..', '..', 'rules');
}

/**
 * Loads every rule of the directories, disabled ones too. A directory holds one folder per rule, or
 * is itself the folder of one rule.
 *
 * @throws PortcullisError for the first rule that does not load
 */
export async function loadRules(directories: readonly string[]): Promise<readonly Rule[]> {
  const { rules, errors } = await readRules(directories);
  const [first] = errors;
  if (first !== undefined) throw first;
  return rules.map(({ rule }) => rule);
}

/**
 * Like `loadRules`, but goes on after an error, so that all of them can be shown at once.
 *
 * @param prepared rules that need no checking; none to check every file
 */
export async function readRules(
  directories: readonly string[],
  prepared?: Prepared,
): Promise<RulesReading> {
  const errors: PortcullisError[] = [];
  const ready = prepared ?? (await readPrepared());
  const files: RuleText[] = [];
  for (const found of await ruleFolders(directories, errors)) {
    const file = await parsed(found, ready, errors);
    if (file !== undefined) files.push(file);
  }
  const byId = new Map<string, RuleText>();
  for (const file of files) {
    const known = byId.get(file.data.id);
    if (known === undefined) byId.set(file.data.id, file);
    else errors.push(await duplicate(file, known));
  }
  // Only what is right in itself can tell which ports it names.
  const idsKnown = errors.length === 0;
  const rules: LoadedRule[] = [];
  for (const file of byId.values()) {
    const missing = missingRules(file.data, byId);
    if (missing.length === 0 || !idsKnown) {
      const rule = toRule(file.data, (id) => byId.get(id)?.data);
      rules.push({ rule, folder: file.folder, directory: file.directory });
    } else {
      for (const index of missing) errors.push(await unknownRule(file, index, [...byId.keys()]));
    }
  }
  return { rules, errors };
}

type Found = { readonly folder: string; readonly directory: string };

type RuleText = Found & {
  /** The path of rule.yaml as errors show it. */
  readonly file: string;
  readonly text: string;
  readonly data: RuleFile;
};

/** Rule folders, each once: the built-in ones may well be named again by hand. */
async function ruleFolders(
  directories: readonly string[],
  errors: PortcullisError[],
): Promise<readonly Found[]> {
  const byRealPath = new Map<string, Found>();
  for (const directory of directories) {
    try {
      for (const folder of await foldersOf(directory, errors)) {
        const real = await realpath(folder);
        byRealPath.set(real, { folder: byRealPath.get(real)?.folder ?? folder, directory });
      }
    } catch (error) {
      errors.push(notReadable(directory, error));
    }
  }
  return [...byRealPath.values()];
}

async function foldersOf(directory: string, errors: PortcullisError[]): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  if (entries.some((entry) => entry.name === 'rule.yaml')) return [directory];
  const folders: string[] = [];
  const visible = entries.filter((entry) => !entry.name.startsWith('.'));
  // Code-unit order: the same on every machine, unlike a locale's.
  for (const entry of visible.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(directory, entry.name);
    if (entry.isDirectory() || (entry.isSymbolicLink() && (await stat(path)).isDirectory())) {
      folders.push(path);
    } else if (isYaml(entry.name)) errors.push(misplaced(directory, entry.name));
  }
  if (folders.length === 0 && !visible.some((entry) => isYaml(entry.name))) {
    errors.push(
      new PortcullisError('rule/not-readable', 'the folder holds no rules', {
        place: shownPath(directory),
      }),
    );
  }
  return folders;
}

function isYaml(name: string): boolean {
  return /\.ya?ml$/i.test(name);
}

/** A YAML file that stands where nothing would ever read it. */
function misplaced(directory: string, name: string): PortcullisError {
  const isRule = /^rule\.ya?ml$/i.test(name);
  const folder = name.replace(/\.ya?ml$/i, '');
  return new PortcullisError('rule/not-readable', `${JSON.stringify(name)} is not read as a rule`, {
    place: shownPath(join(directory, name)),
    hint: isRule
      ? 'Rename it to rule.yaml.'
      : `A rule is a folder: move the file to ${join(folder, 'rule.yaml')}.`,
  });
}

async function parsed(
  { folder, directory }: Found,
  prepared: Prepared,
  errors: PortcullisError[],
): Promise<RuleText | undefined> {
  const path = join(folder, 'rule.yaml');
  const file = shownPath(path);
  let text: string;
  try {
    text = await readText(path);
  } catch (error) {
    const names = await readdir(folder).catch(() => [] as string[]);
    const stray = names.find((name) => isYaml(name) && name !== 'examples.yaml');
    errors.push(
      error instanceof PortcullisError
        ? error
        : stray === undefined || names.includes('rule.yaml')
          ? notReadable(path, error)
          : misplaced(folder, stray),
    );
    return undefined;
  }
  // A folder given with a trailing slash, or as `.`, still has its name.
  const id = basename(resolve(folder));
  const ready = prepared.get(id);
  if (ready?.text === text) return { folder, directory, file, text, data: ready.data };
  // Loaded only when needed: the schema library takes longer to start than a small scan.
  const { parseRule } = await import('./parse-rule.ts');
  const result = parseRule(text, file, id);
  if (result.ok) return { folder, directory, file, text, data: result.data };
  errors.push(...result.errors);
  return undefined;
}

/** The file as text. @throws PortcullisError `rule/bad-yaml` where it is not UTF-8 */
export async function readText(path: string): Promise<string> {
  const bytes = await readFile(path);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new PortcullisError('rule/bad-yaml', 'the file is not UTF-8', {
      place: `${shownPath(path)}:1:1`,
      hint: 'Save the file as UTF-8.',
      cause: error,
    });
  }
}

/** The rules whose ports a rule leaves to them. */
function namedRules(data: RuleFile): readonly string[] {
  return isLogRuleFile(data) ? [] : (data.exposure.otherPorts?.exceptPortsOf ?? []);
}

function missingRules(data: RuleFile, byId: ReadonlyMap<string, unknown>): readonly number[] {
  return namedRules(data).flatMap((id, index) => (byId.has(id) ? [] : [index]));
}

async function unknownRule(
  file: RuleText,
  index: number,
  ids: readonly string[],
): Promise<PortcullisError> {
  const [{ readYaml }, { fieldError }] = await Promise.all([
    import('./yaml-file.ts'),
    import('./check-shape.ts'),
  ]);
  const path = ['exposure', 'otherPorts', 'exceptPortsOf', index];
  const meant = didYouMean(namedRules(file.data)[index] ?? '', ids);
  return fieldError(readYaml(file.text, file.file), path, 'the id of a rule that is loaded', {
    hint:
      meant === undefined
        ? `The rules loaded are ${ids.join(', ')}.`
        : `Did you mean \`${meant}\`?`,
  });
}

async function duplicate(file: RuleText, known: RuleText): Promise<PortcullisError> {
  const { readYaml } = await import('./yaml-file.ts');
  const message = `the id ${file.data.id} is taken by ${known.file}`;
  return new PortcullisError('rule/duplicate-id', message, {
    place: readYaml(file.text, file.file).place(['id']),
  });
}

function notReadable(path: string, error: unknown): PortcullisError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file or folder',
    ENOTDIR: 'it is not a folder',
    EISDIR: 'it is a folder, not a file',
    EACCES: 'you may not read it',
    EPERM: 'you may not read it',
    ELOOP: 'its symbolic links lead in a circle',
  };
  return new PortcullisError('rule/not-readable', reasons[code] ?? `reading it failed (${code})`, {
    place: shownPath(path),
    cause: error,
  });
}

/** Relative to where the person is, when that is shorter. */
export function shownPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near !== '' && near.length < path.length && !near.startsWith('..') ? near : path;
}
