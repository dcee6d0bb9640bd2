// `portcullis rules backtest`: what a rule would have said of logs that are there, before it is
// switched on.

import { availableParallelism } from 'node:os';
import { Option, type Command } from 'commander';
import { PortcullisError } from '../../errors/portcullis-error.ts';
import { stripControls } from '../../template/escape.ts';
import { addFilterOptions, collectWhole, readCount, readFilter } from '../filter-arguments.ts';

export type BacktestIo = {
  /** Takes what goes to standard output. */
  readonly write: (text: string) => void;
  /** Takes what goes to standard error. */
  readonly writeError: (text: string) => void;
  /** Columns to fill at most. */
  readonly columns: number;
};

type BacktestFlags = {
  readonly logs: readonly string[];
  readonly rules: readonly string[];
  readonly format: string;
  readonly query?: string;
  readonly since?: string;
  readonly until?: string;
  readonly account: readonly string[];
  readonly region: readonly string[];
  readonly quiet: boolean;
  readonly profile?: string;
  readonly endpointUrl?: string;
  readonly jobs: number;
};

const help = `
Examples:
  $ portcullis rules backtest aws-sg-open-to-world --logs ./AWSLogs
  $ portcullis rules backtest datadog-sg-admin-port-parity --logs ./AWSLogs --since 30d
  $ portcullis rules backtest my-rule --rules ./my-rules --logs 'logs/**/*.json.gz'
  $ portcullis rules backtest my-rule --rules ./my-rules --logs s3://my-trail/AWSLogs \\
      --query '-@actor.type:AWSService' --format json

Days without signals count, from --since, or else the first signal, to --until, or the last one.

Exit code: 0 when the logs were read, whatever the rule made of them; 2 when the command could
not do it, or the rule is one that is not run.`;

/** Adds `backtest` to the command `rules`. */
export function addRulesBacktest(rules: Command, io: BacktestIo): void {
  const command = rules
    .command('backtest')
    .summary('say how often a rule would have fired')
    .description(
      'Runs one rule over logs, and says how often it would have fired per day, on which callers,\n' +
        'with ten samples. Any rule will do, one that is not enabled too.',
    )
    .argument('<id>', 'id of the rule, as `rules list` shows it')
    .requiredOption(
      '--logs <path...>',
      'files, folders, globs, - or s3://bucket/prefix',
      collectWhole,
    )
    .option('--rules <dir>', 'look in this folder as well; may be repeated', collectWhole, [])
    .addOption(
      new Option('--format <format>', 'how to print').choices(['table', 'json']).default('table'),
    )
    .option('--query <query>', 'only signals that match, as in @exposures.port:22');
  addFilterOptions(command)
    .option('-q, --quiet', 'no progress and no remarks on standard error', false)
    .option('--profile <name>', 'AWS profile for s3://')
    .option('--endpoint-url <url>', 'another endpoint for s3://')
    .addOption(
      new Option('--jobs <n>', 'threads that read')
        .argParser(readCount('--jobs'))
        .default(availableParallelism(), 'one per core'),
    )
    .addHelpText('after', help)
    .action(async (id: string, flags: BacktestFlags) => {
      await runBacktest(id, flags, io);
    });
}

async function runBacktest(id: string, flags: BacktestFlags, io: BacktestIo): Promise<void> {
  const [
    { readQueryArgument },
    { createProgressLine, progressText },
    { findRule },
    { builtInRulesDirectory, loadRules },
    { scan },
    { backtest },
    { backtestJson, backtestTable },
  ] = await Promise.all([
    import('../query-argument.ts'),
    import('../progress.ts'),
    import('../../rules/find-rule.ts'),
    import('../../rules/load-rules.ts'),
    import('../../scan.ts'),
    import('../../rules/backtest.ts'),
    import('../../render/backtest.ts'),
  ]);
  const query =
    flags.query === undefined ? {} : { query: readQueryArgument('--query', flags.query) };
  const filter = readFilter(flags, new Date());
  const rule = findRule(await loadRules([builtInRulesDirectory(), ...flags.rules]), id);
  const remark = (text: string): void => {
    if (!flags.quiet) io.writeError(`note: ${stripControls(text)}\n`);
  };
  const progress = createProgressLine(process.stderr, {
    enabled: !flags.quiet,
    textOf: progressText,
  });
  let result: Awaited<ReturnType<typeof scan>>;
  try {
    result = await scan(flags.logs, {
      rules: [{ ...rule, enabled: true }],
      ...query,
      filter,
      s3: {
        ...(flags.profile === undefined ? {} : { profile: flags.profile }),
        ...(flags.endpointUrl === undefined ? {} : { endpointUrl: flags.endpointUrl }),
      },
      jobs: flags.jobs,
      onProgress: (state) => {
        progress.update(state);
      },
      onNotice: (notice) => {
        progress.clear();
        remark(notice);
      },
    });
  } finally {
    progress.clear();
  }
  const [notRun] = result.notRun ?? [];
  if (notRun !== undefined) {
    throw new PortcullisError('rule/not-run', `the rule ${id} is not run: ${notRun.reason}`);
  }
  const [problem] = result.problems;
  if (problem !== undefined) {
    const others = result.problems.length - 1;
    remark(
      `${problem.file}: ${problem.message}${others === 0 ? '' : ` (and ${others} more problems)`}`,
    );
  }
  const found = backtest(rule, result.signals, filter);
  io.write(
    flags.format === 'json'
      ? backtestJson(found, result.exposures)
      : backtestTable(found, io.columns),
  );
}
