// How fast the store is with a million signals: pages of lists, and what the engine writes. SQLite by
// default, or the PostgreSQL that is named.
//
//   node bench/store.ts [--signals 1000000] [--store postgres://…] [--json]

import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { SignalFilter, SignalSort } from '../src/model/desk.ts';
import { severities } from '../src/model/exposure.ts';
import { groupKey } from '../src/model/group-key.ts';
import type { StoredSignal } from '../src/model/stored.ts';
import { openStore, type OpenStore } from '../src/store/open-store.ts';
import { aChange, aFinding, aNotice, aSignal, at } from '../test/store/samples.ts';

export type Figures = { readonly p50Ms: number; readonly p99Ms: number };

export type StoreFigures = {
  readonly signals: number;
  /** Microseconds for each change that opens or closes, with all that is written for it. */
  readonly writeMicroseconds: number;
  readonly lists: Readonly<Record<string, Figures>>;
  readonly allLists: Figures;
};

const accounts = Array.from({ length: 40 }, (_, index) => String(111_122_220_000 + index));
const regions = ['us-east-1', 'us-west-2', 'eu-west-1', 'eu-central-1', 'ap-southeast-2'];
const rules = ['admin-port', 'database-port', 'open-to-world', 'parity'];

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function pick<T>(list: readonly T[], number: number): T {
  const found = list[number % list.length];
  if (found === undefined) throw new RangeError('nothing to pick from');
  return found;
}

/** Signals of an estate in the order in which they were opened; one in a hundred is still open. */
function signalAt(index: number): StoredSignal {
  const random = Number.parseInt(digest(`${index}`).slice(0, 7), 16);
  const accountId = pick(accounts, random);
  // Some regions are rare: one signal in ten thousand.
  const region = random % 10_000 === 7 ? 'af-south-1' : pick(regions, random >> 3);
  const groupId = `sg-0${digest(`group ${random % 20_000}`).slice(0, 16)}`;
  const isOpen = random % 100 === 0;
  const seen = new Date(at(index + 1 + (random % 3_600))).toISOString();
  const stored = aSignal(digest(`signal ${index}`), index, {
    ruleId: pick(rules, random >> 5),
    severity: pick(severities, random >> 7),
    accountId,
    region,
    groupId,
    status: isOpen ? 'open' : 'closed',
    lastSeen: seen,
    closedAt: isOpen ? null : seen,
    message: `The group ${groupId} was opened to the world. `.repeat(8),
  });
  return { ...stored, groupKey: groupKey({ accountId, region, groupId }) };
}

async function fill(store: OpenStore, signals: number): Promise<void> {
  const batch = 2_000;
  for (let from = 0; from < signals; from += batch) {
    const count = Math.min(batch, signals - from);
    const stored = Array.from({ length: count }, (_, index) => signalAt(from + index));
    await store.transaction((tx) => tx.putSignals(stored));
  }
  const who = { actor: 'bench', from: null };
  for (let index = 0; index < Math.min(signals, 200); index += 1) {
    const { signal } = signalAt(index * Math.floor(signals / 200));
    await store.signals.setTriage(signal.id, 'under_review', 'looking', who);
    await store.signals.assign(signal.id, `person-${index % 10}`, who);
  }
}

const newest: SignalSort = { by: 'firstSeen', descending: true };
const lists: Readonly<Record<string, SignalFilter & { readonly sort: SignalSort }>> = {
  newest: { query: '', sort: newest },
  'last seen': { query: '', sort: { by: 'lastSeen', descending: true } },
  'most severe': { query: '', sort: { by: 'severity', descending: true } },
  oldest: { query: '', sort: { by: 'firstSeen', descending: false } },
  'what is open': { query: 'status:open', sort: newest },
  'open and severe, by last seen': {
    query: 'status:open severity:(high OR critical)',
    sort: { by: 'lastSeen', descending: true },
  },
  'one account': { query: `accountId:${accounts[3]}`, sort: newest },
  'one account, by last seen': {
    query: `accountId:${accounts[3]}`,
    sort: { by: 'lastSeen', descending: true },
  },
  'one account, rule and region': {
    query: `accountId:${accounts[4]} ruleId:parity region:eu-west-1`,
    sort: newest,
  },
  'a rare region': {
    query: 'region:af-south-1',
    sort: { by: 'severity', descending: true },
  },
  'a rare region in one account': {
    query: `region:af-south-1 accountId:${accounts[5]}`,
    sort: newest,
  },
  'one group': { query: `groupId:sg-0${digest('group 17').slice(0, 16)}`, sort: newest },
  'under review': { query: 'triage:under_review', sort: newest },
  'assigned to one': {
    query: 'assignee:person-3',
    sort: { by: 'lastSeen', descending: true },
  },
  'not archived': { query: '-triage:archived', sort: newest },
  'by a name of the caller': { query: '@actor.sessionName:ali*', sort: newest },
};

