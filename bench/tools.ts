// The programs of other people that the benchmark runs, and how to get those that are missing.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

type Tool = {
  readonly command: readonly [string, ...string[]];
  readonly install: string;
};

const tools = {
  time: {
    command: ['/usr/bin/time', '--version'],
    install: 'GNU time: apt-get install time, dnf install time',
  },
  zcat: { command: ['zcat', '--version'], install: 'gzip: apt-get install gzip, dnf install gzip' },
  rg: {
    command: ['rg', '--version'],
    install: 'ripgrep: apt-get install ripgrep, dnf install ripgrep, brew install ripgrep',
  },
  jq: {
    command: ['jq', '--version'],
    install: 'jq: apt-get install jq, dnf install jq, brew install jq',
  },
} as const satisfies Record<string, Tool>;

export type ToolName = keyof typeof tools;

/**
 * The version line of every tool.
 *
 * @throws an error that names the missing ones and how to install them
 */
export function toolVersions(): Record<ToolName, string> {
  const missing: string[] = [];
  const versionOf = ({ command: [program, ...args], install }: Tool): string => {
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    if (status !== 0) missing.push(`  ${program} is missing. ${install}`);
    return (stdout || stderr || '').split('\n')[0] ?? '';
  };
  const versions = {
    time: versionOf(tools.time),
    zcat: versionOf(tools.zcat),
    rg: versionOf(tools.rg),
    jq: versionOf(tools.jq),
  };
  if (missing.length > 0)
    throw new Error(`the benchmark needs these tools:\n${missing.join('\n')}`);
  return versions;
}

/** Installs the benchmark's own package, exactly as its lock file says, unless that is done. */
export function installDuckDb(say: (message: string) => void): void {
  const lock = readFileSync(join(here, 'package-lock.json'), 'utf8');
  const mark = join(here, 'node_modules', '.installed-lock');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === lock) return;
  say("installing the benchmark's own package (DuckDB)");
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: here,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('npm ci failed in bench/');
  writeFileSync(mark, lock);
}
