// Runs a program to its end and says what it cost: time on the clock, time on the processor, and the
// most memory it held. Every contender is measured as a whole process, from start to exit, by this.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Cost = {
  readonly wallMs: number;
  /** User and system time of the program and all that it started and waited for. */
  readonly cpuMs: number;
  /** Peak resident memory of the largest process among them. */
  readonly peakBytes: number;
};

export type Run = Cost & { readonly stdout: string };

export type Program = {
  readonly command: readonly [string, ...string[]];
  readonly cwd?: string;
  /** Where nobody looks at the output, it goes nowhere. */
  readonly discardOutput?: boolean;
};

const gnuTime = '/usr/bin/time';

/** @throws where the program fails: a figure of a failed run means nothing */
export async function run({ command, cwd, discardOutput }: Program): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-bench-'));
  const costFile = join(folder, 'cost');
  try {
    const startMs = performance.now();
    const child = spawn(gnuTime, ['--format=%M %U %S', `--output=${costFile}`, ...command], {
      cwd,
      stdio: ['ignore', discardOutput === true ? 'ignore' : 'pipe', 'pipe'],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
    const code = await new Promise<number | null>((done, fail) => {
      child.on('error', fail);
      child.on('close', done);
    });
    const wallMs = performance.now() - startMs;
    if (code !== 0) {
      throw new Error(`${command[0]} ended with ${String(code)}: ${Buffer.concat(err).toString()}`);
    }
    const [peakKibibytes = 0, user = 0, system = 0] = readFileSync(costFile, 'utf8')
      .trim()
      .split(' ')
      .map(Number);
    return {
      wallMs,
      cpuMs: (user + system) * 1000,
      peakBytes: peakKibibytes * 1024,
      stdout: Buffer.concat(out).toString(),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The middle of the values; of an even number of them, the mean of the middle two. */
export function median(values: readonly number[]): number {
  const ordered = values.toSorted((a, b) => a - b);
  const middle = ordered.length / 2;
  const low = ordered[Math.ceil(middle) - 1] ?? Number.NaN;
  const high = ordered[Math.floor(middle)] ?? Number.NaN;
  return (low + high) / 2;
}
