// One suite for every channel that speaks HTTP, against real servers on this machine that answer well,
// badly, or not at all.

import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Notice } from '../../src/model/stored.ts';
import type { Channel } from '../../src/notify/channel.ts';
import { channelConfig, createChannel } from '../../src/notify/notifications.ts';
import { sendTest } from '../../src/notify/send-test.ts';
import type { Surroundings } from '../../src/notify/surroundings.ts';
import type { SendOutcome } from '../../src/ports.ts';
import { aNotice, kinds, noticeOf, noticedMs, someSurroundings } from '../support/notices.ts';
import {
  type Answer,
  type Received,
  type Receiver,
  startReceiver,
  status,
} from '../support/receiver.ts';

const key = 'R0UTINGKEYOFTHEINTEGRATION';
const path = '/services/T0SECRET/B0SECRET/verysecretpartofthehook';

type Kind = {
  readonly type: string;
  /** The configuration, but for name and type. */
  config(url: string): object;
  /** Secrets that must never show. */
  readonly secrets: readonly string[];
  /** The key of a notice, where the channel has a place for it. */
  keyIn: ((request: Received) => unknown) | null;
};

const json = (request: Received): unknown => JSON.parse(request.body);
const at =
  (...names: readonly string[]) =>
  (request: Received): unknown =>
    names.reduce<unknown>(
      (value, name) => z.record(z.string(), z.unknown()).parse(value)[name],
      json(request),
    );

const channels: readonly Kind[] = [
  {
    type: 'slack',
    config: (url) => ({ url: `${url}${path}` }),
    secrets: ['verysecretpartofthehook'],
    keyIn: null,
  },
  {
    type: 'teams',
    config: (url) => ({ url: `${url}/workflows?sig=verysecretsignature` }),
    secrets: ['verysecretsignature'],
    keyIn: null,
  },
  {
    type: 'pagerduty',
    config: (url) => ({ url: `${url}/v2/enqueue`, routingKey: key }),
    secrets: [key],
    keyIn: at('payload', 'custom_details', 'Idempotency key'),
  },
  {
    type: 'webhook',
    config: (url) => ({ url: `${url}${path}`, secret: 'a secret of both sides' }),
    secrets: ['a secret of both sides', 'verysecretpartofthehook'],
    keyIn: ({ headers }) => headers['portcullis-idempotency-key'],
  },
  {
    type: 'ocsf-webhook',
    config: (url) => ({ url: `${url}${path}`, token: 'verysecrettoken' }),
    secrets: ['verysecrettoken', 'verysecretpartofthehook'],
    keyIn: at('metadata', 'uid'),
  },
];

const started: Receiver[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((each) => each.stop()));
});

async function receiver(
  answerTo?: (request: Received, number: number) => Answer,
): Promise<Receiver> {
  const one = await startReceiver(answerTo);
  started.push(one);
  return one;
}

function channelOf(kind: Kind, url: string, given: Partial<Surroundings> = {}): Channel {
  const config = channelConfig.parse({ name: 'it', type: kind.type, ...kind.config(url) });
  return createChannel(config, someSurroundings(given));
}

async function send(channel: Channel, ...notices: readonly Notice[]): Promise<SendOutcome> {
  const outcomes = await channel.send(notices, new AbortController().signal);
  expect(outcomes).toHaveLength(notices.length);
  return outcomes[0] ?? { kind: 'refused', reason: 'nothing was sent' };
}

