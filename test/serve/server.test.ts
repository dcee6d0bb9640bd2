// The server on a real socket: live events, how it ends, and what does not come as far as the app.

import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createLog } from '../../src/serve/operations/log.ts';
import { isProtected, startServer, type RunningServer } from '../../src/serve/start-server.ts';
import type { AppOptions } from '../../src/serve/create-app.ts';
import { openServed, type Served } from '../support/served.ts';
import { aNotice, aSignal } from '../store/samples.ts';

type Running = Served & { readonly server: RunningServer; stop(): Promise<void> };

async function start(more: Partial<Omit<AppOptions, 'access'>> = {}): Promise<Running> {
  const served = await openServed(more);
  const ending = new AbortController();
  const server = await startServer(
    served.app,
    {
      host: '127.0.0.1',
      port: 0,
      isProtected: true,
      drainSeconds: 1,
      onDrain: () => served.options.feed.close(),
    },
    ending.signal,
  );
  const stop = async (): Promise<void> => {
    ending.abort();
    await server.ended;
  };
  onTestFinished(stop);
  return { ...served, server, stop };
}

type Stream = {
  readonly status: number;
  /** The text that has come, once it holds this. */
  until(part: string): Promise<string>;
  /** All that came, once it has ended. */
  ended(): Promise<string>;
  close(): Promise<void>;
};

async function openStream(
  { server, tokens }: Running,
  headers: Readonly<Record<string, string>> = {},
  token = tokens.viewer,
): Promise<Stream> {
  const ending = new AbortController();
  onTestFinished(() => ending.abort());
  const answer = await fetch(`${server.url}/api/v1/events`, {
    headers: { authorization: `Bearer ${token}`, ...headers },
    signal: ending.signal,
  });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const read = async (): Promise<boolean> => {
    const { done = true, value = '' } = (await reader?.read()) ?? {};
    text += value;
    return !done;
  };
  return {
    status: answer.status,
    async until(part) {
      while (!text.includes(part)) if (!(await read())) throw new Error(`ended after ${text}`);
      return text;
    },
    async ended() {
      while (await read());
      return text;
    },
    async close() {
      await reader?.cancel();
      ending.abort();
    },
  };
}

