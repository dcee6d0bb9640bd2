import { describe, expect, test } from 'vitest';
import { createEventFeed, type EventFeed, type SentEvent } from './event-feed.ts';

function tell(feed: EventFeed, ...numbers: readonly number[]): void {
  for (const number of numbers) feed.publish({ kind: 'note', data: { number } });
}

function numbersOf(events: readonly SentEvent[] | null): readonly unknown[] | undefined {
  return events?.map(({ kind, data }) => (kind === 'reset' ? 'reset' : data['number']));
}

describe('a feed of events', () => {
  test('hands what happens to all who listen, in order', async () => {
    const feed = createEventFeed();
    const [one, two] = [feed.subscribe(null), feed.subscribe(null)];
    tell(feed, 1, 2);
    expect(numbersOf(await one.next(0))).toEqual([1, 2]);
    tell(feed, 3);
    expect(numbersOf(await one.next(0))).toEqual([3]);
    expect(numbersOf(await two.next(0))).toEqual([1, 2, 3]);
  });

  test('wakes whoever waits, and says when nothing happens for a while', async () => {
    const feed = createEventFeed();
    const one = feed.subscribe(null);
    expect(await one.next(1)).toEqual([]);
    const waiting = one.next(60_000);
    tell(feed, 1);
    expect(numbersOf(await waiting)).toEqual([1]);
  });

  test('goes on after the last event that somebody saw', async () => {
    const feed = createEventFeed();
    const one = feed.subscribe(null);
    tell(feed, 1, 2, 3);
    const ids = (await one.next(0))?.map(({ id }) => id) ?? [];
    expect(numbersOf(await feed.subscribe(ids[0] ?? '').next(0))).toEqual([2, 3]);
    expect(await feed.subscribe(ids[2] ?? '').next(0)).toEqual([]);
  });

  test('says to look at everything anew where it cannot go on', async () => {
    const feed = createEventFeed({ remembered: 2 });
    const one = feed.subscribe(null);
    tell(feed, 1, 2, 3, 4);
    const ids = (await one.next(0))?.map(({ id }) => id) ?? [];
    expect(numbersOf(await feed.subscribe(ids[0] ?? '').next(0))).toEqual(['reset']);
    expect(numbersOf(await feed.subscribe(ids[1] ?? '').next(0))).toEqual([3, 4]);
    const other = createEventFeed();
    tell(other, 1);
    for (const id of [ids[3] ?? '', 'nonsense', '-1', `${ids[3]?.split('-')[0]}-99`]) {
      expect(numbersOf(await other.subscribe(id).next(0))).toEqual(['reset']);
    }
  });

  test('goes on from a reset', async () => {
    const feed = createEventFeed();
    tell(feed, 1, 2);
    const [reset] = (await feed.subscribe('nonsense').next(0)) ?? [];
    tell(feed, 3);
    expect(numbersOf(await feed.subscribe(reset?.id ?? '').next(0))).toEqual([3]);
  });

  test('keeps no more than so many for somebody who does not listen', async () => {
    const feed = createEventFeed({ mostWaiting: 3 });
    const slow = feed.subscribe(null);
    tell(feed, 1, 2, 3, 4);
    expect(numbersOf(await slow.next(0))).toEqual(['reset']);
    tell(feed, 5);
    expect(numbersOf(await slow.next(0))).toEqual([5]);
  });

  test('ends for all when it is closed, and begins for nobody', async () => {
    const feed = createEventFeed();
    const one = feed.subscribe(null);
    const waiting = one.next(60_000);
    feed.close();
    expect(await waiting).toBeNull();
    expect(await feed.subscribe(null).next(60_000)).toBeNull();
    expect(feed.subscribers()).toBe(0);
  });

  test('forgets who has ended', async () => {
    const feed = createEventFeed();
    const one = feed.subscribe(null);
    expect(feed.subscribers()).toBe(1);
    one.end();
    expect(feed.subscribers()).toBe(0);
    expect(await one.next(60_000)).toBeNull();
  });
});
