// Deliveries from a trail's bucket that tells nobody of new objects: the source looks for itself,
// again and again. It relies on CloudTrail's own key layout and file names, in which keys of one
// account and region are in the order of their times.

import { PortcullisError } from '../errors/portcullis-error.ts';
import type { Checkpoints, Clock, Delivery, DeliverySource, ObjectStore } from '../ports.ts';
import {
  fileTimeMs,
  folderVerdict,
  keyVerdict,
  placeOf,
  ROUNDING_SLACK_MS,
  type KeyFilter,
} from './aws-layout.ts';
import type { Put } from './gather.ts';
import { HandOut } from './hand-out.ts';
import { inParallel } from './in-parallel.ts';
import { Backoff, requestBackoff, sleep } from './pause.ts';
import { polledSource, type SourceRun } from './polled-source.ts';
import { Progress } from './progress.ts';
import { formatS3Address } from './s3-address.ts';

export type S3TrailSourceOptions = {
  readonly name: string;
  readonly bucket: string;
  /** At or above `AWSLogs/`, down to the folder `CloudTrail/` of an account, or of one region. */
  readonly prefix: string;
  readonly objectStore: ObjectStore;
  readonly checkpoints: Checkpoints;
  /** Empty lists mean all. */
  readonly accounts?: readonly string[];
  readonly regions?: readonly string[];
  /** Told of every look that failed; the source goes on by itself. */
  readonly onFault?: (fault: PortcullisError) => void;
  readonly clock?: Clock;
  /** Files that may hold records from then on; counts where there is no checkpoint. */
  readonly sinceMs?: number;
  /** An object that appears later than others is found if it is not older by more than this. */
  readonly overlapMs?: number;
  readonly pollMs?: number;
  /** How often new accounts and regions are looked for. */
  readonly discoveryMs?: number;
  readonly firstReturnMs?: number;
  readonly mostReturnMs?: number;
};

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Requests under way at once. */
const listingsAtOnce = 8;
/** In a layout that is not AWS's, folders are looked into this deep. */
const maxUnknownLevels = 3;
/** AWS's clock and ours may differ: a file of tomorrow is looked for so long before midnight. */
const clockSlackMs = hourMs;

/** The files of one account and region. */
type Lane = {
  /** Ends in `/`. */
  readonly prefix: string;
  readonly accountId: string;
  readonly region: string;
  readonly progress: Progress;
};

export function createS3TrailSource(options: S3TrailSourceOptions): DeliverySource {
  return polledSource(options.name, (put, signal) => new Watch(options, put, signal));
}

/** One run of the source. */
class Watch implements SourceRun {
  readonly #options: S3TrailSourceOptions;
  readonly #handOut: HandOut;
  readonly #signal: AbortSignal;
  readonly #clock: Clock;
  readonly #overlapMs: number;
  readonly #filter: KeyFilter;
  readonly #lanes = new Map<string, Lane>();
  #discoveredMs = -Infinity;
  #hasLooked = false;

  constructor(options: S3TrailSourceOptions, put: Put<Delivery>, signal: AbortSignal) {
    const { clock = Date.now, firstReturnMs = 5_000, mostReturnMs = 900_000 } = options;
    this.#options = options;
    this.#handOut = new HandOut(put, { clock, firstReturnMs, mostReturnMs });
    this.#signal = signal;
    this.#clock = clock;
    this.#overlapMs = options.overlapMs ?? 3 * hourMs;
    const { accounts = [], regions = [] } = options;
    this.#filter = { sinceMs: null, untilMs: null, accounts, regions };
  }

