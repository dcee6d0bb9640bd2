// `portcullis scan`: from CloudTrail files to exposures.

import { availableParallelism } from 'node:os';
import { Option, type Command } from 'commander';
import type { Severity } from '../../model/exposure.ts';
import type { ScanResult } from '../../model/scan-result.ts';
import { formatNames, type FormatName } from '../../render/formats.ts';
import { enableRules } from '../../rules/find-rule.ts';
import { builtInRulesDirectory, loadRules } from '../../rules/load-rules.ts';
import { defaultMaxRatio, scan } from '../../scan.ts';
import { stripControls } from '../../template/escape.ts';
import { addFilterOptions, readCount, readFilter } from '../filter-arguments.ts';
import { createProgressLine, progressText } from '../progress.ts';
import {
  addFindingOptions,
  chooseFormat,
  printResult,
  readSuppressions,
  severityOption,
} from '../result-output.ts';
import { version } from '../version.ts';

type ScanFlags = {
  readonly format?: FormatName;
  readonly out?: string;
  readonly rules: readonly string[];
  readonly enableRule: readonly string[];
  readonly suppressions: readonly string[];
  readonly showSuppressed: boolean;
  readonly query?: string;
  readonly severity?: Severity;
  readonly onlyOpen: boolean;
  readonly failOn?: Severity;
  readonly strict: boolean;
  readonly quiet: boolean;
  readonly since?: string;
  readonly until?: string;
  readonly account: readonly string[];
  readonly region: readonly string[];
  readonly profile?: string;
  readonly endpointUrl?: string;
  readonly jobs: number;
  readonly maxRatio: number;
};

const examples = `
Examples:
  $ portcullis scan ./AWSLogs
  $ portcullis scan ./AWSLogs --since 7d --account 111122223333 --only-open
  $ portcullis scan 'logs/**/*.json.gz' --format html --out report.html
  $ portcullis scan s3://my-trail/AWSLogs --profile audit --region eu-central-1
  $ zcat trail.json.gz | portcullis scan - --format json
  $ portcullis scan ./AWSLogs --query '@severity:high @exposures.port:22'
  $ portcullis scan ./AWSLogs --suppressions accepted.yaml --show-suppressed
  $ portcullis scan ./AWSLogs --quiet --fail-on high        for pipelines

Exit code: 0 when the scan did its work, whatever it found; 1 with --fail-on when there is a
signal of that severity or above, suppressed ones and those that --query leaves out aside; 2 when it could not, or with --strict when anything could not
be read.`;

export function addScanCommand(program: Command): void {
  const command = program
    .command('scan')
    .summary('find exposures in CloudTrail files')
    .description(
      'Finds security groups that were opened to the world, in CloudTrail files, folders (with\n' +
        'everything below them), globs, standard input (-) and s3://bucket/prefix.',
    )
    .argument('<path...>', 'files, folders, globs, - or s3://bucket/prefix')
    .addOption(new Option('-f, --format <format>', 'how to print').choices(formatNames))
    .option('-o, --out <file>', 'write there instead of standard output');
  addFilterOptions(command)
    .addOption(severityOption())
    .option('--only-open', 'show only what is still open', false);
  addFindingOptions(command)
    .option('--strict', 'exit with 2 when anything could not be read', false)
    .option('-q, --quiet', 'no progress and no remarks on standard error', false)
    .option('--profile <name>', 'AWS profile for s3://')
    .option('--endpoint-url <url>', 'another endpoint for s3://')
    .addOption(
      new Option('--jobs <n>', 'threads that read')
        .argParser(readCount('--jobs'))
        .default(availableParallelism(), 'one per core'),
    )
    .option(
      '--max-ratio <n>',
      'unpacked bytes per packed byte above which a file is refused',
      readCount('--max-ratio'),
      defaultMaxRatio,
    )
    .addHelpText('after', examples)
    .action(async (paths: readonly string[], flags: ScanFlags) => {
      process.exitCode = await runScan(paths, flags);
    });
}

async function runScan(paths: readonly string[], flags: ScanFlags): Promise<number> {
  const now = new Date();
  const format = chooseFormat(flags, process.stdout);
  const query = flags.query === undefined ? {} : { query: await checkQuery(flags.query) };
  const rules = loadRules([builtInRulesDirectory(), ...flags.rules]).then((loaded) =>
    enableRules(loaded, flags.enableRule),
  );
  const suppressions = readSuppressions(flags, rules);
  const progress = createProgressLine(process.stderr, {
    enabled: !flags.quiet,
    textOf: progressText,
  });
  process.once('SIGINT', () => {
    progress.clear();
    process.exit(130);
  });
  let result: ScanResult;
  try {
    result = await scan(paths, {
      rules,
      ...query,
      suppressions,
      namesOpenOnly: flags.onlyOpen,
      filter: readFilter(flags, now),
      s3: {
        ...(flags.profile === undefined ? {} : { profile: flags.profile }),
        ...(flags.endpointUrl === undefined ? {} : { endpointUrl: flags.endpointUrl }),
      },
      jobs: flags.jobs,
      maxRatio: flags.maxRatio,
      onProgress: (state) => {
        progress.update(state);
      },
      onNotice: (notice) => {
        if (flags.quiet) return;
        progress.clear();
        process.stderr.write(`note: ${stripControls(notice)}\n`);
      },
    });
  } finally {
    progress.clear();
  }
  return printResult(result, flags, { format, rules: await rules, now, version });
}

/** The query language is loaded when there is a query: a scan begins sooner without it. */
async function checkQuery(query: string): Promise<string> {
  const { readQueryArgument } = await import('../query-argument.ts');
  return readQueryArgument('--query', query);
}
