// Killed again and again at any moment, with records that come twice, late and in any order, the watch
// ends with the store of an undisturbed run, and every notice was sent.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

import type { Undetermined } from '../../src/model/change.ts';
import { own } from '../../src/model/json.ts';
import { detect } from '../../src/pipeline.ts';
import { openStore } from '../../src/store/open-store.ts';
import { builtInRulesDirectory, loadRules } from '../../src/rules/load-rules.ts';
import { actions, picker, simulate } from '../oracle/simulated-group.ts';
import type { JsonRecord, Pick } from '../oracle/records.ts';
import { startReceiver, status } from '../support/receiver.ts';
import { hasPostgres, startPostgres } from '../support/postgres.ts';
import type { OpenedStore } from '../store/stores.ts';
import { ended, watchedFolder, type Watched } from './watched-folder.ts';

const kills = 200;
/** What comes while one process lives. */
const filesPerLife = 4;
/** Enough for something to be opened. */
const filesOfFirstLife = 80;
/** Lives last half as long to one and a half times as long as this at most. */
const mostLifeMs = 1200;

/** A history in three places, cut into files: some records twice, some late. */
function history(pick: Pick): {
  readonly records: readonly JsonRecord[];
  readonly files: JsonRecord[][];
} {
  const intents = Array.from({ length: 1600 }, () => ({
    action: actions[pick(actions.length)] ?? 'authorize',
    seed: pick(1_000_000_000),
  }));
  const records = simulate(intents, { sameSecondPercent: 20, placeCount: 3 }).steps.map(
    ({ record }) => record,
  );
  const arriving = records
    .flatMap((record, index) => {
      const late = pick(8) === 0 ? pick(60) : 0;
      const first = { record, at: index + late };
      return pick(5) === 0 ? [first, { record, at: index + pick(40) }] : [first];
    })
    .toSorted((a, b) => a.at - b.at)
    .map(({ record }) => record);
  const files = Array.from({ length: kills * filesPerLife }, (_, index): JsonRecord[] =>
    arriving.slice(
      Math.floor((index * arriving.length) / (kills * filesPerLife)),
      Math.floor(((index + 1) * arriving.length) / (kills * filesPerLife)),
    ),
  );
  return { records, files };
}

describe.concurrent('a watch that is killed 200 times', () => {
  it('ends like one that was not, and has told everything, on SQLite', async () => {
    const outcome = await harm((home) => Promise.resolve(join(home, 'store.db')));
    expect(outcome).toEqual(undisturbed);
  });

  it.skipIf(!hasPostgres)('does so on PostgreSQL', async () => {
    const server = await startPostgres();
    try {
      expect(await harm(() => server.freshAddress())).toEqual(undisturbed);
    } finally {
      await server.stop();
    }
  });
});

type Outcome = {
  readonly endings: readonly unknown[];
  readonly tookInMostWhileKilled: boolean;
  readonly signals: readonly string[];
  readonly exposures: readonly string[];
  readonly doubts: readonly string[];
  readonly outbox: readonly unknown[];
  readonly untold: readonly string[];
};

/** Lists of differences are empty. */
const undisturbed: Outcome = {
  endings: ['SIGKILL'],
  tookInMostWhileKilled: true,
  signals: [],
  exposures: [],
  doubts: [],
  outbox: [],
  untold: [],
};

