// Copies of this project, as a fresh clone would be, for tests that run it from outside.
// A copy holds the working tree without anything that set-up, builds or tests have made.

import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';

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

/** Copies the project to `folder`, which must not exist yet. */
export function copyProject(folder: string): void {
  cpSync(projectRoot, folder, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) =>
      !made.has(basename(path)) && relative(projectRoot, path) !== join('bench', 'corpus'),
  });
}
