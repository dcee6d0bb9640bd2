// The dispatcher over an outbox in memory and in virtual time: what is sent when, and that no crash at
// any step loses a notice.

import { describe, expect, test } from 'vitest';
import type { Notice } from '../../src/model/stored.ts';
import { type Channel, forEach, refused, retry, sent } from '../../src/notify/channel.ts';
import {
  type ChannelSetting,
  createDispatcher,
  type Dispatcher,
  type DispatchEvent,
  type Timing,
} from '../../src/notify/dispatcher.ts';
import type { QuietHours } from '../../src/notify/quiet-hours.ts';
import type { Outbox, SendOutcome } from '../../src/ports.ts';
import { memoryOutbox, type MemoryOutbox } from '../support/memory-outbox.ts';
import { aNotice, noticeOf } from '../support/notices.ts';
import { settle, virtualTime, type VirtualTime } from '../support/virtual-time.ts';

/** A Monday, at noon. */
const startMs = Date.parse('2026-03-02T12:00:00Z');

type Call = { readonly atMs: number; readonly keys: readonly string[] };

type FakeChannel = Channel & { readonly calls: Call[] };

function fakeChannel(
  time: VirtualTime,
  given: Partial<Channel> & {
    readonly answer?: (notices: readonly Notice[], call: number) => SendOutcome;
  } = {},
): FakeChannel {
  const { answer = () => sent, ...rest } = given;
  const calls: Call[] = [];
  return {
    name: 'chat',
    isForPeople: true,
    maxNotices: 100,
    calls,
    async send(notices) {
      calls.push({ atMs: time.clock() - startMs, keys: notices.map(({ key }) => key) });
      return forEach(notices, answer(notices, calls.length));
    },
    ...rest,
  };
}

type Run = {
  readonly time: VirtualTime;
  readonly outbox: MemoryOutbox;
  readonly events: readonly DispatchEvent[];
  readonly dispatcher: Dispatcher;
  stop(): Promise<void>;
};

type Given = {
  readonly time?: VirtualTime;
  readonly outbox?: MemoryOutbox;
  readonly seen?: Outbox;
  readonly setting?: Partial<ChannelSetting>;
  readonly timing?: Partial<Timing>;
  readonly random?: () => number;
  /** What waits before it starts. */
  readonly notices?: readonly Notice[];
};

function start(channels: readonly Channel[], given: Given & { time: VirtualTime }): Run {
  const { time, setting = {}, timing = {}, random = () => 0.999 } = given;
  const outbox = given.outbox ?? memoryOutbox(time.clock);
  put(outbox, ...(given.notices ?? []));
  const events: DispatchEvent[] = [];
  const dispatcher = createDispatcher({
    outbox: given.seen ?? outbox,
    channels: channels.map((channel) => ({
      channel,
      quietHours: null,
      digestOver: 10,
      ...setting,
    })),
    clock: time.clock,
    sleep: time.sleep,
    random,
    onEvent: (event) => events.push(event),
    timing,
  });
  const end = new AbortController();
  const running = dispatcher.run(end.signal);
  return {
    time,
    outbox,
    events,
    dispatcher,
    async stop() {
      end.abort();
      await running;
    },
  };
}

/** Number `index`, noticed when the test begins. */
function opened(index: number, given: Partial<Notice> = {}): Notice {
  return aNotice({ noticedMs: startMs, ...given }, index);
}

function put(outbox: MemoryOutbox, ...notices: readonly Notice[]): void {
  outbox.put(notices.map((notice) => ({ notice, channel: 'chat' })));
}

function keysOf({ calls }: FakeChannel): readonly string[] {
  return calls.flatMap(({ keys }) => keys);
}

