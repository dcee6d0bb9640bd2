// A PostgreSQL server of one's own: in a temporary folder, on a free port of the loopback address. It
// ends with `stop`, or when this process ends, however that happens.

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, globSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export type Postgres = {
  /** `postgres://…` of an empty schema that nothing else uses. */
  freshAddress(): Promise<string>;
  readonly port: number;
  /** Cuts every connection and starts anew, as after a crash. */
  crash(): Promise<void>;
  stop(): Promise<void>;
};

/** Debian keeps the server's programs out of the search path. */
const folder = findFolder();

/** Tests on PostgreSQL are skipped where there is none. */
export const hasPostgres = folder !== null;

function findFolder(): string | null {
  const named = process.env['PORTCULLIS_POSTGRES'];
  const folders = [
    ...(named === undefined ? [] : [dirname(named)]),
    ...globSync('/usr/lib/postgresql/*/bin').toSorted().toReversed(),
    ...(process.env['PATH'] ?? '').split(':'),
  ];
  return folders.find((path) => existsSync(join(path, 'initdb'))) ?? null;
}

/** The server refuses to run as root. */
function unprivileged(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string): number =>
    Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

export async function startPostgres(): Promise<Postgres> {
  if (folder === null) throw new Error('There is no PostgreSQL here.');
  const user = unprivileged();
  const home = mkdtempSync(join(tmpdir(), 'portcullis-postgres-'));
  if (user.uid !== undefined && user.gid !== undefined) chownSync(home, user.uid, user.gid);
  const data = join(home, 'data');
  execFileSync(
    join(folder, 'initdb'),
    ['-D', data, '-U', 'portcullis', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N'],
    { ...user, cwd: home, stdio: 'ignore' },
  );
  const port = await freePort();
  const program = join(folder, 'postgres');
  let server = await startServer();
  let schemas = 0;

  async function startServer(): Promise<ChildProcess> {
    const options = [
      'fsync=off',
      `port=${port}`,
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
    ];
    const args = ['-D', data, ...options.flatMap((option) => ['-c', option])];
    // The shell's standard input is a pipe from this process: when it closes, the server must go.
    const child = spawn(
      'sh',
      [
        '-c',
        '"$@" </dev/null & server=$!; cat >/dev/null; kill -QUIT $server; wait',
        'sh',
        program,
        ...args,
      ],
      { ...user, cwd: home, stdio: ['pipe', 'ignore', 'pipe'] },
    );
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = `${said}${text}`.slice(-10_000);
    });
    for (let tries = 0; !said.includes('ready to accept connections'); tries += 1) {
      if (tries > 600 || said.includes('FATAL'))
        throw new Error(`PostgreSQL does not start:\n${said}`);
      await sleep(50);
    }
    return child;
  }

  async function stopServer(): Promise<void> {
    const ended = new Promise((done) => server.once('close', done));
    server.stdin?.end();
    await ended;
  }

  return {
    port,
    async freshAddress() {
      schemas += 1;
      const name = `store_${schemas}`;
      const { Client } = await import('pg');
      const client = new Client({ connectionString: addressOn(port) });
      await client.connect();
      await client.query(`create schema ${name}`);
      await client.end();
      return `${addressOn(port)}?options=-csearch_path%3D${name}`;
    },
    async crash() {
      await stopServer();
      server = await startServer();
    },
    async stop() {
      await stopServer();
      await rm(home, { recursive: true, force: true });
    },
  };
}

function addressOn(port: number): string {
  return `postgres://portcullis@127.0.0.1:${port}/postgres`;
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
