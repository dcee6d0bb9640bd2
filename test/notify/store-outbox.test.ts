// The dispatcher over the outbox of a real store: what the engine puts there in its transaction is sent
// once, whoever sends, and kept where it is refused.

import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { Notice } from '../../src/model/stored.ts';
import { type Channel, forEach, refused, retry, sent } from '../../src/notify/channel.ts';
import { createDispatcher, type DispatchEvent } from '../../src/notify/dispatcher.ts';
import { sleep } from '../../src/source/pause.ts';
import { openStore, type OpenStore } from '../../src/store/open-store.ts';
import { noticeOf } from '../support/notices.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const timing = {
  pollMs: 20,
  sendMs: 500,
  leaseSeconds: 1,
  firstPauseMs: 10,
  mostPauseMs: 40,
  stopMs: 200,
};

async function openAt(path: string): Promise<OpenStore> {
  const store = await openStore(path);
  onTestFinished(() => store.close());
  return store;
}

/** Sends over the store until it is stopped. */
function dispatch(store: OpenStore, channels: readonly Channel[]) {
  const end = new AbortController();
  const events: DispatchEvent[] = [];
  const dispatcher = createDispatcher({
    outbox: store.outbox,
    channels: channels.map((channel) => ({ channel, quietHours: null, digestOver: 1000 })),
    clock: Date.now,
    sleep,
    random: Math.random,
    onEvent: (event) => events.push(event),
    timing,
  });
  const running = dispatcher.run(end.signal);
  return {
    events,
    async stop() {
      end.abort();
      await running;
    },
  };
}

async function waitingIn(store: OpenStore): Promise<number> {
  const depths = await store.outbox.depth();
  return depths.reduce((sum, { waiting }) => sum + waiting, 0);
}

async function untilSent(store: OpenStore): Promise<void> {
  const endMs = Date.now() + 20_000;
  while ((await waitingIn(store)) > 0 && Date.now() < endMs) await pause(20);
}

/** Opened and closed, of forty signals; noticed before now, as notices are. */
const notices: readonly Notice[] = Array.from({ length: 40 }, (_, index) => index).flatMap(
  (index) => [noticeOf('opened', index), noticeOf('closed', index)],
);

async function put(store: OpenStore, channels: readonly Channel[]): Promise<void> {
  await store.transaction((tx) =>
    tx.putOutbox(
      notices.flatMap((notice) => channels.map(({ name }) => ({ notice, channel: name }))),
    ),
  );
}

function counting(
  name: string,
  isForPeople: boolean,
  fails: (call: number) => boolean,
): Channel & { readonly keys: string[] } {
  const keys: string[] = [];
  let call = 0;
  return {
    name,
    isForPeople,
    maxNotices: isForPeople ? 100 : 7,
    keys,
    async send(some) {
      call += 1;
      await pause(1);
      if (fails(call)) return forEach(some, retry('HTTP 500'));
      keys.push(...some.map(({ key }) => key));
      return forEach(some, sent);
    },
  };
}

test('two dispatchers send each notice once on each channel, openings before closings', async () => {
  const path = join(await scratchFolder(), 'store.db');
  const [first, second] = [await openAt(path), await openAt(path)];
  const channels = [
    counting('chat', true, () => false),
    counting('bus', false, () => false),
    counting('shaky', true, (call) => call % 9 === 1),
  ];
  await put(first, channels);
  const runs = [dispatch(first, channels), dispatch(second, channels)];
  await untilSent(first);
  await Promise.all(runs.map((run) => run.stop()));
  expect(await waitingIn(first)).toBe(0);
  for (const { keys } of channels) {
    expect(keys.toSorted()).toEqual(notices.map(({ key }) => key).toSorted());
    for (let index = 0; index < 40; index += 1) {
      const [opened, closed] = [noticeOf('opened', index).key, noticeOf('closed', index).key];
      expect(keys.indexOf(opened)).toBeLessThan(keys.indexOf(closed));
    }
  }
  expect(
    runs.flatMap(({ events }) => events).filter(({ kind }) => kind === 'outbox-error'),
  ).toEqual([]);
});

test('what is put again is not sent again', async () => {
  const store = await openAt(join(await scratchFolder(), 'store.db'));
  const channel = counting('chat', true, () => false);
  await put(store, [channel]);
  const run = dispatch(store, [channel]);
  await untilSent(store);
  await put(store, [channel]);
  await untilSent(store);
  await run.stop();
  expect(channel.keys).toHaveLength(notices.length);
});

test('what is refused is kept with the reason, and sent when somebody asks for it', async () => {
  const store = await openAt(join(await scratchFolder(), 'store.db'));
  let isThere = false;
  const channel: Channel = {
    name: 'chat',
    isForPeople: true,
    maxNotices: 100,
    send: (some) => Promise.resolve(forEach(some, isThere ? sent : refused('HTTP 410: gone'))),
  };
  await store.transaction((tx) => tx.putOutbox([{ notice: noticeOf('opened'), channel: 'chat' }]));
  const run = dispatch(store, [channel]);
  await untilSent(store);
  const { items } = await store.outbox.listRefused({ limit: 10, cursor: null });
  expect(items).toMatchObject([{ channel: 'chat', reason: 'HTTP 410: gone' }]);
  isThere = true;
  expect(await store.outbox.retryRefused(items[0]?.id ?? 0, { actor: 'carol', from: null })).toBe(
    true,
  );
  await untilSent(store);
  await run.stop();
  expect(await store.outbox.depth()).toMatchObject([]);
});