describe('the dispatcher', () => {
  test('sends what waits, once, in its order', async () => {
    const time = virtualTime(startMs);
    const chat = fakeChannel(time);
    const run = start([chat], { time });
    put(run.outbox, opened(1), opened(2), opened(3));
    await time.pass(60_000);
    await run.stop();
    expect(chat.calls.map(({ keys }) => keys)).toEqual(
      [1, 2, 3].map((index) => [opened(index).key]),
    );
    expect(run.outbox.entries.map(({ state }) => state)).toEqual(['sent', 'sent', 'sent']);
  });

  test('looks every second, and at once when it is woken', async () => {
    const time = virtualTime(startMs);
    const chat = fakeChannel(time);
    const run = start([chat], { time });
    await time.pass(10_300);
    put(run.outbox, opened(1));
    await time.pass(1000);
    put(run.outbox, opened(2));
    run.dispatcher.wake();
    await settle();
    await run.stop();
    expect(chat.calls.map(({ atMs }) => atMs)).toEqual([11_000, 11_300]);
  });

  test('sends over channels at once: one that hangs does not keep the others waiting', async () => {
    const time = virtualTime(startMs);
    const slow = fakeChannel(time, { name: 'slow', send: () => new Promise(() => {}) });
    const chat = fakeChannel(time);
    const run = start([slow, chat], { time, timing: { sendMs: 50, stopMs: 10 } });
    run.outbox.put(['slow', 'chat'].map((channel) => ({ notice: opened(1), channel })));
    await time.pass(2000);
    expect(keysOf(chat)).toEqual([opened(1).key]);
    await run.stop();
  });

  test('tries again after pauses that grow, up to the longest', async () => {
    const time = virtualTime(startMs);
    const chat = fakeChannel(time, { answer: (_, call) => (call < 7 ? retry('HTTP 500') : sent) });
    const timing = { firstPauseMs: 1000, mostPauseMs: 10_000 };
    const run = start([chat], { time, timing, random: () => 1 - Number.EPSILON });
    put(run.outbox, opened(1));
    await time.pass(120_000);
    await run.stop();
    const times = chat.calls.map(({ atMs }) => atMs);
    const pauses = times.slice(1).map((ms, index) => ms - (times[index] ?? 0));
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000]);
    expect(run.outbox.entries[0]).toMatchObject({ state: 'sent', attempts: 6 });
  });

  test('spreads pauses over their upper half', async () => {
    const time = virtualTime(startMs);
    const chat = fakeChannel(time, { answer: (_, call) => (call < 2 ? retry('no') : sent) });
    const timing = { firstPauseMs: 1000 };
    const run = start([chat], { time, timing, random: () => 0, notices: [opened(1)] });
    await time.pass(5000);
    await run.stop();
    expect(chat.calls.map(({ atMs }) => atMs)).toEqual([0, 500]);
  });

  test('waits as long as a receiver asks, with everything on that channel', async () => {
    const time = virtualTime(startMs);
    const chat = fakeChannel(time, {
      answer: (_, call) => (call === 1 ? retry('HTTP 429', 300) : sent),
    });
    const run = start([chat], { time });
    put(run.outbox, opened(1), opened(2));
    await time.pass(299_000);
    expect(chat.calls).toHaveLength(1);
    put(run.outbox, opened(3));
    run.dispatcher.wake();
    await time.pass(30_000);
    await run.stop();
    expect(keysOf(chat).toSorted()).toEqual([1, 1, 2, 3].map((index) => opened(index).key));
  });

  test('sends a closing after its opening, also where the opening fails at first', async () => {
    const time = virtualTime(startMs);
    const chat = fakeChannel(time, {
      answer: ([notice], call) =>
        notice?.kind === 'opened' && call < 4 ? retry('HTTP 500') : sent,
    });
    const run = start([chat], { time });
    put(run.outbox, opened(1));
    await time.pass(1500);
    put(run.outbox, { ...noticeOf('closed', 1), noticedMs: startMs + 1500 });
    await time.pass(300_000);
    await run.stop();
    const delivered = keysOf(chat).slice(-2);
    expect(delivered).toEqual([opened(1).key, noticeOf('closed', 1).key]);
    expect(keysOf(chat).filter((key) => key === noticeOf('closed', 1).key)).toHaveLength(1);
  });

  test('does not let one notice that always fails hold up those of other signals', async () => {
    const time = virtualTime(startMs);
    const chat = fakeChannel(time, {
      answer: ([notice]) => (notice?.key === opened(1).key ? retry('HTTP 500') : sent),
    });
    const run = start([chat], { time });
    put(run.outbox, opened(1), opened(2), opened(3));
    await time.pass(60_000);
    await run.stop();
    expect(keysOf(chat)).toContain(opened(2).key);
    expect(keysOf(chat)).toContain(opened(3).key);
  });

  test('keeps what is refused with the reason, shows it, and goes on', async () => {
    const time = virtualTime(startMs);
    const chat = fakeChannel(time, {
      answer: (_, call) => (call === 1 ? refused('HTTP 410') : sent),
    });
    const run = start([chat], { time });
    put(run.outbox, opened(1), opened(2));
    await time.pass(600_000);
    await run.stop();
    expect(chat.calls).toHaveLength(2);
    expect(run.outbox.entries).toMatchObject([
      { state: 'refused', reason: 'HTTP 410' },
      { state: 'sent' },
    ]);
    expect(run.events).toContainEqual({
      kind: 'refused',
      channel: 'chat',
      keys: [opened(1).key],
      reason: 'HTTP 410',
    });
    expect(await run.outbox.depth()).toMatchObject([{ waiting: 0, refused: 1 }]);
  });

  test('gives up what has failed for too long, and says why', async () => {
    const time = virtualTime(startMs);
    const chat = fakeChannel(time, { answer: () => retry('HTTP 500: down') });
    const run = start([chat], { time, timing: { giveUpMs: 3_600_000 } });
    put(run.outbox, opened(1));
    await time.pass(2 * 3_600_000);
    await run.stop();
    const [entry] = run.outbox.entries;
    expect(entry?.state).toBe('refused');
    expect(entry?.reason).toMatch(/^given up after 1\d attempts: HTTP 500: down$/);
  });

  test('tries also what is old already before it gives up', async () => {
    const time = virtualTime(startMs);
    const chat = fakeChannel(time, { answer: (_, call) => (call < 9 ? retry('HTTP 500') : sent) });
    const run = start([chat], { time, timing: { giveUpMs: 1000 } });
    put(run.outbox, opened(1, { noticedMs: startMs - 1_000_000 }));
    await time.pass(3_600_000);
    await run.stop();
    expect(run.outbox.entries[0]?.state).toBe('sent');
  });

  test('takes a channel that throws, or says too little, for one that failed', async () => {
    const time = virtualTime(startMs);
    let call = 0;
    const chat = fakeChannel(time, {
      send: async () => {
        call += 1;
        if (call === 1) throw new TypeError('secret');
        return call === 2 ? [] : [sent];
      },
    });
    const run = start([chat], { time });
    put(run.outbox, opened(1));
    await time.pass(60_000);
    await run.stop();
    expect(run.outbox.entries[0]).toMatchObject({ state: 'sent', attempts: 2 });
    expect(JSON.stringify(run.events)).not.toContain('secret');
  });

  test('gives machines what they take at once, and each its own outcome', async () => {
    const time = virtualTime(startMs);
    const bus = fakeChannel(time, { isForPeople: false, maxNotices: 10 });
    const notices = Array.from({ length: 25 }, (_, index) => opened(index));
    const run = start([bus], { time, setting: { digestOver: 1 }, notices });
    await time.pass(1000);
    await run.stop();
    expect(bus.calls.map(({ keys, atMs }) => [keys.length, atMs])).toEqual([
      [10, 0],
      [10, 0],
      [5, 0],
    ]);
  });

  test('marks each notice of a batch by its own outcome', async () => {
    const time = virtualTime(startMs);
    const outcomes = [sent, refused('too large'), retry('throttled')];
    const bus = fakeChannel(time, {
      isForPeople: false,
      send: async (notices) => (notices.length === 3 ? outcomes : [sent]),
    });
    const run = start([bus], { time });
    put(run.outbox, opened(1), opened(2), opened(3));
    await time.pass(60_000);
    await run.stop();
    expect(run.outbox.entries.map(({ state, attempts }) => [state, attempts])).toEqual([
      ['sent', 0],
      ['refused', 0],
      ['sent', 1],
    ]);
  });

  test('will not have leases that could end while something is being sent', () => {
    const time = virtualTime(startMs);
    const given = { time, timing: { leaseSeconds: 10, sendMs: 10_000 } };
    expect(() => start([fakeChannel(time)], given)).toThrow(RangeError);
  });
});

