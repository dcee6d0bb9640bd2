// `portcullis signals`: lists and shows the signals in a store, and takes what people make of them.

import { Option, type Command } from 'commander';
import { PortcullisError } from '../../errors/portcullis-error.ts';
import { signalSortKeys, type ListedSignal, type SignalSortKey } from '../../model/desk.ts';
import { listFormats, type ListFormat } from '../../render/kept-signals.ts';
import type { OpenStore } from '../../store/open-store.ts';
import { readQueryArgument } from '../query-argument.ts';
import { whoIsHere, withStore, withStoreOptions, type StoreFlags } from '../store-argument.ts';
import { readTimeArgument } from '../time-argument.ts';

export type TerminalIo = {
  /** Takes what goes to standard output. */
  readonly write: (text: string) => void;
  readonly columns: number;
  readonly color: boolean;
  readonly isTerminal: boolean;
};

export const standardOutput: TerminalIo = {
  write: (text) => {
    process.stdout.write(text);
  },
  columns: Math.min(process.stdout.columns ?? 80, 140),
  color: process.stdout.isTTY && process.stdout.hasColors(),
  isTerminal: process.stdout.isTTY,
};

type ListFlags = StoreFlags & {
  readonly format?: ListFormat;
  readonly query: string;
  readonly onlyOpen: boolean;
  readonly since?: string;
  readonly until?: string;
  readonly suppressed: boolean;
  readonly sort: SignalSortKey;
  readonly ascending: boolean;
  readonly limit: number;
};

const most = 1_000;

export function addSignalsCommand(program: Command, io: TerminalIo = standardOutput): void {
  const signals = program
    .command('signals')
    .summary('list, show and judge the signals in a store')
    .description('Lists, shows and judges the signals that `watch` and `serve` keep in a store.')
    .addHelpText(
      'after',
      examples([
        ['portcullis signals list --only-open', 'what is open now'],
        ["portcullis signals list --query 'severity:high -triage:archived'", 'what is to be done'],
        ['portcullis signals show ID', 'one of them, with its exposures and notes'],
        ["portcullis signals note ID 'asked the team'", 'write something down'],
        ["portcullis signals close ID --reason 'a planned test'", 'done with it'],
      ]),
    );

  withStoreOptions(
    signals.command('list').summary('list signals').description('Lists signals, the newest first.'),
  )
    .option(
      '--query <query>',
      'only signals that match, as in @exposures.port:22 or triage:open',
      '',
    )
    .option('--only-open', 'only what is still open', false)
    .option('--since <time>', 'first seen from then on: a day, a UTC time, or an age such as 7d')
    .option('--until <time>', 'first seen up to then')
    .option('--suppressed', 'those that suppressions hide, in place of those that are told', false)
    .addOption(new Option('--sort <key>', 'order').choices(signalSortKeys).default('firstSeen'))
    .option('--ascending', 'the oldest, or the least severe, first', false)
    .option('-n, --limit <n>', 'at most so many', readLimit, 50)
    .addOption(new Option('-f, --format <format>', 'how to print').choices(listFormats))
    .addHelpText(
      'after',
      examples([
        ['portcullis signals list --store portcullis.db', 'in that store'],
        ['portcullis signals list --since 7d --sort severity', 'the worst of the week'],
        ["portcullis signals list --query 'accountId:111122223333' --format csv", 'as a sheet'],
      ]),
    )
    .action((flags: ListFlags) => list(flags, io));

  withStoreOptions(
    signals
      .command('show')
      .summary('show one signal')
      .description('Shows a signal with its exposures, its triage and its notes.')
      .argument('<id>', 'id of the signal'),
  )
    .addOption(new Option('-f, --format <format>', 'how to print').choices(['table', 'json']))
    .addHelpText(
      'after',
      examples([['portcullis signals show ID --format json', 'every field of it']]),
    )
    .action((id: string, flags: StoreFlags & { readonly format?: 'table' | 'json' }) =>
      show(id, flags, io),
    );

  withStoreOptions(
    signals
      .command('note')
      .summary('write something down')
      .description('Adds a note to a signal.')
      .argument('<id>', 'id of the signal')
      .argument('<text>', 'what to write down'),
  )
    .addHelpText('after', examples([["portcullis signals note ID 'asked the team'", 'one note']]))
    .action((id: string, text: string, flags: StoreFlags) =>
      withStore(flags, async (store) => {
        await store.signals.addNote(id, required('the note', text), whoIsHere());
        io.write('noted\n');
      }),
    );

  withStoreOptions(
    signals
      .command('close')
      .summary('put a signal away')
      .description('Sets the triage of a signal to archived, with the reason.')
      .argument('<id>', 'id of the signal')
      .requiredOption('--reason <text>', 'why'),
  )
    .addHelpText(
      'after',
      examples([["portcullis signals close ID --reason 'a planned test'", 'done with it']]),
    )
    .action((id: string, flags: StoreFlags & { readonly reason: string }) =>
      withStore(flags, async (store) => {
        const reason = required('--reason', flags.reason);
        await store.signals.setTriage(id, 'archived', reason, whoIsHere());
        io.write('archived\n');
      }),
    );
}

