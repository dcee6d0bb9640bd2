import { describe, expect, it } from 'vitest';

import { gather } from './gather.ts';
import { sleep } from './pause.ts';

const always = new AbortController().signal;

describe('gathering', () => {
  it('yields what several loops put, each in its own order, and ends with them', async () => {
    const seen: string[] = [];
    const found = gather<string>(always, async (put) => {
      const loop = async (name: string): Promise<void> => {
        for (const index of [1, 2, 3]) await put(`${name}${index}`);
      };
      await Promise.all([loop('a'), loop('b')]);
    });
    for await (const item of found) seen.push(item);
    expect(seen.filter((item) => item.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
    expect(seen.toSorted()).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'b3']);
  });

  it('lets a loop wait until what it put was taken', async () => {
    let put = 0;
    const found = gather<number>(always, async (offer) => {
      while (await offer(put)) put += 1;
    });
    await found.next();
    await sleep(20, always);
    expect(put).toBe(1);
    await found.return(undefined);
  });

  it('tells the loops when the reader leaves, and that what is left was not taken', async () => {
    const answers: boolean[] = [];
    let isTold = false;
    const found = gather<string>(always, async (put, signal) => {
      answers.push(...(await Promise.all([put('a'), put('b')])));
      isTold = signal.aborted;
      answers.push(await put('c'));
    });
    for await (const item of found) {
      expect(item).toBe('a');
      break;
    }
    expect(answers).toEqual([true, false, false]);
    expect(isTold).toBe(true);
  });

  it('ends when the signal says so, though nothing is there', async () => {
    const ending = new AbortController();
    const found = gather<string>(ending.signal, (_put, signal) => sleep(60_000, signal));
    setTimeout(() => ending.abort(), 10);
    expect(await found.next()).toEqual({ done: true, value: undefined });
  });

  it('throws what a loop throws, after what it had put', async () => {
    const found = gather<string>(always, async (put) => {
      await put('a');
      throw new RangeError('broken');
    });
    expect(await found.next()).toEqual({ done: false, value: 'a' });
    await expect(found.next()).rejects.toThrow(RangeError);
  });

  it('does not throw what a loop throws because it was told to end', async () => {
    const ending = new AbortController();
    const found = gather<string>(ending.signal, async (put, signal) => {
      await put('a');
      await sleep(60_000, signal);
      signal.throwIfAborted();
    });
    await found.next();
    ending.abort();
    expect(await found.next()).toEqual({ done: true, value: undefined });
  });
});
