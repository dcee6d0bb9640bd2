// The engine's reads and writes inside one transaction. Each is one statement over rows of input, the
// same text on both databases.

import { createHash } from 'node:crypto';
import { severities } from '../model/exposure.ts';
import type { JsonObject } from '../model/json.ts';
import type {
  GroupSnapshot,
  OutboxEntry,
  StoredChange,
  StoredFinding,
  StoredSignal,
  StoredUndetermined,
} from '../model/stored.ts';
import type { StoreTransaction } from '../ports.ts';
import { columnText, columnTextOrNull } from './column-text.ts';
import {
  bulkStatement,
  excluded,
  insertStatement,
  type Connection,
  type Row,
  type Value,
} from './connection.ts';
import { logMatches } from './log-matches.ts';
import { parse } from './parsed-data.ts';

export { parse } from './parsed-data.ts';

/** Stands for "not yet" in columns that are searched by range. */
export const never = Number.MAX_SAFE_INTEGER;

const changeColumns = {
  event_id: 'text',
  group_key: 'text',
  list_key: 'text',
  name_key: 'text',
  copy_key: 'text',
  time_ms: 'integer',
  counts: 'integer',
  data: 'text',
} as const;

const putChanges = insertStatement(
  'changes',
  changeColumns,
  `on conflict (event_id) do update set ${excluded(Object.keys(changeColumns).slice(1))}`,
);

const changesBy = (column: 'event_id' | 'list_key' | 'name_key' | 'copy_key') =>
  bulkStatement(
    { wanted: 'text' },
    `select changes.data from @input cross join changes where changes.${column} = input.wanted`,
  );
const changesByEventId = changesBy('event_id');
const changesByCopyKey = changesBy('copy_key');
const changesByNameKey = changesBy('name_key');
const changesByListKey = changesBy('list_key');

const groupFrom = { group_key: 'text', from_ms: 'integer' } as const;
const groupAt = { group_key: 'text', at_ms: 'integer' } as const;

const changesOfGroups = bulkStatement(
  groupFrom,
  `select changes.data from @input cross join changes
   where changes.group_key = input.group_key and changes.time_ms >= input.from_ms
     and changes.counts = 1`,
);

const snapshotsBefore = bulkStatement(
  groupAt,
  `select snapshots.group_key, snapshots.settled_ms, snapshots.data
   from @input cross join snapshots
   where snapshots.group_key = input.group_key and snapshots.settled_ms = (
     select max(earlier.settled_ms) from snapshots as earlier
     where earlier.group_key = input.group_key and earlier.settled_ms <= input.at_ms)`,
);

const deleteSnapshotsAfter = bulkStatement(
  groupAt,
  `delete from snapshots where (group_key, settled_ms) in (
     select later.group_key, later.settled_ms from @input cross join snapshots as later
     where later.group_key = input.group_key and later.settled_ms > input.at_ms)`,
);

const putSnapshots = insertStatement(
  'snapshots',
  { group_key: 'text', settled_ms: 'integer', data: 'text' },
  `on conflict (group_key, settled_ms) do update set ${excluded(['data'])}`,
);

const groupsNamingLists = bulkStatement(
  { list_key: 'text' },
  `select list_namings.data from @input cross join list_namings
   where list_namings.list_key = input.list_key`,
);

const putListNamings = insertStatement(
  'list_namings',
  { list_key: 'text', group_key: 'text', data: 'text' },
  'on conflict do nothing',
);

const findingsSince = bulkStatement(
  groupFrom,
  `select findings.data from @input cross join findings
   where findings.group_key = input.group_key and findings.closed_ms >= input.from_ms`,
);

const findingsOfSignals = bulkStatement(
  { signal_id: 'text' },
  `select findings.data from @input cross join findings
   where findings.signal_id = input.signal_id`,
);

const findingColumns = {
  exposure_id: 'text',
  group_key: 'text',
  signal_id: 'text',
  rule_id: 'text',
  account_id: 'text',
  region: 'text',
  opened_ms: 'integer',
  closed_ms: 'integer',
  is_hidden: 'integer',
  data: 'text',
} as const;
/** How many of the columns, from the first, are in an index. */
const findingKeys = 8;

const knownFindings = bulkStatement(
  { exposure_id: 'text' },
  `select findings.exposure_id, findings.group_key, findings.signal_id, findings.rule_id,
     findings.account_id, findings.region, findings.opened_ms, findings.closed_ms
   from @input cross join findings where findings.exposure_id = input.exposure_id`,
);

const putFindings = insertStatement(
  'findings',
  findingColumns,
  `on conflict (exposure_id) do update set ${excluded(Object.keys(findingColumns).slice(1))}`,
);

