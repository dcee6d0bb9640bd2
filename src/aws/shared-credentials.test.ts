import { describe, expect, it } from 'vitest';

import { shareCredentials } from './shared-credentials.ts';

const keys = { accessKeyId: 'ASIA', secretAccessKey: 's' };

function provider(lifetimeMs: number | null) {
  const asked: number[] = [];
  const provide = async () => {
    asked.push(Date.now());
    if (asked.length === 1 && lifetimeMs === null) throw new Error('not now');
    return lifetimeMs === null ? keys : { ...keys, expiration: new Date(Date.now() + lifetimeMs) };
  };
  const shared = shareCredentials(provide);
  if (typeof shared !== 'function') throw new Error('It should still be a provider.');
  return { asked, shared };
}

describe('shared credentials', () => {
  it('are asked for once, however many ask at the same time and later', async () => {
    const { asked, shared } = provider(3_600_000);
    await Promise.all([shared(), shared(), shared()]);
    await shared();
    expect(asked).toHaveLength(1);
  });

  it('are asked for again when they are about to expire', async () => {
    const { asked, shared } = provider(200_000);
    await shared();
    await shared();
    expect(asked).toHaveLength(2);
  });

  it('are asked for again after it failed', async () => {
    const { asked, shared } = provider(null);
    await expect(shared()).rejects.toThrow('not now');
    expect(await shared()).toEqual(keys);
    expect(asked).toHaveLength(2);
  });

  it('that are no provider stay what they are', () => {
    expect(shareCredentials(keys)).toBe(keys);
  });
});
