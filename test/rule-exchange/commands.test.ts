// `rules import` and `rules export` as a person runs them: what is written, what is said, and the
// exit code.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { addRulesCommand } from '../../src/cli/commands/rules.ts';
import { PortcullisError } from '../../src/errors/portcullis-error.ts';
import { projectRoot, removeFolder, temporaryFolder } from '../support/project-copy.ts';
import { runCommand } from '../support/run-command.ts';

const root = temporaryFolder();
let count = 0;
let folder = '';

beforeEach(() => {
  count += 1;
  folder = join(root, String(count));
  mkdirSync(folder);
});

afterAll(() => removeFolder(root));

type Result = { readonly output: string; readonly errors: string; readonly exitCode: number };

async function run(...words: string[]): Promise<Result> {
  let output = '';
  let errors = '';
  let exitCode = 0;
  const program = new Command('portcullis').exitOverride();
  addRulesCommand(program, {
    write: (text) => (output += text),
    writeError: (text) => (errors += text),
    setExitCode: (code) => (exitCode = code),
    columns: 80,
  });
  await program.parseAsync(['rules', ...words], { from: 'user' });
  return { output, errors, exitCode };
}

/** What the command ends with when it cannot do its work. */
async function fault(...words: string[]): Promise<PortcullisError> {
  const error: unknown = await run(...words).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(PortcullisError);
  return error as PortcullisError;
}