const closeFindings = bulkStatement(
  findingColumns,
  `update findings set closed_ms = input.closed_ms, is_hidden = input.is_hidden, data = input.data
   from @input where findings.exposure_id = input.exposure_id`,
);

const deleteFindings = bulkStatement(
  { exposure_id: 'text' },
  'delete from findings where exposure_id in (select input.exposure_id from @input where true)',
);

const signalsSince = bulkStatement(
  groupFrom,
  `select signal_data.data from @input cross join signals
   join signal_data on signal_data.seq = signals.seq
   where signals.group_key = input.group_key and signals.last_opened_ms >= input.from_ms`,
);

const signalsById = bulkStatement(
  { id: 'text' },
  `select signal_data.data from @input cross join signals
   join signal_data on signal_data.seq = signals.seq where signals.id = input.id`,
);

const signalColumns = {
  id: 'text',
  is_hidden: 'integer',
  group_key: 'text',
  rule_id: 'text',
  account_id: 'text',
  region: 'text',
  group_id: 'text',
  severity: 'integer',
  first_ms: 'integer',
  is_open: 'integer',
  last_opened_ms: 'integer',
  last_ms: 'integer',
} as const;
/** How many of the columns, from the first, are the same for as long as a signal lives, mostly. */
const lastingColumns = 9;

const signalRef = { id: 'text', is_hidden: 'integer' } as const;

const knownSignals = bulkStatement(
  signalRef,
  `select signals.id, signals.is_hidden, signals.group_key, signals.rule_id, signals.account_id,
     signals.region, signals.group_id, signals.severity, signals.first_ms, signals.is_open,
     signals.last_opened_ms, signals.last_ms, signals.seq
   from @input cross join signals
   where signals.id = input.id and signals.is_hidden = input.is_hidden`,
);

const putSignals = insertStatement(
  'signals',
  signalColumns,
  `on conflict (id, is_hidden) do update set ${excluded(Object.keys(signalColumns).slice(2))}
   returning id, is_hidden, seq`,
  // What people made of a signal outlives its row: the engine may take it back and tell it again.
  {
    triage_state:
      "coalesce((select triage.state from triage where triage.signal_id = input.id), 'open')",
    assignee: '(select triage.assignee from triage where triage.signal_id = input.id)',
  },
);

const moveSignals = bulkStatement(
  signalColumns,
  `update signals set is_open = input.is_open, last_opened_ms = input.last_opened_ms,
     last_ms = input.last_ms
   from @input where signals.id = input.id and signals.is_hidden = input.is_hidden`,
);

const putSignalData = insertStatement(
  'signal_data',
  { seq: 'integer', data: 'text' },
  `on conflict (seq) do update set ${excluded(['data'])}`,
);

const signalsReferred = `in (select signals.seq from @input cross join signals
   where signals.id = input.id and signals.is_hidden = input.is_hidden)`;
const deleteSignalData = bulkStatement(
  signalRef,
  `delete from signal_data where seq ${signalsReferred}`,
);
const deleteSignals = bulkStatement(signalRef, `delete from signals where seq ${signalsReferred}`);

const putUndetermined = insertStatement(
  'undetermined',
  { event_id: 'text', group_key: 'text', reason: 'text', time_ms: 'integer', data: 'text' },
  'on conflict do nothing',
);

const deleteUndeterminedSince = bulkStatement(
  groupFrom,
  `delete from undetermined where seq in (
     select later.seq from @input cross join undetermined as later
     where later.group_key = input.group_key and later.time_ms >= input.from_ms)`,
);

const putOutbox = insertStatement(
  'outbox',
  { channel: 'text', notice_key: 'text', signal_id: 'text', noticed_ms: 'integer', data: 'text' },
  'on conflict do nothing',
  { state: "'waiting'", attempts: '0', due_ms: 'input.noticed_ms', lease_ms: '0' },
);

const checkpoint = bulkStatement(
  { name: 'text' },
  'select checkpoints.data from @input cross join checkpoints where checkpoints.name = input.name',
);

const putCheckpoint = insertStatement(
  'checkpoints',
  { name: 'text', data: 'text' },
  `on conflict (name) do update set ${excluded(['data'])}`,
);

