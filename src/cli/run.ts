// From arguments to an exit code: 0 when the command did its work, 1 when what was asked about is
// so (a failing rule test, a signal at or above --fail-on), 2 when the command could not do it.

import { Command, CommanderError } from 'commander';
import { PortcullisError } from '../errors/portcullis-error.ts';
import { stripControls } from '../template/escape.ts';
import { version } from './version.ts';

const examples = `
Examples:
  $ portcullis scan ./AWSLogs                       what was exposed, when, by whom
  $ portcullis scan s3://my-trail/AWSLogs --since 7d --format html --out report.html
  $ portcullis rules list                           what is looked for

Every command has --help with examples of its own.`;

/** Commands by name; each module is loaded only for its own command, or for the overview. */
const commands = {
  scan: async (program: Command) => {
    (await import('./commands/scan.ts')).addScanCommand(program);
  },
  watch: async (program: Command) => {
    (await import('./commands/watch.ts')).addWatchCommand(program);
  },
  serve: async (program: Command) => {
    (await import('./commands/serve.ts')).addServeCommand(program);
  },
  notify: async (program: Command) => {
    (await import('./commands/notify.ts')).addNotifyCommand(program);
  },
  rules: async (program: Command) => {
    (await import('./commands/rules.ts')).addRulesCommand(program);
  },
  audit: async (program: Command) => {
    (await import('./commands/audit.ts')).addAuditCommand(program);
  },
  signals: async (program: Command) => {
    (await import('./commands/signals.ts')).addSignalsCommand(program);
  },
  suppress: async (program: Command) => {
    (await import('./commands/suppress.ts')).addSuppressCommand(program);
  },
  tokens: async (program: Command) => {
    (await import('./commands/tokens.ts')).addTokensCommand(program);
  },
  doctor: async (program: Command) => {
    (await import('./commands/doctor.ts')).addDoctorCommand(program);
  },
  config: async (program: Command) => {
    (await import('./commands/config.ts')).addConfigCommand(program);
  },
} as const;

/** The program with the one command that is named first, or with all of them. */
export async function createProgram(args: readonly string[]): Promise<Command> {
  const program = new Command('portcullis')
    .description(
      'Sees the moment an AWS security group is opened to the world on an administrative port.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', examples)
    .showHelpAfterError('(add --help for options and examples)')
    .exitOverride();
  const [name = ''] = args;
  const named = Object.entries(commands).filter(([command]) => command === name);
  const wanted = named.length > 0 ? named.map(([, add]) => add) : Object.values(commands);
  for (const add of wanted) await add(program);
  return program;
}

/** @param args the command line without node and script */
export async function run(args: readonly string[]): Promise<number> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader of a pipe has seen enough (`| head`).
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  const program = await createProgram(args);
  try {
    if (args.length === 0) {
      program.outputHelp();
      return 2;
    }
    await program.parseAsync(args, { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(describeFault(error));
    return 2;
  }
}

/** What went wrong, where, and what to do: for a person, safe for a terminal. */
export function describeFault(error: unknown): string {
  const fault =
    error instanceof PortcullisError
      ? error
      : new PortcullisError(
          'internal/unexpected',
          error instanceof Error ? (error.stack ?? error.message) : String(error),
          { cause: error },
        );
  const lines = [`portcullis: ${fault.message}`];
  if (fault.place !== null && !fault.message.includes(fault.place))
    lines.push(`  at ${fault.place}`);
  lines.push(`  ${fault.hint}`, `  [${fault.code}]`);
  return `${lines.map((line) => line.split('\n').map(stripControls).join('\n')).join('\n')}\n`;
}
