// Reads one input to its end: open, decode, normalize. The same code runs in the main thread and in
// the scan's worker threads. No input makes it throw; what cannot be read becomes a problem.

import { closeSync, openSync, readSync } from 'node:fs';
import { StreamDecoder, withNextStep, type DecodeTotals } from './decode/decode-stream.ts';
import type { Place, RecordScanner } from './decode/record-scanner.ts';
import { ChangeSet } from './detect/change-set.ts';
import type { LogMatch } from './detect/log-rules/log-match.ts';
import type { LogMatcher, Matched } from './detect/log-rules/log-matcher.ts';
import { MatchSet } from './detect/log-rules/match-set.ts';
import type { Change, Undetermined } from './model/change.ts';
import { asText, own, type JsonObject } from './model/json.ts';
import type { Problem } from './model/problem.ts';
import { readTime } from './normalize/call.ts';
import { normalize } from './normalize/normalize.ts';
import type { ObjectStore } from './ports.ts';
import type { KeyFilter } from './source/aws-layout.ts';
import { inputName, type Input } from './source/input.ts';
import { notReadable } from './source/not-readable.ts';

/** What records gave, without repetitions. */
export type Findings = {
  readonly changes: readonly Change[];
  readonly undetermined: readonly Undetermined[];
  readonly matches: readonly LogMatch[];
};

/** Everything one input gave, but what was handed on. The record tallies add up to its records. */
export type InputReading = Findings & {
  readonly problems: Problem[];
  readonly totals: DecodeTotals & {
    readonly irrelevantRecords: number;
    readonly changeRecords: number;
    readonly undeterminedRecords: number;
    readonly matchedRecords: number;
  };
};

export type ReadInputOptions = {
  readonly filter: KeyFilter;
  readonly maxRatio: number;
  readonly objectStore: () => ObjectStore;
  /** Takes findings while an input is still being read, so that reading holds few at a time. */
  readonly onFindings?: (findings: Findings) => void;
};

/** Findings that are held while an input is being read, where somebody takes them. */
const heldFindings = 256;

const pieceBytes = 262_144;
/** Unreadable records that are listed for one file; the rest is counted. */
const listedRejections = 10;

/** @param matcher of the log rules; null when there are none */
export function readInput(
  input: Input,
  scanner: RecordScanner,
  matcher: LogMatcher | null,
  options: ReadInputOptions,
): Promise<InputReading> {
  return readStream(inputName(input), pieces(input, options), scanner, matcher, options);
}

/**
 * Reads one stream of bytes as stored.
 *
 * @param file what problems call it
 * @param matcher of the log rules; null when there are none
 */
export async function readStream(
  file: string,
  stream: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  scanner: RecordScanner,
  matcher: LogMatcher | null,
  { filter, maxRatio, onFindings }: Omit<ReadInputOptions, 'objectStore'>,
): Promise<InputReading> {
  const sorter = new RecordSorter(file, matcher, filter, onFindings);
  const decoder = new StreamDecoder(scanner, sorter, { file, maxRatio });
  try {
    for await (const piece of stream) {
      const pending = decoder.push(piece);
      if (pending !== undefined) await pending;
      if (decoder.over) break;
    }
  } catch (error) {
    return sorter.conclude(await decoder.fail(notReadable(file, error)));
  }
  return sorter.conclude(await decoder.finish());
}

/** Local files are read synchronously: in a thread of its own nothing waits, and it costs least. */
function pieces(
  input: Input,
  options: ReadInputOptions,
): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  switch (input.kind) {
    case 'file':
      return filePieces(input.path);
    case 'stdin':
      // A pipe may be one that does not wait, which only the process's own stream can read.
      return process.stdin;
    case 's3':
      return options.objectStore().read(input.bucket, input.key);
    default:
      return input satisfies never;
  }
}

/** One buffer a thread serves all files: a piece is used up before the next is read. */
let fileBuffer: Buffer | undefined;

function* filePieces(path: string): Generator<Uint8Array, void> {
  fileBuffer ??= Buffer.allocUnsafeSlow(pieceBytes);
  const file = openSync(path, 'r');
  try {
    for (;;) {
      const length = readSync(file, fileBuffer, 0, pieceBytes, null);
      if (length === 0) return;
      yield fileBuffer.subarray(0, length);
    }
  } finally {
    closeSync(file);
  }
}

const noMatch: Matched = { outcome: 'none' };