describe('a digest', () => {
  test('lists what is more than may be sent in a minute, and comes within one', async () => {
    const time = virtualTime(startMs);
    const chat = fakeChannel(time);
    const notices = [opened(1), opened(2)];
    const run = start([chat], { time, setting: { digestOver: 3 }, notices });
    await time.pass(1000);
    put(run.outbox, ...Array.from({ length: 9 }, (_, index) => opened(index + 10)));
    await time.pass(2000);
    put(run.outbox, opened(30), opened(31));
    await time.pass(120_000);
    await run.stop();
    expect(chat.calls.map(({ atMs, keys }) => [atMs, keys.length])).toEqual([
      [0, 1],
      [0, 1],
      [2000, 9],
      [60_000, 1],
      [60_000, 1],
    ]);
    expect(
      run.outbox.entries.every(({ state, attempts }) => state === 'sent' && attempts === 0),
    ).toBe(true);
  });
});

describe('quiet hours', () => {
  const quietHours: QuietHours = {
    timeZone: 'UTC',
    spans: [{ from: '12:00', to: '14:00' }],
    passSeverity: 'critical',
  };
  const hourMs = 3_600_000;

  function severe(index: number, given: Partial<Notice> = {}): Notice {
    const notice = opened(index, given);
    return { ...notice, signal: { ...notice.signal, severity: 'critical' } };
  }

  test('hold back what is not critical until they end', async () => {
    const time = virtualTime(startMs);
    const chat = fakeChannel(time);
    const notices = [opened(1), severe(2)];
    const run = start([chat], { time, setting: { quietHours }, notices });
    await time.pass(3 * hourMs);
    await run.stop();
    expect(chat.calls).toEqual([
      { atMs: 0, keys: [severe(2).key] },
      { atMs: 2 * hourMs, keys: [opened(1).key] },
    ]);
    expect(run.events).toContainEqual({
      kind: 'held',
      channel: 'chat',
      keys: [opened(1).key],
      why: 'quiet-hours',
      untilMs: startMs + 2 * hourMs,
    });
  });

  test('let what was held back go before something critical of the same signal', async () => {
    const time = virtualTime(startMs);
    const chat = fakeChannel(time);
    const run = start([chat], { time, setting: { quietHours } });
    put(run.outbox, opened(1));
    await time.pass(hourMs);
    const worse = severe(1, { kind: 'corrected', key: 'worse', noticedMs: startMs + hourMs });
    put(run.outbox, worse);
    await time.pass(3 * hourMs);
    await run.stop();
    expect(keysOf(chat)).toEqual([opened(1).key, 'worse']);
    expect(chat.calls.every(({ atMs }) => atMs <= hourMs + 1000)).toBe(true);
  });

  test('end with a list where much was held back', async () => {
    const time = virtualTime(startMs);
    const chat = fakeChannel(time);
    const run = start([chat], { time, setting: { quietHours } });
    for (let index = 0; index < 30; index += 1) {
      put(run.outbox, opened(index));
      await time.pass(60_000);
    }
    await time.pass(2 * hourMs);
    await run.stop();
    expect(chat.calls).toHaveLength(1);
    expect(chat.calls[0]).toMatchObject({ atMs: 2 * hourMs });
    expect(chat.calls[0]?.keys).toHaveLength(30);
  });
});