async function list(flags: ListFlags, io: TerminalIo): Promise<void> {
  const query = readQueryArgument('--query', flags.query);
  const nowMs = Date.now();
  const { since, until } = flags;
  const fromMs = since === undefined ? null : readTimeArgument('--since', since, nowMs, 'start');
  const untilMs = until === undefined ? null : readTimeArgument('--until', until, nowMs, 'end');
  const format = flags.format ?? (io.isTerminal ? 'table' : 'json');
  await withStore(flags, async (store) => {
    const { items, hasMore } = await gather(store, flags.limit, {
      query: flags.onlyOpen ? joined('status:open', query) : query,
      ...(fromMs === null ? {} : { fromMs }),
      ...(untilMs === null ? {} : { beforeMs: untilMs + 1 }),
      hidden: flags.suppressed,
      sort: { by: flags.sort, descending: !flags.ascending },
    });
    const { renderKeptSignals } = await import('../../render/kept-signals.ts');
    for (const part of renderKeptSignals(items, format, { ...io, hasMore })) io.write(part);
  });
}

type Question = Omit<Parameters<OpenStore['signals']['list']>[0], 'limit' | 'cursor'>;

/** A page may be shorter than asked for, so it goes on until there is enough. */
async function gather(
  store: OpenStore,
  limit: number,
  question: Question,
): Promise<{ readonly items: readonly ListedSignal[]; readonly hasMore: boolean }> {
  const items: ListedSignal[] = [];
  for (let cursor: string | null = null; ;) {
    const wanted = Math.min(limit - items.length, most);
    const page = await store.signals.list({ ...question, limit: wanted, cursor });
    items.push(...page.items);
    if (page.next === null || items.length >= limit) return { items, hasMore: page.next !== null };
    cursor = page.next;
  }
}

function joined(term: string, query: string): string {
  return query.trim() === '' ? term : `${term} (${query})`;
}

async function show(
  id: string,
  flags: StoreFlags & { readonly format?: 'table' | 'json' },
  io: TerminalIo,
): Promise<void> {
  await withStore(flags, async (store) => {
    const details = await store.signals.show(id);
    if (details === null) {
      throw new PortcullisError('signal/unknown-id', `there is no signal ${id}`);
    }
    const { renderSignalDetails } = await import('../../render/kept-signals.ts');
    io.write(renderSignalDetails(details, flags.format ?? (io.isTerminal ? 'table' : 'json'), io));
  });
}

function readLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1) return limit;
  throw new PortcullisError('usage/bad-option', '--limit takes a whole number from 1 on');
}

function required(what: string, text: string): string {
  if (text.trim() !== '') return text;
  throw new PortcullisError('usage/bad-option', `${what} is empty`);
}

function examples(lines: readonly (readonly [command: string, meaning: string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  const shown = lines.map(([command, meaning]) => `  $ ${command.padEnd(width)}  ${meaning}`);
  return `\nExamples:\n${shown.join('\n')}`;
}
