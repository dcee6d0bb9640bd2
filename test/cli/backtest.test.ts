// `rules backtest` on the example estate, in full: how often, on which days, about whom.

import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { builtInRulesDirectory, loadRules } from '../../src/rules/load-rules.ts';
import { runCommand, type CommandResult } from '../support/run-command.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { ingressRecord, trailFile } from '../support/trail.ts';

const root = resolve(import.meta.dirname, '../..');
const main = resolve(root, 'src/cli/main.ts');
const estate = resolve(root, 'examples/cloudtrail');
const adminId = 'aws-sg-admin-port-open-to-world';
const parityId = 'datadog-sg-admin-port-parity';

function backtest(args: readonly string[], cwd = root): Promise<CommandResult> {
  const node = ['--disable-warning=ExperimentalWarning', main, 'rules', 'backtest'];
  return runCommand(process.execPath, [...node, ...args], { cwd });
}

type Output = {
  from: string | null;
  to: string | null;
  days: number;
  signals: number;
  signalsPerDay: number;
  severities: { severity: string; signals: number }[];
  byDay: { day: string; signals: number }[];
  actors: { sessionName: string | null; arn: string | null; signals: number }[];
  samples: { id: string; firstSeen: string; ruleId: string; exposures: { port: number }[] }[];
};

async function output(args: readonly string[], cwd = root): Promise<Output> {
  const { stdout, stderr, exitCode } = await backtest([...args, '--format', 'json'], cwd);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return JSON.parse(stdout) as Output;
}

const firing = ({ byDay }: Output): Record<string, number> =>
  Object.fromEntries(
    byDay.filter(({ signals }) => signals > 0).map(({ day, signals }) => [day.slice(8), signals]),
  );

