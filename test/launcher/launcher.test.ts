// The launcher on real copies of the project, with the real npm: what a stranger's first minute
// looks like. Only what a machine would have to lack (a new Node, npm, the network) is taken away.

import {
  appendFileSync,
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  copyProject,
  projectRoot,
  removeFolder,
  temporaryFolder,
} from '../support/project-copy.ts';
import { runCommand, type CommandOptions, type CommandResult } from '../support/run-command.ts';

const version = /"version": "(.*)"/.exec(
  readFileSync(join(projectRoot, 'package.json'), 'utf8'),
)?.[1];
const root = temporaryFolder();
const isRoot = process.getuid?.() === 0;
const stranger = 65534;

const systemPath = (process.env['PATH'] ?? '')
  .split(delimiter)
  .filter((folder) => !folder.startsWith(projectRoot))
  .join(delimiter);

/** A folder of programs, for the front of PATH. */
function programs(name: string, scripts: Readonly<Record<string, string>>): string {
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true });
  for (const [program, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, program), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  return folder;
}

/** A Node that says it is of `release`, and else is the one that runs this test. */
function nodeOfRelease(release: string): string {
  return programs(`node ${release}`, {
    node: `if [ "$*" = --version ]; then echo ${release}; else exec '${process.execPath}' "$@"; fi`,
  });
}

const oldNode = [nodeOfRelease('v20.20.2'), systemPath].join(delimiter);
const newNode = [nodeOfRelease('v24.0.0'), systemPath].join(delimiter);
const nowhere = {
  npm_config_registry: 'http://127.0.0.1:9',
  npm_config_cache: join(root, 'empty cache'),
  npm_config_fetch_retries: '0',
};

/** A PATH of only the named programs of this system, and those in `front`. */
function onlyPrograms(name: string, front: string, names: readonly string[]): string {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const program of names) {
    const found = systemPath
      .split(delimiter)
      .map((place) => join(place, program))
      .find((path) => existsSync(path));
    if (found !== undefined) symlinkSync(found, join(folder, program));
  }
  return [front, folder].join(delimiter);
}

const everydayPrograms =
  'sh env uname cmp readlink mkdir rm mv cp cat chmod sed basename dirname'.split(' ');

let copies = 0;

function freshCopy(): string {
  copies += 1;
  const folder = join(root, `copy ${copies}`);
  copyProject(folder);
  return folder;
}

function launch(
  folder: string,
  path: string,
  args: readonly string[] = ['--version'],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return runCommand(join(folder, 'portcullis'), args, {
    ...options,
    env: { PATH: path, NODE_COMPILE_CACHE: undefined, ...options.env },
  });
}

function expectVersion(result: CommandResult): void {
  expect(result).toMatchObject({ exitCode: 0, stdout: `${version}\n` });
}

