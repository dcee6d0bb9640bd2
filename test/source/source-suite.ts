// What holds for every source, run against each of them: nothing is lost, nothing that was
// acknowledged comes again, and the end is prompt.

import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';

import type { PortcullisError } from '../../src/errors/portcullis-error.ts';
import type { JsonObject } from '../../src/model/json.ts';
import type { Delivery, DeliverySource } from '../../src/ports.ts';
import { ingressRecord } from '../support/trail.ts';

/** A place that a source watches, and what a test can do to it. */
export type SourceWorld = {
  /** A new source, as in a new process: it knows only what was kept. */
  source(): DeliverySource;
  /** Records that appear in the place, later than those before, as one thing to deliver. */
  put(record: JsonObject): Promise<void>;
  /** The next requests fail, by turns with an error and with being asked to slow down. */
  readonly failNext: (requests: number) => void;
  /** How often a request is sent before its failure is reported. */
  readonly tries: number;
  /** What sources of this world reported. */
  readonly faults: readonly PortcullisError[];
  /** After a process died, when what it had not acknowledged may be expected again. */
  readonly recoveryMs: number;
  /** How long nothing may come for a test to believe that nothing comes. */
  readonly quietMs: number;
};

const patienceMs = 20_000;
/** The end is prompt if it does not wait for an answer or the next look. */
const promptMs = 3_000;

/** One run of a source, its deliveries taken one after the other. */
export class Run {
  readonly #abort = new AbortController();
  readonly #iterator: AsyncIterator<Delivery>;
  #next: Promise<IteratorResult<Delivery>> | undefined;

  constructor(source: DeliverySource) {
    this.#iterator = source.deliveries(this.#abort.signal)[Symbol.asyncIterator]();
    onTestFinished(() => this.end());
  }

  /** The next delivery; fails the test where none comes. */
  async next(): Promise<Delivery> {
    const delivery = await this.#within(patienceMs);
    if (delivery === undefined) throw new Error('No delivery came.');
    return delivery;
  }

  async take(count: number): Promise<Delivery[]> {
    const deliveries: Delivery[] = [];
    while (deliveries.length < count) deliveries.push(await this.next());
    return deliveries;
  }

  /** Whether nothing comes for a while. */
  async isQuiet(durationMs: number): Promise<boolean> {
    return (await this.#within(durationMs)) === undefined;
  }

  /** Ends the source as a signal to the process would. */
  async end(): Promise<void> {
    this.#abort.abort();
    const pending = this.#next ?? this.#iterator.next();
    this.#next = undefined;
    for (let result = await pending; result.done !== true;) result = await this.#iterator.next();
  }

  async #within(durationMs: number): Promise<Delivery | undefined> {
    this.#next ??= this.#iterator.next();
    const enough = new AbortController();
    const late = pause(durationMs, undefined, { signal: enough.signal }).catch(() => undefined);
    const result = await Promise.race([this.#next, late]);
    enough.abort();
    if (result === undefined) return undefined;
    this.#next = undefined;
    return result.done === true ? undefined : result.value;
  }
}

export async function textOf(delivery: Delivery): Promise<string> {
  const texts: string[] = [];
  for (const part of delivery.parts) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of part.read(new AbortController().signal)) chunks.push(chunk);
    texts.push(Buffer.concat(chunks).toString());
  }
  return texts.join('\n');
}

