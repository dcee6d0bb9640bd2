// The scan as a whole: finds inputs, reads them on all cores, and hands what they changed to
// detection. The result is the same whatever the number of threads and the order of reading.

import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { createS3ObjectStore, type S3Options } from './aws/s3-object-store.ts';
import { ChangeSet } from './detect/change-set.ts';
import { MatchSet } from './detect/log-rules/match-set.ts';
import { MatchUnpacker } from './detect/log-rules/packed-matches.ts';
import type { Undetermined } from './model/change.ts';
import type { Problem } from './model/problem.ts';
import type { Rule } from './model/rule.ts';
import type { ScanResult, ScanStats } from './model/scan-result.ts';
import type { Suppressed, SuppressedSignal, Suppression } from './model/suppression.ts';
import type { Narrowing, Plan } from './pipeline.ts';
import {
  unpack,
  type Assignment,
  type FromWorker,
  type Part,
  type Report,
  type ToWorker,
  type WorkerSettings,
} from './scan-protocol.ts';
import { takeThread } from './scan-threads.ts';
import { wantEverything, type KeyFilter } from './source/aws-layout.ts';
import { findInputs } from './source/find-inputs.ts';
import type { Input } from './source/input.ts';

export type ScanProgress = {
  readonly files: number;
  readonly compressedBytes: number;
  readonly bytes: number;
  /** Inputs found so far, and their size as stored; final once `listed` is true. */
  readonly foundFiles: number;
  readonly foundBytes: number;
  readonly listed: boolean;
};

export type ScanOptions = {
  /** May still be loading; reading begins meanwhile. Disabled rules are left out. */
  readonly rules: readonly Rule[] | Promise<readonly Rule[]>;
  /** None by default. They may still be loading, too. */
  readonly suppressions?: readonly Suppression[] | Promise<readonly Suppression[]>;
  /** A query that signals match, with their exposures; all do by default. */
  readonly query?: string;
  /** Whether titles and messages of open signals name only what is open; all of it by default. */
  readonly namesOpenOnly?: boolean;
  readonly filter?: KeyFilter;
  readonly s3?: S3Options;
  /** Threads that read; the machine's cores by default. */
  readonly jobs?: number;
  /** Unpacked bytes per packed byte above which a file is refused as a bomb; 500 by default. */
  readonly maxRatio?: number;
  readonly onProgress?: (progress: ScanProgress) => void;
  /** Takes what a person should know about the scan itself, one sentence at a time. */
  readonly onNotice?: (notice: string) => void;
};

export const defaultMaxRatio = 500;

/** An assignment holds about this much, so that talking costs nothing beside reading. */
const assignmentBytes = 1_048_576;
const assignmentInputs = 64;
/** Work this small is done before a thread would have started. */
const inlineBytes = 1_048_576;
const inlineInputs = 16;

/**
 * Scans files, folders, globs, `-` and `s3://bucket/prefix`.
 *
 * @throws PortcullisError where a path leads nowhere or a bucket cannot be listed; everything that
 * cannot be read below that is in `problems`
 */
export async function scan(paths: readonly string[], options: ScanOptions): Promise<ScanResult> {
  const startedMs = performance.now();
  const filter = options.filter ?? wantEverything;
  const s3 = options.s3 ?? {};
  const problems: Problem[] = [];
  const inputs = findInputs(paths, {
    filter,
    objectStore: () => createS3ObjectStore(s3),
    onProblem: (problem) => problems.push(problem),
  });
  const narrowing = narrowingOf(options);
  narrowing.catch(() => undefined);
  const plan = planRules(options, narrowing);
  const gathered = new Gathered(plan, options.onProgress);
  const settings = readingOf(options.rules, plan).then(
    ({ runnable, eventNames }): WorkerSettings => ({
      eventNames: eventNames === null ? null : [...eventNames],
      logRules: runnable,
      filter,
      maxRatio: options.maxRatio ?? defaultMaxRatio,
      s3,
    }),
  );
  // A rule that does not load ends the scan below; until then its rejection is not unhandled.
  settings.catch(() => undefined);
  await readAll(inputs, settings, options.jobs ?? availableParallelism(), gathered);
  const { detectChanges } = await import('./pipeline.ts');
  const detection = detectChanges(
    gathered.changes.take(),
    gathered.undetermined,
    { plan: await plan, matches: gathered.matches, latestMs: gathered.latestMs },
    {
      rules: await options.rules,
      ...(await narrowing),
      namesOpenOnly: options.namesOpenOnly ?? false,
    },
  );
  const hasLogRules = (await plan).runnable.length > 0;
  return {
    schemaVersion: 1,
    stats: gathered.stats(problems, performance.now() - startedMs, hasLogRules),
    signals: detection.signals,
    exposures: detection.exposures,
    undetermined: detection.undetermined,
    problems: [...problems, ...gathered.problems].toSorted(compareProblems),
    ...(detection.notRun.length === 0 ? {} : { notRun: detection.notRun }),
    ...(detection.hidden.length === 0 ? {} : { suppressed: suppressed(detection.hidden) }),
  };
}

