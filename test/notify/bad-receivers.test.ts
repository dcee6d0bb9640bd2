// Dispatcher, channels and real servers together: receivers that hang, answer 500 for a while, or 410
// for ever, and what comes of the notices.

import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { channelsConfig, createNotifications } from '../../src/notify/notifications.ts';
import { createDispatcher, type DispatchEvent } from '../../src/notify/dispatcher.ts';
import { sleep } from '../../src/source/pause.ts';
import { memoryOutbox } from '../support/memory-outbox.ts';
import { aNotice, someSurroundings } from '../support/notices.ts';
import {
  type Answer,
  type Received,
  type Receiver,
  startReceiver,
  status,
} from '../support/receiver.ts';

const stops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

async function receiver(answer: (request: Received, call: number) => Answer): Promise<Receiver> {
  const started = await startReceiver(answer);
  stops.push(() => started.stop());
  return started;
}

/** Sends five notices to webhooks of these names, with short times. */
function send(receivers: Readonly<Record<string, Receiver>>, timeoutMs = 5000) {
  const configs = channelsConfig.parse(
    Object.entries(receivers).map(([name, { url }]) => ({
      name,
      type: 'webhook',
      url,
      secret: 'known to both sides',
    })),
  );
  const { channels, channelsFor } = createNotifications(
    configs,
    someSurroundings({ clock: Date.now, timeoutMs }),
  );
  const outbox = memoryOutbox(Date.now);
  const notices = [1, 2, 3, 4, 5].map((index) => aNotice({ noticedMs: Date.now() }, index));
  outbox.put(
    notices.flatMap((notice) => channelsFor(notice).map((channel) => ({ notice, channel }))),
  );
  const end = new AbortController();
  const events: DispatchEvent[] = [];
  const dispatcher = createDispatcher({
    outbox,
    channels,
    clock: Date.now,
    sleep,
    random: Math.random,
    onEvent: (event) => events.push(event),
    timing: {
      pollMs: 10,
      sendMs: 8000,
      leaseSeconds: 20,
      firstPauseMs: 20,
      mostPauseMs: 80,
      stopMs: 100,
    },
  });
  const running = dispatcher.run(end.signal);
  stops.push(() => {
    end.abort();
    return running;
  });
  return { outbox, events, keys: notices.map(({ key }) => key) };
}

async function until(holds: () => boolean): Promise<void> {
  const endMs = Date.now() + 15_000;
  while (!holds() && Date.now() < endMs) await pause(10);
  expect(holds()).toBe(true);
}

function keysOf({ received }: Receiver): readonly string[] {
  return received.map(({ headers }) => String(headers['portcullis-idempotency-key']));
}

describe('a receiver', () => {
  test('that answers 500 for a while gets every notice once it does not', async () => {
    const accepted: string[] = [];
    const startMs = Date.now();
    const shaky = await receiver(({ headers }) => {
      if (Date.now() - startMs < 1000) return status(500);
      accepted.push(String(headers['portcullis-idempotency-key']));
      return status(200);
    });
    const { outbox, keys } = send({ shaky });
    await until(() => outbox.entries.every(({ state }) => state === 'sent'));
    expect(accepted.toSorted()).toEqual(keys);
    expect(shaky.received.length).toBeGreaterThan(keys.length);
  });

  test('that hangs holds up nobody else, and gets every notice once it answers', async () => {
    let hangs = true;
    const accepted: string[] = [];
    const slow = await receiver(({ headers }) => {
      if (hangs) return { kind: 'hang' };
      accepted.push(String(headers['portcullis-idempotency-key']));
      return status(200);
    });
    const quick = await receiver(() => status(204));
    const { outbox, keys } = send({ slow, quick }, 200);
    await until(() => new Set(keysOf(quick)).size === keys.length);
    await until(() => slow.received.length >= 2);
    expect(accepted).toEqual([]);
    hangs = false;
    await until(() => outbox.entries.every(({ state }) => state === 'sent'));
    expect(accepted.toSorted()).toEqual(keys);
  });

  test('that answers 410 for ever is asked once for each notice, which are kept and shown', async () => {
    const gone = await receiver(() => status(410, {}, 'gone'));
    const { outbox, events, keys } = send({ gone });
    await until(() => outbox.entries.every(({ state }) => state === 'refused'));
    await pause(200);
    expect(keysOf(gone).toSorted()).toEqual(keys);
    expect(outbox.entries.map(({ reason }) => reason)).toEqual(keys.map(() => 'HTTP 410: gone'));
    expect(
      events.flatMap((event) => (event.kind === 'refused' ? event.keys : [])).toSorted(),
    ).toEqual(keys);
    expect(await outbox.depth()).toMatchObject([{ channel: 'gone', waiting: 0, refused: 5 }]);
  });

  test('that asks for patience is left alone for as long', async () => {
    const times: number[] = [];
    const busy = await receiver((_, call) => {
      times.push(Date.now());
      return call === 1 ? status(429, { 'retry-after': '1' }) : status(200);
    });
    const { outbox } = send({ busy });
    await until(() => outbox.entries.every(({ state }) => state === 'sent'));
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(990);
  });
});
