import { execFileSync } from 'node:child_process';
import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

import {
  memoryObjectStore,
  type MemoryObjectStore,
} from '../../test/support/memory-object-store.ts';
import { runCommand } from '../../test/support/run-command.ts';
import { scratchFolder } from '../../test/support/scratch-folder.ts';
import type { Problem } from '../model/problem.ts';
import { wantEverything, type KeyFilter } from './aws-layout.ts';
import { findInputs, type FindInputsOptions } from './find-inputs.ts';
import { inputName, type Input } from './input.ts';

type Found = { readonly inputs: readonly Input[]; readonly problems: readonly Problem[] };

async function find(
  paths: readonly string[],
  options: Partial<FindInputsOptions> = {},
): Promise<Found> {
  const inputs: Input[] = [];
  const problems: Problem[] = [];
  const onProblem = (problem: Problem): void => void problems.push(problem);
  const search = findInputs(paths, { filter: wantEverything, onProblem, ...options });
  for await (const input of search) inputs.push(input);
  return { inputs, problems };
}

/** The names of what was found, relative to a folder. */
async function namesIn(
  folder: string,
  paths: readonly string[] = ['.'],
  filter: KeyFilter = wantEverything,
): Promise<string[]> {
  const { inputs, problems } = await find(
    paths.map((path) => join(folder, path)),
    { filter },
  );
  expect(problems).toEqual([]);
  return inputs.map((input) => relative(folder, inputName(input)));
}

const account = '111122223333';

function trailFile(day: string, region = 'us-east-1'): string {
  const compact = day.replaceAll('/', '');
  return `AWSLogs/${account}/CloudTrail/${region}/${day}/${account}_CloudTrail_${region}_${compact}T1215Z_x.json.gz`;
}

describe('a folder', () => {
  it('gives everything below it that is not hidden, in order', async () => {
    const folder = await scratchFolder({
      'b.json': '',
      'a/z.jsonl': '',
      'a/b/no extension': '',
      'a.json': '',
      '.hidden.json': '',
      '.git/x.json': '',
      'a/.DS_Store': '',
    });
    expect(await namesIn(folder)).toEqual(['a/b/no extension', 'a/z.jsonl', 'a.json', 'b.json']);
  });

  it('tells sizes in bytes', async () => {
    const folder = await scratchFolder({ 'a.json': 'four' });
    const { inputs } = await find([folder]);
    expect(inputs).toEqual([{ kind: 'file', path: join(folder, 'a.json'), sizeBytes: 4 }]);
  });

  it('may hold the strangest names', async () => {
    const names = [
      ' ',
      '\n',
      '-',
      '--out',
      'a b.json',
      "it's.json",
      'ü☃😀.json',
      '*.json',
      '\\',
      '🦀/x',
    ];
    const folder = await scratchFolder(Object.fromEntries(names.map((name) => [name, ''])));
    expect(await namesIn(folder)).toEqual(names.toSorted());
  });

  it('gives paths relative where it was given so', async () => {
    const { inputs } = await find(['src/source']);
    expect(inputs.map(inputName)).toContain('src/source/find-inputs.ts');
  });

  it("passes by AWS's files of other kinds in silence", async () => {
    const folder = await scratchFolder({
      [trailFile('2026/03/01')]: '',
      [`AWSLogs/${account}/CloudTrail-Digest/us-east-1/2026/03/01/x.json.gz`]: '',
      [`AWSLogs/${account}/vpcflowlogs/us-east-1/2026/03/01/x.log.gz`]: '',
      [`${account}_CloudTrail-Insight_us-east-1_20260301T1215Z_x.json.gz`]: '',
    });
    expect(await namesIn(folder)).toEqual([trailFile('2026/03/01')]);
  });

  it('that holds nothing is no input', async () => {
    const folder = await scratchFolder({ '.hidden': '' });
    await mkdir(join(folder, 'empty'));
    await expect(find([folder])).rejects.toMatchObject({
      code: 'usage/no-input',
      message: `There is nothing to read in ${folder}.`,
      place: folder,
    });
  });

  it('that holds only files of other kinds is no input, and the message says why', async () => {
    const folder = await scratchFolder({
      [`AWSLogs/${account}/vpcflowlogs/us-east-1/2026/03/01/x.log.gz`]: '',
    });
    await expect(find([folder])).rejects.toMatchObject({
      code: 'usage/no-input',
      message: `There are only digests or logs of other AWS services in ${folder}.`,
    });
  });
});

