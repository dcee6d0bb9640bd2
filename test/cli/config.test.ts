// `portcullis config` as it is: what it prints, what it finds wrong, and that it shows no secret.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { projectRoot } from '../support/project-copy.ts';
import { runCommand, type CommandResult } from '../support/run-command.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-config-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function config(
  text: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  await writeFile(join(folder, 'portcullis.yaml'), text);
  const main = resolve(projectRoot, 'src/cli/main.ts');
  return runCommand(process.execPath, [main, 'config', ...args], { cwd: folder, env });
}

test('prints what holds, the environment over the file, with secrets masked', async () => {
  const text =
    'store: { address: "postgres://app:hidden-word@db/app" }\nserve: { port: 1 }\nretention: { days: 30 }\n';
  const run = await config(text, ['print'], { PORTCULLIS_SERVE_PORT: '9443' });
  expect(run).toMatchObject({ exitCode: 0, stderr: '' });
  expect(run.stdout).not.toContain('hidden-word');
  expect(parse(run.stdout)).toMatchObject({
    store: { address: 'postgres://app:***@db/app' },
    serve: { port: 9443 },
    retention: { days: 30 },
  });
});

test('lists everything that is wrong, and ends with 2', async () => {
  const run = await config('serve: { prot: 1 }\nretention: { days: 0 }\n', ['check']);
  expect(run.exitCode).toBe(2);
  expect(run.stdout).toContain('portcullis.yaml:1:10: unknown field "prot"');
  expect(run.stdout).toContain('  Did you mean `port`?');
  expect(run.stdout).toContain('portcullis.yaml:2:20: retention.days is 0');
  expect(run.stdout).toMatch(/^2 to correct /m);
});

test('remarks on secrets in plain and on variables that set nothing, and ends with 0', async () => {
  const text = 'channels: [{ name: chat, type: slack, url: "https://hooks.example.com/T/word" }]\n';
  const run = await config(text, ['check', '--format', 'json'], { PORTCULLIS_SERVE_PROT: '1' });
  expect(run.exitCode).toBe(0);
  expect(JSON.parse(run.stdout)).toEqual({
    file: join(folder, 'portcullis.yaml'),
    errors: [],
    remarks: [
      'The environment variable PORTCULLIS_SERVE_PROT sets nothing. Did you mean PORTCULLIS_SERVE_PORT?',
      'channels[0].url holds a secret; ${NAME} or ${file:/path} would keep it elsewhere.',
    ],
  });
});

test('prints the schema', async () => {
  const run = await config('', ['schema']);
  expect(JSON.parse(run.stdout)).toMatchObject({ type: 'object', additionalProperties: false });
});
