import { describe, expect, it } from 'vitest';

import { portRule } from '../test/oracle/rules.ts';
import { MemorySource, type MemoryMessage } from '../test/support/memory-source.ts';
import { MemoryStore } from '../test/support/memory-store.ts';
import { ingressRecord } from '../test/support/trail.ts';
import { PortcullisError } from './errors/portcullis-error.ts';
import type { DeadLetter } from './model/stored.ts';
import { Watcher, type WatchEvent, type WatcherOptions } from './watcher.ts';

const rules = [
  portRule('admin', [22], {}, { options: { keepAliveSeconds: 0, maxSignalDurationSeconds: 0 } }),
];

function message(id: string, body: string): MemoryMessage {
  return { id, bytes: Buffer.from(body) };
}

/** As EventBridge wraps a record. */
function opening(id: string): MemoryMessage {
  const detail = ingressRecord({ id, group: `sg-${id}` });
  return message(id, JSON.stringify({ version: '0', 'detail-type': 'x', detail }));
}

function watching(
  source: MemorySource,
  more: Partial<WatcherOptions> = {},
): { watcher: Watcher; store: MemoryStore; events: WatchEvent[]; letters: DeadLetter[] } {
  const store = new MemoryStore();
  const events: WatchEvent[] = [];
  const letters: DeadLetter[] = [];
  const watcher = new Watcher({
    store,
    sources: [source],
    ingest: () => ({
      rules,
      fingerprint: '',
      suppressions: [],
      logRules: [],
      channelsFor: () => ['pager'],
    }),
    eventNames: null,
    matcher: null,
    keepDeadLetter: async (letter) => {
      letters.push(letter);
    },
    onEvent: (event) => events.push(event),
    ...more,
  });
  return { watcher, store, events, letters };
}

const forever = new AbortController().signal;

describe('watching', () => {
  it('acknowledges what is committed', async () => {
    const ids = Array.from({ length: 50 }, (_, index) => `e${index}`);
    const source = new MemorySource('queue', ids.map(opening));
    const { watcher, store } = watching(source);
    await watcher.run(forever);
    expect(source.acknowledged.toSorted()).toEqual(ids.toSorted());
    expect(store.signals.size).toBe(50);
    expect(store.outbox.size).toBe(50);
  });

  it('does not acknowledge before it is committed', async () => {
    const source = new MemorySource('queue', [opening('a')]);
    const { watcher, store } = watching(source);
    const transaction = store.transaction.bind(store);
    store.transaction = async (work) => {
      const result = await transaction(work);
      expect(source.acknowledged).toEqual([]);
      return result;
    };
    await watcher.run(forever);
    expect(source.acknowledged).toEqual(['a']);
  });

  it('brings what can be read of a message in, and puts the message aside after the last try', async () => {
    const broken = message('b', `${JSON.stringify(ingressRecord({ id: 'b' }))}\n{"eventVersion":`);
    const source = new MemorySource('queue', [opening('a'), broken]);
    const { watcher, store, letters, events } = watching(source, { mostAttempts: 3 });
    await watcher.run(forever);
    expect(store.changes.has('b')).toBe(true);
    expect(source.givenBack).toEqual(['b', 'b']);
    expect(source.acknowledged.toSorted()).toEqual(['a', 'b']);
    expect(letters).toMatchObject([{ source: 'queue', messageId: 'b', attempts: 3 }]);
    expect(letters[0]?.reason).toMatch(/^record\/truncated: /);
    expect(events.filter(({ kind }) => kind === 'put-aside')).toHaveLength(1);
  });

  it('waits for a store that does not answer, and gives nothing back', async () => {
    const source = new MemorySource('queue', [opening('a')]);
    const { watcher, store, events } = watching(source);
    const transaction = store.transaction.bind(store);
    let failures = 4;
    store.transaction = async (work) => {
      failures -= 1;
      if (failures >= 0) throw new PortcullisError('store/unavailable', 'no answer');
      return (await transaction(work)) as never;
    };
    await watcher.run(forever);
    expect(events.filter(({ kind }) => kind === 'commit-failed')).toHaveLength(4);
    expect(source.givenBack).toEqual([]);
    expect(store.signals.size).toBe(1);
  });

  it('keeps a delivery that the store cannot take from holding up others', async () => {
    const source = new MemorySource('queue', ['a', 'b', 'c'].map(opening));
    const { watcher, store, letters } = watching(source, { mostAttempts: 1 });
    const put = store.putChanges.bind(store);
    store.putChanges = async (changes) => {
      if (changes.some(({ change }) => change.eventId === 'b')) throw new Error('poison');
      await put(changes);
    };
    await watcher.run(forever);
    expect([...store.changes.keys()].toSorted()).toEqual(['a', 'c']);
    expect(letters).toMatchObject([{ messageId: 'b', reason: 'poison' }]);
  });

  it('gives back what cannot be committed in the time that is left at the end', async () => {
    const source = new MemorySource('queue', [opening('a')]);
    const stop = new AbortController();
    const { watcher, store } = watching(source, { drainSeconds: 0.05 });
    store.transaction = async () => {
      stop.abort();
      throw new PortcullisError('store/unavailable', 'no answer');
    };
    await watcher.run(stop.signal);
    expect(source.givenBack).toEqual(['a']);
    expect(source.acknowledged).toEqual([]);
  });

  it('takes no more than it may hold', async () => {
    const ids = Array.from({ length: 30 }, (_, index) => `e${index}`);
    const source = new MemorySource('queue', ids.map(opening));
    const { watcher, events } = watching(source, { inHand: 5 });
    await watcher.run(forever);
    const sizes = events.flatMap((event) =>
      event.kind === 'committed' ? event.deliveries.length : [],
    );
    expect(Math.max(...sizes)).toBeLessThanOrEqual(5);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(30);
  });

  it('fails where a source does, after what was in hand is committed', async () => {
    const source = new MemorySource('queue', [opening('a')]);
    const deliveries = source.deliveries.bind(source);
    source.deliveries = async function* failing(signal) {
      yield* deliveries(signal);
      throw new Error('no such queue');
    };
    const { watcher, store } = watching(source);
    await expect(watcher.run(forever)).rejects.toThrow('no such queue');
    expect(store.signals.size).toBe(1);
  });
});
