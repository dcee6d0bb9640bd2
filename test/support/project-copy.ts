// Copies of this project, as a fresh clone would be, for tests that run it from outside.
// A copy holds the working tree without anything that set-up, builds or tests have made.

import { cpSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve, sep } from 'node:path';

export const projectRoot = resolve(import.meta.dirname, '../..');

const made = new Set([
  '.git',
  '.portcullis',
  '.stryker-tmp',
  'coverage',
  'dist',
  'node_modules',
  'reports',
]);

/** A new empty folder whose path has a space in it; the caller removes it. */
export function temporaryFolder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'portcullis test ')));
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

function isProject(path: string): boolean {
  return !made.has(basename(path)) && relative(projectRoot, path) !== join('bench', 'corpus');
}

/** Copies the project to `folder`, which must not exist yet. */
export function copyProject(folder: string): void {
  cpSync(projectRoot, folder, { recursive: true, verbatimSymlinks: true, filter: isProject });
}

/** Every file of the project, as a path relative to its root with `/`. */
export function projectFiles(folder: string = projectRoot): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (!isProject(path)) return [];
    if (entry.isDirectory()) return projectFiles(path);
    return relative(projectRoot, path).split(sep).join('/');
  });
}
