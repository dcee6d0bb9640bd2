// `portcullis audit`: what is open right now, as EC2 says.

import { Option, type Command } from 'commander';
import type { LookProgress } from '../../audit/look.ts';
import { PortcullisError } from '../../errors/portcullis-error.ts';
import type { Severity } from '../../model/exposure.ts';
import type { Rule } from '../../model/rule.ts';
import type { ScanResult } from '../../model/scan-result.ts';
import { formatNames, type FormatName } from '../../render/formats.ts';
import { enableRules } from '../../rules/find-rule.ts';
import { builtInRulesDirectory, loadRules } from '../../rules/load-rules.ts';
import { collect } from '../filter-arguments.ts';
import { createProgressLine } from '../progress.ts';
import { readQueryArgument } from '../query-argument.ts';
import {
  addFindingOptions,
  chooseFormat,
  printResult,
  readSuppressions,
  severityOption,
} from '../result-output.ts';
import { version } from '../version.ts';

type AuditFlags = {
  readonly config?: string;
  readonly format?: FormatName;
  readonly out?: string;
  readonly account: readonly string[];
  readonly region: readonly string[];
  readonly rules: readonly string[];
  readonly enableRule: readonly string[];
  readonly suppressions: readonly string[];
  readonly showSuppressed: boolean;
  readonly query?: string;
  readonly severity?: Severity;
  readonly failOn?: Severity;
  readonly strict: boolean;
  readonly quiet: boolean;
  readonly profile?: string;
  readonly endpointUrl?: string;
};

const help = `
Examples:
  $ portcullis audit --profile security
  $ portcullis audit --region eu-central-1 --region us-east-1 --severity high
  $ portcullis audit --config portcullis.yaml --format html --out open.html
  $ portcullis audit --query '@exposures.port:22' --format csv
  $ portcullis audit --quiet --fail-on high --strict         for pipelines

Reads only: deploy/iam/audit.json has the permissions that are needed. Accounts and their roles
stand in the configuration; without any it is the account of the credentials. When something was
opened, and by whom, is not known to EC2: every exposure has the time of the look, and Audit for
the call that opened it.

Exit code: 0 when the audit did its work, whatever is open; 1 with --fail-on when there is a signal
of that severity or above, suppressed ones and those that --query leaves out aside; 2 when nothing
could be looked into, or with --strict when anything could not.`;

export function addAuditCommand(program: Command): void {
  const command = program
    .command('audit')
    .summary('find what is open right now')
    .description(
      'Asks EC2 which security groups are open to the world right now, in every region of every\n' +
        'account that the configuration names, and judges them by the same rules as a scan.',
    )
    .option('--config <file>', 'the configuration; else PORTCULLIS_CONFIG, portcullis.yaml')
    .option(
      '--account <id>',
      'only this account of the configuration; may be repeated',
      collect,
      [],
    )
    .option('--region <name>', 'only this region; may be repeated', collect, [])
    .addOption(new Option('-f, --format <format>', 'how to print').choices(formatNames))
    .option('-o, --out <file>', 'write there instead of standard output')
    .addOption(severityOption());
  addFindingOptions(command)
    .option('--strict', 'exit with 2 when anything could not be looked into', false)
    .option('-q, --quiet', 'no progress and no remarks on standard error', false)
    .option('--profile <name>', 'AWS profile')
    .option('--endpoint-url <url>', 'another service that speaks as AWS does')
    .addHelpText('after', help)
    .action(async (flags: AuditFlags) => {
      process.exitCode = await runAudit(flags);
    });
}

async function runAudit(flags: AuditFlags): Promise<number> {
  const now = new Date();
  const format = chooseFormat(flags, process.stdout);
  const query =
    flags.query === undefined ? {} : { query: readQueryArgument('--query', flags.query) };
  const { estate, rules: wanted, suppressionFiles } = await readSettings(flags);
  const rules = loadRules([builtInRulesDirectory(), ...wanted.folders]).then((loaded) =>
    enableRules(loaded, wanted.enable).map((rule): Rule =>
      wanted.disable.includes(rule.id) ? { ...rule, enabled: false } : rule,
    ),
  );
  const suppressions = readSuppressions(
    { suppressions: suppressionFiles, quiet: flags.quiet },
    rules,
  );
  const { accountsToLook, auditEstate } = await import('../../audit-estate.ts');
  const progress = createProgressLine(process.stderr, {
    enabled: !flags.quiet,
    textOf: ({ regions, foundRegions }: LookProgress) =>
      `${regions} of ${foundRegions} regions looked into`,
  });
  process.once('SIGINT', () => {
    progress.clear();
    process.exit(130);
  });
  let result: ScanResult;
  try {
    result = await auditEstate({
      accounts: await accountsToLook(estate),
      rules: await rules,
      suppressions: await suppressions,
      ...query,
      onProgress: (state) => {
        progress.update(state);
      },
    });
  } finally {
    progress.clear();
  }
  return printResult(
    result,
    { ...flags, onlyOpen: false },
    { format, rules: await rules, now, version },
  );
}

/** The configuration with the flags over it. Flags of rules and suppressions add to it. */
async function readSettings(flags: AuditFlags) {
  const [{ flagSettings, loadConfig }, { revealSection }] = await Promise.all([
    import('../../config/load-config.ts'),
    import('../../config/secrets.ts'),
  ]);
  const config = await loadConfig({
    ...(flags.config === undefined ? {} : { file: flags.config }),
    flags: flagSettings([
      { flag: '--profile', path: ['aws', 'profile'], value: flags.profile },
      { flag: '--endpoint-url', path: ['aws', 'endpointUrl'], value: flags.endpointUrl },
      { flag: '--region', path: ['aws', 'regions'], value: flags.region },
    ]),
  });
  const aws = await revealSection(config, 'aws');
  return {
    estate: {
      ...aws,
      accounts: chosenAccounts(aws.accounts, flags.account).map((account) =>
        // A region that is asked for on the command line is asked for everywhere.
        flags.region.length === 0 ? account : { ...account, regions: flags.region },
      ),
    },
    rules: {
      folders: [...config.rules.folders, ...flags.rules],
      enable: [...config.rules.enable, ...flags.enableRule],
      disable: config.rules.disable.filter((id) => !flags.enableRule.includes(id)),
    },
    suppressionFiles: [...config.suppressions.files, ...flags.suppressions],
  };
}

/** @throws PortcullisError `usage/bad-option` for an account that the configuration does not name */
function chosenAccounts<T extends { readonly id: string }>(
  accounts: readonly T[],
  wanted: readonly string[],
): readonly T[] {
  const unknown = wanted.find((id) => !accounts.some((account) => account.id === id));
  if (unknown !== undefined) {
    throw new PortcullisError(
      'usage/bad-option',
      `--account ${unknown} is not an account of the configuration`,
      { hint: 'Add it to aws.accounts, with the role to take on in it.' },
    );
  }
  return wanted.length === 0 ? accounts : accounts.filter(({ id }) => wanted.includes(id));
}
