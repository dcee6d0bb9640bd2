// `portcullis rules`: lists, shows, validates, tests and exchanges rules, and tries them on logs. What
// is printed comes from files that anyone may write, so control characters never reach the terminal.

import { Option, type Command } from 'commander';
import type { PortcullisError } from '../../errors/portcullis-error.ts';
import type { Rule } from '../../model/rule.ts';
import { safeJson } from '../../render/machine-json.ts';
import { paint, row, type Line } from '../../render/table/layout.ts';
import { findRule } from '../../rules/find-rule.ts';
import {
  builtInRulesDirectory,
  loadRules,
  readRules,
  type LoadedRule,
} from '../../rules/load-rules.ts';
import { rulePage, highestSeverity, subjectInShort } from '../../rules/rule-page.ts';
import type { RuleTestResult } from '../../rules/test-rules.ts';
import { stripControls, stripControlsKeepLines } from '../../template/escape.ts';
import { addRulesBacktest } from './rules-backtest.ts';
import { addRulesExchange } from './rules-exchange.ts';

export type RulesIo = {
  /** Takes what goes to standard output. */
  readonly write: (text: string) => void;
  /** 1: tests failed; 2: rules are not valid. */
  readonly setExitCode: (code: 1 | 2) => void;
  /** Takes what goes to standard error. */
  readonly writeError?: (text: string) => void;
  /** Columns to fill at most. */
  readonly columns: number;
};

const standardIo: RulesIo = {
  write: (text) => {
    process.stdout.write(text);
  },
  setExitCode: (code) => {
    process.exitCode = code;
  },
  columns: Math.min(process.stdout.columns ?? 80, 120),
};

/** Adds `rules` with its subcommands to the program. */
export function addRulesCommand(program: Command, io: RulesIo = standardIo): void {
  const rules = program
    .command('rules')
    .summary('list, show, validate, test, try and exchange rules')
    .description(
      'Lists, shows, validates, tests, tries and exchanges the rules that say what a scan looks for.',
    )
    .addHelpText(
      'after',
      examples(
        ['portcullis rules list', 'the rules that a scan runs'],
        ['portcullis rules test', 'run the examples of the built-in rules'],
        ['portcullis rules validate ./my-rules', 'check rules of your own'],
        ['portcullis rules backtest my-rule --logs ./AWSLogs', 'how often it would have fired'],
        ['portcullis rules import --help', 'take over rules from Datadog, Terraform or Sigma'],
      ),
    );

  rules
    .command('list')
    .summary('list the rules that a scan runs')
    .description('Lists the rules that a scan runs.')
    .option('--rules <dir>', 'list the rules of this folder as well; may be repeated', collect, [])
    .addOption(formatOption(['table', 'json']))
    .addHelpText(
      'after',
      examples(
        ['portcullis rules list', 'ids, severities and ports'],
        ['portcullis rules list --format json', 'every field of every rule'],
        ['portcullis rules list --rules ./my-rules', 'with rules of your own'],
      ),
    )
    .action(async (options: DataOptions) => {
      const loaded = await loadRules(withBuiltIn(options.rules));
      io.write(options.format === 'json' ? json(loaded) : ruleTable(loaded, io.columns));
    });

  rules
    .command('show')
    .summary('show one rule')
    .description(
      'Shows a rule: what it looks for, how it rates what it finds, and what to do then.',
    )
    .argument('<id>', 'id of the rule, as `rules list` shows it')
    .option('--rules <dir>', 'look in this folder as well; may be repeated', collect, [])
    .addOption(formatOption(['table', 'json']))
    .addHelpText(
      'after',
      examples(
        ['portcullis rules show aws-sg-admin-port-open-to-world', 'as Markdown'],
        ['portcullis rules show aws-sg-open-to-world --format json', 'as JSON'],
      ),
    )
    .action(async (id: string, options: DataOptions) => {
      const rule = findRule(await loadRules(withBuiltIn(options.rules)), id);
      io.write(options.format === 'json' ? json(rule) : stripControlsKeepLines(rulePage(rule, [])));
    });

  rules
    .command('validate')
    .summary('check rule files')
    .description(
      'Checks rule files and their examples, and lists everything that is wrong with its place.',
    )
    .argument(
      '[dir]',
      'folder with a folder per rule, or the folder of one rule; the built-in ones',
    )
    .addOption(formatOption(['table', 'json']))
    .addHelpText(
      'after',
      examples(
        ['portcullis rules validate', 'check the built-in rules'],
        ['portcullis rules validate ./my-rules', 'check rules of your own'],
      ) + '\n\nExit code: 0 when there is nothing to correct, 2 when there is.',
    )
    .action(async (directory: string | undefined, options: { format: string }) => {
      const { errors, cases, rules: valid } = await validate(directory);
      if (errors.length > 0) io.setExitCode(2);
      io.write(
        options.format === 'json'
          ? json({
              rules: valid.map(({ rule }) => ({ id: rule.id, version: rule.version })),
              errors: errors.map(errorFields),
            })
          : validation(valid.length, cases, errors),
      );
    });

  rules
    .command('test')
    .summary('run the examples of rules')
    .description(
      'Runs the examples of rules, and says for each that fails what was expected and what found.',
    )
    .argument(
      '[dir]',
      'folder with a folder per rule, or the folder of one rule; the built-in ones',
    )
    .option('--verbose', 'list the examples that passed as well')
    .addOption(formatOption(['table', 'json', 'junit']))
    .addHelpText(
      'after',
      examples(
        ['portcullis rules test', 'test the built-in rules'],
        ['portcullis rules test ./my-rules --verbose', 'test rules of your own'],
        ['portcullis rules test ./my-rules --format junit', 'for a build server'],
      ) + '\n\nExit code: 0 when all pass, 1 when one fails, 2 when a rule does not load.',
    )
    .action(async (directory: string | undefined, options: TestOptions) => {
      const tested = await test(directory);
      const { tally, testJunit, testText } = await import('../../rules/report-tests.ts');
      if (tally(tested).failed > 0) io.setExitCode(1);
      if (options.format === 'json') io.write(json(testFields(tested)));
      else if (options.format === 'junit') io.write(testJunit(tested));
      else io.write(testText(tested, { verbose: options.verbose ?? false }));
    });

  const writeError = io.writeError ?? ((text: string) => process.stderr.write(text));
  addRulesBacktest(rules, { write: io.write, writeError, columns: io.columns });
  addRulesExchange(rules, { write: io.write, writeError, setExitCode: io.setExitCode });
}

