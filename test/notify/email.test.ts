// Mail, sent to a real mail server on this machine.

import tls from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Notice } from '../../src/model/stored.ts';
import type { Channel } from '../../src/notify/channel.ts';
import { channelConfig, createChannel } from '../../src/notify/notifications.ts';
import type { SendOutcome } from '../../src/ports.ts';
import {
  type MailServer,
  type MailServerOptions,
  makeCertificate,
  type ReceivedMail,
  startMailServer,
} from '../support/mail-server.ts';
import { aNotice, noticeOf, someSurroundings } from '../support/notices.ts';
import { startReceiver } from '../support/receiver.ts';
import { removeFolder, temporaryFolder } from '../support/project-copy.ts';

const started: MailServer[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((each) => each.stop()));
});

async function server(options: MailServerOptions = {}): Promise<MailServer> {
  const one = await startMailServer(options);
  started.push(one);
  return one;
}

function channelTo(port: number, given: object = {}, timeoutMs = 5000): Channel {
  const config = channelConfig.parse({
    name: 'mail',
    type: 'email',
    host: 'localhost',
    port,
    security: 'none',
    from: 'portcullis@example.com',
    to: ['oncall@example.com', 'security@example.com'],
    ...given,
  });
  return createChannel(config, someSurroundings({ timeoutMs }));
}

async function send(channel: Channel, ...notices: readonly Notice[]): Promise<SendOutcome> {
  const outcomes = await channel.send(notices, new AbortController().signal);
  expect(outcomes).toHaveLength(notices.length);
  return outcomes[0] ?? { kind: 'refused', reason: 'nothing was sent' };
}

/** The headers of a mail by name in lower case, unfolded, with all values of each. */
function headersOf({ text }: ReceivedMail): ReadonlyMap<string, readonly string[]> {
  const [head = ''] = text.split('\r\n\r\n', 1);
  const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  const pairs = lines.map((line) => {
    const [name = '', ...rest] = line.split(':');
    return { name: name.toLowerCase(), value: rest.join(':').trim() };
  });
  return new Map(
    [...Map.groupBy(pairs, ({ name }) => name)].map(([name, all]) => [
      name,
      all.map(({ value }) => value),
    ]),
  );
}

const headerNames = [
  'auto-submitted',
  'content-type',
  'date',
  'from',
  'message-id',
  'mime-version',
  'references',
  'subject',
  'to',
  'x-portcullis-idempotency-key',
];