describe.each(channels)('$type', (kind) => {
  test('posts JSON, once, with its key where there is a place for it', async () => {
    const { url, received } = await receiver();
    expect(await send(channelOf(kind, url), aNotice())).toEqual({ kind: 'sent' });
    expect(received).toHaveLength(1);
    const [request] = received;
    expect(request?.method).toBe('POST');
    expect(request?.headers['content-type']).toBe('application/json');
    expect(request?.headers['user-agent']).toBe('Portcullis/1.0.0');
    if (kind.keyIn !== null && request !== undefined) {
      expect(kind.keyIn(request)).toBe(aNotice().key);
    }
  });

  test.each(kinds)('sends what is %s', async (noticeKind) => {
    const { url, received } = await receiver();
    expect(await send(channelOf(kind, url), noticeOf(noticeKind))).toEqual({ kind: 'sent' });
    expect(received).toHaveLength(1);
  });

  test('says the same again when it sends again', async () => {
    const { url, received } = await receiver();
    await send(channelOf(kind, url), aNotice());
    await send(channelOf(kind, url), aNotice());
    expect(received[1]?.body).toBe(received[0]?.body);
  });

  test.each([500, 502, 503, 408, 425])('is to be tried again after %d', async (code) => {
    const { url } = await receiver(() => status(code, {}, 'not now'));
    expect(await send(channelOf(kind, url), aNotice())).toEqual({
      kind: 'retry',
      reason: `HTTP ${code}: not now`,
      afterSeconds: null,
    });
  });

  test('heeds how long a receiver asks to wait, within an hour', async () => {
    const waits = ['7', new Date(Date.now() + 30_000).toUTCString(), '999999', 'soon'];
    const { url } = await receiver((_, number) =>
      status(429, { 'retry-after': waits[number - 1] ?? '' }),
    );
    const channel = channelOf(kind, url);
    expect(await send(channel, aNotice())).toMatchObject({ kind: 'retry', afterSeconds: 7 });
    const byDate = await send(channel, aNotice());
    expect(byDate.kind === 'retry' ? byDate.afterSeconds : null).toBeOneOf([28, 29, 30]);
    expect(await send(channel, aNotice())).toMatchObject({ kind: 'retry', afterSeconds: 3600 });
    expect(await send(channel, aNotice())).toMatchObject({ kind: 'retry', afterSeconds: null });
  });

  test.each([400, 401, 403, 404, 410, 413])('is refused for good by %d', async (code) => {
    const { url } = await receiver(() => status(code, {}, 'never'));
    expect(await send(channelOf(kind, url), aNotice())).toEqual({
      kind: 'refused',
      reason: `HTTP ${code}: never`,
    });
  });

  test.each([301, 302, 307, 308])('does not follow a redirect (%d)', async (code) => {
    const elsewhere = await receiver();
    const { url } = await receiver(() => status(code, { location: elsewhere.url }));
    const outcome = await send(channelOf(kind, url), aNotice());
    expect(outcome.kind).toBe('refused');
    expect(elsewhere.received).toEqual([]);
  });

  test.each([
    ['never answers', { kind: 'hang' }],
    ['never ends its answer', { kind: 'stall', status: 500 }],
  ] as const)('gives up on a receiver that %s', async (_, answer) => {
    const { url } = await receiver(() => answer);
    const outcome = await send(channelOf(kind, url, { timeoutMs: 300 }), aNotice());
    expect(outcome).toEqual({
      kind: 'retry',
      reason: 'no answer within 1 seconds',
      afterSeconds: null,
    });
  });

  test('is not held up by a receiver that accepts and never ends its answer', async () => {
    const { url } = await receiver(() => ({ kind: 'stall', status: 200 }));
    expect(await send(channelOf(kind, url), aNotice())).toEqual({ kind: 'sent' });
  });

  test('reads no more of an answer than it needs', async () => {
    const flood = await receiver(() => ({ kind: 'flood', status: 500 }));
    const outcome = await send(channelOf(kind, flood.url), aNotice());
    expect(outcome).toMatchObject({ kind: 'retry' });
    expect(outcome.kind === 'retry' ? outcome.reason.length : 0).toBeLessThan(250);
    await pause(100);
    const soFar = flood.floodedBytes();
    await pause(100);
    expect(flood.floodedBytes()).toBe(soFar);
  });

  test('is to be tried again where the connection breaks, or there is none', async () => {
    const { url } = await receiver(() => ({ kind: 'disconnect' }));
    expect(await send(channelOf(kind, url), aNotice())).toMatchObject({ kind: 'retry' });
    const gone = await startReceiver();
    await gone.stop();
    expect(await send(channelOf(kind, gone.url), aNotice())).toEqual({
      kind: 'retry',
      reason: 'no connection (ECONNREFUSED)',
      afterSeconds: null,
    });
  });

  test('ends soon after it is told to', async () => {
    const { url } = await receiver(() => ({ kind: 'hang' }));
    const sending = channelOf(kind, url).send([aNotice()], AbortSignal.timeout(100));
    expect(await sending).toMatchObject([{ kind: 'retry' }]);
  });

  test('never shows a secret, also where the receiver says it', async () => {
    const { url } = await receiver(({ body, path: asked, headers }) =>
      status(
        400,
        {},
        `${kind.secrets.join(' ')} ${asked} ${String(headers['authorization'])} ${body.slice(0, 60)}`,
      ),
    );
    const outcome = await send(channelOf(kind, url), aNotice());
    expect(outcome.kind).toBe('refused');
    for (const secret of kind.secrets) expect(JSON.stringify(outcome)).not.toContain(secret);
  });

  test('takes no address that is not encrypted, and does not show it', () => {
    const make = (): Channel => channelOf(kind, 'http://198.51.100.7');
    expect(make).toThrow(/not encrypted/);
    for (const secret of kind.secrets) expect(make).not.toThrow(new RegExp(secret));
    expect(() => channelOf(kind, 'https://198.51.100.7')).not.toThrow();
  });

  test.each(['file:///etc', 'nothing', 'http://127.0.0.1.evil.example'])(
    'takes no %s for an address',
    (address) => {
      expect(() => channelOf(kind, address)).toThrow(/notifications|web address|not encrypted/);
    },
  );

  test('has a test message, which opens and closes', async () => {
    const { url, received } = await receiver();
    const outcome = await sendTest(
      channelOf(kind, url),
      () => noticedMs,
      new AbortController().signal,
    );
    expect(outcome).toEqual({ kind: 'sent' });
    expect(received).toHaveLength(2);
  });

  test('has a test message that says why it did not arrive', async () => {
    const { url } = await receiver(() => status(404, {}, 'no_service'));
    const outcome = await sendTest(
      channelOf(kind, url),
      () => noticedMs,
      new AbortController().signal,
    );
    expect(outcome).toEqual({ kind: 'refused', reason: 'HTTP 404: no_service' });
  });
});

