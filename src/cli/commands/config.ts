// `portcullis config`: prints the configuration that holds, checks it, and gives its schema to
// editors. Secrets are never printed, and control characters never reach the terminal.

import { Option, type Command } from 'commander';
import type { PortcullisError } from '../../errors/portcullis-error.ts';
import { safeJson } from '../../render/machine-json.ts';
import { stripControls, stripControlsKeepLines } from '../../template/escape.ts';

type ConfigFlags = { readonly config?: string; readonly format: string };

const printExamples = `
Examples:
  $ portcullis config print                          what holds here, secrets masked
  $ portcullis config print --config prod.yaml --format json`;

const checkExamples = `
Examples:
  $ portcullis config check                          portcullis.yaml in this folder
  $ portcullis config check --config prod.yaml --format json

Exit code: 0 when there is nothing to correct, 2 when there is.`;

const schemaExamples = `
Examples:
  $ portcullis config schema > portcullis.schema.json

An editor that reads the first line of a file as

  # yaml-language-server: $schema=portcullis.schema.json

then completes and checks what is written below it.`;

/** Adds `config` with its subcommands to the program. */
export function addConfigCommand(program: Command): void {
  const config = program
    .command('config')
    .summary('print and check the configuration')
    .description(
      'Prints and checks the configuration: portcullis.yaml, or the file that --config or\n' +
        'PORTCULLIS_CONFIG names, with environment variables such as PORTCULLIS_SERVE_PORT over it.',
    );
  config
    .command('print')
    .summary('print what holds')
    .description('Prints the configuration that holds, with defaults filled in and secrets masked.')
    .addOption(configOption())
    .addOption(formatOption(['yaml', 'json']))
    .addHelpText('after', printExamples)
    .action(print);
  config
    .command('check')
    .summary('list what is wrong')
    .description('Checks the configuration, and lists everything that is wrong with its place.')
    .addOption(configOption())
    .addOption(formatOption(['table', 'json']))
    .addHelpText('after', checkExamples)
    .action(check);
  config
    .command('schema')
    .summary('print the JSON schema of the file')
    .description('Prints the JSON schema of the configuration file, for editors.')
    .addHelpText('after', schemaExamples)
    .action(async () => {
      const { configJsonSchema } = await import('../../config/config-json-schema.ts');
      process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
    });
}

function configOption(): Option {
  return new Option(
    '--config <file>',
    'the configuration; else PORTCULLIS_CONFIG, portcullis.yaml',
  );
}

function formatOption(choices: readonly [string, ...string[]]): Option {
  return new Option('-f, --format <format>', 'how to print').choices(choices).default(choices[0]);
}

async function print({ config: file, format }: ConfigFlags): Promise<void> {
  const [{ loadConfig }, { printConfig }] = await Promise.all([
    import('../../config/load-config.ts'),
    import('../../config/print-config.ts'),
  ]);
  const text = printConfig(await loadConfig(fileOf(file)), format === 'json' ? 'json' : 'yaml');
  process.stdout.write(stripControlsKeepLines(text));
}

async function check({ config: name, format }: ConfigFlags): Promise<void> {
  const [{ readConfig }, { plainSecrets }] = await Promise.all([
    import('../../config/load-config.ts'),
    import('../../config/secrets.ts'),
  ]);
  const { file, config, errors, remarks: found } = await readConfig(fileOf(name));
  const plain = config === null ? [] : plainSecrets(config);
  const remarks = [
    ...found,
    ...plain.map(
      (setting) => `${setting} holds a secret; \${NAME} or \${file:/path} would keep it elsewhere.`,
    ),
  ];
  if (errors.length > 0) process.exitCode = 2;
  process.stdout.write(
    format === 'json'
      ? `${safeJson({ file, errors: errors.map(errorFields), remarks }, 2)}\n`
      : checkText(file, errors, remarks),
  );
}

function fileOf(file: string | undefined): { readonly file?: string } {
  return file === undefined ? {} : { file };
}

function errorFields({ code, message, place, hint }: PortcullisError) {
  return { code, message, place, hint };
}

function checkText(
  file: string | null,
  errors: readonly PortcullisError[],
  remarks: readonly string[],
): string {
  const lines = [
    ...errors.flatMap(({ message, place, hint }) => [
      `${place ?? 'somewhere'}: ${message}`,
      `  ${hint}`,
    ]),
    ...remarks.map((remark) => `note: ${remark}`),
  ];
  const from = file ?? 'no file, the environment alone';
  const verdict = errors.length === 0 ? 'nothing to correct' : `${errors.length} to correct`;
  return [...lines, `${verdict} (${from})`].map((line) => `${stripControls(line)}\n`).join('');
}
