// Files that the system will not give: no permission, gone between listing and reading, an error
// while reading. And all that is bad at once, through the command itself.

import { execFile } from 'node:child_process';
import { access, chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { parseJson } from './parse-json.ts';
import { InputReader } from '../../src/input-reader.ts';
import { scan } from '../../src/scan.ts';
import { wantEverything } from '../../src/source/aws-layout.ts';
import { portRule } from '../oracle/rules.ts';
import { opening, trailFile } from './bad-files.ts';

const rules = [portRule('admin', [22])];
const program = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-unreadable-'));
  await chmod(folder, 0o755);
  await writeFile(join(folder, 'good.json'), trailFile([opening('sg-good')]));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

type Run = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs the command; as a user who owns nothing where this process is root. */
function run(args: readonly string[], unprivileged = false): Promise<Run> {
  const isRoot = process.getuid?.() === 0;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [program, ...args],
      { ...(unprivileged && isRoot ? { uid: 65_534, gid: 65_534 } : {}), maxBuffer: 64_000_000 },
      (error, stdout, stderr) => {
        const code = typeof error?.code === 'number' ? error.code : error ? -1 : 0;
        resolve({ code, stdout, stderr });
      },
    );
  });
}

describe('a file that may not be read', () => {
  it('is a problem with its place, and the others are read', async () => {
    await writeFile(join(folder, 'secret.json'), trailFile([opening('sg-secret')]));
    await chmod(join(folder, 'secret.json'), 0o000);

    const { code, stdout } = await run(['scan', folder, '--format', 'json', '--quiet'], true);

    expect(code).toBe(0);
    const result = parseJson(stdout);
    expect(result).toMatchObject({
      exposures: [{ groupId: 'sg-good' }],
      stats: { files: 2, rejectedFiles: 1 },
      problems: [{ code: 'input/not-readable', file: join(folder, 'secret.json') }],
    });
  });

  it('is enough for --strict to answer 2', async () => {
    await writeFile(join(folder, 'secret.json'), trailFile([opening('sg-secret')]));
    await chmod(join(folder, 'secret.json'), 0o000);

    const { code, stdout } = await run(['scan', folder, '--format', 'json', '--strict'], true);

    expect(code).toBe(2);
    expect(parseJson(stdout)).toMatchObject({ exposures: [{ groupId: 'sg-good' }] });
  });
});

describe('a file that is gone when its turn comes', () => {
  it('is a problem with its place, and the others are read', async () => {
    const reader = new InputReader({
      logRules: [],
      eventNames: ['AuthorizeSecurityGroupIngress'],
      filter: wantEverything,
      maxRatio: 500,
      s3: {},
    });
    const gone = join(folder, 'gone.json');
    const good = join(folder, 'good.json');

    const report = await reader.read(
      [
        { kind: 'file', path: gone, sizeBytes: 100 },
        { kind: 'file', path: good, sizeBytes: 100 },
      ],
      () => undefined,
    );

    expect(report.problems).toMatchObject([{ code: 'input/not-readable', file: gone }]);
    expect(report.changes).toMatchObject([{ eventId: 'event-sg-good' }]);
  });
});

describe('a file that cannot be read to the end', () => {
  const broken = '/proc/self/mem';

  it('is a problem with its place, and the others are read', async (context) => {
    await access(broken).catch(() => context.skip(`there is no ${broken} here`));
    const { exposures, problems } = await scan([broken, folder], { rules });
    expect(exposures).toMatchObject([{ groupId: 'sg-good' }]);
    expect(problems).toMatchObject([{ code: 'input/not-readable', file: broken }]);
  });
});

describe('a folder with everything that is bad', () => {
  beforeEach(async () => {
    const packed = gzipSync(trailFile([opening('sg-packed')]));
    await writeFile(join(folder, 'cut.json.gz'), packed.subarray(0, packed.length / 2));
    await writeFile(join(folder, 'empty.json'), '');
    await writeFile(join(folder, 'notes.txt'), 'not a log \u001b[2J');
    await writeFile(
      join(folder, 'middle.json'),
      `{"Records":[{"eventVersion":1,"eventName":"AuthorizeSecurityGroupIngress",},${JSON.stringify(opening('sg-middle'))}]}`,
    );
  });

  it('is scanned to its end, and each problem is named with its next step', async () => {
    const { code, stdout, stderr } = await run(['scan', folder, '--format', 'table']);
    expect(code).toBe(0);
    for (const name of ['cut.json.gz', 'empty.json', 'notes.txt', 'middle.json']) {
      expect(stdout + stderr).toContain(name);
    }
    expect(stdout).toContain('sg-good');
    expect(stdout).toContain('sg-middle');
    expect(stdout + stderr).not.toContain('\u001b[2J');
    expect(stdout + stderr).not.toMatch(/\bat .*\.ts:\d+/);
  });

  it('makes --strict answer 2', async () => {
    expect((await run(['scan', folder, '--strict', '--quiet'])).code).toBe(2);
  });
});
