import { setImmediate, setTimeout } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  memoryObjectStore,
  type MemoryObjectStore,
} from '../../test/support/memory-object-store.ts';
import { keyVerdict, wantEverything, type KeyFilter } from './aws-layout.ts';
import { listObjects } from './list-objects.ts';

const accounts = ['111122223333', '444455556666'];
const regions = ['us-east-1', 'eu-west-1'];
const days = ['2025/12/31', '2026/02/28', '2026/03/01', '2026/03/02', '2026/04/01'];

function trailKeys(perDay: number): string[] {
  const keys: string[] = [];
  for (const account of accounts) {
    for (const region of regions) {
      for (const day of days) {
        for (let file = 0; file < perDay; file += 1) {
          const time = `${day.replaceAll('/', '')}T12${String(file % 60).padStart(2, '0')}Z`;
          const name = `${account}_CloudTrail_${region}_${time}_${file}.json.gz`;
          keys.push(`AWSLogs/${account}/CloudTrail/${region}/${day}/${name}`);
        }
      }
    }
    for (let file = 0; file < 5000; file += 1) {
      keys.push(`AWSLogs/${account}/vpcflowlogs/eu-west-1/2026/03/01/${file}.log.gz`);
    }
  }
  return keys;
}

const firstOfMarch: KeyFilter = {
  sinceMs: Date.parse('2026-03-01T06:00:00Z'),
  untilMs: Date.parse('2026-03-01T07:00:00Z'),
  accounts: ['111122223333'],
  regions: ['eu-west-1'],
};

async function keysOf(
  store: MemoryObjectStore,
  prefix: string,
  filter: KeyFilter = wantEverything,
): Promise<string[]> {
  const keys: string[] = [];
  const found = listObjects(store, 'logs', prefix, { filter, onSkippedFolder: () => {} });
  for await (const { key } of found) keys.push(key);
  return keys;
}