function expectSilentVersion(result: CommandResult): void {
  expect(result).toMatchObject({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
}

async function expectRefusal(
  folder: string,
  path: string,
  wanted: readonly RegExp[],
  options: CommandOptions = {},
): Promise<void> {
  const result = await launch(folder, path, ['--version'], options);
  expect(result).toMatchObject({ exitCode: 2, stdout: '' });
  for (const pattern of wanted) expect(result.stderr).toMatch(pattern);
}

async function shortestMs(run: () => Promise<CommandResult>): Promise<number> {
  const results: CommandResult[] = [];
  for (let count = 0; count < 7; count += 1) results.push(await run());
  return Math.min(...results.map((result) => result.durationMs));
}

/** Replaces the command of a copy by one that tells how it was called. */
function makeTellTale(folder: string): void {
  writeFileSync(
    join(folder, 'src/cli/main.ts'),
    `import { readFileSync } from 'node:fs';
     const told: unknown = { args: process.argv.slice(2), cwd: process.cwd(), input: readFileSync(0, 'utf8'), cache: process.env['NODE_COMPILE_CACHE'] ?? null };
     console.log(JSON.stringify(told));
     process.exitCode = 3;`,
  );
}

function giveToStranger(folder: string): void {
  chownSync(folder, stranger, stranger);
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    chownSync(join(folder, entry), stranger, stranger);
  }
}

/** Waits until `holds`, for at most two minutes. */
async function until(holds: () => boolean): Promise<void> {
  for (let waitedMs = 0; !holds(); waitedMs += 20) {
    if (waitedMs > 120_000) throw new Error('waited for two minutes in vain');
    await sleep(20);
  }
}

// Set up once for real, on a machine whose Node is too old; tests that need a folder set up use it.
const ready = join(root, 'set up');
let firstRun: CommandResult;

beforeAll(async () => {
  // Another user has to be able to reach what lies in the temporary folder.
  chmodSync(root, 0o755);
  copyProject(ready);
  firstRun = await launch(ready, oldNode);
});

afterAll(() => removeFolder(root));

describe('the first run in a fresh clone', () => {
  test('fetches Node where the system has an old one, installs, and does what was asked', () => {
    expectVersion(firstRun);
    const fetched = readdirSync(join(ready, '.portcullis')).find((name) =>
      name.startsWith('node-'),
    );
    expect(existsSync(join(ready, '.portcullis', fetched ?? '', 'bin/node'))).toBe(true);
  });

  test('says in one line on standard error what it does', () => {
    expect(firstRun.stderr).toMatch(
      /^portcullis: setting up \(once\) in .*: fetching Node \d+\.\d+\.\d+, installing packages\n$/,
    );
  });

  test('installs no development dependency', () => {
    expect(existsSync(join(ready, 'node_modules/yaml'))).toBe(true);
    expect(existsSync(join(ready, 'node_modules/typescript'))).toBe(false);
  });

  test("uses the system's Node where it is new enough", async () => {
    const folder = freshCopy();
    const result = await launch(folder, newNode);
    expectVersion(result);
    expect(result.stderr).toMatch(/: installing packages\n$/);
    expect(
      readdirSync(join(folder, '.portcullis')).filter((name) => name.startsWith('node-')),
    ).toEqual([]);
  });

  test.skipIf(!isRoot)('works for a user who is not root and has no home', async () => {
    const folder = freshCopy();
    giveToStranger(folder);
    const options = { uid: stranger, env: { HOME: '/nonexistent', XDG_CACHE_HOME: undefined } };
    expectVersion(await launch(folder, newNode, ['--version'], options));
    expectSilentVersion(await launch(folder, newNode, ['--version'], options));
  });
});

describe('a later run', () => {
  test('is silent and needs neither npm nor the network', async () => {
    const path = onlyPrograms('no npm', nodeOfRelease('v20.20.2'), everydayPrograms);
    expectSilentVersion(await launch(ready, path, ['--version'], { env: nowhere }));
  });

  test('takes at most 150 ms where Node alone takes 50 ms to start', async () => {
    const path = [dirname(process.execPath), systemPath].join(delimiter);
    const nodeAloneMs = await shortestMs(() => runCommand(process.execPath, ['--eval', '0']));
    const launchMs = await shortestMs(() => launch(ready, path));
    expect(launchMs).toBeLessThanOrEqual(Math.max(150, nodeAloneMs * 3));
  });

  test('works through a chain of symbolic links, from any folder', async () => {
    const links = join(root, 'some links');
    mkdirSync(links);
    symlinkSync(join(ready, 'portcullis'), join(links, 'first'));
    symlinkSync('first', join(links, 'second'));
    symlinkSync('../some links/second', join(links, 'third'));
    for (const [program, cwd] of [
      [join(links, 'third'), '/'],
      ['./third', links],
      ['../some links/third', ready],
    ] as const) {
      expectSilentVersion(
        await runCommand(program, ['--version'], { cwd, env: { PATH: oldNode } }),
      );
    }
  });

  test('works when found on PATH and when given to sh', async () => {
    const env = { PATH: [ready, oldNode].join(delimiter) };
    expectSilentVersion(await runCommand('portcullis', ['--version'], { cwd: '/', env }));
    expectSilentVersion(await runCommand('sh', ['portcullis', '--version'], { cwd: ready, env }));
  });

  test('hands on arguments, standard input, folder and exit code as they are', async () => {
    const folder = join(root, 'tell tale');
    cpSync(ready, folder, { recursive: true, verbatimSymlinks: true });
    makeTellTale(folder);
    const args = ['scan', 'a b', '', '*', '$HOME', '"', "'", '--x=\\', 'ü\n'];
    const result = await launch(folder, oldNode, args, { cwd: root, input: 'some input' });
    expect(result).toMatchObject({ exitCode: 3, stderr: '' });
    expect(JSON.parse(result.stdout)).toEqual({
      args,
      cwd: root,
      input: 'some input',
      cache: join(folder, '.portcullis/cache'),
    });
  });

  test('works in a folder that may only be read', async () => {
    const folder = join(root, 'read only');
    cpSync(ready, folder, { recursive: true, verbatimSymlinks: true });
    for (const entry of ['', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })]) {
      const path = join(folder, entry);
      if (!entry.startsWith('node_modules/')) chmodSync(path, 0o555);
    }
    const env = { HOME: '/nonexistent', XDG_CACHE_HOME: undefined };
    const options = { ...(isRoot ? { uid: stranger } : {}), env };
    expectSilentVersion(await launch(folder, oldNode, ['--version'], options));
  });

  test('accepts what a hand-run npm has installed', async () => {
    const folder = join(root, 'by hand');
    cpSync(ready, folder, { recursive: true, verbatimSymlinks: true });
    appendFileSync(join(folder, 'package-lock.json'), '\n');
    expectSilentVersion(await launch(folder, oldNode, ['--version'], { env: nowhere }));
    const mark = readFileSync(join(folder, 'node_modules/.portcullis-lock'), 'utf8');
    expect(mark).toBe(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
  });

  test('installs anew what is there in another version than the lock file says', async () => {
    const folder = join(root, 'outdated');
    cpSync(ready, folder, { recursive: true, verbatimSymlinks: true });
    const noted = join(folder, 'node_modules/.package-lock.json');
    const yamlVersion = /("node_modules\/yaml": \{\s*"version": )".*"/;
    writeFileSync(noted, readFileSync(noted, 'utf8').replace(yamlVersion, '$1"0.0.1"'));
    appendFileSync(join(folder, 'package-lock.json'), '\n');
    const result = await launch(folder, oldNode);
    expectVersion(result);
    expect(result.stderr).toMatch(/^portcullis: setting up .*: installing packages\n$/);
  });
});

describe('launches at the same time in a fresh clone', () => {
  const withoutFlock = onlyPrograms('no flock', nodeOfRelease('v24.0.0'), [
    ...everydayPrograms,
    'perl',
    'npm',
  ]);

  test.each([
    ['flock', newNode],
    ['perl', withoutFlock],
  ])('wait for one another, by %s', async (_, path) => {
    const folder = freshCopy();
    const results = await Promise.all([1, 2, 3].map(() => launch(folder, path)));
    for (const result of results) expectVersion(result);
    const said = results.map((result) => result.stderr);
    expect(said.filter((text) => text.includes('setting up'))).toHaveLength(1);
    for (const text of said) {
      expect(text).toMatch(/^(portcullis: (setting up|waiting for another set-up) .*\n)?$/);
    }
  });
});

describe('a set-up that was interrupted', () => {
  type Moment = readonly [string, string, (folder: string) => boolean];
  const moments: readonly Moment[] = [
    [
      'while Node was fetched',
      oldNode,
      (folder) => existsSync(join(folder, '.portcullis/node-fetch')),
    ],
    [
      'while packages were unpacked',
      newNode,
      (folder) => existsSync(join(folder, 'node_modules/yaml')),
    ],
  ];

  test.each(moments)('%s is done again', async (_, path, reached) => {
    const folder = freshCopy();
    let group = 0;
    const first = launch(folder, path, ['--version'], {
      detached: true,
      onStart: (pid) => (group = pid),
    });
    await until(() => reached(folder));
    process.kill(-group, 'SIGKILL');
    expect((await first).signal).toBe('SIGKILL');
    const second = await launch(folder, path);
    expectVersion(second);
    expect(second.stderr).toMatch(/^portcullis: setting up [^\n]*\n$/);
    expectSilentVersion(await launch(folder, path));
  });

  test('but whose npm lives on is waited for', async () => {
    const folder = freshCopy();
    let launcher = 0;
    const first = launch(folder, newNode, ['--version'], { onStart: (pid) => (launcher = pid) });
    await until(() => existsSync(join(folder, '.portcullis/setup.log')));
    process.kill(launcher, 'SIGKILL');
    const second = await launch(folder, newNode);
    expectVersion(second);
    expect(second.stderr).toMatch(/^portcullis: waiting for another set-up .*\n$/);
    await first;
  });
});

describe('what cannot work ends with exit code 2 and the next step', () => {
  test('no npm', async () => {
    const path = onlyPrograms('neither', nodeOfRelease('v18.0.0'), everydayPrograms);
    await expectRefusal(freshCopy(), path, [/npm is needed to fetch Node/, /Install npm/]);
  });

  test('no network', async () => {
    await expectRefusal(
      freshCopy(),
      oldNode,
      [/Could not fetch Node .* registry cannot be reached/, /Check the network/],
      { env: nowhere },
    );
  });

  test('a platform without a Node to fetch', async () => {
    const strange = programs('strange', { uname: 'echo Plan9 sparc64' });
    await expectRefusal(freshCopy(), [strange, oldNode].join(delimiter), [
      /needs Node 24 or newer; the one here is 20\.20\.2, .* none to fetch for Plan9 sparc64/,
      /Install Node 24 or newer/,
    ]);
  });

  test('a Node package that is not the one pinned', async () => {
    const folder = freshCopy();
    const file = join(folder, 'scripts/setup.sh');
    const tampered = readFileSync(file, 'utf8').replace(/sha512-..../g, 'sha512-AAAA');
    writeFileSync(file, tampered);
    await expectRefusal(folder, oldNode, [
      /what the registry sent is not what the lock file names/,
    ]);
    expect(
      readdirSync(join(folder, '.portcullis')).filter((name) => /^node-\d/.test(name)),
    ).toEqual([]);
  });

  test('a package whose digest is not the one in the lock file', async () => {
    const folder = freshCopy();
    const file = join(folder, 'package-lock.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/sha512-..../g, 'sha512-AAAA'));
    await expectRefusal(folder, newNode, [
      /what the registry sent is not what the lock file names/,
    ]);
  });

  test('a manifest and a lock file that do not fit together', async () => {
    const folder = freshCopy();
    const file = join(folder, 'package.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/"yaml": ".*"/, '"yaml": "1.10.0"'));
    await expectRefusal(folder, newNode, [
      /package\.json and package-lock\.json do not fit together/,
    ]);
  });

  test('a folder that is not set up and may only be read', async () => {
    const folder = freshCopy();
    chmodSync(folder, 0o555);
    await expectRefusal(
      folder,
      newNode,
      [/not set up yet, and you may not write to it/, /as the owner of the folder/],
      isRoot ? { uid: stranger } : {},
    );
  });
});
