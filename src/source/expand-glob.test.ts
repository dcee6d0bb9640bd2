import { symlink } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

import { scratchFolder } from '../../test/support/scratch-folder.ts';
import { expandGlob, isGlob } from './expand-glob.ts';

function throwOn(unreadable: string): never {
  throw new Error(`${unreadable} is unreadable`);
}

async function expand(folder: string, pattern: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const path of expandGlob(`${folder}/${pattern}`, throwOn)) {
    paths.push(path.slice(folder.length + 1));
  }
  return paths;
}

describe('a glob', () => {
  it.each([
    ['*.json', ['b.json', 'c.json']],
    ['?.json', ['b.json', 'c.json']],
    ['[a-b].json', ['b.json']],
    ['{c,b,z}.json', ['b.json', 'c.json']],
    ['logs/*/*.json', ['logs/2025/x.json', 'logs/2026/x y.json']],
    ['logs/2026/../2025/*', ['logs/2026/../2025/x.json']],
    [
      '**/*.json',
      ['b.json', 'c.json', 'logs/2025/x.json', 'logs/2026/x y.json', 'logs/2026/03/\n.json'],
    ],
    ['logs/**/*.json', ['logs/2025/x.json', 'logs/2026/x y.json', 'logs/2026/03/\n.json']],
    ['**/03/**/*', ['logs/2026/03/\n.json']],
    ['logs/**', ['logs']],
    ['*/202?', ['logs/2025', 'logs/2026']],
    ['logs/{2025/x,2026/x*}.json', ['logs/2025/x.json', 'logs/2026/x y.json']],
    ['{logs/{2025/x,2026/03/*},b}.json', ['logs/2025/x.json', 'logs/2026/03/\n.json', 'b.json']],
    ['.h*/*', ['.hidden/x.json']],
    ['+(b|c).json', ['b.json', 'c.json']],
    ['b.json/*', []],
    ['nowhere/*', []],
    ['logs/{2025/x.json', []],
    ['*.csv', []],
  ])('%j matches %j', async (pattern, expected) => {
    const folder = await scratchFolder({
      'c.json': '',
      'b.json': '',
      'logs/2025/x.json': '',
      'logs/2026/x y.json': '',
      'logs/2026/03/\n.json': '',
      'logs/2026/03/.partial.json': '',
      '.hidden/x.json': '',
    });
    const matches = await expand(folder, pattern);
    expect([...new Set(matches)]).toEqual(expected);
  });

  it('goes through links to folders, and back through none', async () => {
    const folder = await scratchFolder({ 'real/x.json': '' });
    await symlink('real', `${folder}/linked`);
    await symlink('..', `${folder}/real/up`);
    expect(await expand(folder, '**/*.json')).toEqual(
      expect.arrayContaining(['real/x.json', 'linked/x.json']),
    );
  });

  it('is told from a plain path', () => {
    expect(['logs/*.json', 'a?', '[ab]', '{a,b}', '@(a|b)'].every(isGlob)).toBe(true);
    expect(['logs/x.json', 'with space', 'a(1).json', 'a@b', 'a!'].some(isGlob)).toBe(false);
  });
});
