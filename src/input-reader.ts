// Reads batches of inputs with scanners that are made once and used again. Local files go one after
// the other, because reading them keeps the processor busy; objects in S3 go several at a time,
// because reading those is mostly waiting.

import { createS3ObjectStore } from './aws/s3-object-store.ts';
import { RecordScanner } from './decode/record-scanner.ts';
import type { LogMatcher } from './detect/log-rules/log-matcher.ts';
import { packMatches } from './detect/log-rules/packed-matches.ts';
import type { RunnableRule } from './detect/log-rules/plan-log-rules.ts';
import { groupChangeEventNames } from './normalize/normalize.ts';
import type { ObjectStore } from './ports.ts';
import { readInput, type InputReading, type ReadInputOptions } from './scan-input.ts';
import type { Part, Report, WorkerSettings } from './scan-protocol.ts';
import type { Input } from './source/input.ts';

/** Objects read at a time by one thread. */
export const objectsAtOnce = 8;

export class InputReader {
  readonly #eventNames: ReadonlySet<string> | null;
  readonly #logRules: readonly RunnableRule[];
  readonly #options: ReadInputOptions;
  readonly #idleScanners: RecordScanner[] = [];
  #store: ObjectStore | undefined;
  #matcher: Promise<LogMatcher> | undefined;

  constructor({ eventNames, logRules, filter, maxRatio, s3 }: WorkerSettings) {
    this.#eventNames =
      eventNames === null ? null : new Set([...groupChangeEventNames, ...eventNames]);
    this.#logRules = logRules;
    this.#options = {
      filter,
      maxRatio,
      objectStore: () => (this.#store ??= createS3ObjectStore(s3)),
    };
  }

  /** @param onPart takes what is found in large inputs while they are being read */
  async read(inputs: readonly Input[], onPart: (part: Part) => void): Promise<Report> {
    const readings: InputReading[] = [];
    const matcher = await this.#logMatcher();
    const waiting = inputs.values();
    const options: ReadInputOptions = {
      ...this.#options,
      onFindings: ({ matches, ...found }) => {
        onPart({ ...found, matches: packMatches(matches) });
      },
    };
    const lane = async (): Promise<void> => {
      for (const input of waiting) readings.push(await this.#readOne(input, matcher, options));
    };
    const lanes = inputs.some((input) => input.kind === 's3') ? objectsAtOnce : 1;
    await Promise.all(Array.from({ length: lanes }, lane));
    return {
      changes: readings.flatMap((reading) => reading.changes),
      undetermined: readings.flatMap((reading) => reading.undetermined),
      problems: readings.flatMap((reading) => reading.problems),
      totals: readings.map((reading) => reading.totals),
      matches: packMatches(readings.flatMap((reading) => reading.matches)),
      latestMs: matcher?.latestMs ?? null,
    };
  }

  /** Loaded only when there are log rules: the query language takes a while to start. */
  async #logMatcher(): Promise<LogMatcher | null> {
    if (this.#logRules.length === 0) return null;
    this.#matcher ??= import('./detect/log-rules/log-matcher.ts').then(
      (module) => new module.LogMatcher(this.#logRules),
    );
    return this.#matcher;
  }

  async #readOne(
    input: Input,
    matcher: LogMatcher | null,
    options: ReadInputOptions,
  ): Promise<InputReading> {
    const scanner = this.#idleScanners.pop() ?? new RecordScanner({ eventNames: this.#eventNames });
    const reading = await readInput(input, scanner, matcher, options);
    this.#idleScanners.push(scanner);
    return reading;
  }
}
