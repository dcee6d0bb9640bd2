import { chmod, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { runCommand, type CommandOptions, type CommandResult } from '../support/run-command.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { ingressRecord, trailFile, trailKey } from '../support/trail.ts';

const main = resolve(import.meta.dirname, '../../src/cli/main.ts');

function portcullis(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return runCommand(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', main, ...args],
    options,
  );
}

type Output = {
  stats: Record<string, number>;
  signals: {
    id: string;
    severity: string;
    status: string;
    title: string;
    message: string;
    exposures: string[];
  }[];
  exposures: { port: number; groupId: string; accountId: string; region: string; id: string }[];
  problems: { file: string; code: string }[];
};

async function scanJson(args: readonly string[], options: CommandOptions = {}): Promise<Output> {
  const { stdout, stderr, exitCode } = await portcullis(['scan', ...args], options);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return JSON.parse(stdout) as Output;
}

/** Two groups: one open on SSH and closed on RDP, one open on a web port of its own. */
const records = [
  ingressRecord({ id: 'e1' }),
  ingressRecord({ id: 'e2', at: '09:00:00', port: 3389 }),
  ingressRecord({ id: 'e3', at: '09:05:00', port: 3389, name: 'RevokeSecurityGroupIngress' }),
  ingressRecord({ id: 'e4', at: '10:00:00', port: 8080, group: 'sg-2', account: '444455556666' }),
];

describe('portcullis scan', () => {
  it('prints one JSON document when it is not on a terminal', async () => {
    const folder = await scratchFolder({ 'a.json': trailFile(records) });
    const output = await scanJson([folder]);
    expect(output.exposures.map(({ groupId, port }) => `${groupId}:${port}`)).toEqual([
      'sg-1:22',
      'sg-1:3389',
      'sg-2:8080',
    ]);
    expect(output.stats).toMatchObject({ files: 1, records: 4, changeRecords: 4 });
  });

  it('reads standard input, globs, single files and gzip alike', async () => {
    const text = trailFile(records);
    const folder = await scratchFolder({ 'logs/x/a.json': text });
    const expected = (await scanJson([folder])).exposures;
    expect((await scanJson(['-'], { input: text })).exposures).toEqual(expected);
    expect((await scanJson(['logs/**/*.json'], { cwd: folder })).exposures).toEqual(expected);
    expect((await scanJson([join(folder, 'logs/x/a.json')])).exposures).toEqual(expected);
    expect(gzipSync(text).length).toBeLessThan(text.length);
  });

  it('gives the same result whatever the number of threads', async () => {
    const many = Array.from({ length: 200 }, (_, index) => [
      `${index}.json`,
      trailFile([
        ingressRecord({ id: `o${index}`, group: `sg-${index % 7}`, at: `0${index % 9}:00:00` }),
        ingressRecord({
          id: `c${index}`,
          group: `sg-${index % 7}`,
          at: `1${index % 9}:00:00`,
          name: 'RevokeSecurityGroupIngress',
        }),
      ]),
    ]);
    const folder = await scratchFolder(Object.fromEntries(many) as Record<string, string>);
    const [one, four] = await Promise.all([
      scanJson([folder, '--jobs', '1']),
      scanJson([folder, '--jobs', '4']),
    ]);
    expect(one.exposures.length).toBeGreaterThan(5);
    expect({ ...four, stats: { ...four.stats, durationMs: 0 } }).toEqual({
      ...one,
      stats: { ...one.stats, durationMs: 0 },
    });
  });

  it('narrows by time, account and region: by key first, then by record', async () => {
    const folder = await scratchFolder({
      [trailKey('111122223333', 'us-east-1', '2026-03-01')]: trailFile(records.slice(0, 3)),
      [trailKey('444455556666', 'us-east-1', '2026-03-01')]: trailFile(records.slice(3)),
      [trailKey('444455556666', 'eu-west-1', '2026-03-09')]: 'not even JSON',
    });
    const account = await scanJson([folder, '--account', '444455556666', '--region', 'us-east-1']);
    expect(account.exposures.map((exposure) => exposure.port)).toEqual([8080]);
    expect(account.stats['files']).toBe(1);
    const early = await scanJson([folder, '--until', '2026-03-01T08:30:00Z']);
    expect(early.exposures.map((exposure) => exposure.port)).toEqual([22]);
    expect(early.problems).toEqual([]);
    const late = await scanJson([
      folder,
      '--since',
      '2026-03-01T08:30:00Z',
      '--until',
      '2026-03-02',
    ]);
    expect(late.exposures.map((exposure) => exposure.port)).toEqual([3389, 8080]);
  });

  it('shows only what is asked for', async () => {
    const folder = await scratchFolder({ 'a.json': trailFile(records) });
    const high = await scanJson([folder, '--severity', 'high']);
    expect(high.exposures.map((exposure) => exposure.port)).toEqual([22, 3389]);
    const open = await scanJson([folder, '--only-open']);
    expect(open.exposures.map((exposure) => exposure.port)).toEqual([22, 8080]);
    const known = new Set(open.exposures.map((exposure) => exposure.id));
    for (const signal of open.signals) {
      for (const id of signal.exposures) expect(known.has(id)).toBe(true);
    }
  });

  it('names in titles and messages what it lists', async () => {
    const trail = trailFile([
      ingressRecord({ id: 'a' }),
      ingressRecord({ id: 'b', at: '08:10:00', port: 3389 }),
      ingressRecord({ id: 'c', at: '08:20:00', name: 'RevokeSecurityGroupIngress' }),
    ]);
    const folder = await scratchFolder({ 'a.json': trail });
    const titles = ({ signals }: Output): unknown => signals.map(({ title }) => title);
    const all = await scanJson([folder]);
    expect(titles(all)).toEqual(['22 (SSH), 3389 (RDP) of sg-1 opened to the world by alice']);
    const open = await scanJson([folder, '--only-open']);
    expect(titles(open)).toEqual(['3389 (RDP) of sg-1 opened to the world by alice']);
    expect(open.signals[0]?.message).not.toContain('SSH');
    expect(open.signals.map(({ id }) => id)).toEqual(all.signals.map(({ id }) => id));
  });

  it('chooses the format by the ending of the file it writes', async () => {
    const folder = await scratchFolder({ 'a.json': trailFile(records) });
    const beginnings = {
      'out.html': '<!doctype html>',
      'out.csv': 'exposureid,',
      'out.md': '#',
      'out.ndjson': '{',
      'out.json': '{\n',
    };
    for (const [name, beginning] of Object.entries(beginnings)) {
      const out = join(folder, 'reports', name);
      const made = await portcullis(['scan', join(folder, 'a.json'), '--out', join(folder, name)]);
      expect(made.exitCode).toBe(0);
      expect(made.stdout).toBe('');
      expect(made.stderr).toMatch(/^wrote .*signals\)\n$/);
      const written = await readFile(join(folder, name), 'utf8');
      expect(written.toLowerCase().startsWith(beginning)).toBe(true);
      const refused = await portcullis(['scan', join(folder, 'a.json'), '--out', out]);
      expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
      expect(refused.stderr).toContain('[output/not-writable]');
    }
  });

  it('exits with 1 for --fail-on, and with 0 where nothing is that severe', async () => {
    const folder = await scratchFolder({ 'a.json': trailFile(records.slice(3)) });
    const codes = await Promise.all(
      ['high', 'medium', 'low'].map(
        async (severity) => (await portcullis(['scan', folder, '--fail-on', severity])).exitCode,
      ),
    );
    expect(codes).toEqual([0, 1, 1]);
  });

  it('exits with 2 for --strict when anything could not be read, and still prints the rest', async () => {
    const folder = await scratchFolder({ 'a.json': trailFile(records), 'b.json': '{"oops' });
    const lenient = await scanJson([folder]);
    expect(lenient.problems.map((problem) => problem.code)).toEqual(['record/truncated']);
    const strict = await portcullis(['scan', folder, '--strict']);
    expect(strict.exitCode).toBe(2);
    expect((JSON.parse(strict.stdout) as Output).exposures).toEqual(lenient.exposures);
  });

  it('says what is wrong with the command line, where, and what to do', async () => {
    const folder = await scratchFolder({ 'a.json': trailFile(records) });
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [['scan'], /missing required argument/],
      [['scan', join(folder, 'nowhere')], /nowhere[\s\S]*\[usage\/no-input\]/],
      [['scan', folder, '--format', 'xml'], /Allowed choices are table/],
      [['scan', folder, '--since', 'yesterday'], /2026-11-02[\s\S]*\[usage\/bad-option\]/],
      [['scan', folder, '--account', '123'], /twelve digits/],
      [['scan', folder, '--jobs', '0'], /whole number/],
      [['scan', folder, '--rules', join(folder, 'none')], /\[rule\/not-readable\]/],
      [['scna', folder], /unknown command/],
    ];
    for (const [args, message] of wrong) {
      const { exitCode, stdout, stderr } = await portcullis(args);
      expect({ args, exitCode, stdout }).toEqual({ args, exitCode: 2, stdout: '' });
      expect(stderr).toMatch(message);
      expect(stderr).not.toContain('    at ');
    }
  });

  it('has help with examples and exit codes', async () => {
    const { stdout, exitCode } = await portcullis(['scan', '--help']);
    expect(exitCode).toBe(0);
    for (const word of ['Examples:', 's3://', '--only-open', 'Exit code:']) {
      expect(stdout).toContain(word);
    }
    expect((await portcullis(['--help'])).stdout).toContain('scan');
  });

  it('prints a table without colors into a pipe, and stops quietly when the reader has enough', async () => {
    const folder = await scratchFolder({ 'a.json': trailFile(records) });
    const { stdout } = await portcullis(['scan', folder, '--format', 'table']);
    expect(stdout).toContain('STILL OPEN');
    expect(stdout).not.toContain('\u001B');
    const piped = await runCommand('sh', [
      '-c',
      `"$0" --disable-warning=ExperimentalWarning "$1" scan "$2" --format json | head -c 1`,
      process.execPath,
      main,
      folder,
    ]);
    expect(piped).toMatchObject({ exitCode: 0, stdout: '{', stderr: '' });
  });

  it('reports a file that it may not read, and reads the others', async () => {
    const folder = await scratchFolder({ 'a.json': trailFile(records), 'b.json': trailFile([]) });
    await chmod(join(folder, 'b.json'), 0);
    // Root may read everything; nobody may not.
    const uid = process.getuid?.() === 0 ? { uid: 65_534 } : {};
    await chmod(folder, 0o755);
    const output = await scanJson([folder], { ...uid, env: { HOME: folder } });
    expect(output.exposures).toHaveLength(3);
    expect(output.problems).toMatchObject([{ code: 'input/not-readable' }]);
    expect(output.problems[0]?.file).toContain('b.json');
  });
});
