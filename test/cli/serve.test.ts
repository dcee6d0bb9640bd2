// The server as people start it: the demo in one command, watched until all is told, and ended politely.

import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';

import { asText, own } from '../../src/model/json.ts';
import { ended } from '../faults/watched-folder.ts';
import { runCommand, type CommandResult } from '../support/run-command.ts';
import { projectRoot } from '../support/project-copy.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const main = join(projectRoot, 'src/cli/main.ts');

function portcullis(...args: readonly string[]): Promise<CommandResult> {
  return runCommand(process.execPath, [main, ...args]);
}

/** Starts the server on a free port; resolves when it listens. */
async function startServe(
  args: readonly string[],
): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = spawn(process.execPath, [main, 'serve', '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: await scratchFolder(),
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const entry: unknown = JSON.parse(line);
    const url = asText(own(entry, 'url'));
    if (own(entry, 'message') === 'listening' && url !== undefined) {
      child.stdout.resume();
      return { child, url };
    }
  }
  throw new Error('it ended before it listened');
}

async function items(url: string, token?: string): Promise<readonly unknown[]> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(url, { headers });
  const body: unknown = await response.json();
  const found: unknown = own(body, 'items');
  return Array.isArray(found) ? (found as readonly unknown[]) : [];
}

test('the demo replays the example estate, and ends when it is asked to', async () => {
  const { child, url } = await startServe(['--demo']);
  const estate = join(projectRoot, 'examples/cloudtrail');
  const scan = await portcullis('scan', estate, '--format', 'json');
  const scanned: unknown = JSON.parse(scan.stdout);
  const wanted = own(scanned, 'signals');
  const count = Array.isArray(wanted) ? wanted.length : 0;
  expect(count).toBeGreaterThan(10);
  let found: readonly unknown[] = [];
  for (let tries = 0; tries < 240 && found.length < count; tries += 1) {
    await sleep(250);
    found = await items(`${url}/api/v1/signals?limit=100`);
  }
  const ids = found.map((item) => own(own(item, 'signal'), 'id'));
  expect(new Set(ids)).toEqual(
    new Set(Array.isArray(wanted) ? wanted.map((signal) => own(signal, 'id')) : []),
  );
  child.kill('SIGTERM');
  expect(await ended(child)).toBe(0);
});

test('without a token nothing is told, and with one what its role may see', async () => {
  const folder = await scratchFolder();
  const store = join(folder, 'store.db');
  const asViewer = ['--name', 'test', '--role', 'viewer'];
  const created = await portcullis('tokens', 'create', '--store', store, ...asViewer);
  expect(created.exitCode).toBe(0);
  const token = created.stdout.trim();
  const { child, url } = await startServe(['--store', store]);
  expect((await fetch(`${url}/api/v1/signals`)).status).toBe(401);
  expect(await items(`${url}/api/v1/signals`, token)).toEqual([]);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  child.kill('SIGTERM');
  expect(await ended(child)).toBe(0);
});

test('it is not reachable from elsewhere while anybody could use it', async () => {
  const folder = await scratchFolder();
  const store = join(folder, 'store.db');
  const everywhere = ['--listen', '0.0.0.0', '--port', '0'];
  const { exitCode, stderr } = await portcullis('serve', '--store', store, ...everywhere);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('will not listen on 0.0.0.0');
});
