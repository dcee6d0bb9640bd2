// Where Node keeps the compiled form of what it has loaded, so that the next start is quick. Always a
// folder of the user's own: in a shared one, such as the system's temporary folder, which is Node's
// default, another user could place code.

import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

function userCacheFolder(): string | undefined {
  const { XDG_CACHE_HOME: folder } = process.env;
  if (folder !== undefined && folder !== '') return folder;
  try {
    return join(homedir(), '.cache');
  } catch {
    // The user has neither a home nor an entry that says where it would be.
    return undefined;
  }
}

/** Does nothing where NODE_COMPILE_CACHE has named a folder already, or none can be written. */
export function keepCompiledCode(): void {
  const folder = userCacheFolder();
  if (folder !== undefined) enableCompileCache(join(folder, 'portcullis'));
}
