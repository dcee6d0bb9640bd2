// The stores' outbox does what a plain one in memory does, whatever is done to it.

import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ClaimedEntry, Outbox } from '../../src/ports.ts';
import { openStore } from '../../src/store/open-store.ts';
import { memoryOutbox } from '../support/memory-outbox.ts';
import { aNotice } from '../support/notices.ts';
import { onEveryStore } from './stores.ts';

const startMs = 1_000_000;

type Deed =
  | { readonly kind: 'put'; readonly signal: number; readonly channel: string }
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'claim'; readonly channel: string; readonly limit: number }
  | {
      readonly kind: 'sent' | 'failed' | 'refused' | 'postponed' | 'extended';
      readonly which: number;
    };

const channels = fc.constantFrom('pager', 'mail');
const deeds: fc.Arbitrary<readonly Deed[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('put' as const), signal: fc.nat(3), channel: channels }),
    fc.record({ kind: fc.constant('wait' as const), seconds: fc.nat(40) }),
    fc.record({
      kind: fc.constant('claim' as const),
      channel: channels,
      limit: fc.integer({ min: 1, max: 5 }),
    }),
    fc.record({
      kind: fc.constantFrom('sent', 'failed', 'refused', 'postponed', 'extended' as const),
      which: fc.nat(9),
    }),
  ),
  { minLength: 1, maxLength: 40 },
);

/** What is seen while the deeds are done. */
async function observe(
  outbox: Outbox,
  put: (signal: number, index: number, channel: string, atMs: number) => Promise<void>,
  time: { nowMs: number },
  given: readonly Deed[],
): Promise<readonly unknown[]> {
  const seen: unknown[] = [];
  const claimed: ClaimedEntry[] = [];
  for (const [index, deed] of given.entries()) {
    const held = 'which' in deed ? claimed.at(deed.which % Math.max(claimed.length, 1)) : undefined;
    if (deed.kind === 'put') await put(deed.signal, index, deed.channel, time.nowMs);
    else if (deed.kind === 'wait') time.nowMs += deed.seconds * 1000;
    else if (deed.kind === 'claim') {
      const entries = await outbox.claim(deed.channel, { limit: deed.limit, leaseSeconds: 30 });
      claimed.push(...entries);
      seen.push(entries.map(({ notice, attempts, dueMs }) => [notice.key, attempts, dueMs]));
    } else if (held !== undefined) {
      const { receipt } = held;
      if (deed.kind === 'sent') await outbox.markSent([receipt]);
      if (deed.kind === 'failed') {
        const nextAttemptMs = time.nowMs + 10_000;
        await outbox.markFailed([{ receipt, nextAttemptMs, reason: 'no answer' }]);
      }
      if (deed.kind === 'refused') await outbox.markRefused([{ receipt, reason: 'gone' }]);
      if (deed.kind === 'postponed') await outbox.postpone([receipt], time.nowMs + 20_000);
      if (deed.kind === 'extended') seen.push((await outbox.extend([receipt], 60)).length);
    }
  }
  const depth = await outbox.depth();
  const byName = depth.toSorted((a, b) => (a.channel < b.channel ? -1 : 1));
  seen.push(byName.filter(({ waiting, refused }) => waiting + refused > 0));
  return seen;
}

/** The outbox as far as these channels go, under their plain names. */
function withChannels(outbox: Outbox, own: (channel: string) => string): Outbox {
  return {
    ...outbox,
    claim: (channel, options) => outbox.claim(own(channel), options),
    async depth() {
      const all = await outbox.depth();
      return ['pager', 'mail'].flatMap((channel) =>
        all.filter((one) => one.channel === own(channel)).map((one) => ({ ...one, channel })),
      );
    },
  };
}

function noticeFor(signal: number, index: number, atMs: number): ReturnType<typeof aNotice> {
  const notice = aNotice({}, signal);
  return { ...notice, key: `${notice.key}/${index}`, noticedMs: atMs };
}

onEveryStore('an outbox', (stores) => {
  it('does what a plain one does', async () => {
    const time = { nowMs: startMs };
    const store = await openStore(await stores.address(), { clock: () => time.nowMs });
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(deeds, async (given) => {
        // Channels of its own for each run, instead of a store.
        runs += 1;
        const own = (channel: string): string => `${channel}-${runs}`;
        time.nowMs = startMs;
        const plainTime = { nowMs: startMs };
        const plain = memoryOutbox(() => plainTime.nowMs);
        const wanted = await observe(
          plain,
          async (signal, index, channel, atMs) => {
            plain.put([{ notice: noticeFor(signal, index, atMs), channel }]);
          },
          plainTime,
          given,
        );
        const seen = await observe(
          withChannels(store.outbox, own),
          (signal, index, channel, atMs) =>
            store.transaction((tx) =>
              tx.putOutbox([{ notice: noticeFor(signal, index, atMs), channel: own(channel) }]),
            ),
          time,
          given,
        );
        expect(seen).toEqual(wanted);
      }),
      { numRuns: 150 },
    );
    await store.close();
  });

  it('gives an entry to one of two who ask at the same time', async () => {
    const place = await stores.address();
    const [one, other] = await Promise.all([openStore(place), openStore(place)]);
    const notices = Array.from({ length: 40 }, (_, index) => noticeFor(index, index, 0));
    await one.transaction((tx) =>
      tx.putOutbox(notices.map((notice) => ({ notice, channel: 'pager' }))),
    );
    const claims = await Promise.all(
      [one, other, one, other].map((store) =>
        store.outbox.claim('pager', { limit: 15, leaseSeconds: 60 }),
      ),
    );
    const keys = claims.flat().map(({ notice }) => notice.key);
    expect(keys).toHaveLength(40);
    expect(new Set(keys).size).toBe(40);
    await Promise.all([one.close(), other.close()]);
  });
});