type DataOptions = { readonly format: string; readonly rules: readonly string[] };

type TestOptions = { readonly format: string; readonly verbose?: boolean };

function formatOption(formats: readonly string[]): Option {
  return new Option('--format <format>', 'how to print').choices(formats).default('table');
}

function examples(...lines: readonly (readonly [command: string, meaning: string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  const shown = lines.map(([command, meaning]) => `  $ ${command.padEnd(width)}  ${meaning}`);
  return `\nExamples:\n${shown.join('\n')}`;
}

/** A folder more for each time the option is given. */
function collect(value: string, known: readonly string[]): readonly string[] {
  return [...known, value];
}

function withBuiltIn(own: readonly string[]): readonly string[] {
  return [builtInRulesDirectory(), ...own];
}

type Asked = {
  readonly rules: readonly LoadedRule[];
  readonly errors: readonly PortcullisError[];
};

/** The rules of the folder. The built-in ones are read along, for rules that name them. */
async function readAsked(directory: string | undefined): Promise<Asked> {
  const { rules, errors } = await readRules(
    withBuiltIn(directory === undefined ? [] : [directory]),
  );
  return { rules: rules.filter((rule) => isAsked(rule, directory)), errors };
}

function isAsked(rule: LoadedRule, directory: string | undefined): boolean {
  return directory === undefined || rule.directory === directory;
}

async function validate(
  directory: string | undefined,
): Promise<Asked & { readonly cases: number }> {
  const { loadExamples } = await import('../../rules/load-examples.ts');
  const { rules, errors } = await readAsked(directory);
  const readings = await Promise.all(rules.map(({ folder }) => loadExamples(folder)));
  return {
    rules,
    errors: [...errors, ...readings.flatMap((reading) => reading.errors)],
    cases: readings.reduce((sum, reading) => sum + (reading.examples?.length ?? 0), 0),
  };
}

async function test(directory: string | undefined): Promise<readonly RuleTestResult[]> {
  const [{ loadExamples }, { testRule, untested }, { detect }] = await Promise.all([
    import('../../rules/load-examples.ts'),
    import('../../rules/test-rules.ts'),
    import('../../pipeline.ts'),
  ]);
  const { rules, errors } = await readAsked(directory);
  const readings = await Promise.all(
    rules.map(async ({ rule, folder }) => ({ rule, reading: await loadExamples(folder) })),
  );
  const [first] = [...errors, ...readings.flatMap(({ reading }) => reading.errors)];
  if (first !== undefined) throw first;
  return readings.map(({ rule, reading: { examples: cases, file } }) =>
    cases === null ? untested(rule, file) : testRule(rule, cases, detect, () => performance.now()),
  );
}

function ruleTable(rules: readonly Rule[], columns: number): string {
  const widths = [{ width: 8 }, { width: Math.max(20, columns - 10) }];
  const lines = rules.flatMap((rule): Line[] => {
    const facts = `${rule.id} ${rule.version}${rule.enabled ? '' : ' (not enabled)'}`;
    return [
      ...cells([highestSeverity(rule), facts], widths),
      ...cells(['', rule.name], widths),
      // A port is not torn from its service.
      ...cells(['', subjectInShort(rule).replaceAll(/(\d) /g, `$1${noBreak}`)], widths),
      [],
    ];
  });
  const count = rules.length === 1 ? '1 rule' : `${rules.length} rules`;
  return `${lines.map((line) => paint(line, false)).join('\n')}\n${count}\n`;
}

const noBreak = '\u00a0';

function cells(texts: readonly string[], widths: readonly { readonly width: number }[]): Line[] {
  return row(
    texts.map((text) => [{ text: stripControls(text) }]),
    widths,
  );
}

function validation(rules: number, cases: number, errors: readonly PortcullisError[]): string {
  const lines = errors.flatMap((error) => [
    `${error.place ?? ''}: ${error.code}`,
    `  ${error.message}`,
    `  ${error.hint}`,
    '',
  ]);
  const counted = `${rules === 1 ? '1 rule' : `${rules} rules`} with ${cases} examples`;
  lines.push(
    errors.length === 0
      ? `${counted}: nothing to correct`
      : errors.length === 1
        ? '1 error'
        : `${errors.length} errors`,
  );
  return `${lines.map((line) => stripControlsKeepLines(line)).join('\n')}\n`;
}

function errorFields({ code, place, message, hint }: PortcullisError): object {
  return { code, place, message, hint };
}

function testFields(tested: readonly RuleTestResult[]): object {
  return tested.flatMap(({ rule, results }) =>
    results.map(({ example, differences, durationMs }) => ({
      ruleId: rule.id,
      name: example.name,
      place: example.place,
      passed: differences.length === 0,
      differences,
      durationMs,
    })),
  );
}

function json(value: unknown): string {
  return `${safeJson(value, 2)}\n`;
}