async function harm(addressIn: (home: string) => Promise<string>): Promise<Outcome> {
  const pick = picker(20_260_301);
  const { records, files } = history(pick);
  const told = new Set<string>();
  const receiver = await startReceiver(({ body }, number) => {
    if (number % 50 === 0) return status(500);
    told.add(keyOf(body));
    return status(200);
  });
  const home = await mkdtemp(join(tmpdir(), 'portcullis-kill-'));
  const address = await addressIn(home);
  const watched = await watchedFolder(home, address, receiver);
  const { signals: before, lifeMs } = await firstLife(watched, files, address);
  expect(before).toBeGreaterThan(0);
  const endings: unknown[] = [];
  for (let life = 0; life < kills; life += 1) {
    for (const file of files.splice(0, filesPerLife)) await watched.deliver(file);
    const child = watched.start();
    // From before the process can do anything to well after it has taken everything in.
    await sleep(lifeMs / 2 + pick(lifeMs));
    child.kill('SIGKILL');
    endings.push(await ended(child));
  }
  const store = await openStore(address);
  // Most of it was taken in by processes that were killed.
  const { count } = await store.signals.count({ query: '' });
  const last = watched.start();
  const rules = await loadRules([builtInRulesDirectory()]);
  const once = detect(records, { rules: rules.filter(({ enabled }) => enabled) });
  await until(async () => {
    const depth = await store.outbox.depth();
    return (
      depth.every(({ waiting }) => waiting === 0) &&
      JSON.stringify(await everySignal(store)) === JSON.stringify(byId(once.signals))
    );
  });
  last.kill('SIGTERM');
  expect(await ended(last)).toBe(0);
  const signals = await everySignal(store);
  const signalsTold = new Set([...told].map((key) => key.split('/')[0]));
  const outcome = {
    endings: [...new Set(endings)],
    tookInMostWhileKilled: count > once.signals.length / 2,
    signals: difference(signals, byId(once.signals)),
    exposures: difference(await everyExposure(store), byId(once.exposures)),
    doubts: difference(await everyDoubt(store), doubts(once.undetermined)),
    // Nothing waits, and nothing was given up.
    outbox: await store.outbox.depth(),
    untold: once.signals.filter(({ id }) => !signalsTold.has(id)).map(({ id }) => id),
  };
  expect(signals.length).toBeGreaterThan(100);
  await store.close();
  await receiver.stop();
  await rm(home, { recursive: true, force: true });
  return outcome;
}

/** What is in one list and not in the other, as JSON. */
function difference(found: readonly unknown[], wanted: readonly unknown[]): readonly string[] {
  const one = new Set(found.map((value) => JSON.stringify(value)));
  const other = new Set(wanted.map((value) => JSON.stringify(value)));
  return [
    ...[...one].filter((text) => !other.has(text)).map((text) => `too many: ${text}`),
    ...[...other].filter((text) => !one.has(text)).map((text) => `missing: ${text}`),
  ];
}

function keyOf(body: string): string {
  const notice: unknown = JSON.parse(body);
  return String(own(notice, 'key'));
}

/** How long a process takes to bring its first files in. */
async function firstLife(
  watched: Watched,
  files: readonly JsonRecord[][],
  address: string,
): Promise<{ readonly signals: number; readonly lifeMs: number }> {
  for (const file of files.slice(0, filesOfFirstLife)) await watched.deliver(file);
  const store = await openStore(address);
  const startMs = performance.now();
  const child = watched.start();
  let signals = 0;
  await until(async () => {
    signals = (await store.signals.count({ query: '' })).count;
    return signals > 0;
  }, 20);
  const lifeMs = Math.min(mostLifeMs, Math.round(performance.now() - startMs));
  child.kill('SIGKILL');
  await ended(child);
  await store.close();
  return { signals, lifeMs };
}

async function until(isSo: () => Promise<boolean>, pauseMs = 250): Promise<void> {
  const deadline = Date.now() + 240_000;
  while (!(await isSo()) && Date.now() < deadline) await sleep(pauseMs);
}

async function everySignal(store: OpenedStore): Promise<readonly unknown[]> {
  const signals: { readonly id: string }[] = [];
  let cursor: string | null = null;
  do {
    const page = await store.signals.list({
      query: '',
      limit: 1000,
      cursor,
      sort: { by: 'firstSeen', descending: false },
    });
    signals.push(...page.items.map(({ signal }) => signal));
    cursor = page.next;
  } while (cursor !== null);
  return byId(signals);
}

async function everyExposure(store: OpenedStore): Promise<readonly unknown[]> {
  const exposures: { readonly id: string }[] = [];
  let cursor: string | null = null;
  do {
    const page = await store.exposures.list({ limit: 1000, cursor });
    exposures.push(...page.items.map(({ exposure }) => exposure));
    cursor = page.next;
  } while (cursor !== null);
  return byId(exposures);
}

async function everyDoubt(store: OpenedStore): Promise<readonly string[]> {
  const entries: Undetermined[] = [];
  let cursor: string | null = null;
  do {
    const page = await store.undetermined.list({ limit: 1000, cursor });
    entries.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  return doubts(entries);
}

/** Plain values, as they come out of a database. */
function byId(values: readonly { readonly id: string }[]): readonly unknown[] {
  const ordered = values.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return ordered.map((value): unknown => JSON.parse(JSON.stringify(value)));
}

/** One line for each event, group and reason. */
function doubts(entries: readonly Undetermined[]): readonly string[] {
  const lines = entries.flatMap(({ eventId, groupId, reason }) =>
    reason.split('; ').map((part) => JSON.stringify([eventId, groupId, part])),
  );
  return [...new Set(lines)].toSorted();
}
