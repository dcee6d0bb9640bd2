// Expands a glob one path segment at a time with Node's own matcher, so that matches come in a
// stable order and are never all held in memory. As in a shell, `*` passes hidden names by; other
// than in most shells, `**` follows symbolic links to folders, as a folder given by name does.

import { glob, lstat, readdir, realpath, stat } from 'node:fs/promises';

import { systemCode } from './not-readable.ts';

const magic = /[*?[{]|[!@+]\(/;

export function isGlob(path: string): boolean {
  return magic.test(path);
}

/**
 * The paths that match, each relative where the pattern is. `onUnreadable` is told of folders that
 * could not be looked into.
 */
export async function* expandGlob(
  pattern: string,
  onUnreadable: (folder: string, error: unknown) => void,
): AsyncGenerator<string, void, undefined> {
  for (const alternative of expandBracesWithSlash(pattern)) {
    const segments = alternative.split('/').filter((segment) => segment !== '');
    yield* matchSegments(alternative.startsWith('/') ? '/' : '', segments, [], onUnreadable);
  }
}

async function* matchSegments(
  folder: string,
  segments: readonly string[],
  /** Real paths of the folders above, as far as `**` went through them: a link back is a loop. */
  above: readonly string[],
  onUnreadable: (folder: string, error: unknown) => void,
): AsyncGenerator<string, void, undefined> {
  const [segment, ...rest] = segments;
  if (segment === undefined) {
    yield folder;
    return;
  }
  if (segment === '**') {
    // At the end, `**` is the folder itself, for a folder stands for everything below it.
    yield* matchSegments(folder, rest, [], onUnreadable);
    if (rest.length === 0) return;
    const real = await realpath(folder === '' ? '.' : folder).catch(() => null);
    if (real === null || above.includes(real)) return;
    for (const name of await namesMatching(folder, '*', onUnreadable)) {
      const child = join(folder, name);
      if (await isFolder(child)) {
        yield* matchSegments(child, segments, [...above, real], onUnreadable);
      }
    }
    return;
  }
  if (!isGlob(segment)) {
    const path = join(folder, segment);
    if (await exists(path)) yield* matchSegments(path, rest, [], onUnreadable);
    return;
  }
  for (const name of await namesMatching(folder, segment, onUnreadable)) {
    const path = join(folder, name);
    if (rest.length === 0 || (await isFolder(path))) {
      yield* matchSegments(path, rest, [], onUnreadable);
    }
  }
}

async function namesMatching(
  folder: string,
  segment: string,
  onUnreadable: (folder: string, error: unknown) => void,
): Promise<string[]> {
  const cwd = folder === '' ? '.' : folder;
  const names: string[] = [];
  for await (const name of glob(segment, { cwd })) names.push(name);
  // Node's glob passes over a folder it cannot read as if it were empty.
  if (names.length === 0) {
    await readdir(cwd).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOTDIR') onUnreadable(cwd, error);
    });
  }
  return names.toSorted();
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

function join(folder: string, name: string): string {
  return folder === '' || folder.endsWith('/') ? `${folder}${name}` : `${folder}/${name}`;
}

/** `a/{b/c,d}` as `a/b/c` and `a/d`. Braces within one segment are left to Node's matcher. */
function expandBracesWithSlash(pattern: string): string[] {
  for (let start = pattern.indexOf('{'); start !== -1; start = pattern.indexOf('{', start + 1)) {
    const group = readBraces(pattern, start);
    if (group === null) break;
    const { choices, end } = group;
    if (choices.length > 1 && choices.some((choice) => choice.includes('/'))) {
      const before = pattern.slice(0, start);
      const after = pattern.slice(end + 1);
      return choices.flatMap((choice) => expandBracesWithSlash(`${before}${choice}${after}`));
    }
  }
  return [pattern];
}

function readBraces(pattern: string, start: number): { choices: string[]; end: number } | null {
  const choices: string[] = [];
  let depth = 0;
  let from = start + 1;
  for (let index = start; index < pattern.length; index += 1) {
    const character = pattern[index];
    if (character === '{') depth += 1;
    if (character === '}') depth -= 1;
    if ((character === ',' && depth === 1) || depth === 0) {
      choices.push(pattern.slice(from, index));
      from = index + 1;
    }
    if (depth === 0) return { choices, end: index };
  }
  return null;
}