describe('rules backtest on the example estate', () => {
  it('tells how often the exposure rule fired, on which days and callers', async () => {
    const found = await output([adminId, '--logs', estate]);
    expect(found).toMatchObject({ from: '2026-11-03', to: '2026-11-13', days: 11, signals: 14 });
    expect(found.signalsPerDay).toBeCloseTo(14 / 11);
    expect(found.severities).toEqual([
      { severity: 'high', signals: 13 },
      { severity: 'medium', signals: 1 },
    ]);
    expect(firing(found)).toEqual({
      '03': 1,
      '04': 1,
      '05': 1,
      '06': 2,
      '07': 1,
      '08': 1,
      '09': 1,
      '10': 1,
      '11': 2,
      '12': 2,
      '13': 1,
    });
    expect(found.actors).toHaveLength(13);
    expect(found.actors[0]).toMatchObject({
      sessionName: 'sam.okafor@harborpine.example',
      signals: 2,
    });
    expect(found.samples).toHaveLength(10);
    expect(found.samples.map(({ exposures }) => exposures[0]?.port)).toEqual([
      22, 3389, 5985, 22, 5900, 22, 22, 445, 2375, 23,
    ]);
  });

  it('runs a log rule that is not enabled, and no other rule', async () => {
    const found = await output([parityId, '--logs', estate]);
    expect(found).toMatchObject({ from: '2026-11-03', to: '2026-11-13', days: 11, signals: 8 });
    expect(found.severities).toEqual([
      { severity: 'high', signals: 7 },
      { severity: 'medium', signals: 1 },
    ]);
    expect(firing(found)).toEqual({
      '03': 1,
      '04': 1,
      '08': 1,
      '10': 1,
      '11': 1,
      '12': 2,
      '13': 1,
    });
    expect(found.samples.map(({ ruleId }) => ruleId)).toEqual(Array(8).fill(parityId));
  });

  it('takes a rule that most openings do not concern', async () => {
    // Two openings of every port, and one of databases alone.
    const found = await output(['aws-sg-database-port-open-to-world', '--logs', estate]);
    expect(found).toMatchObject({ signals: 3, days: 6, signalsPerDay: 0.5 });
    expect(firing(found)).toEqual({ '05': 1, '07': 1, '10': 1 });
  });

  it('narrows by time, account, region and query, and counts the days of the window', async () => {
    const window = ['--since', '2026-11-01', '--until', '2026-11-10'];
    expect(await output([adminId, '--logs', estate, ...window])).toMatchObject({
      from: '2026-11-01',
      to: '2026-11-10',
      days: 10,
      signals: 9,
      signalsPerDay: 0.9,
    });
    expect((await output([adminId, '--logs', estate, '--account', '111122223333'])).signals).toBe(
      1,
    );
    expect((await output([adminId, '--logs', estate, '--region', 'us-west-2'])).signals).toBe(2);
    expect(
      (await output([adminId, '--logs', estate, '--query', '@exposures.port:22'])).signals,
    ).toBe(8);
  });

  it('prints a table that fits 80 columns', async () => {
    const { stdout, exitCode } = await backtest([adminId, '--logs', estate]);
    expect(exitCode).toBe(0);
    expect(stdout.replaceAll('\n', ' ')).toContain(
      `${adminId} 1.0.0: 14 signals on 11 days, 2026-11-03 to 2026-11-13, 1.3 a day 13 high, 1 medium`,
    );
    expect(stdout).toContain('\n2026-11-06  2  ██\n2026-11-07  1  █\n');
    expect(stdout).toContain('\n      1  2026-11-08  root (arn:aws:iam::111122223333:root)\n');
    expect(stdout).toContain('\nSamples\n2026-11-03T09:14:20Z  high      22 (SSH) of');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('gives the same with one thread as with several', async () => {
    const one = await output([parityId, '--logs', estate, '--jobs', '1']);
    expect(await output([parityId, '--logs', estate, '--jobs', '3'])).toEqual(one);
  });

  it('agrees with a scan on every built-in rule', async () => {
    for (const { id } of await loadRules([builtInRulesDirectory()])) {
      const found = await output([id, '--logs', estate]);
      const scan = await runCommand(
        process.execPath,
        ['--disable-warning=ExperimentalWarning', main, 'scan', estate, '--format', 'json'].concat([
          '--enable-rule',
          id,
          '--query',
          `@ruleId:${id}`,
        ]),
      );
      const { signals } = JSON.parse(scan.stdout) as { signals: unknown[] };
      expect(found.signals).toBe(signals.length);
    }
  });
});

describe('rules backtest', () => {
  it('takes several places of logs, and a rule of one’s own', async () => {
    const rule = {
      id: 'my-rule',
      name: 'Mine',
      version: '0.1.0',
      goal: 'See.',
      strategy: 'Look.',
      groupBy: ['@requestParameters.groupId'],
      log: { queries: [{ name: 'calls', query: '@evt.name:AuthorizeSecurityGroupIngress' }] },
      cases: [{ name: '', severity: 'low', condition: 'calls > 0' }],
      triage: [{ step: 'Look.' }],
      title: 'Call by {{@signal.actor}}',
      message: 'Call.',
      changelog: [{ version: '0.1.0', date: '2026-11-24', changes: ['First.'] }],
    };
    const cwd = await scratchFolder({
      'rules/my-rule/rule.yaml': JSON.stringify(rule),
      'a.json': trailFile([ingressRecord({ id: 'e1' })]),
      'b.json': trailFile([ingressRecord({ id: 'e2', group: 'sg-2' })]),
    });
    const args = ['my-rule', '--rules', 'rules', '--logs', 'a.json', 'b.json'];
    expect(await output(args, cwd)).toMatchObject({ signals: 2, days: 1 });
    const { stdout } = await backtest([...args.slice(0, 4), 'a.json'], cwd);
    expect(stdout).toContain('my-rule 0.1.0: 1 signal on 2026-03-01\n1 low\n');
    expect(stdout).not.toContain('Days');
  });

  it('says that nothing fired', async () => {
    const cwd = await scratchFolder({ 'a.json': trailFile([]) });
    const { stdout, exitCode } = await backtest([adminId, '--logs', 'a.json'], cwd);
    expect({ stdout, exitCode }).toEqual({
      stdout: `${adminId} 1.0.0: no signal\n`,
      exitCode: 0,
    });
  });

  it('remarks on what could not be read', async () => {
    const cwd = await scratchFolder({ 'a.json': '{"Records":[{"eventName":' });
    const { stderr, exitCode } = await backtest([adminId, '--logs', 'a.json'], cwd);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^note: a\.json: /);
    const quiet = await backtest([adminId, '--logs', 'a.json', '--quiet'], cwd);
    expect(quiet.stderr).toBe('');
  });

  it.each([
    [['no-such-rule', '--logs', 'a.json'], 'rule/unknown-id'],
    [[adminId, '--logs', 'missing.json'], 'usage/no-input'],
    [[adminId, '--logs', 'a.json', '--query', '@a:('], 'usage/bad-option'],
    [[adminId, '--logs', 'a.json', '--account', '1'], 'usage/bad-option'],
    [[adminId, '--logs', 'a.json', '--since', 'then'], 'usage/bad-option'],
    [[adminId], '--logs'],
    [['learned', '--rules', 'rules', '--logs', 'a.json'], 'rule/not-run'],
  ])('ends with 2 for %j', async (args, said) => {
    const rule = {
      id: 'learned',
      name: 'Learned',
      version: '0.1.0',
      goal: 'See.',
      strategy: 'Look.',
      log: {
        detectionMethod: 'anomaly_detection',
        queries: [{ name: 'calls', query: '@evt.name:A' }],
      },
      cases: [{ name: '', severity: 'low', condition: 'calls > 0' }],
      triage: [{ step: 'Look.' }],
      title: 'Call',
      message: 'Call.',
      changelog: [{ version: '0.1.0', date: '2026-11-24', changes: ['First.'] }],
    };
    const cwd = await scratchFolder({
      'a.json': trailFile([]),
      'rules/learned/rule.yaml': JSON.stringify(rule),
    });
    const { stderr, stdout, exitCode } = await backtest(args, cwd);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(said);
  });

  it('lets no control character reach the terminal', async () => {
    const hostile = '\u001b]0;owned\u0007\u009b31m\r\nfake\u202e';
    const record = {
      ...ingressRecord({ id: 'e1' }),
      userIdentity: { type: hostile, arn: `arn:${hostile}`, userName: hostile },
      recipientAccountId: hostile,
      awsRegion: hostile,
    };
    const cwd = await scratchFolder({ 'a.json': trailFile([record]) });
    for (const format of ['table', 'json']) {
      const { stdout } = await backtest([adminId, '--logs', 'a.json', '--format', format], cwd);
      // oxlint-disable-next-line no-control-regex
      expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
      expect(stdout).toContain('owned');
      expect(stdout).not.toMatch(/^fake/m);
    }
  });
});
