import { describe, expect, test } from 'vitest';
import { createSeal } from './seal.ts';
import { createSessions, type SessionKeeper } from './sessions.ts';

const key = Buffer.alloc(32, 1);
const alice = { subject: 'alice', name: 'Alice', role: 'responder' } as const;

function keeper(): SessionKeeper {
  const ended = new Set<string>();
  return {
    key: async () => key,
    ended: async () => ended,
    async end(sessionId) {
      ended.add(sessionId);
    },
  };
}

describe('a sealed value', () => {
  test('is opened by what sealed it', () => {
    const seal = createSeal(key, 'login');
    expect(seal.open(seal.seal({ a: 1 }))).toEqual({ a: 1 });
  });

  test('is nothing for another purpose or another key', () => {
    const sealed = createSeal(key, 'login').seal({ a: 1 });
    expect(createSeal(key, 'session').open(sealed)).toBeNull();
    expect(createSeal(Buffer.alloc(32, 2), 'login').open(sealed)).toBeNull();
  });

  test('looks different each time, and shows nothing of what it is', () => {
    const seal = createSeal(key, 'login');
    expect(seal.seal({ a: 'secret' })).not.toBe(seal.seal({ a: 'secret' }));
    expect(Buffer.from(seal.seal({ a: 'secret' }), 'base64url').toString()).not.toContain('secret');
  });

  test.each(['', 'x', 'A'.repeat(38), 'A'.repeat(5000), '%%%'])('%j is none', (text) => {
    expect(createSeal(key, 'login').open(text)).toBeNull();
  });

  test('needs a key that cannot be guessed', () => {
    expect(() => createSeal(Buffer.alloc(16), 'login')).toThrow(RangeError);
  });
});

describe('a session', () => {
  test('says who it is until it is over', async () => {
    let nowMs = 1000;
    const sessions = await createSessions(keeper(), () => nowMs, 60);
    const cookie = sessions.begin(alice);
    expect(await sessions.read(cookie)).toMatchObject({
      kind: 'person',
      name: 'Alice',
      role: 'responder',
      actor: 'Alice (oidc alice)',
      expiresMs: 61_000,
    });
    nowMs = 60_999;
    expect(await sessions.read(cookie)).not.toBeNull();
    nowMs = 61_000;
    expect(await sessions.read(cookie)).toBeNull();
  });

  test('that was ended is none, and others go on', async () => {
    const sessions = await createSessions(keeper(), () => 0, 60);
    const one = sessions.begin(alice);
    const two = sessions.begin(alice);
    const principal = await sessions.read(one);
    await sessions.end(principal?.sessionId ?? '', principal?.expiresMs ?? 0);
    expect(await sessions.read(one)).toBeNull();
    expect(await sessions.read(two)).not.toBeNull();
  });

  test('is not anything else that the server sealed', async () => {
    const sessions = await createSessions(keeper(), () => 0, 60);
    expect(await sessions.read(createSeal(key, 'session').seal({ id: 'x' }))).toBeNull();
  });
});