function put(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function rule(changes: object = {}): object {
  return {
    name: 'Trail stopped',
    type: 'log_detection',
    isEnabled: true,
    queries: [{ name: 'stops', query: '@evt.name:StopLogging', aggregation: 'count' }],
    cases: [{ status: 'high', condition: 'stops > 0' }],
    options: { evaluationWindow: 300, keepAlive: 3600, maxSignalDuration: 86400 },
    message: 'Somebody stopped {{@requestParameters.name}}.',
    tags: ['team:cloud'],
    ...changes,
  };
}

async function imports(...rules: object[]): Promise<Result> {
  const file = put('rules.json', JSON.stringify(rules));
  return run('import', file, '--from', 'datadog-json', '--out', join(folder, 'out'));
}

describe('rules import', () => {
  test('writes a folder per rule, which is valid and whose examples hold', async () => {
    const { output, errors, exitCode } = await imports(rule(), rule({ name: 'Trail deleted' }));
    expect({ errors, exitCode }).toEqual({ errors: '', exitCode: 0 });
    expect(output).toBe(
      `trail-stopped\ntrail-deleted\n2 rules imported to ${join(folder, 'out')}\n`,
    );
    expect(readdirSync(join(folder, 'out', 'trail-stopped'))).toEqual([
      'examples.yaml',
      'rule.yaml',
    ]);
    expect(await run('validate', join(folder, 'out'))).toMatchObject({ exitCode: 0 });
    const tested = await run('test', join(folder, 'out'));
    expect(tested.output).toContain('2 rules, 4 cases: 4 passed, 0 failed');
    expect(tested.exitCode).toBe(0);
  });

  test('names a field that has no equal, and exits with 1', async () => {
    const { output, errors, exitCode } = await imports(rule({ groupSignalsBy: ['service'] }));
    expect(errors).toBe(
      `Trail stopped (${join(folder, 'rules.json')}): imported, but not all of it\n` +
        `  groupSignalsBy: has no equal here; it is left out\n\n`,
    );
    expect(output).toContain('1 rule imported');
    expect(exitCode).toBe(1);
  });

  test('leaves out a rule that would detect something else, takes the others, and exits with 1', async () => {
    const signal = rule({ name: 'Joined', type: 'signal_correlation' });
    const { output, errors, exitCode } = await imports(rule(), signal);
    expect(errors).toContain('Joined (');
    expect(errors).toContain('not imported\n  type: is signal_correlation');
    expect(output).toContain(`1 rule imported to ${join(folder, 'out')}, 1 not imported`);
    expect(exitCode).toBe(1);
    expect(readdirSync(join(folder, 'out'))).toEqual(['trail-stopped']);
  });

  test('exits with 2 when there is no rule that it could take', async () => {
    const { exitCode } = await imports(rule({ type: 'workload_security' }));
    expect(exitCode).toBe(2);
    expect(existsSync(join(folder, 'out'))).toBe(false);
  });

  test('reports as JSON, and then says nothing on standard error', async () => {
    const file = put('rules.json', JSON.stringify([rule(), rule({ name: 'B', type: 'x' })]));
    const { output, errors, exitCode } = await run(
      'import',
      file,
      '--from=datadog-json',
      `--out=${join(folder, 'out')}`,
      '--format=json',
    );
    expect({ errors, exitCode }).toEqual({ errors: '', exitCode: 1 });
    expect(JSON.parse(output)).toEqual({
      schemaVersion: 1,
      format: 'datadog-json',
      rules: [
        {
          name: 'Trail stopped',
          file,
          id: 'trail-stopped',
          imported: true,
          examples: true,
          losses: [],
        },
        {
          name: 'B',
          file,
          id: null,
          imported: false,
          examples: false,
          losses: [{ field: 'type', reason: 'is x; only log_detection is a rule over records' }],
        },
      ],
    });
  });

  test('replaces a rule only when it is told to', async () => {
    await imports(rule());
    const path = join(folder, 'out', 'trail-stopped', 'rule.yaml');
    writeFileSync(path, 'mine');
    const file = put('two.json', JSON.stringify([rule({ name: 'Another' }), rule()]));
    const words = ['import', file, '--from', 'datadog-json', '--out', join(folder, 'out')];
    expect(await fault(...words)).toMatchObject({ code: 'rule/already-there' });
    expect(readFileSync(path, 'utf8')).toBe('mine');
    expect(readdirSync(join(folder, 'out'))).toEqual(['trail-stopped']);
    expect(await run(...words, '--force')).toMatchObject({ exitCode: 0 });
    expect(readFileSync(path, 'utf8')).toContain('id: trail-stopped');
  });

  test.each([
    ['two rules whose names give one id', ['Trail stopped', 'Trail: stopped!'], 'trail-stopped'],
    [
      'a rule whose id a built-in rule has',
      ['AWS SG open to world'],
      'aws-sg-open-to-world, as a built-in rule',
    ],
  ])('refuses %s, and writes nothing', async (_, names, shown) => {
    const file = put('rules.json', JSON.stringify(names.map((name) => rule({ name }))));
    const error = await fault('import', file, '--from', 'datadog-json', '--out', folder);
    expect(error).toMatchObject({ code: 'rule/duplicate-id', place: file });
    expect(error.message).toContain(shown);
    expect(readdirSync(folder)).toEqual(['rules.json']);
  });

  test.each([
    ['that is not there', undefined, 'datadog-json', 'the file cannot be read'],
    ['that is not JSON', '{"name": ', 'datadog-json', 'not JSON'],
    ['without rules', '{"data": []}', 'datadog-json', 'the file holds no Datadog rule'],
    ['that is not HCL', 'resource "a" {', 'datadog-terraform', 'Unclosed configuration block'],
    ['of other resources', 'a = 1', 'datadog-terraform', 'no resource datadog_security'],
    ['that is not YAML', 'a: [', 'sigma', 'not YAML'],
    ['that is empty', '# nothing', 'sigma', 'the file holds no Sigma rule'],
  ])('ends at a file %s', async (_, text, from, message) => {
    const file = text === undefined ? join(folder, 'missing') : put('file', text);
    const error = await fault('import', file, '--from', from, '--out', join(folder, 'out'));
    expect(error.code).toBe('rule/bad-import');
    expect(error.message).toContain(message);
    expect(error.place).toContain(file);
  });

  test('ends at a file that is not UTF-8', async () => {
    const file = join(folder, 'latin.json');
    writeFileSync(file, Buffer.from([0x22, 0xe9, 0x22]));
    const error = await fault('import', file, '--from', 'datadog-json', '--out', folder);
    expect(error).toMatchObject({ code: 'rule/bad-import', message: 'the file is not UTF-8' });
  });

  test('says where it could not write', async () => {
    const out = put('a-file', '');
    const file = put('rules.json', JSON.stringify(rule()));
    const error = await fault('import', file, '--from', 'datadog-json', '--out', out);
    expect(error).toMatchObject({ code: 'output/not-writable' });
  });

  test('hands nothing to the terminal that steers it', async () => {
    const name = 'Evil \u001b[31mred\u202e rule';
    const { output, errors } = await imports(
      rule({ name, unknown: '\u001b[2J', type: 'x\u001b[0m' }),
    );
    expect(output + errors).not.toMatch(/[^\P{C}\n]/u);
    const { output: listed } = await imports(rule({ name, message: 'a\u001b[2J\u202eb' }));
    expect(listed).toContain('evil-31mred-rule');
    const written = readFileSync(join(folder, 'out', 'evil-31mred-rule', 'rule.yaml'), 'utf8');
    expect(written).not.toMatch(/[^\P{C}\n]/u);
    expect(written).toContain('"a\\e[2J\\u202eb"');
  });

  test('reads standard input, in a process of its own', async () => {
    const command = `printf '%s' '${JSON.stringify(rule())}' | "${process.execPath}" src/cli/main.ts rules import - --from datadog-json --out "${join(folder, 'out')}"`;
    const result = await runCommand('sh', ['-c', command], { cwd: projectRoot });
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(readdirSync(join(folder, 'out'))).toEqual(['trail-stopped']);
  });
});

describe('rules export', () => {
  async function exported(...words: string[]): Promise<Result> {
    return run('export', ...words, '--rules', join(folder, 'out'));
  }

  test('writes to standard output, or to a file', async () => {
    await imports(rule());
    const shown = await exported('trail-stopped', '--to', 'datadog-json');
    expect(JSON.parse(shown.output)).toMatchObject({ ...rule(), hasExtendedTitle: false });
    expect(shown).toMatchObject({ errors: '', exitCode: 0 });
    const path = join(folder, 'rule.json');
    const saved = await exported('trail-stopped', '--to', 'datadog-json', '--out', path);
    expect(saved).toEqual({ output: '', errors: '', exitCode: 0 });
    expect(readFileSync(path, 'utf8')).toBe(shown.output);
  });

  test('names what cannot be said, and exits with 1', async () => {
    await imports(rule());
    const { output, errors, exitCode } = await exported('trail-stopped', '--to', 'sigma');
    expect(output).toContain('eventName: StopLogging');
    expect(errors).toBe(
      'trail-stopped: not all of it can be said in sigma\n' +
        '  options: records within 3600 seconds are one signal here; Sigma alerts on each\n' +
        '  message: has no place in Sigma; it is left out\n',
    );
    expect(exitCode).toBe(1);
  });

  test('writes nothing that would detect something else, and exits with 2', async () => {
    await imports(rule({ cases: [{ status: 'high', condition: 'stops > 4' }] }));
    const path = join(folder, 'rule.yml');
    const words = ['trail-stopped', '--to', 'sigma', '--out', path];
    const { output, errors, exitCode } = await exported(...words);
    expect({ output, exitCode }).toEqual({ output: '', exitCode: 2 });
    expect(errors).toContain('there is no rule in sigma that is the same');
    expect(errors).toContain('  cases[0].condition: counts records; Sigma looks at one\n');
    expect(errors).toContain('Add --approximate to write the nearest rule there is.\n');
    expect(existsSync(path)).toBe(false);
    const approximate = await exported(...words, '--approximate');
    expect(approximate).toMatchObject({ exitCode: 1 });
    expect(approximate.errors).not.toContain('--approximate');
    expect(readFileSync(path, 'utf8')).toContain('eventName: StopLogging');
  });

  test('reports as JSON', async () => {
    await imports(rule());
    const words = ['trail-stopped', '--to', 'datadog-terraform', '--format', 'json'];
    const { output, errors } = await exported(...words);
    expect(errors).toBe('');
    expect(JSON.parse(output)).toMatchObject({
      schemaVersion: 1,
      format: 'datadog-terraform',
      id: 'trail-stopped',
      exported: true,
      losses: [],
    });
    expect(output).toContain('resource \\"datadog_security_monitoring_rule\\" \\"trail_stopped\\"');
  });

  test.each(['datadog-json', 'datadog-terraform', 'sigma'])(
    'says of an exposure rule in what %s would differ, and writes the nearest when told to',
    async (to) => {
      const id = 'aws-sg-admin-port-open-to-world';
      const refused = await run('export', id, '--to', to);
      expect({ ...refused, errors: '' }).toEqual({ output: '', errors: '', exitCode: 2 });
      expect(refused.errors).toContain('row by row');
      expect(refused.errors).toContain('the end is not seen');
      const { output, errors, exitCode } = await run('export', id, '--to', to, '--approximate');
      expect(output).toContain('AuthorizeSecurityGroupIngress');
      expect(errors).toContain('row by row');
      expect(exitCode).toBe(1);
    },
  );

  test('exports every built-in rule to every format', async () => {
    const { output } = await run('list', '--format', 'json');
    const rules = JSON.parse(output) as readonly { readonly id: string }[];
    for (const { id } of rules) {
      for (const to of ['datadog-json', 'datadog-terraform', 'sigma']) {
        const result = await run('export', id, '--to', to, '--approximate');
        expect(result.output, `${id} to ${to}`).not.toBe('');
        expect(result.exitCode).toBeLessThan(2);
      }
    }
  });

  test('knows no other rules', async () => {
    const error = await fault('export', 'trail-stoped', '--to', 'sigma');
    expect(error.code).toBe('rule/unknown-id');
  });

  test('says where it could not write', async () => {
    await imports(rule());
    const words = ['--to', 'datadog-json', '--rules', join(folder, 'out'), '--out', folder];
    expect(await fault('export', 'trail-stopped', ...words)).toMatchObject({
      code: 'output/not-writable',
      place: folder,
    });
  });
});
