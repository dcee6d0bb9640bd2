// The benchmark's own CloudTrail files, made by the same traffic that the example estate has.
// The same recipe gives the same unpacked bytes on every machine, whatever the number of cores; a
// corpus that is there already is used again when its recipe is still the one in the code.

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { createGzip, gzipSync } from 'node:zlib';

import { Traffic } from '../examples/estate/background.ts';
import { createPlaces, organizationId, type Place } from '../examples/estate/company.ts';
import { Random } from '../examples/estate/random.ts';

/** Counted by every contender that filters, so that all can be seen to have read everything. */
export const countedEvent = 'AuthorizeSecurityGroupIngress';

export type CorpusFile = {
  /** Relative to the corpus folder. */
  readonly path: string;
  readonly unpackedBytes: number;
  readonly packedBytes: number;
  readonly records: number;
  /** Records of `countedEvent`. */
  readonly counted: number;
};

export type Corpus = {
  readonly folder: string;
  /** Two sets of different files, each of `recipe.setBytes`; the figures are measured on the first. */
  readonly first: readonly CorpusFile[];
  readonly second: readonly CorpusFile[];
  /** The single large files, by the variant's name. */
  readonly single: readonly (CorpusFile & { readonly variant: SingleVariant })[];
};

export type SingleVariant = 'line' | 'line.gz' | 'pretty' | 'pretty.gz';

export type Recipe = {
  readonly seed: string;
  readonly filesPerSet: number;
  readonly setBytes: number;
  readonly singleBytes: number;
  readonly groupChangeShare: number;
  readonly exposureShare: number;
};

const mebibyte = 1024 * 1024;

export const fullRecipe: Recipe = {
  seed: 'bench',
  filesPerSet: 720,
  setBytes: 2112 * mebibyte,
  singleBytes: 1024 * mebibyte,
  groupChangeShare: 1 / 500,
  exposureShare: 0.1,
};

/** For trying the benchmark out: little of everything. Its figures mean little, too. */
export const quickRecipe: Recipe = {
  ...fullRecipe,
  filesPerSet: 240,
  setBytes: 36 * mebibyte,
  singleBytes: 52 * mebibyte,
};

const here = dirname(fileURLToPath(import.meta.url));

type Manifest = Omit<Corpus, 'folder'> & { readonly recipe: string };