async function narrowingOf({ suppressions, query }: ScanOptions): Promise<Narrowing> {
  return {
    ...(suppressions === undefined ? {} : { suppressions: await suppressions }),
    ...(query === undefined ? {} : { query }),
  };
}

/** Counted, and in full. */
export function suppressed(hidden: readonly SuppressedSignal[]): Suppressed {
  const exposures = hidden.reduce((sum, { exposures: of }) => sum + of.length, 0);
  return { signals: hidden.length, exposures, hidden };
}

/** What the threads have to know of the plan. Without log rules that is nothing. */
async function readingOf(
  rules: ScanOptions['rules'],
  plan: Promise<Plan>,
): Promise<Pick<Plan, 'runnable' | 'eventNames'>> {
  return hasLogRule(await rules) ? plan : { runnable: [], eventNames: new Set() };
}

function hasLogRule(rules: readonly Rule[]): boolean {
  return rules.some((rule) => rule.enabled && rule.kind === 'log');
}

async function planRules(
  { rules, onNotice }: ScanOptions,
  narrowing: Promise<Narrowing>,
): Promise<Plan> {
  // What decides is large, and takes its time to load. Where the threads need not know the plan, they
  // begin before that.
  if (!hasLogRule(await rules)) await setImmediate();
  const { planFor } = await import('./pipeline.ts');
  const plan = planFor({ rules: await rules, ...(await narrowing) });
  if (plan.unbounded.length > 0) {
    onNotice?.(
      `Every record is parsed, which takes longer: ${plan.unbounded.join(', ')} can match records ` +
        `of any event name. Name the events in the query, as in @evt.name:(A OR B).`,
    );
  }
  return plan;
}

const tallies = [
  'compressedBytes',
  'bytes',
  'candidateRecords',
  'irrelevantRecords',
  'changeRecords',
  'undeterminedRecords',
  'matchedRecords',
  'rejectedRecords',
] as const;
type Tally = (typeof tallies)[number];

/** What the threads have reported so far. */
class Gathered {
  changes = new ChangeSet();
  /** Nothing is added before this. */
  readonly ready: Promise<void>;
  readonly matches = new MatchSet();
  readonly problems: Problem[] = [];
  readonly #undetermined = new Map<string, Undetermined>();
  readonly #unpacker = new MatchUnpacker();
  readonly #onProgress: ((progress: ScanProgress) => void) | undefined;
  #foundFiles = 0;
  #foundBytes = 0;
  #listed = false;
  #files = 0;
  #rejectedFiles = 0;
  readonly #totals: Record<Tally, number> = {
    compressedBytes: 0,
    bytes: 0,
    candidateRecords: 0,
    irrelevantRecords: 0,
    changeRecords: 0,
    undeterminedRecords: 0,
    matchedRecords: 0,
    rejectedRecords: 0,
  };
  #latestMs: number | null = null;

  constructor(plan: Promise<Plan>, onProgress: ((progress: ScanProgress) => void) | undefined) {
    this.ready = plan.then(({ asked }) => {
      this.changes = new ChangeSet(asked);
    });
    this.ready.catch(() => undefined);
    this.#onProgress = onProgress;
  }

  found(input: Input): void {
    this.#foundFiles += 1;
    this.#foundBytes += input.kind === 'stdin' ? 0 : input.sizeBytes;
  }

  /** Time of the newest record that a log rule was asked about. */
  get latestMs(): number | null {
    return this.#latestMs;
  }

  listed(): void {
    this.#listed = true;
  }

  get undetermined(): Iterable<Undetermined> {
    return this.#undetermined.values();
  }

  addPart({ changes, undetermined, matches }: Part): void {
    for (const change of changes) this.changes.add(change);
    for (const entry of undetermined) this.#undetermined.set(JSON.stringify(entry), entry);
    for (const match of this.#unpacker.unpack(matches)) this.matches.add(match);
  }

  add(report: Report): void {
    this.addPart(report);
    for (const problem of report.problems) this.problems.push(problem);
    if (report.latestMs !== null) {
      this.#latestMs = Math.max(this.#latestMs ?? report.latestMs, report.latestMs);
    }
    for (const totals of report.totals) {
      this.#files += 1;
      this.#rejectedFiles += Number(totals.rejected);
      for (const tally of tallies) this.#totals[tally] += totals[tally];
    }
    this.#onProgress?.({
      files: this.#files,
      compressedBytes: this.#totals.compressedBytes,
      bytes: this.#totals.bytes,
      foundFiles: this.#foundFiles,
      foundBytes: this.#foundBytes,
      listed: this.#listed,
    });
  }

  stats(foundProblems: readonly Problem[], durationMs: number, hasLogRules: boolean): ScanStats {
    const totals = this.#totals;
    return {
      files: this.#files,
      compressedBytes: totals.compressedBytes,
      bytes: totals.bytes,
      records:
        totals.irrelevantRecords +
        totals.changeRecords +
        totals.undeterminedRecords +
        totals.matchedRecords +
        totals.rejectedRecords,
      candidateRecords: totals.candidateRecords,
      irrelevantRecords: totals.irrelevantRecords,
      changeRecords: totals.changeRecords,
      undeterminedRecords: totals.undeterminedRecords,
      ...(hasLogRules ? { matchedRecords: totals.matchedRecords } : {}),
      rejectedRecords: totals.rejectedRecords,
      rejectedFiles:
        this.#rejectedFiles +
        foundProblems.filter((problem) => problem.code === 'input/not-readable').length,
      durationMs: Math.round(durationMs),
    };
  }
}

