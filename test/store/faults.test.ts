// What the store does when the world fails: other processes, newer versions, files that are
// none, servers that go away. Whatever happens is told with a next step, and nothing is half done.

import { once } from 'node:events';
import { stat, writeFile } from 'node:fs/promises';
import { createServer, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import { hasPostgres, startPostgres, type Postgres } from '../support/postgres.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { aChange } from './samples.ts';
import { onEveryStore } from './stores.ts';

onEveryStore('a store', (stores) => {
  test('is set up once where several open it at the same time', async () => {
    const address = await stores.address();
    const opened = await Promise.all(Array.from({ length: 5 }, () => openStore(address)));
    await opened[0]?.transaction((tx) => tx.putCheckpoint('a', { value: 1 }));
    for (const store of opened) {
      expect(await store.transaction((tx) => tx.checkpoint('a'))).toEqual({ value: 1 });
      await store.close();
    }
  });

  test('does not wait for a transaction that it is read beside', async () => {
    const store = await stores.open();
    await store.checkpoints.save('a', { value: 1 });
    await store.transaction(async (tx) => {
      await tx.putCheckpoint('a', { value: 2 });
      expect(await store.checkpoints.load('a')).toEqual({ value: 1 });
    });
    expect(await store.checkpoints.load('a')).toEqual({ value: 2 });
  });

  test('may be closed twice', async () => {
    const store = await openStore(await stores.address());
    await store.close();
    await store.close();
    await expect(store.checkpoints.load('a')).rejects.toThrow(/open|end/);
  });
});

describe('a file', () => {
  test('is for its owner alone, with what is beside it', async () => {
    const path = join(await scratchFolder(), 'below', 'store.db');
    const store = await openStore(`sqlite:${path}`);
    await store.checkpoints.save('a', {});
    for (const suffix of ['', '-wal', '-shm']) {
      expect((await stat(`${path}${suffix}`)).mode & 0o777).toBe(0o600);
    }
    await store.close();
  });

  test('waits for another process that writes, and goes on', async () => {
    const path = join(await scratchFolder(), 'store.db');
    const store = await openStore(path);
    onTestFinished(() => store.close());
    const other = new DatabaseSync(path);
    other.exec('begin immediate');
    let isDone = false;
    const saved = store.checkpoints.save('a', { value: 1 }).then(() => (isDone = true));
    await new Promise((done) => setTimeout(done, 300));
    expect(isDone).toBe(false);
    other.exec('commit');
    other.close();
    await saved;
    expect(await store.checkpoints.load('a')).toEqual({ value: 1 });
  });

  test('of a newer version is not touched', async () => {
    const path = join(await scratchFolder(), 'store.db');
    await (await openStore(path)).close();
    const database = new DatabaseSync(path);
    database.exec("insert into portcullis_migrations values ('9999_later', 'now')");
    database.close();
    await expect(openStore(path)).rejects.toMatchObject({
      code: 'store/newer-schema',
      message: expect.stringContaining('9999_later') as string,
    });
  });

  test('that is no store is told as such', async () => {
    const folder = await scratchFolder();
    await writeFile(
      join(folder, 'text'),
      'This is a text, and nothing that SQLite knows. '.repeat(50),
    );
    await expect(openStore(join(folder, 'text'))).rejects.toMatchObject({ code: 'store/damaged' });
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'store/cannot-open' });
    await expect(openStore('')).rejects.toMatchObject({ code: 'store/cannot-open' });
    await expect(openStore(join(folder, 'none.db'), { mustExist: true })).rejects.toMatchObject({
      code: 'store/cannot-open',
    });
  });

  test('in memory is a store like another', async () => {
    const store = await openStore(':memory:');
    await store.transaction((tx) => tx.putChanges([aChange('e', 1)]));
    expect(await store.transaction((tx) => tx.changesByEventId(['e']))).toHaveLength(1);
    await store.close();
  });
});

