import { describe, expect, it } from 'vitest';

import { heapBytes } from '../../test/support/heap.ts';
import { memoryObjectStore } from '../../test/support/memory-object-store.ts';
import { memoryQueue, type MemoryQueue } from '../../test/support/memory-queue.ts';
import { PortcullisError } from '../errors/portcullis-error.ts';
import type { Delivery, MessageQueue } from '../ports.ts';
import { createSqsSource, type SqsSourceOptions } from './sqs-source.ts';

function sourceOf(queue: MessageQueue, options: Partial<SqsSourceOptions> = {}) {
  return createSqsSource({ name: 'q', queue, objectStore: memoryObjectStore([]), ...options });
}

function filled(count: number, options: Parameters<typeof memoryQueue>[0]): MemoryQueue {
  const queue = memoryQueue(options);
  for (let index = 0; index < count; index += 1) queue.send(`m-${index}`, `{"n":${index}}`);
  return queue;
}

function requests(queue: MemoryQueue, what: string): readonly number[] {
  return queue.asked.filter((request) => request.what === what).map(({ count }) => count);
}

/** Takes so many deliveries and leaves. */
async function take(
  queue: MessageQueue,
  count: number,
  use: (delivery: Delivery) => Promise<void>,
  options: Partial<SqsSourceOptions> = {},
): Promise<void> {
  let left = count;
  for await (const delivery of sourceOf(queue, options).deliveries(new AbortController().signal)) {
    await use(delivery);
    left -= 1;
    if (left === 0) return;
  }
}

describe('the source of an SQS queue', () => {
  it('gives back at once what was received and not taken', async () => {
    const queue = filled(10, { now: () => 0 });
    await take(queue, 3, (delivery) => delivery.acknowledge(), { receivers: 1 });
    expect(queue.size()).toBe(7);
    const again: string[] = [];
    await take(queue, 7, async ({ id }) => void again.push(id));
    expect(again).toHaveLength(7);
  });

  it('waits longer with each attempt before what was given back comes again', async () => {
    let now = 0;
    const queue = filled(1, { now: () => now });
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 9; attempt += 1) {
      await take(queue, 1, async (delivery) => {
        expect(delivery.attempt).toBe(attempt);
        await delivery.giveBack();
      });
      waits.push((queue.shownAtMs('m-0') - now) / 1000);
      now = queue.shownAtMs('m-0');
    }
    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 900]);
  });

  it('deletes a message that comes although it was acknowledged, and delivers it once', async () => {
    const queue = filled(1, { now: () => 0 });
    // SQS may show a message again after it was deleted.
    const forgetful: MessageQueue = { ...queue, delete: async () => [] };
    const seen: string[] = [];
    const ending = new AbortController();
    let isDeleted = false;
    const source = sourceOf(
      {
        ...forgetful,
        async receive(options) {
          const messages = await queue.receive({ ...options, hideSeconds: 0 });
          if (seen.length > 0 && messages.length > 0) isDeleted = true;
          if (isDeleted) ending.abort();
          return messages;
        },
      },
      { receivers: 1 },
    );
    for await (const delivery of source.deliveries(ending.signal)) {
      seen.push(delivery.id);
      await delivery.acknowledge();
    }
    expect(seen).toEqual(['m-0']);
    expect(isDeleted).toBe(true);
  });

  it('settles with the newest receipt of a message that came twice while it was worked on', async () => {
    let now = 0;
    const queue = filled(1, { now: () => now });
    await take(
      queue,
      1,
      async (delivery) => {
        now += 1_000_000;
        await expect.poll(() => requests(queue, 'receive').length).toBeGreaterThan(3);
        await delivery.acknowledge();
      },
      { receivers: 1 },
    );
    expect(queue.size()).toBe(0);
  });

  it('tries again what failed to be deleted, and says nothing of it', async () => {
    let refusals = 3;
    const queue = filled(20, {
      now: () => 0,
      refuse: () => {
        refusals -= 1;
        return refusals >= 0;
      },
    });
    const faults: PortcullisError[] = [];
    const onFault = (fault: PortcullisError): void => void faults.push(fault);
    await take(queue, 20, (delivery) => delivery.acknowledge(), { onFault });
    expect(queue.size()).toBe(0);
    expect(faults).toEqual([]);
  });

  it('gives up deleting after a while, says so, and does not reject', async () => {
    const queue = filled(1, {
      now: () => 0,
      fault: (what) => {
        if (what === 'delete') throw new PortcullisError('sqs/access', 'It is down.');
      },
    });
    const faults: PortcullisError[] = [];
    const onFault = (fault: PortcullisError): void => void faults.push(fault);
    await take(queue, 1, (delivery) => delivery.acknowledge(), { onFault });
    expect(faults.map(({ message }) => message)).toEqual([
      'A message could not be deleted: It is down.',
    ]);
    expect(requests(queue, 'delete')).toHaveLength(6);
  });

  it('knows how far behind it is', async () => {
    const queue = filled(1, { now: () => 0 });
    const source = sourceOf(queue, { clock: () => 90_000 });
    expect(source.lagSeconds()).toBeNull();
    const ending = new AbortController();
    const lags: (number | null)[] = [];
    for await (const delivery of source.deliveries(ending.signal)) {
      lags.push(source.lagSeconds());
      await delivery.acknowledge();
      await expect.poll(() => source.lagSeconds()).toBe(0);
      ending.abort();
    }
    expect(lags).toEqual([90]);
  });

  it('does not hide an error of its own program as one of the queue', async () => {
    const broken: MessageQueue = {
      receive: async () => {
        throw new TypeError('undefined is not a function');
      },
      delete: async () => [],
      hide: async () => [],
    };
    await expect(take(broken, 1, async () => {})).rejects.toThrow(TypeError);
  });

  it('needs no more memory after a hundred thousand deliveries than after twenty thousand', async () => {
    let sent = 0;
    const queue = memoryQueue({ now: () => 0 });
    const refill = (): void => {
      for (let more = 0; more < 100; more += 1) queue.send(`m-${(sent += 1)}`, '{"Records":[]}');
    };
    refill();
    let early = 0;
    let count = 0;
    await take(queue, 100_000, async (delivery) => {
      await delivery.acknowledge();
      if (queue.size() < 20) refill();
      count += 1;
      if (count === 20_000) early = heapBytes();
    });
    expect(heapBytes() - early).toBeLessThan(8_000_000);
  });
});
