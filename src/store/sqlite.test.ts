import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../test/support/scratch-folder.ts';
import type { Connection } from './connection.ts';
import { openSqlite } from './sqlite.ts';

async function openWithTable() {
  const database = openSqlite(join(await scratchFolder(), 'store.db'));
  await database.transaction((connection) =>
    connection.query('create table things (data text) strict', []),
  );
  return database;
}

async function put(connection: Connection, text: string): Promise<void> {
  await connection.query('insert into things values (?1)', [text]);
}

async function texts(database: Awaited<ReturnType<typeof openWithTable>>) {
  const { rows } = await database.read((connection) =>
    connection.query('select data from things order by rowid', []),
  );
  return rows.map(({ data }) => data);
}

test('a full disk takes nothing of a transaction, says so, and the next one goes on', async () => {
  const database = await openWithTable();
  const setLimit = (pages: number) =>
    database.transaction((connection) => connection.query(`pragma max_page_count = ${pages}`, []));
  await setLimit(10);
  const filling = database.transaction(async (connection) => {
    await put(connection, 'small');
    await put(connection, 'x'.repeat(1_000_000));
  });
  await expect(filling).rejects.toMatchObject({
    code: 'store/full',
    hint: expect.stringContaining('Make room') as string,
  });
  expect(await texts(database)).toEqual([]);
  await database.transaction((connection) => put(connection, 'fits'));
  await setLimit(1_000_000);
  await database.transaction((connection) => put(connection, 'x'.repeat(1_000_000)));
  expect(await texts(database)).toHaveLength(2);
  await database.close();
});

test('transactions come one after another, and what fails leaves the queue to the others', async () => {
  const database = await openWithTable();
  const order: string[] = [];
  const work = (name: string, fault: Error | null) =>
    database.transaction(async (connection) => {
      order.push(`${name} begins`);
      await put(connection, name);
      await new Promise((done) => setTimeout(done, 5));
      order.push(`${name} ends`);
      if (fault !== null) throw fault;
    });
  const fault = new Error('it failed');
  const outcomes = await Promise.allSettled([work('a', null), work('b', fault), work('c', null)]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  expect(await texts(database)).toEqual(['a', 'c']);
  await database.close();
});

test('a power cut takes back nothing that was committed: every commit waits for the disk', async () => {
  const database = await openWithTable();
  const settings = await database.transaction(async (connection) => {
    const read = async (name: string) =>
      Object.values((await connection.query(`pragma ${name}`, [])).rows[0] ?? {})[0];
    return [await read('journal_mode'), await read('synchronous'), await read('fullfsync')];
  });
  // 2 is FULL: https://sqlite.org/pragma.html#pragma_synchronous
  expect(settings).toEqual(['wal', 2, 1]);
  await database.close();
});

test('statements that return rows count none as changed', async () => {
  const database = await openWithTable();
  await database.transaction(async (connection) => {
    await put(connection, 'a');
    await put(connection, 'b');
    const changed = await connection.query('update things set data = ?1', ['c']);
    expect(changed).toEqual({ rows: [], affected: 2 });
    const { rows } = await connection.query('select data from things where data = ?1', ['c']);
    expect(rows).toHaveLength(2);
  });
  await database.close();
});