describe("a folder in AWS's layout", () => {
  const days = ['2025/12/31', '2026/02/28', '2026/03/01', '2026/03/02', '2026/03/04'];
  const files = Object.fromEntries(
    days.flatMap((day) => [
      [trailFile(day), ''],
      [trailFile(day, 'eu-west-1'), ''],
    ]),
  );
  const filter: KeyFilter = {
    sinceMs: Date.parse('2026-03-01T00:00:00Z'),
    untilMs: Date.parse('2026-03-02T00:00:00Z'),
    accounts: [account],
    regions: ['us-east-1'],
  };

  it('is read only where the filter can match', async () => {
    const folder = await scratchFolder({ ...files, 'export.json': '' });
    expect(await namesIn(folder, ['.'], filter)).toEqual([
      trailFile('2026/03/01'),
      trailFile('2026/03/02'),
      'export.json',
    ]);
  });

  it('is told by where it lies, even when a part of it is named', async () => {
    const folder = await scratchFolder(files);
    const region = `AWSLogs/${account}/CloudTrail/us-east-1`;
    expect(await namesIn(folder, [`${region}/2026`, `${region}/2025`], filter)).toEqual([
      trailFile('2026/03/01'),
      trailFile('2026/03/02'),
    ]);
  });

  it('may turn out to hold nothing that is wanted', async () => {
    const folder = await scratchFolder(files);
    expect(await namesIn(folder, ['.'], { ...filter, accounts: ['444455556666'] })).toEqual([]);
  });

  it('is pruned by file name when files come from a glob', async () => {
    const folder = await scratchFolder(files);
    expect(await namesIn(folder, ['**/*.gz'], filter)).toEqual([
      trailFile('2026/03/01'),
      trailFile('2026/03/02'),
    ]);
  });
});

describe('symbolic links', () => {
  it('are followed, and each real file is read once', async () => {
    const outside = await scratchFolder({ 'x.json': '', 'deep/y.json': '' });
    const folder = await scratchFolder({ 'a/1.json': '' });
    await symlink(outside, join(folder, 'linked folder'));
    await symlink(join(outside, 'x.json'), join(folder, 'again.json'));
    await symlink('a', join(folder, 'b'));
    await symlink('1.json', join(folder, 'a/2.json'));
    expect(await namesIn(folder)).toEqual(['a/1.json', 'again.json', 'linked folder/deep/y.json']);
  });

  it('that lead back are reported once each, and everything is read once', async () => {
    const folder = await scratchFolder({ 'a/x.json': '', 'b/y.json': '' });
    await symlink('..', join(folder, 'a/up'));
    await symlink('../b', join(folder, 'a/to b'));
    await symlink('../a', join(folder, 'b/to a'));
    const { inputs, problems } = await find([folder]);
    expect(inputs.map((input) => relative(folder, inputName(input)))).toEqual([
      'a/to b/y.json',
      'a/x.json',
    ]);
    expect(problems.map(({ code, file }) => [code, relative(folder, file)])).toEqual([
      ['input/loop', 'a/to b/to a'],
      ['input/loop', 'a/up'],
    ]);
  });

  it('that lead to themselves are reported as a loop', async () => {
    const folder = await scratchFolder({ 'x.json': '' });
    await symlink('loop', join(folder, 'loop'));
    const { inputs, problems } = await find([folder]);
    expect(inputs).toHaveLength(1);
    expect(problems).toMatchObject([{ code: 'input/loop', file: join(folder, 'loop') }]);
  });

  it('that lead nowhere are reported', async () => {
    const folder = await scratchFolder({ 'x.json': '' });
    await symlink('gone.json', join(folder, 'broken.json'));
    const { inputs, problems } = await find([folder]);
    expect(inputs).toHaveLength(1);
    expect(problems).toEqual([
      {
        code: 'input/not-readable',
        file: join(folder, 'broken.json'),
        message:
          'It cannot be read: it is not there, or no longer. Check its permissions, or that it still exists, and scan again.',
      },
    ]);
  });
});

