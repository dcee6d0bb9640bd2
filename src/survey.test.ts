import { describe, expect, onTestFinished, test } from 'vitest';

import { portRule } from '../test/oracle/rules.ts';
import { add, groupChange, remove } from '../test/support/changes.ts';
import { ingest, type IngestOptions } from './live/ingest.ts';
import type { Change } from './model/change.ts';
import type { JsonObject } from './model/json.ts';
import type { GroupDirectory } from './ports.ts';
import { openStore, type OpenStore } from './store/open-store.ts';
import { Survey } from './survey.ts';

const account = '111122223333';
const region = 'us-east-1';
const minuteMs = 60_000;
const startMs = Date.UTC(2026, 2, 1, 12);

const options: IngestOptions = {
  rules: [
    portRule(
      'admin',
      [22, 3389],
      {},
      { options: { keepAliveSeconds: 0, maxSignalDurationSeconds: 0 } },
    ),
  ],
  fingerprint: 'a',
  suppressions: [],
  logRules: [],
  channelsFor: () => [],
};

/** A region whose groups are opened to the world on these ports. */
class Estate implements GroupDirectory {
  ports: Readonly<Record<string, readonly number[]>> = {};

  regions(): Promise<readonly string[]> {
    return Promise.resolve([region]);
  }

  async *groups() {
    yield Object.keys(this.ports).map((groupId) => ({
      groupId,
      ownerId: account,
      groupName: null,
      vpcId: null,
    }));
  }

  async *rules(): AsyncGenerator<readonly JsonObject[]> {
    yield Object.entries(this.ports).flatMap(([GroupId, ports]) =>
      ports.map((port) => ({
        GroupId,
        SecurityGroupRuleId: `sgr-${GroupId}-${port}`,
        IsEgress: false,
        IpProtocol: 'tcp',
        FromPort: port,
        ToPort: port,
        CidrIpv4: '0.0.0.0/0',
      })),
    );
  }

  prefixList(): Promise<never> {
    return Promise.reject(new Error('no lists here'));
  }
}

type Surveyed = {
  readonly estate: Estate;
  readonly store: OpenStore;
  readonly told: (changes: readonly Change[]) => Promise<void>;
  /** What is open after a look, so many minutes after the first. */
  readonly openAfter: (minutes: number) => Promise<readonly string[]>;
};

async function surveying(): Promise<Surveyed> {
  const estate = new Estate();
  const store = await openStore(':memory:');
  onTestFinished(() => store.close());
  let nowMs = startMs;
  const survey = new Survey({
    store,
    accounts: [{ accountId: account, directory: estate, regions: [] }],
    ingest: () => options,
    clock: () => nowMs,
  });
  return {
    estate,
    store,
    async told(changes) {
      await ingest(store, { changes, undetermined: [], matches: [], receivedMs: nowMs }, options);
    },
    async openAfter(minutes) {
      nowMs = startMs + minutes * minuteMs;
      await survey.run(new AbortController().signal);
      const { items } = await store.exposures.list({ isOpen: true, limit: 100, cursor: null });
      return items.map(({ exposure }) => `${exposure.groupId}:${exposure.port}`).toSorted();
    },
  };
}

describe('a look', () => {
  test('is the beginning for groups that were never heard of', async () => {
    const { estate, store, told, openAfter } = await surveying();
    estate.ports = { 'sg-1': [22], 'sg-2': [443] };
    expect(await openAfter(0)).toEqual(['sg-1:22']);
    const closing = groupChange('c', 0, remove('tcp 22 0.0.0.0/0'));
    const laterMs = startMs + 5 * minuteMs;
    await told([{ ...closing, eventTimeMs: laterMs, eventTime: new Date(laterMs).toISOString() }]);
    const { items } = await store.exposures.list({ limit: 10, cursor: null });
    // Closed by a known call; when and by whom it was opened, nobody can tell.
    expect(items.map(({ exposure }) => exposure)).toMatchObject([
      { closedByEventId: 'c', openedBy: { type: 'Unknown' }, openedByEventName: 'Audit' },
    ]);
  });

  test('changes nothing where the trail has told everything', async () => {
    const { estate, store, told, openAfter } = await surveying();
    await told([groupChange('a', 0, add('tcp 22 0.0.0.0/0'))]);
    estate.ports = { 'sg-1': [22] };
    for (const minutes of [0, 30, 60]) expect(await openAfter(minutes)).toEqual(['sg-1:22']);
    const changes = await store.transaction((tx) =>
      tx.changesOfGroups([{ groupKey: JSON.stringify([account, region, 'sg-1']), fromMs: -1 }]),
    );
    expect(changes).toHaveLength(1);
  });

  test('tells what the trail did not, once it has had the time to', async () => {
    const { estate, told, openAfter } = await surveying();
    await told([groupChange('a', 0, add('tcp 22 0.0.0.0/0'))]);
    estate.ports = { 'sg-1': [3389] };
    expect(await openAfter(0)).toEqual(['sg-1:22']);
    expect(await openAfter(10)).toEqual(['sg-1:22']);
    expect(await openAfter(30)).toEqual(['sg-1:3389']);
  });

  test('ends what a group that is gone left open', async () => {
    const { told, openAfter } = await surveying();
    await told([groupChange('a', 0, add('tcp 22 0.0.0.0/0'))]);
    expect(await openAfter(0)).toEqual(['sg-1:22']);
    expect(await openAfter(30)).toEqual([]);
  });
});