describe.each(channels.filter(({ type }) => type === 'slack' || type === 'teams'))(
  '$type, of several notices',
  (kind) => {
    test('makes one message', async () => {
      const { url, received } = await receiver();
      const notices = [noticeOf('opened', 1), noticeOf('closed', 2), noticeOf('withdrawn', 3)];
      expect(await send(channelOf(kind, url), ...notices)).toEqual({ kind: 'sent' });
      expect(received).toHaveLength(1);
      for (const { signal } of notices) expect(received[0]?.body).toContain(signal.title);
    });
  },
);

const event = z.object({
  event_action: z.string(),
  dedup_key: z.string(),
  payload: z.object({ severity: z.string(), summary: z.string() }).optional(),
});

describe('PagerDuty', () => {
  const pagerduty = channels.find(({ type }) => type === 'pagerduty');

  async function events(notice: Notice): Promise<readonly z.infer<typeof event>[]> {
    const { url, received } = await receiver(() => status(202));
    if (pagerduty === undefined) throw new Error('no such channel');
    expect(await send(channelOf(pagerduty, url), notice)).toEqual({ kind: 'sent' });
    return received.map((request) => event.parse(json(request)));
  }

  test.each([
    ['opened', 'trigger'],
    ['reopened', 'trigger'],
    ['corrected', 'trigger'],
    ['closed', 'resolve'],
    ['withdrawn', 'resolve'],
    ['archived', 'resolve'],
    ['under_review', 'acknowledge'],
  ] as const)('hears of what is %s as %s, of the incident of the signal', async (kind, action) => {
    const notice = noticeOf(kind);
    expect(await events(notice)).toMatchObject([
      { event_action: action, dedup_key: notice.signal.id },
    ]);
  });

  test('resolves a signal that is corrected to closed', async () => {
    const closed = noticeOf('closed');
    const found = await events({ ...closed, kind: 'corrected', correction: 'closed earlier' });
    expect(found).toMatchObject([{ event_action: 'resolve' }]);
  });

  test('resolves the incident of an earlier id before it opens the new one', async () => {
    const found = await events({ ...noticeOf('corrected'), replaces: 'sig-earlier' });
    expect(found).toMatchObject([
      { event_action: 'resolve', dedup_key: 'sig-earlier' },
      { event_action: 'trigger', dedup_key: noticeOf('corrected').signal.id },
    ]);
  });

  test.each([
    ['critical', 'critical'],
    ['high', 'error'],
    ['medium', 'warning'],
    ['low', 'info'],
    ['info', 'info'],
  ] as const)('takes %s for %s', async (severity, expected) => {
    const notice = aNotice();
    const [found] = await events({ ...notice, signal: { ...notice.signal, severity } });
    expect(found?.payload?.severity).toBe(expected);
  });
});