/** Makes the corpus, or finds it made. */
export async function prepareCorpus(
  recipe: Recipe,
  say: (message: string) => void,
): Promise<Corpus> {
  const folder = join(here, 'corpus', recipe === fullRecipe ? 'full' : 'quick');
  const fingerprint = await fingerprintOf(recipe);
  const manifestPath = join(folder, 'manifest.json');
  const found = await readFile(manifestPath, 'utf8').catch(() => null);
  if (found !== null) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- this program wrote it
    const manifest = JSON.parse(found) as Manifest;
    if (manifest.recipe === fingerprint) return { folder, ...manifest };
  }
  say(`making the corpus in ${folder}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const made = await make(recipe, folder);
  const of = (set: Job['set']) =>
    made
      .filter(({ job }) => job.set === set)
      .toSorted((a, b) => (a.file.path < b.file.path ? -1 : 1));
  const manifest: Manifest = {
    recipe: fingerprint,
    first: of('first').map(({ file }) => file),
    second: of('second').map(({ file }) => file),
    single: made.flatMap(({ job, file }) =>
      job.set === 'single' ? [{ ...file, variant: job.variant }] : [],
    ),
  };
  await writeFile(manifestPath, JSON.stringify(manifest, null, 1));
  return { folder, ...manifest };
}

/** Changes whenever the recipe or any code that makes the records does. */
async function fingerprintOf(recipe: Recipe): Promise<string> {
  const estate = join(here, '..', 'examples', 'estate');
  const names = (await readdir(estate, { recursive: true })).filter((name) => name.endsWith('.ts'));
  const hash = createHash('sha256').update(JSON.stringify(recipe));
  for (const path of [
    ...names.toSorted().map((name) => join(estate, name)),
    join(here, 'corpus.ts'),
  ]) {
    hash.update(await readFile(path));
  }
  return hash.digest('hex');
}

type Job =
  | { readonly set: 'first' | 'second'; readonly index: number; readonly bytes: number }
  | { readonly set: 'single'; readonly variant: SingleVariant };

function jobsOf(recipe: Recipe): Job[] {
  const jobs: Job[] = (['line', 'pretty', 'line.gz', 'pretty.gz'] as const).map((variant) => ({
    set: 'single',
    variant,
  }));
  for (const set of ['first', 'second'] as const) {
    const random = new Random(`${recipe.seed}/${set}/sizes`);
    const weights = Array.from({ length: recipe.filesPerSet }, () => 0.2 + random.unit() ** 2 * 3);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (const [index, weight] of weights.entries()) {
      jobs.push({ set, index, bytes: Math.ceil((recipe.setBytes * weight) / total) });
    }
  }
  return jobs;
}

type Made = { readonly job: Job; readonly file: CorpusFile };

async function make(recipe: Recipe, folder: string): Promise<Made[]> {
  const jobs = jobsOf(recipe);
  const next = new Int32Array(new SharedArrayBuffer(4));
  const workers = Array.from(
    { length: availableParallelism() },
    () =>
      new Worker(fileURLToPath(import.meta.url), { workerData: { recipe, folder, jobs, next } }),
  );
  const made: Made[] = [];
  await Promise.all(
    workers.map(async (worker) => {
      worker.on('message', (message: Made) => made.push(message));
      const ended: unknown[] = await once(worker, 'exit');
      if (ended[0] !== 0) throw new Error(`a corpus worker ended with ${String(ended[0])}`);
    }),
  );
  return made;
}

type Assignment = {
  readonly recipe: Recipe;
  readonly folder: string;
  readonly jobs: readonly Job[];
  readonly next: Int32Array<SharedArrayBuffer>;
};

async function work({ recipe, folder, jobs, next }: Assignment): Promise<void> {
  const places = createPlaces(2);
  for (;;) {
    const job = jobs[Atomics.add(next, 0, 1)];
    if (!job) return;
    const file =
      job.set === 'single'
        ? await makeSingle(recipe, folder, places, job.variant)
        : await makeOne(recipe, folder, places, job.set, job.index, job.bytes);
    parentPort?.postMessage({ job, file } satisfies Made);
  }
}

const secondsMs = 1000;
const dayMs = 86_400_000;
const firstDayMs = Date.UTC(2026, 10, 2);

/** Records until they fill `bytes`, with their number and how many are of the counted event. */
function* records(recipe: Recipe, place: Place, seed: string, startMs: number, tally: Tally) {
  const random = new Random(`${recipe.seed}/${seed}`);
  const traffic = new Traffic({
    random,
    groupChangeShare: recipe.groupChangeShare,
    exposureShare: recipe.exposureShare,
  });
  let timeMs = startMs;
  for (;;) {
    timeMs += random.below(2 * secondsMs);
    const record = traffic.record(place, timeMs);
    tally.records++;
    if (record.eventName === countedEvent) tally.counted++;
    yield record;
  }
}

type Tally = { records: number; counted: number };

async function makeOne(
  recipe: Recipe,
  folder: string,
  places: readonly Place[],
  set: string,
  index: number,
  bytes: number,
): Promise<CorpusFile> {
  const place = places[index % places.length];
  if (!place) throw new RangeError('the company has no places');
  const startMs = firstDayMs + Math.floor(index / places.length) * (dayMs / 2);
  const tally: Tally = { records: 0, counted: 0 };
  const texts: string[] = [];
  let length = 0;
  for (const record of records(recipe, place, `${set}/${index}`, startMs, tally)) {
    const text = JSON.stringify(record);
    texts.push(text);
    length += text.length + 1;
    if (length >= bytes) break;
  }
  const unpacked = Buffer.from(`{"Records":[${texts.join(',')}]}`);
  const packed = gzipSync(unpacked);
  const { account, region } = place;
  const stamp = new Date(startMs + 300 * secondsMs).toISOString();
  const name = `${account.id}_CloudTrail_${region}_${stamp.slice(0, 16).replaceAll(/[-:]/g, '')}Z_${new Random(`${set}/${index}/name`).alphanumeric(16)}.json.gz`;
  const day = stamp.slice(0, 10).replaceAll('-', '/');
  const path = `${set}/AWSLogs/${organizationId}/${account.id}/CloudTrail/${region}/${day}/${name}`;
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), packed);
  return { path, unpackedBytes: unpacked.length, packedBytes: packed.length, ...tally };
}

async function makeSingle(
  recipe: Recipe,
  folder: string,
  places: readonly Place[],
  variant: SingleVariant,
): Promise<CorpusFile> {
  const place = places[2];
  if (!place) throw new RangeError('the company has no third place');
  const tally: Tally = { records: 0, counted: 0 };
  const made = records(recipe, place, 'single', firstDayMs, tally);
  const pretty = variant.startsWith('pretty');
  const packs = variant.endsWith('.gz');
  const path = `single/${pretty ? 'pretty' : 'line'}.json${packs ? '.gz' : ''}`;
  await mkdir(join(folder, 'single'), { recursive: true });
  let unpackedBytes = 0;
  let packedBytes = 0;
  function* chunks() {
    let held = pretty ? '{\n  "Records": [\n    ' : '{"Records":[';
    for (const record of made) {
      held += pretty
        ? JSON.stringify(record, null, 2).replaceAll('\n', '\n    ')
        : JSON.stringify(record);
      const full = unpackedBytes + held.length >= recipe.singleBytes;
      if (!full) held += pretty ? ',\n    ' : ',';
      if (full || held.length > mebibyte) {
        const chunk = Buffer.from(full ? held + (pretty ? '\n  ]\n}\n' : ']}') : held);
        unpackedBytes += chunk.length;
        held = '';
        yield chunk;
      }
      if (full) return;
    }
  }
  const out = createWriteStream(join(folder, path));
  const source = Readable.from(chunks(), { highWaterMark: 4 });
  await (packs ? pipeline(source, createGzip(), out) : pipeline(source, out));
  packedBytes = out.bytesWritten;
  return { path, unpackedBytes, packedBytes, ...tally };
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `make` gives just this
if (!isMainThread) await work(workerData as Assignment);