/** The ids of the events that a delivery holds. */
export async function eventIds(delivery: Delivery): Promise<readonly string[]> {
  const text = await textOf(delivery);
  return Array.from(text.matchAll(/eventID\\*":\\*"([^"\\]+)/g), ([, id = '']) => id);
}

async function idsOf(deliveries: readonly Delivery[]): Promise<string[]> {
  return (await Promise.all(deliveries.map(eventIds))).flat().toSorted();
}

function called(id: string): JsonObject {
  return ingressRecord({ id });
}

/** @param start a world of its own for each test */
export function describeSource(start: () => Promise<SourceWorld>): void {
  it('delivers what is there, and what comes while it waits', async () => {
    const world = await start();
    const before = Date.now();
    await world.put(called('a'));
    await world.put(called('b'));
    const source = world.source();
    const run = new Run(source);
    const there = await run.take(2);
    expect(await idsOf(there)).toEqual(['a', 'b']);
    await world.put(called('c'));
    const later = await run.next();
    expect(await eventIds(later)).toEqual(['c']);
    const all = [...there, later];
    expect(new Set(all.map(({ id }) => id)).size).toBe(3);
    for (const delivery of all) {
      expect(delivery).toMatchObject({ attempt: 1, name: expect.stringMatching(/./) as unknown });
      expect(delivery.receivedMs).toBeGreaterThan(before - 4 * 3_600_000);
      expect(delivery.receivedMs).toBeLessThan(Date.now() + 60_000);
      expect(delivery.body()).toMatch(/./);
    }
    expect(source.lagSeconds()).toBeLessThan(4 * 3600);
  });

  it('can read a delivery again', async () => {
    const world = await start();
    await world.put(called('a'));
    const delivery = await new Run(world.source()).next();
    const text = await textOf(delivery);
    expect(text).toContain('AuthorizeSecurityGroupIngress');
    expect(await textOf(delivery)).toBe(text);
  });

  it('delivers what was acknowledged never again, in this run or another', async () => {
    const world = await start();
    await world.put(called('a'));
    await world.put(called('b'));
    const run = new Run(world.source());
    for (const delivery of await run.take(2)) await delivery.acknowledge();
    expect(await run.isQuiet(world.quietMs)).toBe(true);
    await run.end();
    expect(await new Run(world.source()).isQuiet(world.quietMs)).toBe(true);
  });

  it('delivers again what was given back, and counts the attempts', async () => {
    const world = await start();
    await world.put(called('a'));
    const run = new Run(world.source());
    const first = await run.next();
    expect(first.attempt).toBe(1);
    await first.giveBack();
    const second = await run.next();
    expect(second).toMatchObject({ id: first.id, attempt: 2 });
    expect(await eventIds(second)).toEqual(['a']);
    await second.giveBack();
    const third = await run.next();
    expect(third).toMatchObject({ id: first.id, attempt: 3 });
    await third.acknowledge();
    expect(await run.isQuiet(world.quietMs)).toBe(true);
  });

  it('lets what was given back not keep others waiting', async () => {
    const world = await start();
    await world.put(called('a'));
    const run = new Run(world.source());
    const first = await run.next();
    await first.giveBack();
    await world.put(called('b'));
    expect(await idsOf(await run.take(2))).toEqual(['a', 'b']);
  });

  it('delivers again, after a restart, exactly what was never acknowledged', async () => {
    const world = await start();
    for (const id of ['a', 'b', 'c', 'd']) await world.put(called(id));
    const run = new Run(world.source());
    const deliveries = await run.take(4);
    for (const delivery of deliveries) {
      const [id = ''] = await eventIds(delivery);
      if ('bd'.includes(id)) await delivery.acknowledge();
    }
    await run.end();
    await pause(world.recoveryMs);
    const again = new Run(world.source());
    const back = await again.take(2);
    expect(await idsOf(back)).toEqual(['a', 'c']);
    for (const delivery of back) await delivery.acknowledge();
    expect(await again.isQuiet(world.quietMs)).toBe(true);
  });

  it('remembers what was given back before a restart', async () => {
    const world = await start();
    await world.put(called('a'));
    const run = new Run(world.source());
    await (await run.next()).giveBack();
    await run.end();
    const delivery = await new Run(world.source()).next();
    expect(await eventIds(delivery)).toEqual(['a']);
    expect(delivery.attempt).toBe(2);
  });

  it('ends at once, while it waits and while deliveries are worked on', async () => {
    const world = await start();
    const waiting = new Run(world.source());
    expect(await waiting.isQuiet(300)).toBe(true);
    const beginning = performance.now();
    await waiting.end();
    expect(performance.now() - beginning).toBeLessThan(promptMs);

    await world.put(called('a'));
    const busy = new Run(world.source());
    const delivery = await busy.next();
    const secondBeginning = performance.now();
    await busy.end();
    expect(performance.now() - secondBeginning).toBeLessThan(promptMs);
    // What was begun can still be finished.
    await delivery.acknowledge();
    expect(await new Run(world.source()).isQuiet(world.quietMs)).toBe(true);
  });

  it('starts nothing when it is over before it begins', async () => {
    const world = await start();
    await world.put(called('a'));
    for await (const _ of world.source().deliveries(AbortSignal.abort())) {
      expect.unreachable('nothing may be delivered');
    }
    expect(world.faults).toEqual([]);
  });

  it('keeps no process alive once it has ended, even when the loop was left early', async () => {
    const world = await start();
    await world.put(called('a'));
    const before = timers();
    for await (const delivery of world.source().deliveries(new AbortController().signal)) {
      await delivery.acknowledge();
      break;
    }
    // A request that was cut off takes its timers down a moment later.
    const beginning = performance.now();
    while (timers() > before && performance.now() - beginning < 5_000) await pause(50);
    expect(timers()).toBeLessThanOrEqual(before);
  });

  it('survives errors and being asked to slow down', async () => {
    const world = await start();
    world.failNext(2 * world.tries);
    await world.put(called('a'));
    const run = new Run(world.source());
    const delivery = await run.next();
    expect(await eventIds(delivery)).toEqual(['a']);
    world.failNext(2);
    await delivery.acknowledge();
    await world.put(called('b'));
    const second = await run.next();
    expect(await eventIds(second)).toEqual(['b']);
    await second.acknowledge();
    expect(await run.isQuiet(world.quietMs)).toBe(true);
    await run.end();
    expect(await new Run(world.source()).isQuiet(world.quietMs)).toBe(true);
  });

  it('tells of what it survives, with the next step', async () => {
    const world = await start();
    world.failNext(3 * world.tries);
    await world.put(called('a'));
    await new Run(world.source()).next();
    expect(world.faults.length).toBeGreaterThan(0);
    for (const fault of world.faults) {
      expect(fault.name).toBe('PortcullisError');
      expect(fault.hint).toMatch(/./);
    }
  });
}

/** Timers that keep this process alive. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}