async function readAll(
  inputs: AsyncIterable<Input>,
  settings: Promise<WorkerSettings>,
  jobs: number,
  gathered: Gathered,
): Promise<void> {
  const assignments = assign(inputs, gathered);
  const first = await assignments.next();
  if (first.done === true) return;
  const second = await assignments.next();
  if (second.done === true && isInline(first.value)) {
    await readHere(first.value, await settings, gathered);
    return;
  }
  const early = [first, second].flatMap((result) => (result.done === true ? [] : [result.value]));
  await readInThreads(early, assignments, settings, jobs, gathered);
}

async function readHere(
  { inputs }: Assignment,
  settings: WorkerSettings,
  gathered: Gathered,
): Promise<void> {
  const { InputReader } = await import('./input-reader.ts');
  await gathered.ready;
  const report = await new InputReader(settings).read(inputs, (part) => {
    gathered.addPart(part);
  });
  gathered.add(report);
}

/** Whether to read in the main thread: what is small, and standard input, which lives there. */
function isInline({ inputs }: Assignment): boolean {
  let bytes = 0;
  for (const input of inputs) {
    if (input.kind === 'stdin') return true;
    if (input.kind === 's3' || input.sizeBytes === 0) return false;
    bytes += input.sizeBytes;
  }
  return inputs.length <= inlineInputs && bytes <= inlineBytes;
}

async function* assign(
  inputs: AsyncIterable<Input>,
  gathered: Gathered,
): AsyncGenerator<Assignment, void> {
  let batch: Input[] = [];
  let bytes = 0;
  for await (const input of inputs) {
    gathered.found(input);
    if (input.kind === 'stdin') {
      yield { inputs: [input] };
      continue;
    }
    batch.push(input);
    bytes += input.sizeBytes;
    if (bytes >= assignmentBytes || batch.length >= assignmentInputs) {
      yield { inputs: batch };
      batch = [];
      bytes = 0;
    }
  }
  gathered.listed();
  if (batch.length > 0) yield { inputs: batch };
}

async function readInThreads(
  early: readonly Assignment[],
  later: AsyncIterator<Assignment, void>,
  settings: Promise<WorkerSettings>,
  jobs: number,
  gathered: Gathered,
): Promise<void> {
  const waiting = [...early];
  let exhausted = false;
  const next = async (): Promise<Assignment | undefined> => {
    const assignment = waiting.shift();
    if (assignment !== undefined || exhausted) return assignment;
    const result = await later.next();
    if (result.done === true) {
      exhausted = true;
      return undefined;
    }
    return result.value;
  };
  const threads: Worker[] = [];
  const serve = async (): Promise<void> => {
    let assignment = await next();
    let thread: Worker | undefined;
    while (assignment !== undefined) {
      // The next assignment is looked up while this one is being read.
      const following = next();
      following.catch(() => undefined);
      if (assignment.inputs[0]?.kind === 'stdin') {
        await readHere(assignment, await settings, gathered);
      } else {
        if (thread === undefined) {
          thread = takeThread();
          threads.push(thread);
          // The thread starts while the rules may still be loading.
          tell(thread, { settings: await settings });
        }
        const report = await ask(thread, assignment, gathered);
        await gathered.ready;
        gathered.add(report);
      }
      assignment = await following;
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.max(1, jobs) }, serve));
  } finally {
    for (const thread of threads) void thread.terminate();
  }
}

function ask(thread: Worker, assignment: Assignment, gathered: Gathered): Promise<Report> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      thread.off('message', onMessage);
      thread.off('error', onError);
    };
    const onMessage = (message: FromWorker): void => {
      if ('totals' in message) {
        settle();
        resolve(unpack(message));
      } else {
        // Where the plan fails, the scan does.
        void gathered.ready.then(
          () => {
            gathered.addPart(unpack(message));
          },
          () => undefined,
        );
      }
    };
    const onError = (error: unknown): void => {
      settle();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    thread.on('message', onMessage);
    thread.on('error', onError);
    tell(thread, assignment);
  });
}

function tell(thread: Worker, message: ToWorker): void {
  thread.postMessage(message);
}

function compareProblems(a: Problem, b: Problem): number {
  const texts = (problem: Problem): readonly string[] => [
    problem.file,
    problem.code,
    problem.message,
  ];
  const [left, right] = [texts(a), texts(b)];
  if (left[0] !== right[0]) return (left[0] ?? '') < (right[0] ?? '') ? -1 : 1;
  const records = (a.record ?? -1) - (b.record ?? -1);
  if (records !== 0) return records;
  for (const index of [1, 2]) {
    if (left[index] !== right[index]) return (left[index] ?? '') < (right[index] ?? '') ? -1 : 1;
  }
  return 0;
}