describe('mail', () => {
  test('goes to everybody, in words and as HTML, with the key of the notice', async () => {
    const { port, received } = await server();
    expect(await send(channelTo(port), aNotice())).toEqual({ kind: 'sent' });
    const [mail] = received;
    expect(mail?.from).toBe('portcullis@example.com');
    expect(mail?.to).toEqual(['oncall@example.com', 'security@example.com']);
    expect(mail?.text).toContain('Content-Type: text/plain; charset=utf-8');
    expect(mail?.text).toContain('Content-Type: text/html; charset=utf-8');
    const headers = headersOf(
      mail ?? { from: '', to: [], text: '', isEncrypted: false, user: null },
    );
    expect([...headers.keys()].toSorted()).toEqual(headerNames);
    expect(headers.get('x-portcullis-idempotency-key')).toEqual([aNotice().key]);
  });

  test('that is sent again has the same id, and all mails of a signal are one thread', async () => {
    const { port, received } = await server();
    const channel = channelTo(port);
    for (const kind of ['opened', 'opened', 'closed'] as const) {
      await send(channel, noticeOf(kind));
    }
    const headers = received.map(headersOf);
    const ids = headers.map((each) => each.get('message-id')?.[0]);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
    expect(new Set(headers.map((each) => each.get('references')?.[0])).size).toBe(1);
  });

  test('lists several notices in one', async () => {
    const { port, received } = await server();
    const notices = [noticeOf('opened', 1), noticeOf('closed', 2)];
    expect(await send(channelTo(port), ...notices)).toEqual({ kind: 'sent' });
    expect(received).toHaveLength(1);
  });

  test('makes no header, and no second address, of what an attacker wrote', async () => {
    const { port, received } = await server();
    const notice = aNotice();
    const title = 'SSH\r\nBcc: evil@evil.example\r\n\r\n<script>alert(1)</script>\u2028X-Evil: 1';
    const hostile = {
      ...notice,
      key: 'key\r\nX-Evil: 2',
      signal: { ...notice.signal, title, id: 'id\r\nX-Evil: 3' },
    };
    expect(await send(channelTo(port), hostile)).toEqual({ kind: 'sent' });
    const [mail] = received;
    expect(mail?.to).toEqual(['oncall@example.com', 'security@example.com']);
    expect(mail === undefined ? [] : [...headersOf(mail).keys()].toSorted()).toEqual(headerNames);
  });

  test.each([
    ['from', 450],
    ['to', 451],
    ['data', 452],
  ] as const)('is to be tried again where %s is answered with %d', async (stage, code) => {
    const { port } = await server({
      refuse: (at) => (at === stage ? { code, text: 'busy' } : null),
    });
    const outcome = await send(channelTo(port), aNotice());
    expect(outcome).toMatchObject({ kind: 'retry' });
    expect(outcome.kind === 'retry' ? outcome.reason : '').toContain(`SMTP ${code}`);
  });

  test.each([
    ['from', 550],
    ['to', 550],
    ['data', 554],
  ] as const)('is refused for good where %s is answered with %d', async (stage, code) => {
    const { port } = await server({
      refuse: (at) => (at === stage ? { code, text: 'no' } : null),
    });
    const outcome = await send(channelTo(port), aNotice());
    expect(outcome).toMatchObject({ kind: 'refused' });
  });

  test('gives up on a server that never answers', async () => {
    const { port } = await server({ hangs: true });
    expect(await send(channelTo(port, {}, 500), aNotice())).toMatchObject({
      kind: 'retry',
      reason: 'no answer within 1 seconds',
    });
  });

  test('gives up on a server that speaks something else', async () => {
    const other = await startReceiver();
    const port = Number(new URL(other.url).port);
    expect(await send(channelTo(port, {}, 500), aNotice())).toMatchObject({ kind: 'retry' });
    await other.stop();
  });

  test('is to be tried again where nobody listens', async () => {
    const gone = await startMailServer();
    await gone.stop();
    expect(await send(channelTo(gone.port), aNotice())).toMatchObject({ kind: 'retry' });
  });

  test('ends soon after it is told to', async () => {
    const { port } = await server({ hangs: true });
    const outcomes = await channelTo(port).send([aNotice()], AbortSignal.timeout(200));
    expect(outcomes).toEqual([
      { kind: 'retry', reason: 'sending was interrupted', afterSeconds: null },
    ]);
  });

  test('shows neither user nor password, also where the server says them', async () => {
    const { port } = await server({
      refuse: (stage) =>
        stage === 'auth' ? { code: 535, text: 'not for sesame-user with very-secret' } : null,
    });
    const channel = channelTo(port, { user: 'sesame-user', password: 'very-secret' });
    const outcome = await send(channel, aNotice());
    expect(outcome.kind).toBe('refused');
    expect(JSON.stringify(outcome)).not.toMatch(/sesame-user|very-secret/);
  });

  test('is never sent without encryption to another machine', () => {
    expect(() => channelTo(25, { host: 'mail.example.com' })).toThrow(/not be encrypted/);
    expect(() => channelTo(25, { host: 'mail.example.com', security: 'starttls' })).not.toThrow();
  });

  test('is not sent where encryption is wanted and the server has none', async () => {
    const { port, received } = await server();
    const outcome = await send(channelTo(port, { security: 'starttls' }), aNotice());
    expect(outcome.kind).not.toBe('sent');
    expect(received).toEqual([]);
  });

  test('is not sent to a server whose certificate nobody vouches for', async () => {
    const { port, received } = await server({ hasTls: true });
    const outcome = await send(channelTo(port, { security: 'starttls' }), aNotice());
    expect(outcome).toMatchObject({ kind: 'retry' });
    expect(received).toEqual([]);
  });
});

const folder = temporaryFolder();
const certificate = makeCertificate(folder);
const authorities = tls.getCACertificates('default');

// Node 24 can be told of an authority from 24.5 on.
const canVouch = certificate !== null && 'setDefaultCACertificates' in tls;

describe.skipIf(!canVouch)('with a certificate, which openssl makes', () => {
  beforeAll(() => {
    tls.setDefaultCACertificates([...authorities, certificate?.cert ?? '']);
  });

  afterAll(() => {
    tls.setDefaultCACertificates(authorities);
    removeFolder(folder);
  });

  test.each([
    ['starttls', false],
    ['tls', true],
  ] as const)('mail goes encrypted, by %s, with user and password', async (security, secure) => {
    const { port, received } = await server({ ...certificate, hasTls: true, secure });
    const channel = channelTo(port, { security, user: 'us', password: 'pw' });
    expect(await send(channel, aNotice())).toEqual({ kind: 'sent' });
    expect(received[0]).toMatchObject({ isEncrypted: true, user: 'us' });
  });
});
