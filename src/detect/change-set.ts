// Changes without their repetitions, so that memory follows what happened and not how often it was
// delivered. Of two different records under one event id both are kept: which one counts is
// decided by detection, which must not depend on the order in which they came.

import type { Change } from '../model/change.ts';

export class ChangeSet {
  readonly #changes = new Map<string, Change>();
  readonly #names = new Map<string, string>();

  add(change: Change): void {
    const held = this.#changes.get(change.eventId);
    if (held === undefined) {
      this.#changes.set(change.eventId, this.#withSharedNames(change));
      return;
    }
    const text = JSON.stringify(change);
    if (JSON.stringify(held) !== text) this.#changes.set(`${change.eventId} ${text}`, change);
  }

  values(): Iterable<Change> {
    return this.#changes.values();
  }

  get size(): number {
    return this.#changes.size;
  }

  /** Texts that come from a parser or another thread are copies; names recur, and one is enough. */
  #withSharedNames(change: Change): Change {
    return {
      ...change,
      eventName: this.#shared(change.eventName),
      accountId: this.#shared(change.accountId),
      region: this.#shared(change.region),
    };
  }

  #shared(name: string): string {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    this.#names.set(name, name);
    return name;
  }
}
