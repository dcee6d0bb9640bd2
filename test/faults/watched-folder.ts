// A real `portcullis watch` on a folder, with a receiver of its notices, for tests that do it harm.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { projectRoot } from '../support/project-copy.ts';
import type { Receiver } from '../support/receiver.ts';

export type Watched = {
  readonly folder: string;
  /** Writes a file as CloudTrail does: whole, under its name. */
  deliver(records: readonly unknown[]): Promise<void>;
  start(): ChildProcess;
};

export async function watchedFolder(
  home: string,
  address: string,
  receiver: Receiver,
): Promise<Watched> {
  const folder = join(home, 'AWSLogs');
  await mkdir(folder);
  const config = join(home, 'portcullis.yaml');
  await writeFile(
    config,
    JSON.stringify({
      store: { address },
      sources: [{ name: 'folder', kind: 'folder', path: folder, pollSeconds: 1 }],
      channels: [
        {
          name: 'receiver',
          type: 'webhook',
          url: receiver.url,
          secret: 'a secret of thirty-two characters',
        },
      ],
    }),
  );
  let files = 0;
  return {
    folder,
    async deliver(records) {
      files += 1;
      const name = `${String(files).padStart(6, '0')}.json.gz`;
      const path = join(home, name);
      await writeFile(path, gzipSync(JSON.stringify({ Records: records })));
      await rename(path, join(folder, name));
    },
    start: () =>
      spawn(
        process.execPath,
        [join(projectRoot, 'src/cli/main.ts'), 'watch', '--config', config, '--quiet'],
        { stdio: ['ignore', 'ignore', 'pipe'] },
      ),
  };
}

/** Resolves when the process is gone, to how it ended. */
export async function ended(child: ChildProcess): Promise<NodeJS.Signals | number | null> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return child.signalCode ?? child.exitCode;
  }
  await once(child, 'exit');
  return child.signalCode ?? child.exitCode;
}
