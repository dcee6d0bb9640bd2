import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inspectStore } from './inspect-store.ts';
import { openStore } from './open-store.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-inspect-'));
});

afterAll(() => rm(folder, { recursive: true }));

describe('a look at a store', () => {
  test('finds none where none is, and makes none', async () => {
    expect(await inspectStore(join(folder, 'deep/down/portcullis.db'))).toEqual({ kind: 'absent' });
    expect(await readdir(folder)).toEqual([]);
  });

  test('finds one that is up to date', async () => {
    const path = join(folder, 'there.db');
    await (await openStore(path)).close();
    expect(await inspectStore(path)).toEqual({ kind: 'there', missing: 0, unknown: [] });
    expect(await inspectStore(`sqlite:${path}`)).toMatchObject({ kind: 'there' });
  });

  test('finds one of an older version, and one of a newer, and leaves them so', async () => {
    const path = join(folder, 'other.db');
    await (await openStore(path)).close();
    const database = new DatabaseSync(path);
    database.exec("update portcullis_migrations set name = 'of the future' where rowid = 1");
    database.close();
    const expected = { kind: 'there', missing: 1, unknown: ['of the future'] };
    expect(await inspectStore(path)).toEqual(expected);
    expect(await inspectStore(path)).toEqual(expected);
  });

  test('says what cannot be opened', async () => {
    const path = join(folder, 'text.db');
    await writeFile(
      path,
      'this is no database, but it is long enough to be taken for one'.repeat(20),
    );
    await expect(inspectStore(path)).rejects.toMatchObject({ code: 'store/damaged' });
    await expect(inspectStore(join(path, 'portcullis.db'))).rejects.toMatchObject({
      code: 'store/cannot-open',
    });
  });
});
