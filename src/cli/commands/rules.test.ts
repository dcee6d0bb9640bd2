import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { asText, own } from '../../model/json.ts';
import { builtInRulesDirectory } from '../../rules/load-rules.ts';
import { addRulesCommand } from './rules.ts';

type Run = { readonly output: string; readonly exitCode: number };

async function run(...words: readonly string[]): Promise<Run> {
  let output = '';
  let exitCode = 0;
  const write = (text: string): void => {
    output += text;
  };
  const program = new Command('portcullis')
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: write });
  const setExitCode = (code: number): void => {
    exitCode = code;
  };
  addRulesCommand(program, { write, setExitCode, columns: 80 });
  try {
    await program.parseAsync(['rules', ...words], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    exitCode = error.exitCode;
  }
  return { output, exitCode };
}

const adminId = 'aws-sg-admin-port-open-to-world';

let directory = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'portcullis rules '));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** A rule of one's own: the admin rule under another name, changed. */
async function ownRule(change: (text: string) => string, examples?: string): Promise<string> {
  const folder = join(directory, 'my-rule');
  await mkdir(folder, { recursive: true });
  const text = await readFile(join(builtInRulesDirectory(), adminId, 'rule.yaml'), 'utf8');
  await writeFile(join(folder, 'rule.yaml'), change(text.replace(`id: ${adminId}`, 'id: my-rule')));
  if (examples === undefined) {
    const from = join(builtInRulesDirectory(), adminId, 'examples.yaml');
    await cp(from, join(folder, 'examples.yaml'));
  } else if (examples !== '') await writeFile(join(folder, 'examples.yaml'), examples);
  return directory;
}

const same = (text: string): string => text;