describe('several dispatchers', () => {
  test('send each notice once', async () => {
    const time = virtualTime(startMs);
    const outbox = memoryOutbox(time.clock);
    const chat = fakeChannel(time);
    const runs = [1, 2, 3].map(() => start([chat], { time, outbox, setting: { digestOver: 100 } }));
    for (let index = 0; index < 20; index += 1) {
      put(outbox, opened(index));
      await time.pass(700);
    }
    await time.pass(60_000);
    await Promise.all(runs.map((run) => run.stop()));
    expect(keysOf(chat).toSorted()).toEqual(
      Array.from({ length: 20 }, (_, index) => opened(index).key).toSorted(),
    );
  });

  test('extend a lease before it could end, and leave alone what was lost', async () => {
    const time = virtualTime(startMs);
    const outbox = memoryOutbox(time.clock);
    const extended: string[] = [];
    const seen: Outbox = {
      ...outbox,
      async extend(receipts, leaseSeconds) {
        extended.push(...receipts);
        const held = await outbox.extend(receipts, leaseSeconds);
        // Somebody else has the third.
        return held.filter((receipt) => !receipt.startsWith('2#'));
      },
    };
    const chat = fakeChannel(time, {
      send: async (notices) => {
        await time.sleep(400_000, new AbortController().signal);
        chat.calls.push({ atMs: time.clock(), keys: notices.map(({ key }) => key) });
        return forEach(notices, sent);
      },
    });
    const run = start([chat], {
      time,
      outbox,
      seen,
      timing: { leaseSeconds: 600, sendMs: 500_000 },
    });
    put(outbox, opened(0), opened(1), opened(2));
    await time.pass(900_000);
    await run.stop();
    expect(extended).not.toEqual([]);
    expect(keysOf(chat)).toEqual([opened(0).key, opened(1).key]);
  });
});

describe('an end that is asked for', () => {
  test('lets what is being sent finish, and gives the rest back', async () => {
    const time = virtualTime(startMs);
    const sending = Promise.withResolvers<readonly SendOutcome[]>();
    const chat = fakeChannel(time, { send: () => sending.promise });
    const run = start([chat], { time, notices: [opened(1), opened(2)] });
    await settle();
    const stopped = run.stop();
    await settle();
    sending.resolve([sent]);
    await stopped;
    expect(run.outbox.entries.map(({ state }) => state)).toEqual(['sent', 'waiting']);
    expect(run.outbox.entries[1]).toMatchObject({ lease: null, attempts: 0 });
  });

  test('does not wait for ever: what is not done by then is given back untried', async () => {
    const time = virtualTime(startMs);
    const chat = fakeChannel(time, { send: () => new Promise(() => {}) });
    const run = start([chat], { time, timing: { stopMs: 20 }, notices: [opened(1)] });
    await settle();
    await run.stop();
    expect(run.outbox.entries[0]).toMatchObject({ state: 'waiting', lease: null, attempts: 0 });
  });

  test('comes while nothing waits too', async () => {
    const time = virtualTime(startMs);
    const run = start([fakeChannel(time)], { time });
    await time.pass(500);
    await expect(run.stop()).resolves.toBeUndefined();
  });
});

