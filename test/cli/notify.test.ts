// A channel is tried as a person would: by its name, against a receiver that is there or is not.

import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

import { runCommand, type CommandResult } from '../support/run-command.ts';
import { projectRoot } from '../support/project-copy.ts';
import { startReceiver, status } from '../support/receiver.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

async function notifyTest(url: string, channel = 'hook'): Promise<CommandResult> {
  const config = JSON.stringify({
    channels: [{ name: 'hook', type: 'webhook', url, secret: 'thirty-two characters of a secret' }],
  });
  const cwd = await scratchFolder({ 'portcullis.yaml': config });
  const main = join(projectRoot, 'src/cli/main.ts');
  return runCommand(process.execPath, [main, 'notify', 'test', channel], { cwd });
}

test('a channel that works takes a message of an opening that never was, and of its closing', async () => {
  const receiver = await startReceiver();
  onTestFinished(() => receiver.stop());
  const { exitCode, stdout } = await notifyTest(receiver.url);
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'sent to hook\n' });
  const kinds = receiver.received.map(({ body }) => /"kind":"(\w+)"/.exec(body)?.[1]);
  expect(kinds).toEqual(['opened', 'closed']);
});

test('one that does not says why, and no secret', async () => {
  const receiver = await startReceiver(() => status(410));
  onTestFinished(() => receiver.stop());
  const { exitCode, stderr } = await notifyTest(`${receiver.url}/secret-path`);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^portcullis: hook: .*410/);
  expect(stderr).not.toContain('secret-path');
});

test('one that is not configured is answered with those that are', async () => {
  const { exitCode, stderr } = await notifyTest('http://127.0.0.1:1/', 'pager');
  expect(exitCode).toBe(2);
  expect(stderr).toContain('there is no channel pager');
  expect(stderr).toContain('There are: hook.');
});