export function engineTransaction(connection: Connection): StoreTransaction {
  const run = connection.queryMany;

  async function dataOf<T>(rows: Promise<readonly Row[]>): Promise<readonly T[]> {
    return (await rows).map(({ data }) => parse<T>(data));
  }

  function byText(texts: readonly string[]): readonly [string][] {
    return [...new Set(texts)].map((text) => [columnText(text)]);
  }

  return {
    async lockRegions(regions) {
      // SQLite has one transaction at a time as it is.
      if (connection.dialect === 'sqlite') return;
      // All take their locks in the same order, so that none waits for one that waits for it.
      for (const key of [...new Set(regions.map(regionLock))].toSorted((a, b) => a - b)) {
        await connection.query('select pg_advisory_xact_lock($1, $2)', [regionLockClass, key]);
      }
    },

    changesByEventId: (ids) => dataOf(run(changesByEventId, byText(ids))),
    changesByCopyKey: (keys) => dataOf(run(changesByCopyKey, byText(keys))),
    changesByNameKey: (keys) => dataOf(run(changesByNameKey, byText(keys))),
    changesByListKey: (keys) => dataOf(run(changesByListKey, byText(keys))),
    changesOfGroups: (groups) => dataOf(run(changesOfGroups, byGroupFrom(groups))),
    async putChanges(changes) {
      const rows = lastOfEach(changes, ({ change }) => change.eventId);
      await run(putChanges, rows.map(changeRow));
    },

    async snapshotsBefore(groups) {
      const byColumn = new Map(groups.map(({ groupKey }) => [columnText(groupKey), groupKey]));
      const wanted = groups.map(({ groupKey, atMs }) => [columnText(groupKey), atMs]);
      const rows = await run(snapshotsBefore, wanted);
      return rows.map(({ group_key: column, settled_ms: settledMs, data }): GroupSnapshot => ({
        groupKey: byColumn.get(String(column)) ?? String(column),
        settledMs: Number(settledMs),
        state: parse<JsonObject>(data),
      }));
    },
    async deleteSnapshotsAfter(groups) {
      await run(
        deleteSnapshotsAfter,
        groups.map(({ groupKey, atMs }) => [columnText(groupKey), atMs]),
      );
    },
    async putSnapshots(snapshots) {
      const rows = lastOfEach(snapshots, ({ groupKey, settledMs }) => `${settledMs} ${groupKey}`);
      await run(
        putSnapshots,
        rows.map(({ groupKey, settledMs, state }) => [
          columnText(groupKey),
          settledMs,
          JSON.stringify(state),
        ]),
      );
    },

    async groupsNamingLists(listKeys) {
      const rows = await run(groupsNamingLists, byText(listKeys));
      return [...new Set(rows.map(({ data }) => parse<string>(data)))];
    },
    async putListNamings(namings) {
      await run(
        putListNamings,
        namings.map(({ groupKey, listKey }) => [
          columnText(listKey),
          columnText(groupKey),
          JSON.stringify(groupKey),
        ]),
      );
    },

    findingsSince: (groups) => dataOf(run(findingsSince, byGroupFrom(groups))),
    findingsOfSignals: (ids) => dataOf(run(findingsOfSignals, byText(ids))),
    async putFindings(findings) {
      const rows = lastOfEach(findings, ({ exposure }) => exposure.id).map(findingRow);
      const known = byFirst(
        await run(
          knownFindings,
          rows.map((row) => row.slice(0, 1)),
        ),
        1,
      );
      // Most that are known are only closed. An update that names a column pays for its indexes.
      const closing: (readonly Value[])[] = [];
      const others: (readonly Value[])[] = [];
      for (const row of rows) {
        const before = known.get(keyOf(row, 1));
        const isKnown = before !== undefined && areEqual(row, before, findingKeys - 1);
        (isKnown ? closing : others).push(row);
      }
      await run(closeFindings, closing);
      await run(putFindings, others);
    },
    async deleteFindings(exposureIds) {
      await run(deleteFindings, byText(exposureIds));
    },

    signalsSince: (groups) => dataOf(run(signalsSince, byGroupFrom(groups))),
    signalsById: (ids) => dataOf(run(signalsById, byText(ids))),
    async putSignals(signals) {
      const told = lastOfEach(signals, (stored) => signalKey(stored).join(' '));
      const rows = told.map(signalRow);
      const known = byFirst(
        await run(
          knownSignals,
          rows.map((row) => row.slice(0, 2)),
        ),
        2,
      );
      const moved: (readonly Value[])[] = [];
      const others: (readonly Value[])[] = [];
      for (const row of rows) {
        const before = known.get(keyOf(row, 2));
        if (before === undefined || !areEqual(row, before, lastingColumns)) others.push(row);
        else if (!areEqual(row, before, row.length)) moved.push(row);
      }
      await run(moveSignals, moved);
      for (const [key, row] of byFirst(await run(putSignals, others), 2)) known.set(key, row);
      await run(
        putSignalData,
        told.map((stored) => [
          known.get(keyOf(signalKey(stored), 2))?.at(-1) ?? null,
          JSON.stringify(stored),
        ]),
      );
    },
    async deleteSignals(signals) {
      const rows = signals.map(({ id, isHidden }) => [columnText(id), Number(isHidden)]);
      await run(deleteSignalData, rows);
      await run(deleteSignals, rows);
    },

    ...logMatches(connection),

    async putUndetermined(entries) {
      await run(putUndetermined, entries.map(undeterminedRow));
    },
    async deleteUndeterminedSince(groups) {
      await run(deleteUndeterminedSince, byGroupFrom(groups));
    },

    async putOutbox(entries) {
      await run(putOutbox, entries.map(outboxRow));
    },

    async checkpoint(name) {
      const [found] = await dataOf<JsonObject>(run(checkpoint, byText([name])));
      return found ?? null;
    },
    async putCheckpoint(name, value) {
      await run(putCheckpoint, [[columnText(name), JSON.stringify(value)]]);
    },
  };
}

