// The benchmark: makes its corpus, runs Portcullis and the others on the same files in turns, and
// prints the figures beside the bar they have to reach.
//
//   npm run bench -- [--rounds N] [--quick] [--save]
//
// `--quick` uses a twentieth of the corpus, to see that all works; `--save` writes the figures to
// results.json and to docs/performance.md. Exit code 1 when a figure misses its bar.

import { writeFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, release, tmpdir, totalmem, type } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';

import { countedEvent, fullRecipe, prepareCorpus, quickRecipe, type Corpus } from './corpus.ts';
import { writeLogRules } from './log-rules.ts';
import { median, run, type Program, type Run } from './measure.ts';
import {
  printReport,
  reaches,
  writeDocs,
  type Figure,
  type Results,
  type Timing,
} from './report.ts';
import { installDuckDb, toolVersions } from './tools.ts';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..');
const portcullis = join(root, 'portcullis');

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    quick: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
  },
});
const rounds = Number(options.rounds);
if (!Number.isInteger(rounds) || rounds < 1)
  throw new Error('--rounds takes a whole number from 1');

function say(message: string): void {
  process.stderr.write(`bench: ${message}\n`);
}

type Contender = {
  readonly name: string;
  readonly program: Program;
  /** Unpacked bytes that it reads. */
  readonly bytes: number;
  /** Throws where the run did not do the work. */
  readonly check: (run: Run) => void;
};

const scanDocument = z.object({
  stats: z.object({ bytes: z.number(), records: z.number() }),
  problems: z.array(z.unknown()),
});

function sum(files: readonly { readonly [K in Field]: number }[], field: Field): number {
  return files.reduce((total, file) => total + file[field], 0);
}
type Field = 'unpackedBytes' | 'packedBytes' | 'records' | 'counted';

function expectNumber(name: string, found: number, wanted: number): void {
  if (found !== wanted) throw new Error(`${name} says ${found}, not ${wanted}`);
}

function scanOf(
  name: string,
  paths: readonly string[],
  files: Corpus['first'],
  flags: readonly string[] = [],
): Contender {
  return {
    name,
    program: { command: [portcullis, 'scan', ...paths, '--format', 'json', ...flags] },
    bytes: sum(files, 'unpackedBytes'),
    check: ({ stdout }) => {
      const { stats, problems } = scanDocument.parse(JSON.parse(stdout));
      expectNumber(`${name}, bytes`, stats.bytes, sum(files, 'unpackedBytes'));
      expectNumber(`${name}, records`, stats.records, sum(files, 'records'));
      expectNumber(`${name}, problems`, problems.length, 0);
    },
  };
}

const withLogRules = 'portcullis scan, 50 log rules';
const logRules = join(here, 'corpus', 'log-rules');

function contendersFor(corpus: Corpus): Contender[] {
  const { first, second } = corpus;
  const folder = join(corpus.folder, 'first');
  const bytes = sum(first, 'unpackedBytes');
  const counted = sum(first, 'counted');
  const paths = first.map(({ path }) => join(corpus.folder, path));
  const listOfPaths = join(tmpdir(), 'portcullis-bench-paths');
  writeFileSync(listOfPaths, paths.join('\n'));
  const tenth = first.filter((_, index) => index % 10 === 0);
  const tenthPaths = tenth.map(({ path }) => join(corpus.folder, path));

  const counts = (name: string, wanted = counted) => ({
    check: ({ stdout }: Run) => {
      const found = [...stdout.matchAll(/(\d+)$/gm)].reduce((total, [, n]) => total + Number(n), 0);
      expectNumber(name, found, wanted);
    },
  });
  const duckDb = (name: string, how: string): Contender => ({
    name,
    program: { command: [process.execPath, join(here, 'duckdb.ts'), how, folder] },
    bytes,
    ...counts(name),
  });

  return [
    scanOf('portcullis scan', [folder], first),
    {
      name: 'bare unpacking',
      program: { command: [process.execPath, join(here, 'unpack.ts'), listOfPaths] },
      bytes,
      ...counts('bare unpacking', bytes),
    },
    scanOf(withLogRules, [folder], first, ['--rules', logRules]),
    scanOf(
      'portcullis scan, twice the corpus',
      [folder, join(corpus.folder, 'second')],
      [...first, ...second],
    ),
    {
      name: 'ripgrep -z',
      program: {
        command: [
          'rg',
          '--search-zip',
          '--no-ignore',
          '--count-matches',
          '--fixed-strings',
          `"eventName":"${countedEvent}"`,
          folder,
        ],
      },
      bytes,
      ...counts('ripgrep'),
    },
    duckDb('DuckDB read_json', 'detected'),
    duckDb('DuckDB, told the one field', 'columns'),
    duckDb('DuckDB, one line a file', 'lines'),
    {
      name: 'zcat',
      program: { command: ['zcat', ...paths], discardOutput: true },
      bytes,
      check: () => undefined,
    },
    {
      name: 'jq, a tenth',
      program: {
        command: [
          'sh',
          '-c',
          `zcat "$@" | jq '[.Records[] | select(.eventName == "${countedEvent}")] | length'`,
          'sh',
          ...tenthPaths,
        ],
      },
      bytes: sum(tenth, 'unpackedBytes'),
      ...counts('jq', sum(tenth, 'counted')),
    },
  ];
}

