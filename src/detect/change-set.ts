// Changes without their repetitions, so that memory follows what happened and not how often it was
// delivered. Of two different records under one event id both are kept: which one counts is
// decided by detection, which must not depend on the order in which they came.

import type { Change } from '../model/change.ts';
import { isObject, type JsonObject } from '../model/json.ts';
import { keepAsked, type AskedPaths } from '../normalize/kept-record.ts';
import { SharedValues } from './shared-values.ts';

export class ChangeSet {
  readonly #changes = new Map<string, Change>();
  readonly #shared = new SharedValues();
  readonly #asked: () => AskedPaths;
  #paths: AskedPaths | undefined;

  /** @param asked tells what will be asked of the records; called once, with the first change */
  constructor(asked: () => AskedPaths = () => null) {
    this.#asked = asked;
  }

  add(whole: Change): void {
    const change = this.#keeping(whole);
    const held = this.#changes.get(change.eventId);
    if (held === undefined) {
      this.#changes.set(change.eventId, this.#sharing(change));
      return;
    }
    const text = JSON.stringify(change);
    if (JSON.stringify(held) !== text) this.#changes.set(`${change.eventId} ${text}`, change);
  }

  /** All of them, after which the set is empty: what folds them need not hold them twice. */
  take(): readonly Change[] {
    const changes = [...this.#changes.values()];
    this.#changes.clear();
    return changes;
  }

  get size(): number {
    return this.#changes.size;
  }

  /** The change without what nobody will ask of its record. */
  #keeping(change: Change): Change {
    this.#paths = this.#paths === undefined ? this.#asked() : this.#paths;
    return this.#paths === null
      ? change
      : { ...change, record: keepAsked(change.record, this.#paths) };
  }

  /** Of a change by itself little is left, once it shares what it has in common with others. */
  #sharing(change: Change): Change {
    const facts = {
      eventName: this.#shared.text(change.eventName),
      accountId: this.#shared.text(change.accountId),
      region: this.#shared.text(change.region),
      actor: this.#shared.object(change.actor),
      record: this.#sharedRecord(change),
    };
    return change.target === 'group'
      ? { ...change, ...facts, group: this.#shared.object(change.group) }
      : { ...change, ...facts, prefixListId: this.#shared.text(change.prefixListId) };
  }

  #sharedRecord({ record, eventId, eventTime }: Change): JsonObject {
    // A copy of the same shape, which takes less memory than one that is put together.
    const shared: Record<string, unknown> = { ...record };
    for (const [key, value] of Object.entries(record)) {
      if (value === eventId) shared[key] = eventId;
      else if (value === eventTime) shared[key] = eventTime;
      else if (typeof value === 'string') shared[key] = this.#shared.text(value);
      else if (key === 'userIdentity' && isObject(value)) shared[key] = this.#shared.object(value);
    }
    return shared;
  }
}