describe('an outbox that fails', () => {
  test('is asked again after a while, and what was sent is noted then', async () => {
    const time = virtualTime(startMs);
    const outbox = memoryOutbox(time.clock);
    let calls = 0;
    const flaky = async <T>(work: () => Promise<T>): Promise<T> => {
      calls += 1;
      if (calls % 3 !== 0) throw new Error('away');
      return work();
    };
    const seen: Outbox = {
      ...outbox,
      claim: (channel, options) => flaky(() => outbox.claim(channel, options)),
      markSent: (receipts) => flaky(() => outbox.markSent(receipts)),
    };
    const chat = fakeChannel(time);
    const run = start([chat], { time, outbox, seen });
    put(outbox, opened(1), opened(2));
    await time.pass(300_000);
    await run.stop();
    expect(keysOf(chat)).toEqual([opened(1).key, opened(2).key]);
    expect(run.events.some(({ kind }) => kind === 'outbox-error')).toBe(true);
  });
});

describe('a crash', () => {
  /** What a dispatcher does in one step or another; a crash comes before or after one of them. */
  async function runWithCrash(
    crashAt: number,
    isForPeople: boolean,
  ): Promise<{ keys: readonly string[]; steps: number; states: readonly string[] }> {
    const time = virtualTime(startMs);
    const outbox = memoryOutbox(time.clock);
    const all = Array.from({ length: 6 }, (_, index) =>
      opened(index % 3, {
        key: `key-${index}`,
        noticedMs: startMs + index,
      }),
    );
    put(outbox, ...all);
    const keys: string[] = [];
    let steps = 0;
    /** Once the process has crashed nothing of it happens any more. */
    const step = async <T>(work: () => Promise<T>): Promise<T> => {
      steps += 1;
      if (steps >= crashAt) return new Promise<never>(() => {});
      const done = await work();
      steps += 1;
      if (steps >= crashAt) return new Promise<never>(() => {});
      return done;
    };
    let call = 0;
    const channel = (through: typeof step): Channel => ({
      name: 'chat',
      isForPeople,
      maxNotices: 2,
      send: (notices) =>
        through(async () => {
          call += 1;
          if (call % 4 === 3) return forEach(notices, retry('HTTP 500'));
          keys.push(...notices.map(({ key }) => key));
          return forEach(notices, sent);
        }),
    });
    const mortal: Outbox = {
      ...outbox,
      claim: (name, options) => step(() => outbox.claim(name, options)),
      extend: (receipts, seconds) => step(() => outbox.extend(receipts, seconds)),
      markSent: (receipts) => step(() => outbox.markSent(receipts)),
      markFailed: (failures) => step(() => outbox.markFailed(failures)),
      postpone: (receipts, dueMs) => step(() => outbox.postpone(receipts, dueMs)),
    };
    start([channel(step)], { time, outbox, seen: mortal });
    await time.pass(600_000);
    const second = start([channel((work) => work())], { time, outbox });
    await time.pass(600_000);
    await second.stop();
    return { keys, steps, states: outbox.entries.map(({ state }) => state) };
  }

  const expected = Array.from({ length: 6 }, (_, index) => `key-${index}`);

  describe.each([true, false])('where people read it: %s', (isForPeople) => {
    test('that does not come leaves each notice sent exactly once', async () => {
      const { keys } = await runWithCrash(Infinity, isForPeople);
      expect(keys.toSorted()).toEqual(expected);
    });

    test('at any step loses no notice, and repeats those alone that were in hand', async () => {
      // Polling goes on; what matters happens in the first steps.
      for (let crashAt = 1; crashAt <= 60; crashAt += 1) {
        const { keys, states } = await runWithCrash(crashAt, isForPeople);
        expect([...new Set(keys)].toSorted()).toEqual(expected);
        expect(keys.length).toBeLessThanOrEqual(expected.length + 2);
        expect(new Set(states)).toEqual(new Set(['sent']));
      }
    });
  });
});