describe('several paths', () => {
  it('give each file once, in the order of the paths', async () => {
    const folder = await scratchFolder({ 'a/1.json': '', 'a/2.json': '', 'b/3.json': '' });
    expect(await namesIn(folder, ['b', 'a/2.json', 'a', '.', 'a/*.json', 'a/../b/3.json'])).toEqual(
      ['b/3.json', 'a/2.json', 'a/1.json'],
    );
  });

  it('may name hidden files', async () => {
    const folder = await scratchFolder({ '.a.json': '', '.b/c.json': '' });
    expect(await namesIn(folder, ['.a.json', '.b'])).toEqual(['.a.json', '.b/c.json']);
  });

  it('are all looked at before the first is read', async () => {
    const folder = await scratchFolder({ 'x.json': '' });
    for (const wrong of ['y.json', '*.csv', 'x.json/z', 'a'.repeat(300), 'nul\0']) {
      const path = join(folder, wrong);
      const search = findInputs([folder, path], { filter: wantEverything, onProblem: () => {} });
      await expect(search.next()).rejects.toMatchObject({
        code: 'usage/no-input',
        message: `${path} matches nothing.`,
        place: path,
      });
    }
  });

  it('include standard input, once', async () => {
    const { inputs } = await find(['-', '-']);
    expect(inputs).toEqual([{ kind: 'stdin' }]);
    expect(inputs.map(inputName)).toEqual(['-']);
  });
});

describe('a glob', () => {
  it('gives files, and everything below the folders that it matches', async () => {
    const folder = await scratchFolder({ 'a1/x.json': '', 'a2.json': '', 'b/y.json': '' });
    expect(await namesIn(folder, ['a*'])).toEqual(['a1/x.json', 'a2.json']);
  });

  it('is a plain name where a file has that very name', async () => {
    const folder = await scratchFolder({ '[1].json': '', '1.json': '' });
    expect(await namesIn(folder, ['[1].json'])).toEqual(['[1].json']);
    expect(await namesIn(folder, ['[12].json'])).toEqual(['1.json']);
  });
});

describe('what is neither file nor folder', () => {
  it('is read when it is named, and reported when it is come across', async () => {
    const folder = await scratchFolder({ 'x.json': '' });
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect((await find([pipe])).inputs).toEqual([{ kind: 'file', path: pipe, sizeBytes: 0 }]);
    for (const path of [folder, join(folder, '*')]) {
      const { inputs, problems } = await find([path]);
      expect(inputs.map((input) => basename(inputName(input)))).toEqual(['x.json']);
      expect(problems).toMatchObject([{ code: 'input/not-readable', file: pipe }]);
    }
  });
});