describe('listing objects', () => {
  it('gives, in order and once, every key that is not below a folder left out', async () => {
    const part = fc.constantFrom(
      'AWSLogs',
      'o-abc',
      ...accounts,
      'CloudTrail',
      'CloudTrail-Digest',
      ...regions,
      '2026',
      '03',
      '01',
      'a',
      'ä b',
      '',
    );
    const key = fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => parts.join('/'));
    const wanted = fc.record({
      sinceMs: fc.constantFrom(null, Date.UTC(2026, 2, 1), Date.UTC(2027, 0, 1)),
      untilMs: fc.constantFrom(null, Date.UTC(2026, 2, 1), Date.UTC(2025, 0, 1)),
      accounts: fc.subarray(accounts),
      regions: fc.subarray(regions),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(key, { maxLength: 60 }),
        key,
        wanted,
        fc.integer({ min: 1, max: 20 }),
        async (keys, start, filter, pageSize) => {
          const prefix = start.slice(0, start.length / 2);
          const isTaken = (candidate: string): boolean => keyVerdict(filter, candidate) === 'take';
          const expected = [...new Set(keys)]
            .filter((candidate) => candidate.startsWith(prefix) && isTaken(candidate))
            .toSorted();
          const listed = await keysOf(memoryObjectStore(keys, { pageSize }), prefix, filter);
          expect(listed).toEqual(listed.toSorted());
          expect(new Set(listed).size).toBe(listed.length);
          expect(listed.filter(isTaken)).toEqual(expected);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('asks only for the folders of the accounts, regions and days that are wanted', async () => {
    const store = memoryObjectStore(trailKeys(3));
    const listed = await keysOf(store, '', firstOfMarch);
    const region = 'AWSLogs/111122223333/CloudTrail/eu-west-1/';
    expect(listed).toHaveLength(6);
    expect(store.asked).toEqual([
      ' /',
      'AWSLogs/ /',
      'AWSLogs/111122223333/ /',
      'AWSLogs/111122223333/CloudTrail/ /',
      `${region} /`,
      `${region}2026/ /`,
      `${region}2026/03/ /`,
      `${region}2026/03/01/`,
      `${region}2026/03/02/`,
    ]);
  });

  it("passes by other services' folders without any filter, and lists trails flat", async () => {
    const store = memoryObjectStore(trailKeys(2));
    expect(await keysOf(store, '')).toHaveLength(40);
    expect(store.asked.toSorted()).toEqual([
      ' /',
      'AWSLogs/ /',
      'AWSLogs/111122223333/ /',
      'AWSLogs/111122223333/CloudTrail/',
      'AWSLogs/444455556666/ /',
      'AWSLogs/444455556666/CloudTrail/',
    ]);
  });

  it('asks for nothing below a prefix that can hold nothing wanted', async () => {
    const store = memoryObjectStore(trailKeys(1));
    const skipped: string[] = [];
    const found = listObjects(store, 'logs', 'AWSLogs/444455556666/CloudTrail/', {
      filter: firstOfMarch,
      onSkippedFolder: (verdict) => skipped.push(verdict),
    });
    for await (const { key } of found) throw new Error(`${key} was listed`);
    expect(skipped).toEqual(['prune']);
    expect(store.asked).toEqual([]);
  });

  it('lists flat where a layout of its own would take a request for each of many folders', async () => {
    const keys = Array.from({ length: 5000 }, (_, index) => `exports/run-${index}/records.json`);
    const store = memoryObjectStore(keys);
    expect(await keysOf(store, '')).toHaveLength(5000);
    expect(store.asked).toEqual([' /', 'exports/ /', ...Array<string>(5).fill('exports/')]);

    const deep = Array.from({ length: 500 }, (_, index) => `a/b/c/d/${index}/records.json`);
    const deepStore = memoryObjectStore(deep);
    expect(await keysOf(deepStore, '')).toHaveLength(500);
    expect(deepStore.asked).toEqual([' /', 'a/ /', 'a/b/ /', 'a/b/c/']);
  });

  it('has several requests under way, though never more than sixteen', async () => {
    const store = memoryObjectStore(
      Array.from({ length: 100 }, (_, index) => {
        const account = String(index).padStart(12, '0');
        return `AWSLogs/${account}/CloudTrail/us-east-1/2026/03/01/x.json.gz`;
      }),
      { delay: () => setTimeout(1) },
    );
    expect(await keysOf(store, '', { ...wantEverything, sinceMs: 0 })).toHaveLength(100);
    expect(store.mostAtOnce()).toBe(16);
  });

  it('fetches the next page while this one is being read, but not the whole bucket', async () => {
    const keys = Array.from(
      { length: 30_000 },
      (_, index) => `AWSLogs/111122223333/CloudTrail/${index}`,
    );
    const store = memoryObjectStore(keys);
    const found = listObjects(store, 'logs', 'AWSLogs/111122223333/CloudTrail/', {
      filter: wantEverything,
      onSkippedFolder: () => {},
    });
    await found.next();
    for (let turn = 0; turn < 100; turn += 1) await setImmediate();
    expect(store.asked.length).toBeGreaterThan(1);
    expect(store.asked.length).toBeLessThan(15);
    await found.return();
    for (let turn = 0; turn < 10; turn += 1) await setImmediate();
    expect(store.asked.length).toBeLessThan(15);
  });

  it('ends its requests when nobody wants more', async () => {
    const store = memoryObjectStore(trailKeys(1), { delay: () => setTimeout(1) });
    for await (const _ of listObjects(store, 'logs', '', {
      filter: firstOfMarch,
      onSkippedFolder: () => {},
    })) {
      break;
    }
    const askedAtEnd = store.asked.length;
    await setTimeout(20);
    expect(store.asked).toHaveLength(askedAtEnd);
  });

  it('throws what a page throws, after all that comes before it', async () => {
    const refused = 'AWSLogs/444455556666/CloudTrail/';
    const store = memoryObjectStore(trailKeys(1), { refused: [refused] });
    const keys: string[] = [];
    const listing = async (): Promise<void> => {
      for await (const { key } of listObjects(store, 'logs', '', {
        filter: wantEverything,
        onSkippedFolder: () => {},
      })) {
        keys.push(key);
      }
    };
    await expect(listing()).rejects.toThrow(`${refused} is refused`);
    expect(keys).toHaveLength(10);
  });
});
