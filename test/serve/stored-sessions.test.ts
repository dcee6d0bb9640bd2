// Sessions as several processes on one store know them.

import { expect, onTestFinished, test } from 'vitest';
import { createSessions, storedSessions } from '../../src/serve/access/sessions.ts';
import { openStore } from '../../src/store/open-store.ts';

const alice = { subject: 'alice', name: 'Alice', role: 'viewer' } as const;

async function openTwo() {
  const time = { ms: 0 };
  const clock = (): number => time.ms;
  const store = await openStore(':memory:', { clock });
  onTestFinished(() => store.close());
  const keepers = [storedSessions(store, clock), storedSessions(store, clock)] as const;
  const [one, two] = await Promise.all(keepers.map((keeper) => createSessions(keeper, clock, 60)));
  if (one === undefined || two === undefined) throw new Error('there are two');
  return { time, store, one, two };
}

test('a session that one process began is good in another', async () => {
  const { one, two } = await openTwo();
  expect(await two.read(one.begin(alice))).toMatchObject({ name: 'Alice' });
});

test('a session that one process ended is over in another within five seconds', async () => {
  const { time, one, two } = await openTwo();
  const cookie = one.begin(alice);
  const principal = await two.read(cookie);
  await one.end(principal?.sessionId ?? '', principal?.expiresMs ?? 0);
  expect(await one.read(cookie)).toBeNull();
  time.ms += 5000;
  expect(await two.read(cookie)).toBeNull();
});

test('what was ended is remembered for as long as it would have been good, and no longer', async () => {
  const { time, store, one } = await openTwo();
  const endOne = async (): Promise<void> => {
    const principal = await one.read(one.begin(alice));
    await one.end(principal?.sessionId ?? '', principal?.expiresMs ?? 0);
  };
  const remembered = async (): Promise<number> => {
    const kept = await store.checkpoints.load('serve/ended-sessions');
    return Object.keys(kept?.['sessions'] ?? {}).length;
  };
  await endOne();
  time.ms += 30_000;
  await endOne();
  expect(await remembered()).toBe(2);
  time.ms += 30_000;
  await endOne();
  expect(await remembered()).toBe(2);
});
