// Starts a scan's threads as the very first thing, where the command line says that they will be needed.
// A wrong guess costs a little time and changes nothing.

import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { startThreads } from '../scan-threads.ts';

/** @param args the command line behind `scan` */
export function startThreadsFor(args: readonly string[]): void {
  if (args.some(namesMany)) startThreads(jobsOf(args));
}

function namesMany(arg: string): boolean {
  if (arg.startsWith('-')) return false;
  return arg.startsWith('s3://') || arg.includes('*') || isFolder(arg);
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** What `--jobs` says, if it says it in one of the two usual ways; the scan itself reads it strictly. */
function jobsOf(args: readonly string[]): number {
  const [, jobs] = /(?:^|\n)--jobs[=\n](\d{1,3})(?:\n|$)/.exec(args.join('\n')) ?? [];
  return jobs === undefined ? availableParallelism() : Number(jobs);
}
