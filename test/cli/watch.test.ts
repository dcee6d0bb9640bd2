// The watch as people start it: what is in a folder is told once, and not again after a restart.

import { spawn } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';

import { own } from '../../src/model/json.ts';
import { ended } from '../faults/watched-folder.ts';
import { runCommand } from '../support/run-command.ts';
import { projectRoot } from '../support/project-copy.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const main = join(projectRoot, 'src/cli/main.ts');

/** What a watch tells until `enough` has been told, or for a while; then it is asked to end. */
async function told(
  args: readonly string[],
  enough: number,
  mostMs: number,
): Promise<{ readonly notices: readonly unknown[]; readonly exit: unknown }> {
  const child = spawn(process.execPath, [main, 'watch', ...args, '--format', 'ndjson'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const notices: unknown[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => notices.push(JSON.parse(line)));
  const deadline = Date.now() + mostMs;
  while (notices.length < enough && Date.now() < deadline) await sleep(50);
  child.kill('SIGTERM');
  return { exit: await ended(child), notices };
}

test('every opening and closing of a folder is told once, over restarts', async () => {
  const home = await scratchFolder();
  const folder = join(home, 'AWSLogs');
  await mkdir(folder);
  await cp(join(projectRoot, 'examples/cloudtrail'), folder, { recursive: true });
  const scan = await runCommand(process.execPath, [main, 'scan', folder, '--format', 'json']);
  const found: unknown = own(JSON.parse(scan.stdout), 'signals');
  const signals: readonly unknown[] = Array.isArray(found) ? found : [];
  const closed = signals.filter((signal) => own(signal, 'status') === 'closed');
  const args = [folder, '--store', join(home, 'store.db')];
  const first = await told(args, signals.length + closed.length, 60_000);
  expect(first.exit).toBe(0);
  const idsOf = (kind: string): ReadonlySet<unknown> =>
    new Set(
      first.notices
        .filter((notice) => own(notice, 'kind') === kind)
        .map((notice) => own(own(notice, 'signal'), 'id')),
    );
  expect(idsOf('opened')).toEqual(new Set(signals.map((signal) => own(signal, 'id'))));
  expect(idsOf('closed')).toEqual(new Set(closed.map((signal) => own(signal, 'id'))));
  expect(first.notices).toHaveLength(signals.length + closed.length);
  const second = await told(args, 1, 4000);
  expect(second).toEqual({ exit: 0, notices: [] });
});

test('what is no source is refused with a next step', async () => {
  const { exitCode, stderr } = await runCommand(process.execPath, [main, 'watch', 'ftp://x/y']);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('ftp://x/y is no source that can be watched');
  expect(stderr).toContain('s3://BUCKET/PREFIX');
});