/** Puts every record of one input into exactly one tally. */
class RecordSorter {
  readonly #file: string;
  readonly #matcher: LogMatcher | null;
  readonly #filter: KeyFilter;
  readonly #onFindings: ReadInputOptions['onFindings'];
  readonly #problems: Problem[] = [];
  readonly #changes = new ChangeSet();
  #undetermined = new Map<string, Undetermined>();
  #matches = new MatchSet();
  #found = 0;
  #irrelevant = 0;
  #changed = 0;
  #unclear = 0;
  #matched = 0;
  #rejected = 0;
  #listed = 0;

  constructor(
    file: string,
    matcher: LogMatcher | null,
    filter: KeyFilter,
    onFindings: ReadInputOptions['onFindings'],
  ) {
    this.#file = file;
    this.#matcher = matcher;
    this.#filter = filter;
    this.#onFindings = onFindings;
  }

  record(record: JsonObject, place: Place): void {
    const matched = this.#match(record);
    const normalized = normalize(record);
    this.#handOn();
    switch (normalized.outcome) {
      case 'irrelevant':
        if (matched.outcome === 'rejected') this.#reject(matched.reason, place);
        else if (matched.outcome === 'matched') this.#matched += 1;
        else this.#irrelevant += 1;
        break;
      case 'change':
        if (this.#isWanted(record)) {
          this.#changed += 1;
          this.#found += 1;
          this.#changes.add(normalized.change);
        } else this.#irrelevant += 1;
        break;
      case 'undetermined':
        if (this.#isWanted(record)) {
          this.#unclear += 1;
          this.#found += 1;
          this.#undetermined.set(JSON.stringify(normalized.undetermined), normalized.undetermined);
          if (normalized.change !== undefined) this.#changes.add(normalized.change);
        } else this.#irrelevant += 1;
        break;
      case 'rejected':
        this.#reject(normalized.reason, place);
        break;
      default:
        normalized satisfies never;
    }
  }

  #handOn(): void {
    if (this.#onFindings === undefined || this.#found < heldFindings) return;
    this.#onFindings(this.#findings());
    this.#undetermined = new Map();
    this.#matches = new MatchSet();
    this.#found = 0;
  }

  #findings(): Findings {
    return {
      changes: this.#changes.take(),
      undetermined: [...this.#undetermined.values()],
      matches: [...this.#matches.values()],
    };
  }

  /** A change cannot be rejected here: what would place a match in time places a change too. */
  #match(record: JsonObject): Matched {
    if (this.#matcher === null || !this.#isWanted(record)) return noMatch;
    const matched = this.#matcher.match(record);
    if (matched.outcome === 'matched') {
      this.#found += matched.matches.length;
      for (const match of matched.matches) this.#matches.add(match);
    }
    return matched;
  }

  #reject(reason: string, place: Place): void {
    this.#rejected += 1;
    this.#listed += 1;
    if (this.#listed > listedRejections) return;
    this.#problems.push({
      code: 'record/bad-field',
      file: this.#file,
      ...place,
      message: withNextStep('record/bad-field', reason),
    });
  }

  problem(problem: Problem): void {
    this.#problems.push(problem);
  }

  conclude(totals: DecodeTotals): InputReading {
    if (this.#listed > listedRejections) {
      this.#problems.push({
        code: 'input/more',
        file: this.#file,
        message: `${this.#listed - listedRejections} more problems of kind record/bad-field`,
      });
    }
    return {
      ...this.#findings(),
      problems: this.#problems,
      totals: {
        ...totals,
        rejectedRecords: totals.rejectedRecords + this.#rejected,
        irrelevantRecords: totals.skippedRecords + this.#irrelevant,
        changeRecords: this.#changed,
        undeterminedRecords: this.#unclear,
        matchedRecords: this.#matched,
      },
    };
  }

  /** Keys prune whole files; this holds for the records of the files that were read. */
  #isWanted(record: JsonObject): boolean {
    const { sinceMs, untilMs, accounts, regions } = this.#filter;
    if (sinceMs !== null || untilMs !== null) {
      const timeMs = readTime(asText(own(record, 'eventTime')) ?? '');
      if (timeMs === undefined) return true;
      if (timeMs < (sinceMs ?? timeMs) || timeMs > (untilMs ?? timeMs)) return false;
    }
    return (
      (accounts.length === 0 || accounts.includes(accountOf(record))) &&
      (regions.length === 0 || regions.includes(asText(own(record, 'awsRegion')) ?? ''))
    );
  }
}

function accountOf(record: JsonObject): string {
  return (
    asText(own(record, 'recipientAccountId')) ??
    asText(own(own(record, 'userIdentity'), 'accountId')) ??
    ''
  );
}