  async run(): Promise<void> {
    await Promise.all([this.#handOut.offerAgain(this.#signal), this.#look()]);
  }

  lagSeconds(): number | null {
    return this.#hasLooked ? this.#handOut.lagSeconds() : null;
  }

  async #look(): Promise<void> {
    const { pollMs = 30_000, discoveryMs = 300_000 } = this.#options;
    const backoff = new Backoff(requestBackoff);
    while (!this.#signal.aborted) {
      let isWhole = true;
      const attempt = async (work: () => Promise<void>): Promise<void> => {
        isWhole = (await this.#survives(work)) && isWhole;
      };
      if (performance.now() - this.#discoveredMs >= discoveryMs) {
        await attempt(() => this.#discover());
      }
      // One account that refuses does not keep the others waiting.
      await inParallel(this.#lanes.values(), listingsAtOnce, (lane) =>
        attempt(() => this.#poll(lane)),
      );
      this.#hasLooked = true;
      if (isWhole) backoff.reset();
      await sleep(isWhole ? pollMs : Math.min(pollMs, backoff.next()), this.#signal);
    }
  }

  /** Whether it went well; tells where it did not. */
  async #survives(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (this.#signal.aborted) return true;
      if (!(error instanceof PortcullisError)) throw error;
      this.#options.onFault?.(error);
      return false;
    }
  }

  async #discover(): Promise<void> {
    const { bucket, prefix } = this.#options;
    await this.#walk(prefix, 0);
    if (this.#lanes.size === 0) {
      const address = formatS3Address(bucket, prefix);
      throw new PortcullisError(
        'source/not-readable',
        `There are no folders of CloudTrail below ${address} yet.`,
        {
          place: address,
          hint: 'Name the prefix under which the trail writes the folder AWSLogs.',
        },
      );
    }
    this.#discoveredMs = performance.now();
  }

  async #walk(prefix: string, unknownLevels: number): Promise<void> {
    const { stage, accountId, region } = placeOf(prefix);
    // What follows the last `/` may be half a name.
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    switch (stage) {
      case 'region':
        if (accountId !== null && region !== null) await this.#addLane(folder, accountId, region);
        return;
      case 'account':
        await this.#walk(`${folder}CloudTrail/`, 0);
        return;
      case 'year':
      case 'month':
      case 'day':
      case 'foreign':
        return;
      case 'elsewhere':
        if (unknownLevels < maxUnknownLevels) {
          await this.#walkFolders(prefix, unknownLevels + 1);
        }
        return;
      case 'logs':
      case 'organization':
      case 'trail':
        await this.#walkFolders(prefix, 0);
        return;
      default:
        stage satisfies never;
    }
  }

  async #walkFolders(prefix: string, unknownLevels: number): Promise<void> {
    const { bucket, objectStore } = this.#options;
    for (let page: string | null = null; ;) {
      const request = { byFolder: true, page, signal: this.#signal };
      const answer = await objectStore.listPage(bucket, prefix, request);
      const wanted = answer.folders.filter(
        (folder) => folderVerdict(this.#filter, folder) === 'take',
      );
      await inParallel(wanted, listingsAtOnce, (folder) => this.#walk(folder, unknownLevels));
      page = answer.nextPage;
      // A level that is not AWS's and does not fit a page could go on for ever.
      if (page === null || unknownLevels > 0) return;
    }
  }

  async #addLane(prefix: string, accountId: string, region: string): Promise<void> {
    if (this.#lanes.has(prefix)) return;
    const { name, checkpoints, sinceMs, onFault = () => {} } = this.#options;
    const nowMs = this.#clock();
    const startMs = sinceMs === undefined ? nowMs - this.#overlapMs : sinceMs - ROUNDING_SLACK_MS;
    const checkpoint = { checkpoints, name: `${name}/${prefix}`, startMs, nowMs, onFault };
    const progress = await Progress.load(checkpoint);
    this.#lanes.set(prefix, { prefix, accountId, region, progress });
  }

  async #poll(lane: Lane): Promise<void> {
    const { progress } = lane;
    const nowMs = this.#clock();
    const { fromMs } = progress;
    const firstDayMs = fromMs - (fromMs % dayMs);
    for (let dayStartMs = firstDayMs; dayStartMs <= nowMs + clockSlackMs; dayStartMs += dayMs) {
      await this.#pollDay(lane, dayStartMs, fromMs, nowMs);
      // What was offered last may not have been taken.
      if (this.#signal.aborted) return;
      progress.passed(Math.min(nowMs, dayStartMs + dayMs), this.#overlapMs);
    }
  }

  async #pollDay(lane: Lane, dayStartMs: number, fromMs: number, nowMs: number): Promise<void> {
    const { bucket, objectStore } = this.#options;
    const { accountId, region, progress } = lane;
    const prefix = `${lane.prefix}${new Date(dayStartMs).toISOString().slice(0, 10).replaceAll('-', '/')}/`;
    const startAfter = `${prefix}${accountId}_CloudTrail_${region}_${stamp(Math.max(fromMs, dayStartMs))}`;
    for (let page: string | null = null; ;) {
      const request = { byFolder: false, page, startAfter, signal: this.#signal };
      const answer = await objectStore.listPage(bucket, prefix, request);
      for (const { key } of answer.objects) {
        const timeMs = fileTimeMs(key);
        if (timeMs === null || keyVerdict(this.#filter, key) !== 'take') continue;
        const file = key.slice(key.lastIndexOf('/') + 1);
        const short = file.slice(`${accountId}_CloudTrail_${region}_`.length);
        if (progress.isKnown(short, timeMs)) continue;
        const address = formatS3Address(bucket, key);
        const read = (signal: AbortSignal): AsyncIterable<Uint8Array> =>
          objectStore.read(bucket, key, signal);
        await this.#handOut.offer({
          id: address,
          name: address,
          timeMs,
          parts: [{ name: address, read }],
          body: address,
          progress,
          key: short,
        });
        if (this.#signal.aborted) return;
        // In a long backlog, what is done is left behind on the way. A name may say anything.
        progress.passed(Math.min(timeMs, nowMs), this.#overlapMs);
      }
      page = answer.nextPage;
      if (page === null) return;
    }
  }
}

/** A time as in the names of files, without its end, so that it sorts before all files of the minute. */
function stamp(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 16).replaceAll(/[-:]/g, '');
}
