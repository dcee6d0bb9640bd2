// Runs a program to its end and gives back all that it said.

import { spawn } from 'node:child_process';

export type CommandOptions = {
  readonly cwd?: string;
  /** Laid over this process's environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
  readonly uid?: number;
  /** Run it as the leader of a process group of its own, so that the whole group can be ended. */
  readonly detached?: boolean;
  readonly onStart?: (pid: number) => void;
};

export type CommandResult = {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
};

/** Rejects only when the program cannot be started. */
export function runCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((done, fail) => {
    const start = performance.now();
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      detached: options.detached ?? false,
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    // A program may end without reading what it was given.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
    child.on('error', fail);
    child.on('close', (exitCode, signal) => {
      done({ exitCode, signal, stdout, stderr, durationMs: performance.now() - start });
    });
    if (child.pid !== undefined) options.onStart?.(child.pid);
  });
}