/** Times of pages, the first ones and those far down the list. */
async function timesOf(
  store: OpenStore,
  request: SignalFilter & { readonly sort: SignalSort },
  rounds: number,
): Promise<readonly number[]> {
  const times: number[] = [];
  let cursor: string | null = null;
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    const page: Awaited<ReturnType<OpenStore['signals']['list']>> = await store.signals.list({
      ...request,
      limit: 50,
      cursor,
    });
    times.push(performance.now() - start);
    cursor = page.next;
  }
  return times;
}

function figuresOf(times: readonly number[]): Figures {
  const sorted = times.toSorted((a, b) => a - b);
  const part = (share: number): number =>
    Number(
      (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(2),
    );
  return { p50Ms: part(0.5), p99Ms: part(0.99) };
}

/** What the engine does for batches of 200 calls that each open or close something. */
async function timeWrites(store: OpenStore, batches: number): Promise<number> {
  const size = 200;
  let spentMs = 0;
  for (let batch = 0; batch < batches; batch += 1) {
    const numbers = Array.from({ length: size }, (_, index) => batch * size + index);
    const keys = numbers.map((number) =>
      groupKey({
        accountId: pick(accounts, number),
        region: 'us-east-1',
        groupId: `sg-${number % 2_000}`,
      }),
    );
    const changes = numbers.map((number, index) => {
      const stored = aChange(digest(`event ${number}`), number, { groupKey: keys[index] ?? null });
      const record = { eventID: digest(`event ${number}`), padding: 'x'.repeat(1_500) };
      return { ...stored, change: { ...stored.change, record } };
    });
    // The second time that a group comes, what it opened is closed.
    const opened = numbers.map((number) => number - (number % 4_000 >= 2_000 ? 2_000 : 0));
    const signals = numbers.map((number, index) => {
      const first = opened[index] ?? number;
      const stored = aSignal(digest(`written ${first}`), first, {
        status: first === number ? 'open' : 'closed',
        message: 'm'.repeat(400),
      });
      return { ...stored, groupKey: keys[index] ?? '' };
    });
    const findings = numbers.map((number, index) => {
      const first = opened[index] ?? number;
      const more = { groupKey: keys[index] ?? '', signalId: digest(`written ${first}`) };
      return aFinding(digest(`finding ${first}`), first, first === number ? null : number, more);
    });
    const groups = keys.map((key) => ({ groupKey: key, atMs: at(0), fromMs: at(batch * size) }));
    const start = performance.now();
    await store.transaction(async (tx) => {
      await tx.lockRegions(['us-east-1']);
      await tx.changesByEventId(changes.map(({ change }) => change.eventId));
      await tx.snapshotsBefore(groups);
      await tx.changesOfGroups(groups);
      await tx.findingsSince(groups);
      await tx.signalsSince(groups);
      await tx.putChanges(changes);
      await tx.deleteSnapshotsAfter(groups);
      await tx.putSnapshots(
        keys.map((key) => ({
          groupKey: key,
          settledMs: at(batch),
          state: { rows: ['x'.repeat(300)] },
        })),
      );
      await tx.putFindings(findings);
      await tx.putSignals(signals);
      await tx.putOutbox(
        signals.map((stored, index) => ({
          notice: aNotice(`notice ${numbers[index]}`, stored, batch),
          channel: 'pager',
        })),
      );
    });
    spentMs += performance.now() - start;
  }
  return Number(((spentMs * 1_000) / (batches * size)).toFixed(1));
}

/** Fills an empty store and measures it. */
export async function benchStore(address: string, signals: number): Promise<StoreFigures> {
  const store = await openStore(address);
  try {
    const writeMicroseconds = await timeWrites(store, 50);
    await fill(store, signals);
    const figures: Record<string, Figures> = {};
    const all: number[] = [];
    for (const [name, request] of Object.entries(lists)) {
      await timesOf(store, request, 3);
      const times = await timesOf(store, request, 40);
      all.push(...times);
      figures[name] = figuresOf(times);
    }
    return { signals, writeMicroseconds, lists: figures, allLists: figuresOf(all) };
  } finally {
    await store.close();
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      signals: { type: 'string', default: '1000000' },
      store: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-bench-'));
  try {
    const address = values.store ?? join(folder, 'store.db');
    const figures = await benchStore(address, Number(values.signals));
    if (values.json) console.log(JSON.stringify(figures));
    else {
      console.log(`writes: ${figures.writeMicroseconds} µs a change`);
      console.table({ ...figures.lists, 'all of them': figures.allLists });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
