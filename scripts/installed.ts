// Tells by its exit code whether node_modules holds every package that the lock file asks for, at
// its version. `npm` may have been run by hand: what counts is what npm noted that it installed.

import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isObject, type JsonObject } from '../src/model/json.ts';

const root = resolve(import.meta.dirname, '..');

function packagesOf(path: string): JsonObject {
  const lock: unknown = JSON.parse(readFileSync(resolve(root, path), 'utf8'));
  return isObject(lock) && isObject(lock['packages']) ? lock['packages'] : {};
}

function isInstalled(withDevelopment: boolean): boolean {
  if (!existsSync(resolve(root, 'node_modules/.package-lock.json'))) return false;
  const present = packagesOf('node_modules/.package-lock.json');
  return Object.entries(packagesOf('package-lock.json')).every(([folder, entry]) => {
    if (folder === '' || !isObject(entry) || entry['optional'] === true) return true;
    const isForDevelopment = entry['dev'] === true || entry['devOptional'] === true;
    if (isForDevelopment && !withDevelopment) return true;
    const found = present[folder];
    return (
      isObject(found) &&
      found['version'] === entry['version'] &&
      found['integrity'] === entry['integrity'] &&
      existsSync(resolve(root, folder, 'package.json'))
    );
  });
}

process.exitCode = isInstalled(process.argv[2] === 'dev') ? 0 : 1;
