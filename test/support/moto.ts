// An AWS to talk to: moto's server in a process of its own, on a free port of the loopback address.
// It ends with `stop`, or when this process ends, however that happens.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

export type Moto = {
  readonly url: string;
  stop(): Promise<void>;
};

/** An environment that leads to moto alone: undefined takes a variable away. Moto checks no keys. */
export const motoEnvironment: Readonly<Record<string, string | undefined>> = {
  AWS_ACCESS_KEY_ID: 'AKIAMOTO',
  AWS_SECRET_ACCESS_KEY: 'moto',
  AWS_SESSION_TOKEN: undefined,
  AWS_REGION: 'us-east-1',
  AWS_PROFILE: undefined,
  AWS_ENDPOINT_URL: undefined,
  AWS_ENDPOINT_URL_S3: undefined,
  // What the person who runs the tests has set up for themselves must not matter.
  AWS_CONFIG_FILE: '/nonexistent/config',
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
  AWS_EC2_METADATA_DISABLED: 'true',
};

const python = resolve(import.meta.dirname, '../../.portcullis/venv/bin/python');

// Standard input is a pipe from this process: when it closes, nobody needs the server any more.
const program = `
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
from moto.server import main
main(['-H', '127.0.0.1', '-p', '0'])
`;

export type MotoOptions = {
  /** Keys on a page of an S3 listing; 1000, as on S3, when absent. */
  readonly keysPerPage?: number;
};

export async function startMoto({ keysPerPage = 1000 }: MotoOptions = {}): Promise<Moto> {
  if (!existsSync(python)) {
    throw new Error(`There is no ${python}: \`npm test\` sets it up.`);
  }
  const child = spawn(python, ['-c', program], {
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { ...process.env, MOTO_S3_DEFAULT_MAX_KEYS: String(keysPerPage) },
  });
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  const url = await new Promise<string>((ready, fail) => {
    let said = '';
    child.once('error', fail);
    child.once('exit', (code) => fail(new Error(`moto ended with ${code}:\n${said}`)));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      // After the start it tells of every request, which nobody wants to know.
      said = `${said}${text}`.slice(-10_000);
      const running = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1];
      if (running !== undefined) ready(running);
    });
  });
  return {
    url,
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}