/** Keeps locks of regions apart from other advisory locks in the database. */
const regionLockClass = 0x706f7274;

/** 32 bits of a digest: two regions with the same ones wait for each other, which is harmless. */
function regionLock(region: string): number {
  return createHash('sha256').update(region).digest().readInt32BE(0);
}

/** PostgreSQL takes no two rows for one key in one statement; the later one counts, as on SQLite. */
function lastOfEach<T>(list: readonly T[], nameOf: (one: T) => string): readonly T[] {
  const byKey = new Map(list.map((one) => [nameOf(one), one]));
  return byKey.size === list.length ? list : [...byKey.values()];
}

function byGroupFrom(
  groups: readonly { readonly groupKey: string; readonly fromMs: number }[],
): readonly [string, number][] {
  return groups.map(({ groupKey, fromMs }) => [columnText(groupKey), fromMs]);
}

function changeRow(stored: StoredChange): readonly Value[] {
  return [
    columnText(stored.change.eventId),
    columnTextOrNull(stored.groupKey),
    columnTextOrNull(stored.listKey),
    columnTextOrNull(stored.nameKey),
    columnTextOrNull(stored.copyKey),
    stored.change.eventTimeMs,
    Number(stored.counts),
    JSON.stringify(stored),
  ];
}

/** Rows of a result as lists of values, by their first ones. */
function byFirst(rows: readonly Row[], count: number): Map<string, readonly Value[]> {
  return new Map(
    rows.map((row) => {
      const values = Object.values(row);
      return [keyOf(values, count), values];
    }),
  );
}

function keyOf(values: readonly Value[], count: number): string {
  return values.slice(0, count).join(' ');
}

function areEqual(one: readonly Value[], other: readonly Value[], count: number): boolean {
  for (let index = 0; index < count; index += 1) {
    if (one[index] !== other[index]) return false;
  }
  return true;
}

function findingRow(finding: StoredFinding): readonly Value[] {
  const { exposure } = finding;
  return [
    columnText(exposure.id),
    columnText(finding.groupKey),
    columnText(finding.signalId),
    columnText(exposure.ruleId),
    columnText(exposure.accountId),
    columnText(exposure.region),
    finding.openedMs,
    finding.closedMs ?? never,
    Number(finding.isHidden),
    JSON.stringify(finding),
  ];
}

function signalKey({ signal, suppressedBy }: StoredSignal): readonly [string, number] {
  return [columnText(signal.id), Number(suppressedBy.length > 0)];
}

function signalRow(stored: StoredSignal): readonly Value[] {
  const { signal } = stored;
  return [
    ...signalKey(stored),
    columnText(stored.groupKey),
    columnText(signal.ruleId),
    columnText(signal.accountId),
    columnText(signal.region),
    columnTextOrNull(signal.groupId),
    severities.indexOf(signal.severity),
    stored.firstOpenedMs,
    Number(signal.status === 'open'),
    stored.lastOpenedMs,
    Date.parse(signal.lastSeen),
  ];
}

function undeterminedRow(entry: StoredUndetermined): readonly Value[] {
  const { undetermined, groupKey, timeMs } = entry;
  return [
    columnText(undetermined.eventId),
    // Empty for none: rows without a group would never be equal to each other.
    columnText(groupKey ?? ''),
    columnText(undetermined.reason),
    timeMs,
    JSON.stringify(entry),
  ];
}

function outboxRow({ notice, channel }: OutboxEntry): readonly Value[] {
  return [
    columnText(channel),
    columnText(notice.key),
    columnText(notice.signal.id),
    notice.noticedMs,
    JSON.stringify(notice),
  ];
}