describe('live events', () => {
  test('come when something happens, each with an id to go on from', async () => {
    const running = await start();
    const stream = await openStream(running);
    await stream.until(': hello');
    running.options.feed.publishNotices([aNotice('key', aSignal('one', 10), 10)]);
    await running.request('POST', '/api/v1/signals/one/notes', {
      token: running.tokens.responder,
      json: { text: 'seen\nby me' },
    });
    const text = await stream.until('seen');
    expect(text).toMatch(/^id: [\da-f]+-1\nevent: signal\ndata: \{"change":"opened","signal":\{/m);
    const id = /^id: (.+)\nevent: signal$/m.exec(text)?.[1] ?? '';
    await stream.close();
    const second = await openStream(running, { 'last-event-id': id });
    const rest = await second.until('event: note');
    expect(rest).not.toContain('event: signal');
  });

  test('are refused to whoever has too many of them', async () => {
    const streams = { most: 3, mostOfOne: 2, heartbeatSeconds: 1, lifeSeconds: 60 };
    const running = await start({ streams });
    const first = await openStream(running);
    await openStream(running);
    expect((await openStream(running)).status).toBe(503);
    expect((await openStream(running, {}, running.tokens.admin)).status).toBe(200);
    expect((await openStream(running, {}, running.tokens.responder)).status).toBe(503);
    await first.close();
    await expect.poll(async () => (await openStream(running)).status, { timeout: 5000 }).toBe(200);
  });

  test('end when the token is revoked', async () => {
    const streams = { most: 9, mostOfOne: 9, heartbeatSeconds: 0.05, lifeSeconds: 60 };
    const running = await start({ streams });
    const { token, id } = await running.addToken('viewer');
    const stream = await openStream(running, {}, token);
    await stream.until(': alive');
    await running.store.tokens.revoke(id, { actor: 'test', from: null });
    expect(await stream.ended()).toContain(': hello');
  });

  test('end after their time, for a browser to come back', async () => {
    const streams = { most: 9, mostOfOne: 9, heartbeatSeconds: 1, lifeSeconds: 0.1 };
    const stream = await openStream(await start({ streams }));
    expect(await stream.ended()).toMatch(/^retry: 3000\n/);
  });

  test('cost nothing after whoever listened has gone', async () => {
    const running = await start();
    const stream = await openStream(running);
    await stream.until(': hello');
    expect(running.options.feed.subscribers()).toBe(1);
    await stream.close();
    await expect.poll(() => running.options.feed.subscribers(), { timeout: 5000 }).toBe(0);
  });
});

describe('the end', () => {
  test('lets what is being answered come to its end, and ends what lasts', async () => {
    let answerNow: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => {
      answerNow = resolve;
    });
    const running = await start({ checks: [{ name: 'slow', check: () => waiting }] });
    const stream = await openStream(running);
    await stream.until(': hello');
    const slow = fetch(`${running.server.url}/readyz`);
    await sleep(50);
    const stopped = running.stop();
    expect(await stream.ended()).toContain(': hello');
    answerNow();
    expect((await slow).status).toBe(200);
    await stopped;
    await expect(fetch(`${running.server.url}/healthz`)).rejects.toThrow('fetch failed');
  });

  test('comes in time, whatever is being answered', async () => {
    const running = await start({
      checks: [{ name: 'never', check: () => new Promise(() => undefined) }],
    });
    const { hostname, port } = new URL(running.server.url);
    const socket = connect(Number(port), hostname);
    socket.write('POST /api/v1/signals/one/notes HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n');
    socket.on('error', () => undefined);
    await sleep(50);
    const startMs = performance.now();
    await running.stop();
    expect(performance.now() - startMs).toBeLessThan(5000);
  });
});

describe('an address that others reach', () => {
  test('is not listened on while anybody could use the server', async () => {
    const { app } = await openServed();
    for (const host of ['0.0.0.0', '::', '192.0.2.1']) {
      await expect(
        startServer(app, { host, port: 0, isProtected: false }, new AbortController().signal),
      ).rejects.toMatchObject({ code: 'serve/not-protected' });
    }
  });

  test('is listened on with a token that is good', async () => {
    const { store, options, time } = await openServed();
    const clock = (): number => time.ms;
    expect(await isProtected(options.access, store.tokens, clock)).toBe(true);
    expect(await isProtected({ ...options.access, open: 'viewer' }, store.tokens, clock)).toBe(
      false,
    );
    for (const { id } of await store.tokens.list()) {
      await store.tokens.revoke(id, { actor: 'test', from: null });
    }
    expect(await isProtected(options.access, store.tokens, clock)).toBe(false);
  });
});

test('a port that is taken is said to be', async () => {
  const { app, server } = await start();
  await expect(
    startServer(
      app,
      { host: '127.0.0.1', port: server.port, isProtected: true },
      new AbortController().signal,
    ),
  ).rejects.toMatchObject({ code: 'serve/cannot-listen', place: `127.0.0.1:${server.port}` });
});

test.each([
  ['no HTTP', 'hello\r\n\r\n', 400],
  [
    'headers that are too large',
    `GET / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`,
    431,
  ],
  [
    'two lengths',
    'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
    400,
  ],
])('%s is answered with a problem', async (_, text, status) => {
  const { server } = await start();
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.write(text);
  let answer = '';
  for await (const piece of socket.setEncoding('utf8')) answer += String(piece);
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(answer).toContain('application/problem+json');
});

test('what is counted can be read by Prometheus', async () => {
  const running = await start();
  const { metrics } = running.options;
  metrics.committed({
    deliveries: [
      { source: 'queue', receivedMs: 1000 },
      { source: 'queue', receivedMs: 1500 },
    ],
    totals: [
      {
        records: 4,
        irrelevantRecords: 2,
        changeRecords: 1,
        undeterminedRecords: 0,
        rejectedRecords: 1,
      },
    ],
    newChanges: 1,
    notices: [{ kind: 'opened' }],
    committedMs: 1600,
  });
  metrics.delivery('queue', 'given_back');
  const answer = await fetch(`${running.server.url}/metrics`, {
    headers: { authorization: `Bearer ${running.tokens.viewer}` },
  });
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain;/);
  const text = await answer.text();
  for (const line of [
    'portcullis_deliveries_total{source="queue",fate="committed"} 2',
    'portcullis_deliveries_total{source="queue",fate="given_back"} 1',
    'portcullis_records_total{tally="irrelevant"} 2',
    'portcullis_records_total{tally="rejected"} 1',
    'portcullis_changes_total 1',
    'portcullis_notices_total{kind="opened"} 1',
    'portcullis_detection_latency_seconds_bucket{le="0.1",source="queue"} 1',
    'portcullis_detection_latency_seconds_sum{source="queue"} 0.7',
    'portcullis_source_lag_seconds{source="queue"} 3',
    'portcullis_outbox_entries{channel="chat",state="refused"} 1',
    'portcullis_event_streams 0',
  ]) {
    expect(text).toContain(`${line}\n`);
  }
});

test('the log takes out what may be a secret, wherever it comes along', () => {
  const lines: string[] = [];
  const log = createLog({ destination: { write: (line) => void lines.push(line) } });
  log.info({
    authorization: 'Bearer s1',
    request: { headers: { cookie: 's2' } },
    oidc: { clientSecret: 's3' },
  });
  expect(lines.join('')).not.toMatch(/s[123]/);
});
