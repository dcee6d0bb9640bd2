// `portcullis suppress`: adds, lists and ends suppressions in a store.

import { Option, type Command } from 'commander';
import { PortcullisError } from '../../errors/portcullis-error.ts';
import { listFormats, type ListFormat } from '../../render/kept-signals.ts';
import { stripControls } from '../../template/escape.ts';
import { readQueryArgument } from '../query-argument.ts';
import { whoIsHere, withStore, withStoreOptions, type StoreFlags } from '../store-argument.ts';
import { readTimeArgument } from '../time-argument.ts';
import { standardOutput, type TerminalIo } from './signals.ts';

type AddFlags = StoreFlags & {
  readonly rule: string;
  readonly query: string;
  readonly reason: string;
  readonly creator?: string;
  readonly start?: string;
  readonly end?: string;
};

export function addSuppressCommand(program: Command, io: TerminalIo = standardOutput): void {
  const suppress = program
    .command('suppress')
    .summary('accept what is known')
    .description(
      'Adds, lists and ends suppressions in a store: what they accept is recorded and not told.',
    )
    .addHelpText(
      'after',
      `
Examples:
  $ portcullis suppress add --rule all --query '@groupId:sg-0a1b2c3d4e5f60718 @exposures.port:22' \\
      --reason 'migration of the bastion' --end 2026-12-24
  $ portcullis suppress list
  $ portcullis suppress remove ID`,
    );

  withStoreOptions(
    suppress
      .command('add')
      .summary('add a suppression')
      .description('Adds a suppression. It is about openings from --start to --end.')
      .requiredOption('--rule <id>', 'the rule whose signals it is about, or all')
      .requiredOption('--query <query>', 'what it accepts, as in @exposures.port:22')
      .requiredOption('--reason <text>', 'why; shown wherever what it hides is shown')
      .option('--creator <name>', 'who says so; whoever runs the command by default')
      .option('--start <time>', 'in force from then on: a day, a UTC time, or an age such as 2h')
      .option('--end <time>', 'in force up to then; a day to its end'),
  )
    .addHelpText(
      'after',
      `
Examples:
  $ portcullis suppress add --rule aws-sg-admin-port-open-to-world \\
      --query '@actor.sessionName:terraform @exposures.sources:"192.0.2.0/24"' --reason 'our office'
  $ portcullis suppress add --rule all --query '@groupId:sg-0a1b2c3d4e5f60718' --reason test --end 2026-12-24`,
    )
    .action((flags: AddFlags) => add(flags, io));

  withStoreOptions(
    suppress
      .command('list')
      .summary('list suppressions')
      .description('Lists the suppressions of a store, those that have ended included.'),
  )
    .addOption(new Option('-f, --format <format>', 'how to print').choices(listFormats))
    .addHelpText('after', '\nExamples:\n  $ portcullis suppress list --format csv')
    .action((flags: StoreFlags & { readonly format?: ListFormat }) =>
      withStore(flags, async (store) => {
        const { renderSuppressions } = await import('../../render/kept-suppressions.ts');
        const format = flags.format ?? (io.isTerminal ? 'table' : 'json');
        const list = await store.suppressions.list();
        for (const part of renderSuppressions(list, format, io, new Date())) io.write(part);
      }),
    );

  withStoreOptions(
    suppress
      .command('remove')
      .summary('end a suppression')
      .description(
        'Ends a suppression now. What it hid stays hidden, and is still listed with its reason;\n' +
          'what is opened from now on is told.',
      )
      .argument('<id>', 'id of the suppression'),
  )
    .addHelpText('after', '\nExamples:\n  $ portcullis suppress remove ID')
    .action((id: string, flags: StoreFlags) =>
      withStore(flags, async (store) => {
        await store.suppressions.end(id, whoIsHere());
        io.write('ended\n');
      }),
    );
}

async function add(flags: AddFlags, io: TerminalIo): Promise<void> {
  const query = readQueryArgument('--query', flags.query);
  const nowMs = Date.now();
  const { start, end, reason } = flags;
  const startMs = start === undefined ? null : readTimeArgument('--start', start, nowMs, 'start');
  const endMs = end === undefined ? null : readTimeArgument('--end', end, nowMs, 'end');
  if (startMs !== null && endMs !== null && startMs > endMs) {
    throw new PortcullisError('usage/bad-option', '--start is later than --end');
  }
  if (reason.trim() === '') throw new PortcullisError('usage/bad-option', '--reason is empty');
  const ruleId = flags.rule === 'all' ? null : flags.rule;
  if (ruleId !== null) await remarkUnknownRule(ruleId);
  // Before the first run of `watch` there may be something to accept already.
  await withStore(
    flags,
    async (store) => {
      const creator = flags.creator === undefined ? {} : { creator: flags.creator };
      const kept = await store.suppressions.add(
        { ruleId, query, reason, ...creator, startMs, endMs },
        whoIsHere(),
      );
      io.write(`${kept.id}\n`);
    },
    false,
  );
}

/** Rules of one's own may be loaded elsewhere, so this is no fault. */
async function remarkUnknownRule(ruleId: string): Promise<void> {
  const { builtInRulesDirectory, loadRules } = await import('../../rules/load-rules.ts');
  const rules = await loadRules([builtInRulesDirectory()]);
  if (rules.some(({ id }) => id === ruleId)) return;
  process.stderr.write(`note: ${stripControls(ruleId)} is not among the built-in rules\n`);
}
