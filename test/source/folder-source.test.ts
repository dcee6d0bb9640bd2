// The source that delivers the files of a local folder that grows.

import { appendFile, mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

import type { PortcullisError } from '../../src/errors/portcullis-error.ts';
import type { Delivery, DeliverySource } from '../../src/ports.ts';
import { createFolderSource, type FolderSourceOptions } from '../../src/source/folder-source.ts';
import { memoryCheckpoints, type MemoryCheckpoints } from '../support/memory-checkpoints.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { ingressRecord, trailFile } from '../support/trail.ts';
import { describeSource, eventIds, Run, type SourceWorld } from './source-suite.ts';

type FolderWorld = Omit<SourceWorld, 'source'> & {
  readonly folder: string;
  readonly checkpoints: MemoryCheckpoints;
  readonly source: (options?: Partial<FolderSourceOptions>) => DeliverySource;
  /** Writes a file below the folder. */
  readonly write: (path: string, bytes: string | Uint8Array) => Promise<void>;
};

async function startWorld(): Promise<FolderWorld> {
  const root = await scratchFolder({ 'logs/readme.txt.tmp': 'not yet' });
  const folder = join(root, 'logs');
  const checkpoints = memoryCheckpoints();
  const reported: PortcullisError[] = [];
  let place = folder;
  let files = 0;
  const write = async (path: string, bytes: string | Uint8Array): Promise<void> => {
    await mkdir(dirname(join(place, path)), { recursive: true });
    await writeFile(join(place, path), bytes);
  };
  return {
    folder,
    checkpoints,
    write,
    faults: reported,
    tries: 4,
    recoveryMs: 0,
    quietMs: 700,
    source: (options) =>
      createFolderSource({
        name: 'folder',
        folder,
        checkpoints,
        onFault: (fault) => reported.push(fault),
        settleMs: 100,
        relistMs: 100,
        firstReturnMs: 150,
        ...options,
      }),
    put(record) {
      files += 1;
      return write(`2026/03/${String(files).padStart(2, '0')}/log.json`, trailFile([record]));
    },
    failNext(requests) {
      // As a drive that is not mounted.
      place = join(root, 'away');
      const moved = rename(folder, place);
      void moved.then(async () => {
        await pause(requests * 100);
        await rename(place, folder);
        place = folder;
      });
    },
  };
}

async function bytesOf(delivery: Delivery): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for (const part of delivery.parts) {
    for await (const chunk of part.read(new AbortController().signal)) chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function content(id: string): string {
  return trailFile([ingressRecord({ id })]);
}

describe('a folder', () => {
  describeSource(startWorld);
});

describe('a file', () => {
  it('is delivered long before the next look at everything, where the system tells of it', async () => {
    const world = await startWorld();
    await world.write('a/b/first.json', content('first'));
    const run = new Run(world.source({ relistMs: 3_600_000 }));
    await run.next();
    await world.write('a/b/second.json', content('second'));
    expect(await eventIds(await run.next())).toEqual(['second']);
    await world.write('new/and/deeper/third.json', content('third'));
    expect(await eventIds(await run.next())).toEqual(['third']);
  });

  it('is delivered when it was renamed into place, not while it was written elsewhere', async () => {
    const world = await startWorld();
    const run = new Run(world.source({ settleMs: 60_000, relistMs: 3_600_000 }));
    expect(await run.isQuiet(200)).toBe(true);
    await world.write('.hidden.json', content('whole'));
    await world.write('log.json.part', content('part'));
    const old = new Date(Date.now() - 120_000);
    await utimes(join(world.folder, '.hidden.json'), old, old);
    expect(await run.isQuiet(200)).toBe(true);
    await rename(join(world.folder, '.hidden.json'), join(world.folder, 'log.json'));
    expect(await eventIds(await run.next())).toEqual(['whole']);
    expect(await run.isQuiet(200)).toBe(true);
  });

  it('is not delivered while it is written to', async () => {
    const world = await startWorld();
    const run = new Run(world.source({ settleMs: 1_500 }));
    await world.write('log.json', '{"Records":[');
    for (let piece = 0; piece < 10; piece += 1) {
      expect(await run.isQuiet(100)).toBe(true);
      await appendFile(join(world.folder, 'log.json'), ' ');
    }
    await appendFile(
      join(world.folder, 'log.json'),
      `${JSON.stringify(ingressRecord({ id: 'a' }))}]}`,
    );
    expect(await eventIds(await run.next())).toEqual(['a']);
    expect(await run.isQuiet(2_000)).toBe(true);
  });

  it('that was cut off in the middle and goes on later is delivered again, whole', async () => {
    const world = await startWorld();
    const packed = gzipSync(content('a'));
    await world.write('log.json.gz', packed.subarray(0, 100));
    const run = new Run(world.source());
    const cut = await run.next();
    expect(await bytesOf(cut)).toEqual(packed.subarray(0, 100));
    await cut.acknowledge();
    await appendFile(join(world.folder, 'log.json.gz'), packed.subarray(100));
    const whole = await run.next();
    expect(whole).toMatchObject({ name: cut.name, attempt: 1 });
    expect(whole.id).not.toBe(cut.id);
    expect(await bytesOf(whole)).toEqual(packed);
  });

  it('is not delivered again after its times alone were old, nor when it is gone', async () => {
    const world = await startWorld();
    await world.write('log.json', content('old'));
    const longAgo = new Date('2020-01-01T00:00:00Z');
    await utimes(join(world.folder, 'log.json'), longAgo, longAgo);
    const run = new Run(world.source());
    await (await run.next()).acknowledge();
    await run.end();
    const again = new Run(world.source());
    expect(await again.isQuiet(400)).toBe(true);
    // Copied with its old time, it came now all the same.
    await world.write('.copy', content('copy'));
    await utimes(join(world.folder, '.copy'), longAgo, longAgo);
    await rename(join(world.folder, '.copy'), join(world.folder, 'copy.json'));
    expect(await eventIds(await again.next())).toEqual(['copy']);
    await rm(join(world.folder, 'log.json'));
    expect(await again.isQuiet(300)).toBe(true);
    expect(world.faults).toEqual([]);
  });

  it('from the future does not hide others', async () => {
    const world = await startWorld();
    await world.write('future.json', content('future'));
    const future = new Date('2099-01-01T00:00:00Z');
    await utimes(join(world.folder, 'future.json'), future, future);
    const run = new Run(world.source());
    await (await run.next()).acknowledge();
    expect(await run.isQuiet(300)).toBe(true);
    await world.write('now.json', content('now'));
    expect(await eventIds(await run.next())).toEqual(['now']);
    await run.end();
    const again = new Run(world.source());
    expect(await eventIds(await again.next())).toEqual(['now']);
    expect(await again.isQuiet(300)).toBe(true);
  });

  it('of another kind is left out: digests, hidden and temporary names, links in a circle', async () => {
    const world = await startWorld();
    await world.write('AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/03/01/d.json', '{}');
    await world.write('.git/config.json', '{}');
    await world.write('log.json~', '{}');
    await symlink(world.folder, join(world.folder, 'circle'));
    await symlink(join(world.folder, 'nowhere'), join(world.folder, 'broken.json'));
    await world.write('z/log.json', content('a'));
    await symlink(join(world.folder, 'z/log.json'), join(world.folder, 'link.json'));
    const run = new Run(world.source());
    const names = (await run.take(2)).map(({ name }) => name.slice(world.folder.length));
    expect(names.toSorted()).toEqual(['/link.json', '/z/log.json']);
    expect(await run.isQuiet(400)).toBe(true);
    expect(world.faults).toEqual([]);
  });

  it('comes in the order in which it arrived', async () => {
    const world = await startWorld();
    for (const id of ['c', 'a', 'b']) {
      await world.write(`${id}.json`, content(id));
      await pause(15);
    }
    await pause(150);
    const deliveries = await new Run(world.source()).take(3);
    expect((await Promise.all(deliveries.map(eventIds))).flat()).toEqual(['c', 'a', 'b']);
  });

  it('may be too old to be wanted', async () => {
    const world = await startWorld();
    await world.write('old.json', content('old'));
    await pause(50);
    const sinceMs = Date.now();
    await pause(50);
    await world.write('new.json', content('new'));
    const run = new Run(world.source({ sinceMs }));
    expect(await eventIds(await run.next())).toEqual(['new']);
    expect(await run.isQuiet(400)).toBe(true);
  });
});

describe('a folder that cannot be read', () => {
  it('is told of, and read once it can be', async () => {
    const world = await startWorld();
    const folder = join(world.folder, 'later');
    const run = new Run(world.source({ folder }));
    expect(await run.isQuiet(300)).toBe(true);
    expect(world.faults[0]).toMatchObject({
      code: 'source/not-readable',
      message: `${folder} cannot be looked at: it is not there.`,
      place: folder,
    });
    await world.write('later/log.json', content('a'));
    expect(await eventIds(await run.next())).toEqual(['a']);
  });
});

describe('very many files', () => {
  it('are all delivered, a part at a time, and remembered no longer than needed', async () => {
    const world = await startWorld();
    const count = 5_000;
    await mkdir(join(world.folder, 'many'));
    for (let index = 0; index < count; index += 500) {
      await Promise.all(
        Array.from({ length: 500 }, (_, offset) =>
          writeFile(join(world.folder, 'many', `${index + offset}`), '{}'),
        ),
      );
    }
    await pause(150);
    const names = new Set<string>();
    const run = new Run(world.source({ foundAtOnce: 1_000 }));
    const unsettled: Promise<void>[] = [];
    while (names.size < count) {
      const delivery = await run.next();
      expect(names.has(delivery.name)).toBe(false);
      names.add(delivery.name);
      unsettled.push(delivery.acknowledge());
      if (unsettled.length >= 500) await Promise.all(unsettled.splice(0));
    }
    await Promise.all(unsettled);
    expect(await run.isQuiet(300)).toBe(true);
    expect(world.checkpoints.kept.get('folder')?.length).toBeLessThan(2_000_000);
  });
});