describe('what cannot be looked at', () => {
  it('is reported, and the rest is found: files that vanish', async () => {
    const folder = await scratchFolder({
      'a.json': '',
      'b.json': '',
      'c/x.json': '',
      'd.json': '',
    });
    const problems: Problem[] = [];
    const names: string[] = [];
    const search = findInputs([folder], {
      filter: wantEverything,
      onProblem: (problem) => problems.push(problem),
    });
    for await (const input of search) {
      names.push(relative(folder, inputName(input)));
      await rm(join(folder, 'b.json'), { force: true });
      await rm(join(folder, 'c'), { recursive: true, force: true });
    }
    expect(names).toEqual(['a.json', 'd.json']);
    expect(problems.map(({ code, file }) => [code, relative(folder, file)])).toEqual([
      ['input/not-readable', 'b.json'],
      ['input/not-readable', 'c'],
    ]);
  });

  // macOS has no such names.
  it.skipIf(process.platform === 'darwin')(
    'is reported, and the rest is found: names that are not UTF-8',
    async () => {
      const folder = await scratchFolder({ 'a.json': '' });
      await writeFile(Buffer.from(`${folder}/\xFF.json`, 'latin1'), '');
      const { inputs, problems } = await find([folder]);
      expect(inputs).toHaveLength(1);
      expect(problems.map(({ message }) => message)).toEqual([
        expect.stringContaining('its name is not valid UTF-8; rename it'),
      ]);
    },
  );

  it('is reported, and the rest is found: what permissions forbid', async () => {
    const folder = await scratchFolder({
      'a.json': '',
      'locked/x.json': '',
      'z.json': '',
      'no entry/deeper/y.json': '',
    });
    await chmod(join(folder, 'locked'), 0o000);
    await chmod(join(folder, 'no entry'), 0o000);
    await chmod(folder, 0o755);
    // Permissions do not bind root; so the search is done by a process that gives up being root.
    const program = `
      import { findInputs } from ${JSON.stringify(new URL('find-inputs.ts', import.meta.url).href)};
      if (process.getuid() === 0) { process.setgroups([]); process.setgid(65534); process.setuid(65534); }
      const found = [];
      const onProblem = (problem) => found.push([problem.code, problem.file, problem.message]);
      const filter = { sinceMs: null, untilMs: null, accounts: [], regions: [] };
      for await (const input of findInputs(JSON.parse(process.argv[1]), { filter, onProblem })) {
        found.push(input.path);
      }
      console.log(JSON.stringify(found));
    `;
    const paths = ['.', 'no entry/deeper/y.json', 'locked/*.json'];
    const { stdout, stderr } = await runCommand(
      process.execPath,
      ['--input-type=module', '--eval', program, JSON.stringify(paths)],
      { cwd: folder },
    );
    // Let the folder be deleted by whoever runs the test.
    await chmod(join(folder, 'locked'), 0o755);
    await chmod(join(folder, 'no entry'), 0o755);

    const denied =
      'It cannot be read: permission denied. Check its permissions, or that it still exists, and scan again.';
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual([
      'a.json',
      ['input/not-readable', 'locked', denied],
      ['input/not-readable', 'no entry', denied],
      'z.json',
      ['input/not-readable', 'no entry/deeper/y.json', denied],
      ['input/not-readable', 'locked', denied],
    ]);
  });
});

const storedKeys = [
  trailFile('2026/03/01'),
  trailFile('2026/03/02'),
  `AWSLogs/${account}/CloudTrail-Digest/us-east-1/2026/03/01/x.json.gz`,
  `AWSLogs/${account}/`,
  'other/a b.json',
  'other/.hidden.json',
  'other/strange \n ü.json',
];

function storedObjects(): MemoryObjectStore {
  return memoryObjectStore(storedKeys);
}

describe('an S3 prefix', () => {
  it('gives its objects, without digests, hidden names and markers of folders', async () => {
    const { inputs, problems } = await find(['s3://logs'], { objectStore: storedObjects });
    expect(problems).toEqual([]);
    expect(inputs.map(inputName)).toEqual([
      `s3://logs/${trailFile('2026/03/01')}`,
      `s3://logs/${trailFile('2026/03/02')}`,
      's3://logs/other/a b.json',
      's3://logs/other/strange \n ü.json',
    ]);
    expect(inputs[2]).toEqual({ kind: 's3', bucket: 'logs', key: 'other/a b.json', sizeBytes: 14 });
  });

  it('is pruned by the filter', async () => {
    const filter = { ...wantEverything, sinceMs: Date.parse('2026-03-02T06:00:00Z') };
    const { inputs } = await find(['s3://logs/AWS'], { objectStore: storedObjects, filter });
    expect(inputs.map(inputName)).toEqual([`s3://logs/${trailFile('2026/03/02')}`]);
  });

  it('overlaps with others without giving an object twice, from one store', async () => {
    let stores = 0;
    const objectStore = (): MemoryObjectStore => {
      stores += 1;
      return storedObjects();
    };
    const { inputs } = await find(['s3://logs/other/', 's3://logs/oth', 's3://logs2/other/'], {
      objectStore,
    });
    expect(inputs.map(inputName)).toEqual([
      's3://logs/other/a b.json',
      's3://logs/other/strange \n ü.json',
      's3://logs2/other/a b.json',
      's3://logs2/other/strange \n ü.json',
    ]);
    expect(stores).toBe(1);
  });

  it('that matches nothing is no input', async () => {
    await expect(find(['s3://logs/nothing'], { objectStore: storedObjects })).rejects.toMatchObject(
      {
        code: 'usage/no-input',
        place: 's3://logs/nothing',
      },
    );
  });

  it('is a bad option where there is no S3', async () => {
    await expect(find(['s3://logs'])).rejects.toMatchObject({ code: 'usage/bad-option' });
  });
});
