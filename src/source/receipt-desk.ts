// Deletes and hides a queue's messages in batches: what comes while requests are under way goes
// together in the next one. What fails passes is tried again; nothing rejects.

import { setImmediate } from 'node:timers/promises';

import { PortcullisError } from '../errors/portcullis-error.ts';
import type { RefusedReceipt } from '../ports.ts';
import { Backoff, sleep } from './pause.ts';

/** As many as SQS takes in one request. */
const batchSize = 10;
/** Batches under way at once. */
const maxUnderWay = 4;
/** After so many tries, the message comes again; SQS will have been asked for about ten seconds. */
const maxTries = 6;
const retry = { firstMs: 200, mostMs: 5_000 };

const never = new AbortController().signal;

export type Filed = { readonly receipt: string };

type Slip<T> = { readonly entry: T; readonly done: (wasDone: boolean) => void; tries: number };

export type ReceiptDeskOptions<T> = {
  /** Takes 1 to 10; resolves to those that were refused. */
  readonly send: (entries: readonly T[]) => Promise<readonly RefusedReceipt[]>;
  readonly onFault: (fault: PortcullisError) => void;
  /** For faults: what was to be done, for example `delete`. */
  readonly verb: string;
};

export class ReceiptDesk<T extends Filed> {
  readonly #options: ReceiptDeskOptions<T>;
  readonly #waiting: Slip<T>[] = [];
  readonly #backoff = new Backoff(retry);
  #underWay = 0;

  constructor(options: ReceiptDeskOptions<T>) {
    this.#options = options;
  }

  /** Resolves to whether it was done. */
  file(entry: T): Promise<boolean> {
    return new Promise((done) => {
      this.#waiting.push({ entry, done, tries: 0 });
      if (this.#underWay < maxUnderWay) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#underWay += 1;
    // Whatever is filed in the same breath goes in the same batch.
    await setImmediate();
    while (this.#waiting.length > 0) await this.#sendOne(this.#waiting.splice(0, batchSize));
    this.#underWay -= 1;
  }

  async #sendOne(slips: readonly Slip<T>[]): Promise<void> {
    let refused: readonly RefusedReceipt[];
    try {
      refused = await this.#options.send(slips.map(({ entry }) => entry));
      this.#backoff.reset();
    } catch (error) {
      const reason = error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
      refused = slips.map(({ entry: { receipt } }) => ({ receipt, forGood: false, reason }));
    }
    const byReceipt = new Map(refused.map((refusal) => [refusal.receipt, refusal]));
    const again: Slip<T>[] = [];
    for (const slip of slips) {
      const refusal = byReceipt.get(slip.entry.receipt);
      slip.tries += 1;
      if (refusal === undefined) slip.done(true);
      // It is nobody's any more, or somebody else's: that is no fault.
      else if (refusal.forGood) slip.done(false);
      else if (slip.tries >= maxTries) this.#giveUp(slip, refusal.reason);
      else again.push(slip);
    }
    if (again.length === 0) return;
    await sleep(this.#backoff.next(), never);
    this.#waiting.unshift(...again);
  }

  #giveUp({ done }: Slip<T>, reason: string): void {
    const { verb, onFault } = this.#options;
    onFault(new PortcullisError('sqs/access', `A message could not be ${verb}: ${reason}.`));
    done(false);
  }
}