describe.skipIf(!hasPostgres)('a server', () => {
  let server: Postgres;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.stop());

  test('that crashes between transactions is waited for', async () => {
    const store = await openStore(await server.freshAddress());
    onTestFinished(() => store.close());
    await store.checkpoints.save('a', { value: 1 });
    const crashed = server.crash();
    await new Promise((done) => setTimeout(done, 50));
    await store.checkpoints.save('a', { value: 2 }).catch((error: unknown) => {
      // It may have been cut off within the commit: then the same is done again.
      expect(error).toMatchObject({ code: 'store/unknown-outcome' });
      return store.checkpoints.save('a', { value: 2 });
    });
    await crashed;
    expect(await store.checkpoints.load('a')).toEqual({ value: 2 });
  });

  test('that goes away in the middle of a transaction has done nothing, and it is done again', async () => {
    const store = await openStore(await server.freshAddress());
    onTestFinished(() => store.close());
    let runs = 0;
    await store.transaction(async (tx) => {
      runs += 1;
      const known = await tx.checkpoint('a');
      await tx.putCheckpoint('a', { value: Number(known?.['value'] ?? 0) + 1 });
      if (runs === 1) await server.crash();
    });
    expect(runs).toBe(2);
    expect(await store.checkpoints.load('a')).toEqual({ value: 1 });
  });

  test('that is lost within a commit leaves it open what became of it', async () => {
    const proxy = await cuttingProxy(server.port);
    onTestFinished(() => proxy.close());
    const address = (await server.freshAddress()).replace(`:${server.port}/`, `:${proxy.port}/`);
    const store = await openStore(address);
    onTestFinished(() => store.close());
    proxy.cutAt('commit');
    await expect(store.checkpoints.save('a', { value: 1 })).rejects.toMatchObject({
      code: 'store/unknown-outcome',
    });
    await store.checkpoints.save('a', { value: 1 });
    expect(await store.checkpoints.load('a')).toEqual({ value: 1 });
  });

  test('that refuses is told at once, without the password', async () => {
    const wrong = [
      ['postgres://portcullis:s3cret@127.0.0.1:1/postgres', 'store/unavailable'],
      [`postgres://portcullis:s3cret@127.0.0.1:${server.port}/nothing`, 'store/cannot-open'],
      [`postgres://nobody:s3cret@127.0.0.1:${server.port}/postgres`, 'store/cannot-open'],
    ] as const;
    for (const [address, code] of wrong) {
      const fault: unknown = await openStore(address).catch((error: unknown) => error);
      expect(fault).toMatchObject({ code });
      expect(JSON.stringify(fault)).not.toContain('s3cret');
      expect(String(fault)).not.toContain('s3cret');
    }
  });

  test('lets two that come in between each other both succeed', async () => {
    const store = await openStore(await server.freshAddress());
    onTestFinished(() => store.close());
    const put = (first: string, second: string) =>
      store.transaction(async (tx) => {
        await tx.putCheckpoint(first, { by: first });
        await new Promise((done) => setTimeout(done, 200));
        await tx.putCheckpoint(second, { by: first });
      });
    // Each holds what the other wants: the server ends one, which is done again.
    await Promise.all([put('a', 'b'), put('b', 'a')]);
    const found = [await store.checkpoints.load('a'), await store.checkpoints.load('b')];
    expect(found[0]).toEqual(found[1]);
  });
});

type CuttingProxy = {
  readonly port: number;
  /** The next message to the server that holds the text arrives, and its answer does not. */
  cutAt(text: string): void;
  close(): Promise<void>;
};

async function cuttingProxy(target: number): Promise<CuttingProxy> {
  let wanted: string | null = null;
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    let isCut = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    }
    client.on('data', (bytes) => {
      if (wanted !== null && bytes.includes(wanted)) {
        wanted = null;
        isCut = true;
      }
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (isCut) client.destroy();
      else client.write(bytes);
    });
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cutAt(text) {
      wanted = text;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}
