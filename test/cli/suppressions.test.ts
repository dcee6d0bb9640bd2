import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommand, type CommandResult } from '../support/run-command.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { ingressRecord, trailFile } from '../support/trail.ts';

const main = resolve(import.meta.dirname, '../../src/cli/main.ts');

function scan(args: readonly string[], cwd: string): Promise<CommandResult> {
  const node = ['--disable-warning=ExperimentalWarning', main, 'scan'];
  return runCommand(process.execPath, [...node, ...args], { cwd });
}

type Output = {
  signals: unknown[];
  exposures: { port: number }[];
  suppressed?: { signals: number; exposures: number; hidden?: unknown[] };
};

const output = ({ stdout }: CommandResult): Output => JSON.parse(stdout) as Output;

const records = [
  ingressRecord({ id: 'e1', cidr: '128.0.0.0/2' }),
  ingressRecord({ id: 'e2', at: '10:30:00', port: 3389 }),
  ingressRecord({ id: 'e3', at: '09:00:00', group: 'sg-2' }),
];
const untilFriday =
  `suppressions:\n  - { rule: all, query: '@exposures.groupId:sg-1 @exposures.port:22 ` +
  `@exposures.sources:"128.0.0.0/2"', reason: bastion <b>, end: 2026-03-06 }\n`;

const folder = (suppressions: string): Promise<string> =>
  scratchFolder({ 'logs/a.json': trailFile(records), 's.yaml': suppressions });

describe('scan --suppressions', () => {
  it('hides one port of one group from one block, and counts it', async () => {
    const cwd = await folder(untilFriday);
    const result = output(await scan(['logs', '--suppressions', 's.yaml'], cwd));
    expect(result.exposures.map(({ port }) => port)).toEqual([22, 3389]);
    expect(result.suppressed).toEqual({ signals: 1, exposures: 1 });
    const without = output(await scan(['logs'], cwd));
    expect(without.exposures).toHaveLength(3);
    expect(without.suppressed).toBeUndefined();
  });

  it('lists what is hidden, marked, where asked to, in every format for people', async () => {
    const cwd = await folder(untilFriday);
    const args = ['logs', '--suppressions', 's.yaml', '--show-suppressed'];
    const shown = await scan(args, cwd);
    expect(output(shown).suppressed?.hidden).toMatchObject([
      { suppressions: [{ reason: 'bastion <b>' }], exposures: [{ port: 22 }] },
    ]);
    const [table, markdown, html] = await Promise.all(
      ['table', 'markdown', 'html'].map((format) => scan([...args, '--format', format], cwd)),
    );
    expect(table?.stdout).toMatch(/SUPPRESSED by sup-\w+: bastion <b>/);
    expect(table?.stdout).toContain('1 signal suppressed (1 exposure)');
    expect(markdown?.stdout).toMatch(/SUPPRESSED by `sup-\w+` \(bastion (?:\\<|&lt;)b/);
    expect(html?.stdout).toMatch(/Suppressed by sup-\w+ \(bastion/);
    expect(html?.stdout).not.toContain('bastion <b>');
  });

  it('says how much is hidden even when all of it is', async () => {
    const cwd = await folder(`suppressions: [{ rule: all, query: '*', reason: drill }]`);
    const args = ['logs', '--suppressions', 's.yaml', '--format', 'table', '--fail-on', 'info'];
    const { stdout, exitCode } = await scan(args, cwd);
    expect(stdout).toContain('3 signals suppressed (3 exposures)');
    expect(exitCode).toBe(0);
    expect((await scan(['logs', '--fail-on', 'info'], cwd)).exitCode).toBe(1);
  });

  it('stops at a mistake with its place, and remarks on a rule that is not there', async () => {
    const broken = await scan(
      ['logs', '--suppressions', 's.yaml'],
      await folder('suppressions: 1'),
    );
    expect(broken).toMatchObject({ exitCode: 2, stdout: '' });
    expect(broken.stderr).toMatch(/s\.yaml:1:15[^]*suppression\/bad-file/);
    const cwd = await folder('suppressions: [{ rule: aws-sg-open-to-word, query: a, reason: b }]');
    const { stderr } = await scan(['logs', '--suppressions', 's.yaml'], cwd);
    expect(stderr).toContain('Did you mean aws-sg-open-to-world?');
    const absent = await scan(['logs', '--suppressions', join(cwd, 'no.yaml')], cwd);
    expect(absent).toMatchObject({ exitCode: 2 });
    expect(absent.stderr).toContain('suppression/not-readable');
  });
});

describe('scan --query', () => {
  it('shows the signals that match, and fails on those alone', async () => {
    const cwd = await folder(untilFriday);
    const ports = async (query: string): Promise<number[]> =>
      output(await scan(['logs', '--query', query], cwd)).exposures.map(({ port }) => port);
    expect(await ports('@exposures.port:3389 status:open')).toEqual([3389]);
    expect(await ports('@exposures.sources:"0.0.0.0/0" @groupId:sg-2')).toEqual([22]);
    expect(await ports('@userIdentity.session_name:nobody')).toEqual([]);
    expect(await ports('@evt.name:AuthorizeSecurityGroupIngress')).toHaveLength(3);
    const failing = ['logs', '--fail-on', 'info', '--query'];
    expect((await scan([...failing, '@groupId:sg-2'], cwd)).exitCode).toBe(1);
    expect((await scan([...failing, '@groupId:sg-9'], cwd)).exitCode).toBe(0);
  });

  it('shows the place of a mistake', async () => {
    const { stderr, exitCode } = await scan(['logs', '--query', '@a:('], await folder(''));
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/@a:\(\n +\^/);
    expect(stderr).toContain('usage/bad-option');
  });
});
