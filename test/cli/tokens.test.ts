// `portcullis tokens`: what it prints once, what it keeps, and what it refuses.

import { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { addTokensCommand } from '../../src/cli/commands/tokens.ts';
import { hashApiToken, isTokenText, tokenState } from '../../src/serve/access/api-token.ts';
import { openStore } from '../../src/store/open-store.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

type Tokens = {
  readonly path: string;
  /** What it writes to standard output. */
  readonly run: (...args: readonly string[]) => Promise<string>;
};

async function openTokens(): Promise<Tokens> {
  const path = join(await scratchFolder(), 'store.db');
  const remarks = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => remarks.mockRestore());
  return {
    path,
    async run(...args) {
      let written = '';
      const program = new Command('portcullis').exitOverride();
      addTokensCommand(program, {
        write: (text) => {
          written += text;
        },
        isTerminal: true,
        columns: 100,
        color: false,
      });
      await program.parseAsync(['tokens', ...args, '--store', path], { from: 'user' });
      return written;
    },
  };
}

async function listed({ path }: Tokens) {
  const store = await openStore(path);
  try {
    return await store.tokens.list();
  } finally {
    await store.close();
  }
}

test('a token is printed once, and nothing that is kept contains it', async () => {
  const tokens = await openTokens();
  const token = (await tokens.run('create', '--name', 'ci', '--role', 'viewer')).trim();
  expect(isTokenText(token)).toBe(true);
  expect(await tokens.run('list')).not.toContain(token);
  expect(readFileSync(tokens.path).includes(token)).toBe(false);
  const store = await openStore(tokens.path);
  onTestFinished(() => store.close());
  expect(await store.tokens.findByHash(hashApiToken(token))).toMatchObject({
    name: 'ci',
    role: 'viewer',
    scopes: [],
  });
});

test('no two tokens are alike', async () => {
  const tokens = await openTokens();
  const one = await tokens.run('create', '--name', 'ci', '--role', 'viewer');
  expect(await tokens.run('create', '--name', 'ci', '--role', 'viewer')).not.toBe(one);
});

test.each([
  [[], 90 * 86_400_000],
  [['--expires', '12h'], 12 * 3_600_000],
  [['--expires', '2w'], 14 * 86_400_000],
])('with %j it is good for its time', async (args, lastsMs) => {
  const tokens = await openTokens();
  const startMs = Date.now();
  await tokens.run('create', '--name', 'ci', '--role', 'admin', ...args);
  const [token] = await listed(tokens);
  const early = (token?.expiresMs ?? 0) - lastsMs - startMs;
  expect(early).toBeGreaterThanOrEqual(0);
  expect(early).toBeLessThan(10_000);
});

test('one may be good for ever, and for a part of its role', async () => {
  const tokens = await openTokens();
  const scopes = ['--scope', 'signals:read', '--scope', 'metrics:read'];
  const flags = ['--name', 'ci', '--role', 'admin', '--expires', 'never'];
  await tokens.run('create', ...flags, ...scopes);
  expect(await listed(tokens)).toMatchObject([
    { expiresMs: null, scopes: ['signals:read', 'metrics:read'] },
  ]);
  expect(await tokens.run('list')).toMatch(
    /^\S+ ci, admin, good\n {2}never expires, never used\n {2}only for signals:read, metrics:read\n/,
  );
});

test('one that is revoked is good for nothing, and cannot be revoked again', async () => {
  const tokens = await openTokens();
  await tokens.run('create', '--name', 'ci', '--role', 'viewer');
  const [before] = await listed(tokens);
  expect(await tokens.run('revoke', before?.id ?? '')).toBe('revoked\n');
  const [after] = await listed(tokens);
  expect(after && tokenState(after, Date.now())).toBe('revoked');
  const list = JSON.parse(await tokens.run('list', '--format', 'json')) as object;
  expect(list).toMatchObject({ tokens: [{ id: before?.id, state: 'revoked' }] });
  await expect(tokens.run('revoke', before?.id ?? '')).rejects.toMatchObject({
    code: 'token/unknown-id',
  });
});

describe('what is refused', () => {
  test.each([
    ['an empty name', ['--name', ' ', '--role', 'viewer'], 'token/bad-option'],
    ['a name of two lines', ['--name', 'a\nb', '--role', 'viewer'], 'token/bad-option'],
    [
      'a scope that there is not',
      ['--name', 'a', '--role', 'viewer', '--scope', 'all'],
      'token/bad-option',
    ],
    [
      'an end in the past',
      ['--name', 'a', '--role', 'viewer', '--expires', '2020-01-01'],
      'token/bad-option',
    ],
    [
      'an end of no time',
      ['--name', 'a', '--role', 'viewer', '--expires', 'soon'],
      'usage/bad-option',
    ],
  ])('%s', async (_, args, code) => {
    const tokens = await openTokens();
    await expect(tokens.run('create', ...args)).rejects.toMatchObject({ code });
  });
});
