import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aFinding, aSignal, isoAt } from '../../../test/store/samples.ts';
import { openStore } from '../../store/open-store.ts';
import { addSignalsCommand, type TerminalIo } from './signals.ts';
import { addSuppressCommand } from './suppress.ts';

let folder = '';
let store = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis signals '));
  store = join(folder, 'store.db');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function run(words: readonly string[], more: Partial<TerminalIo> = {}): Promise<string> {
  let output = '';
  const write = (text: string): void => {
    output += text;
  };
  const io: TerminalIo = { write, columns: 80, color: false, isTerminal: false, ...more };
  const program = new Command('portcullis')
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: write });
  addSignalsCommand(program, io);
  addSuppressCommand(program, io);
  await program.parseAsync([...words, '--store', store], { from: 'user' });
  return output;
}

/** A title and a name that would steer a terminal and a spreadsheet. */
const hostile = '=cmd|\u001b[31m\u202e"x",\r\n';

async function fill(): Promise<void> {
  const opened = await openStore(store);
  await opened.transaction(async (tx) => {
    await tx.putSignals([
      aSignal('a', 1, { severity: 'low', title: hostile }),
      aSignal('b', 2, { severity: 'critical', status: 'closed', closedAt: isoAt(9) }),
      aSignal('c', 3),
    ]);
    await tx.putFindings([aFinding('x', 1, null, { signalId: 'a' })]);
  });
  await opened.close();
}

async function ids(...words: readonly string[]): Promise<readonly string[]> {
  const output = await run(['signals', 'list', '--format', 'ndjson', ...words]);
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { readonly id: string }).id);
}

test('lists signals as they are asked for', async () => {
  await fill();
  expect(await ids()).toEqual(['c', 'b', 'a']);
  expect(await ids('--ascending', '--limit', '2')).toEqual(['a', 'b']);
  expect(await ids('--sort', 'severity')).toEqual(['b', 'c', 'a']);
  expect(await ids('--only-open')).toEqual(['c', 'a']);
  expect(await ids('--only-open', '--query', 'severity:low OR severity:critical')).toEqual(['a']);
  expect(await ids('--query', '@exposures.port:22')).toEqual(['a']);
  expect(await ids('--since', isoAt(2), '--until', isoAt(2))).toEqual(['b']);
  expect(await ids('--suppressed')).toEqual([]);
});

test('prints a list for a person, as JSON and as CSV, harmless in each', async () => {
  await fill();
  const table = await run(['signals', 'list', '--limit', '2', '--ascending'], { isTerminal: true });
  expect(table).toMatch(/\n2 signals; there are more\n$/);
  const json = await run(['signals', 'list']);
  expect(JSON.parse(json)).toMatchObject({
    schemaVersion: 1,
    hasMore: false,
    signals: [{ id: 'c', triage: { state: 'open', assignee: null } }, { id: 'b' }, { id: 'a' }],
  });
  const csv = await run(['signals', 'list', '--format', 'csv', '--ascending']);
  expect(csv.split('\r\n')[0]).toContain('id,ruleId,severity,status,triage');
  expect(csv.split('\r\n')[1]).toContain(`"'=cmd|[31m""x"", "`);
  for (const text of [table, json, csv]) {
    // oxlint-disable-next-line no-control-regex -- these are what must not come through
    expect(text).not.toMatch(/[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f\u202e]/);
  }
});

test('shows a signal with what people made of it', async () => {
  await fill();
  expect(await run(['signals', 'note', 'a', 'asked\u001b[2J the team'])).toBe('noted\n');
  expect(await run(['signals', 'close', 'a', '--reason', 'a test'])).toBe('archived\n');
  const text = await run(['signals', 'show', 'a', '--format', 'table']);
  expect(text).toContain('22 SSH to 0.0.0.0/0, 2026-03-01 08:00:01 - still open');
  expect(text).toMatch(/triage +archived, by .*, because a test\n/);
  expect(text).toContain('asked[2J the team');
  expect(text).not.toContain('\u001b');
  expect(JSON.parse(await run(['signals', 'show', 'a']))).toMatchObject({
    id: 'a',
    triage: { state: 'archived', reason: 'a test' },
    exposures: [{ id: 'x' }],
    notes: [{ text: 'asked\u001b[2J the team' }],
  });
  expect(await ids('--query', '-triage:archived')).toEqual(['c', 'b']);
});

test.each([
  [['signals', 'show', 'z'], 'signal/unknown-id'],
  [['signals', 'note', 'z', 'x'], 'signal/unknown-id'],
  [['signals', 'note', 'a', ' '], 'usage/bad-option'],
  [['signals', 'close', 'a', '--reason', ''], 'usage/bad-option'],
  [['signals', 'list', '--query', '@a:('], 'usage/bad-option'],
  [['signals', 'list', '--limit', '0'], 'usage/bad-option'],
  [['signals', 'list', '--since', 'yore'], 'usage/bad-option'],
  [['suppress', 'remove', 'z'], 'suppression/unknown-id'],
  [['suppress', 'add', '--rule', 'all', '--query', '', '--reason', ''], 'usage/bad-option'],
  [['suppress', 'add', '--rule', 'all', '--query', '@a:(', '--reason', 'x'], 'usage/bad-option'],
])('%s is refused with %s', async (words, code) => {
  await fill();
  await expect(run(words)).rejects.toMatchObject({ code });
});

test('makes no store to look into', async () => {
  await expect(run(['signals', 'list'])).rejects.toMatchObject({
    code: 'store/cannot-open',
    hint: expect.stringContaining('portcullis watch') as string,
  });
});

test('adds, lists and ends suppressions', async () => {
  const add = ['suppress', 'add', '--rule', 'all', '--query', '@exposures.port:22'];
  const first = await run([...add, '--reason', hostile, '--end', '2099-12-24']);
  const second = await run([...add, '--reason', 'test', '--creator', 'bob', '--start', '1d']);
  expect(await run(['suppress', 'remove', second.trim()])).toBe('ended\n');
  const json = JSON.parse(await run(['suppress', 'list'])) as object;
  expect(json).toMatchObject({
    suppressions: [
      { id: first.trim(), rule: 'all', end: '2099-12-24T23:59:59.999Z', start: null },
      { id: second.trim(), creator: 'bob', end: expect.stringMatching(/Z$/) as string },
    ],
  });
  const table = await run(['suppress', 'list'], { isTerminal: true });
  expect(table).toContain(`${first.trim()} all rules, until 2099-12-24 23:59:59.999\n`);
  expect(table).toContain(', ended ');
  expect(table).not.toContain('\u001b');
  const csv = await run(['suppress', 'list', '--format', 'csv']);
  expect(csv.split('\r\n')).toHaveLength(4);
});

test.each(['2026-03-02', '2026-03-01T00:00:00Z'])(
  'takes no end before the start',
  async (start) => {
    const words = ['suppress', 'add', '--rule', 'all', '--query', '', '--reason', 'x'];
    await expect(run([...words, '--start', start, '--end', '2026-02-01'])).rejects.toMatchObject({
      code: 'usage/bad-option',
    });
  },
);
