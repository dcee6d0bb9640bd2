// `portcullis doctor`: what the configuration needs, and whether it is there.

import { Option, type Command } from 'commander';
import { builtInRulesDirectory, loadRules } from '../../rules/load-rules.ts';
import { version } from '../version.ts';

type DoctorFlags = {
  readonly config?: string;
  readonly store?: string;
  readonly profile?: string;
  readonly endpointUrl?: string;
  readonly sendTest: boolean;
  readonly format: string;
};

const help = `
Examples:
  $ portcullis doctor                               portcullis.yaml in this folder
  $ portcullis doctor --config prod.yaml --format json
  $ portcullis doctor --send-test                   with a test message to every channel

Looks at credentials and roles, the permissions that sources and audits need, the clock, the
store, logins and channels. Changes nothing: EC2 is asked for dry runs, no message of a queue is
received, the store is not brought to a newer schema, and nothing is sent without --send-test.

Exit code: 0 when everything works, 1 when something does not, 2 when the configuration itself
is wrong.`;

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .summary('check credentials, permissions, store and channels')
    .description('Checks that everything the configuration needs is there, and says what to do.')
    .option('--config <file>', 'the configuration; else PORTCULLIS_CONFIG, portcullis.yaml')
    .option('--store <address>', 'another store: a path, or postgres://USER@HOST/DATABASE')
    .option('--profile <name>', 'AWS profile')
    .option('--endpoint-url <url>', 'another service that speaks as AWS does')
    .option('--send-test', 'send a test message to every channel', false)
    .addOption(
      new Option('-f, --format <format>', 'how to print')
        .choices(['table', 'json'])
        .default('table'),
    )
    .addHelpText('after', help)
    .action(async (flags: DoctorFlags) => {
      process.exitCode = await runDoctor(flags);
    });
}

async function runDoctor(flags: DoctorFlags): Promise<number> {
  const [{ flagSettings, loadConfig }, { diagnose }, { diagnosisJson, diagnosisTable }] =
    await Promise.all([
      import('../../config/load-config.ts'),
      import('../../doctor.ts'),
      import('../../render/diagnosis.ts'),
    ]);
  const config = await loadConfig({
    ...(flags.config === undefined ? {} : { file: flags.config }),
    flags: flagSettings([
      { flag: '--store', path: ['store', 'address'], value: flags.store },
      { flag: '--profile', path: ['aws', 'profile'], value: flags.profile },
      { flag: '--endpoint-url', path: ['aws', 'endpointUrl'], value: flags.endpointUrl },
    ]),
  });
  const rules = await loadRules([builtInRulesDirectory(), ...config.rules.folders]);
  const diagnoses = await diagnose({ config, rules, version, sendsTest: flags.sendTest });
  const columns = Math.min(process.stdout.columns ?? 80, 120);
  const color = process.stdout.isTTY && process.stdout.hasColors();
  process.stdout.write(
    flags.format === 'json'
      ? diagnosisJson(diagnoses)
      : diagnosisTable(diagnoses, { columns, color }),
  );
  return diagnoses.some(({ outcome }) => outcome === 'failed') ? 1 : 0;
}