describe('rules list', () => {
  test('shows id, severity and ports within 80 columns', async () => {
    const { output, exitCode } = await run('list');
    expect(exitCode).toBe(0);
    expect(output).toContain(`high      ${adminId} 1.0.0\n`);
    expect(output).toContain('22 SSH');
    expect(output).toMatch(/\n4 rules\n$/);
    expect(output).toContain('high      datadog-sg-admin-port-parity 1.0.0 (not enabled)\n');
    expect(output).toContain('10 queries over the records\n');
    for (const line of output.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('as JSON has every field', async () => {
    const { output } = await run('list', '--format', 'json');
    expect(JSON.parse(output)).toMatchObject([
      { id: adminId, severity: 'high', options: { keepAliveSeconds: 3600 } },
      { id: 'aws-sg-database-port-open-to-world' },
      { id: 'aws-sg-open-to-world', exposure: { ports: null, expectedPorts: [80, 443] } },
      { kind: 'log', id: 'datadog-sg-admin-port-parity', enabled: false },
    ]);
  });

  test('shows rules of one’s own, and whether they are enabled', async () => {
    const rules = await ownRule((text) =>
      text.replace('severity: high', 'severity: low\nenabled: false'),
    );
    const { output } = await run('list', '--rules', rules);
    expect(output).toContain('low       my-rule 1.0.0 (not enabled)\n');
    expect(output).toMatch(/\n5 rules\n$/);
  });

  test('does not take an unknown format', async () => {
    const { output, exitCode } = await run('list', '--format', 'xml');
    expect(exitCode).not.toBe(0);
    expect(output).toContain('Allowed choices are table, json');
  });
});

describe('rules show', () => {
  test('shows the page of a rule', async () => {
    const { output } = await run('show', adminId);
    expect(output).toContain('# Administrative port open to the world');
    expect(output).toContain('## Triage and response');
  });

  test('shows a rule as JSON', async () => {
    const { output } = await run('show', adminId, '--format', 'json');
    expect(JSON.parse(output)).toMatchObject({ id: adminId, version: '1.0.0' });
  });

  test.each([
    ['aws-sg-admin-port-open-to-wrld', adminId],
    ['admin', adminId],
  ])('has a hint for %s', async (id, meant) => {
    await expect(run('show', id)).rejects.toMatchObject({
      code: 'rule/unknown-id',
      hint: `Did you mean ${meant}?`,
    });
  });

  test('lets no control character of a rule through', async () => {
    const rules = await ownRule((text) =>
      text.replace('goal: |\n', 'goal: |\n  \u009b31m red \u202e'),
    );
    for (const words of [['show', 'my-rule'], ['list']]) {
      const { output } = await run(...words, '--rules', rules);
      // oxlint-disable-next-line no-control-regex
      expect(output).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    }
    const { output } = await run('show', 'my-rule', '--rules', rules, '--format', 'json');
    expect(output).not.toMatch(/[\u007f-\u009f]/);
    expect(asText(own(JSON.parse(output), 'goal'))).toContain('\u009b31m');
  });
});

describe('rules validate', () => {
  test('finds nothing to correct in the built-in rules', async () => {
    const { output, exitCode } = await run('validate');
    expect(exitCode).toBe(0);
    expect(output).toMatch(/^4 rules with \d{3} examples: nothing to correct\n$/);
  });

  test('lists every error of rules and examples with place and hint, and exits with 2', async () => {
    const rules = await ownRule((text) => text.replace('severity: high', 'severity: hgih'));
    await cp(join(builtInRulesDirectory(), 'aws-sg-open-to-world'), join(rules, 'second'), {
      recursive: true,
    });
    const { output, exitCode } = await run('validate', rules);
    expect(exitCode).toBe(2);
    expect(output).toContain(`${join(rules, 'my-rule', 'rule.yaml')}:7:11: rule/bad-field\n`);
    expect(output).toContain('  severity is "hgih"; expected one of info, low, medium, high');
    expect(output).toContain('  Did you mean `high`?\n');
    expect(output).toContain(`${join(rules, 'second', 'rule.yaml')}:4:5: rule/bad-field\n`);
    expect(output).toMatch(/\n2 errors\n$/);
  });

  test('looks into the examples', async () => {
    const rules = await ownRule(same, 'base: {}\ncases: []\n');
    const { output, exitCode } = await run('validate', rules, '--format', 'json');
    expect(exitCode).toBe(2);
    expect(JSON.parse(output)).toMatchObject({
      rules: [{ id: 'my-rule', version: '1.0.0' }],
      errors: [
        {
          code: 'rule/bad-field',
          place: `${join(rules, 'my-rule', 'examples.yaml')}:2:8`,
          message: 'cases is an empty list; expected at least one case',
        },
      ],
    });
  });
});

describe('rules test', () => {
  test('passes for the built-in rules, each with the cases that were asked for', async () => {
    const { output, exitCode } = await run('test');
    expect(output).not.toContain('FAIL');
    expect(exitCode).toBe(0);
    expect(output).toMatch(/\n4 rules, \d+ cases: \d+ passed, 0 failed\n$/);
    for (const [, cases] of output.matchAll(/^ok .*\((\d+) cases\)$/gm)) {
      expect(Number(cases)).toBeGreaterThanOrEqual(25);
    }
  });

  test('tests the folder of one built-in rule alone', async () => {
    const { output, exitCode } = await run('test', join(builtInRulesDirectory(), adminId));
    expect(exitCode).toBe(0);
    expect(output).toMatch(/\n1 rule, \d+ cases/);
  });

  test('exits with 1 when a rule does not do what its examples say', async () => {
    const rules = await ownRule((text) =>
      text.replace('coverageThreshold: 0.25', 'coverageThreshold: 1'),
    );
    const { output, exitCode } = await run('test', rules);
    expect(exitCode).toBe(1);
    expect(output).toContain('FAIL Half of the IPv4 addresses are enough\n');
    expect(output).toContain('expected 1 signal, found no signal');
    expect(output).toContain(`at ${join(rules, 'my-rule', 'examples.yaml')}:`);
  });

  test('exits with 1 when a rule has no examples', async () => {
    const { output, exitCode } = await run('test', await ownRule(same, ''));
    expect(exitCode).toBe(1);
    expect(output).toContain('there is no examples.yaml');
  });

  test('does not run rules that do not load', async () => {
    const rules = await ownRule((text) => text.replace('severity: high', 'severity: hgih'));
    await expect(run('test', rules)).rejects.toMatchObject({ code: 'rule/bad-field' });
  });

  test('runs a rule that is not enabled', async () => {
    const rules = await ownRule((text) =>
      text.replace('severity: high', 'severity: high\nenabled: false'),
    );
    const { output, exitCode } = await run('test', rules, '--verbose');
    expect(exitCode).toBe(0);
    expect(output).toContain('ok   The nested request opens the port to 0.0.0.0/0\n');
  });

  test('writes JUnit XML and JSON', async () => {
    const junit = await run('test', '--format', 'junit');
    expect(junit.output).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites /);
    expect(junit.output).toContain(`<testsuite name="${adminId}" tests=`);
    const json = await run('test', '--format', 'json');
    expect(json.output.match(/"passed": true/g)?.length).toBeGreaterThan(75);
    expect(JSON.parse(json.output)).toContainEqual(
      expect.objectContaining({ ruleId: adminId, name: 'One address', passed: true }),
    );
  });
});

test('every subcommand has help with examples', async () => {
  for (const name of ['list', 'show', 'validate', 'test']) {
    const { output, exitCode } = await run(name, '--help');
    expect(exitCode).toBe(0);
    expect(output).toMatch(/\nExamples:\n {2}\$ portcullis rules \w+/);
  }
});