function timingOf(name: string, bytes: number, runs: readonly Run[]): Timing {
  const walls = runs.map(({ wallMs }) => wallMs);
  return {
    name,
    bytes,
    medianMs: median(walls),
    minMs: Math.min(...walls),
    maxMs: Math.max(...walls),
    cpuMs: median(runs.map(({ cpuMs }) => cpuMs)),
    peakBytes: Math.max(...runs.map(({ peakBytes }) => peakBytes)),
    runs: runs.length,
  };
}

async function once({ name, program, check }: Contender): Promise<Run> {
  const result = await run(program);
  try {
    check(result);
  } catch (cause) {
    throw new Error(`${name} did not do its work`, { cause });
  }
  return result;
}

/** In turns, so that whatever else the machine does meets all of them; the first turn is not kept. */
async function measureInTurns(contenders: readonly Contender[]): Promise<Timing[]> {
  const runs = new Map<Contender, Run[]>(contenders.map((contender) => [contender, []]));
  for (let round = 0; round <= rounds; round++) {
    say(round === 0 ? 'warming up' : `round ${round} of ${rounds}`);
    for (const contender of contenders) {
      const result = await once(contender);
      if (round > 0) runs.get(contender)?.push(result);
    }
  }
  return contenders.map((contender) =>
    timingOf(contender.name, contender.bytes, runs.get(contender) ?? []),
  );
}

async function measureSingles(corpus: Corpus): Promise<Timing[]> {
  const timings: Timing[] = [];
  for (const file of corpus.single) {
    const name = `one file, ${file.variant}`;
    say(name);
    const contender = scanOf(name, [join(corpus.folder, file.path)], [file]);
    const runs = [await once(contender), await once(contender)];
    timings.push(timingOf(name, file.unpackedBytes, runs));
  }
  return timings;
}

async function measureVersion(): Promise<Timing> {
  const program: Program = { command: [portcullis, '--version'] };
  await run(program);
  const runs: Run[] = [];
  for (let i = 0; i < 3 * rounds; i++) runs.push(await run(program));
  return timingOf('portcullis --version', 0, runs);
}

function figuresOf(
  turns: readonly Timing[],
  singles: readonly Timing[],
  version: Timing,
): Figure[] {
  const named = (name: string): Timing => {
    const found = turns.find((timing) => timing.name === name);
    if (!found) throw new RangeError(`nothing was measured by the name ${name}`);
    return found;
  };
  const scan = named('portcullis scan');
  const times = (name: string, atLeast: number, label: string): Figure => ({
    name: `scan throughput ÷ ${label}`,
    value: named(name).medianMs / scan.medianMs,
    atBest: named(name).minMs / scan.minMs,
    bar: { atLeast },
    unit: '',
  });
  const peak = Math.max(...[scan, ...singles].map(({ peakBytes }) => peakBytes)) / 2 ** 20;
  const twice = named('portcullis scan, twice the corpus');
  return [
    times('bare unpacking', 0.85, 'bare unpacking, same threads'),
    {
      name: 'scan throughput with 50 log rules ÷ bare unpacking, same threads',
      value: named('bare unpacking').medianMs / named(withLogRules).medianMs,
      atBest: named('bare unpacking').minMs / named(withLogRules).minMs,
      bar: { atLeast: 0.7 },
      unit: '',
    },
    times('ripgrep -z', 2.5, '`ripgrep -z` (its default threads)'),
    times('DuckDB read_json', 4, 'DuckDB (2 threads)'),
    {
      name: 'peak resident memory, corpus and single file',
      value: peak,
      atBest: peak,
      bar: { atMost: 300 },
      unit: 'MiB',
    },
    {
      name: 'time for twice the corpus ÷ time for the corpus',
      value: twice.medianMs / scan.medianMs,
      atBest: twice.minMs / scan.minMs,
      bar: { atMost: 2.1 },
      unit: '',
    },
    {
      name: '`portcullis --version`, second run',
      value: version.medianMs,
      atBest: version.minMs,
      bar: { atMost: 150 },
      unit: 'ms',
    },
  ];
}

const tools = toolVersions();
installDuckDb(say);
const corpus = await prepareCorpus(options.quick ? quickRecipe : fullRecipe, say);
await writeLogRules(logRules);
const turns = await measureInTurns(contendersFor(corpus));
const singles = await measureSingles(corpus);
const version = await measureVersion();
const results: Results = {
  date: new Date().toISOString().slice(0, 10),
  machine: {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${type()} ${release()}, ${arch()}`,
    node: process.version,
  },
  tools,
  corpus: {
    files: corpus.first.length,
    packedBytes: sum(corpus.first, 'packedBytes'),
    unpackedBytes: sum(corpus.first, 'unpackedBytes'),
    records: sum(corpus.first, 'records'),
  },
  figures: figuresOf(turns, singles, version),
  timings: [...turns, ...singles, version],
};
printReport(results);
if (options.save) {
  writeFileSync(join(here, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
  await writeDocs(results, join(root, 'docs', 'performance.md'));
}
process.exitCode = results.figures.every(reaches) ? 0 : 1;
