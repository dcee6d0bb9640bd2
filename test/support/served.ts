// A server without a socket, over a store in memory with something of everything in it: requests are
// function calls, and time stands still until a test moves it.

import { onTestFinished } from 'vitest';
import type { Access } from '../../src/serve/access/authenticate.ts';
import { newApiToken } from '../../src/serve/access/api-token.ts';
import { createApp, type AppOptions } from '../../src/serve/create-app.ts';
import { createEventFeed } from '../../src/serve/events/event-feed.ts';
import { createLog } from '../../src/serve/operations/log.ts';
import { createMetrics } from '../../src/serve/operations/metrics.ts';
import type { Api } from '../../src/serve/answers/api.ts';
import type { Role } from '../../src/model/desk.ts';
import { builtInRulesDirectory, loadRules } from '../../src/rules/load-rules.ts';
import { openStore, type OpenStore } from '../../src/store/open-store.ts';
import { aFinding, aNotice, anUndetermined, aSignal, at } from '../store/samples.ts';

export const alertRule = 'aws-sg-admin-port-open-to-world';

export type Served = {
  readonly app: Api;
  readonly store: OpenStore;
  readonly options: AppOptions;
  /** Good tokens, one for each role. */
  readonly tokens: Readonly<Record<Role, string>>;
  /** What was logged, a line each. */
  readonly logged: readonly string[];
  /** What the clock says. */
  readonly time: { ms: number };
  readonly request: (method: string, path: string, more?: RequestMore) => Promise<Response>;
  readonly addToken: (
    role: Role,
    more?: { readonly scopes?: readonly string[]; readonly expiresMs?: number },
  ) => Promise<{ readonly token: string; readonly id: string }>;
};

export type RequestMore = {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly body?: string;
  readonly address?: string;
};

export async function openServed(
  more: Partial<Omit<AppOptions, 'access'>> & { readonly access?: Partial<Access> } = {},
): Promise<Served> {
  const time = { ms: at(1000) };
  const clock = (): number => time.ms;
  const store = await openStore(':memory:', { clock });
  await fill(store);
  const { access, ...others } = more;
  const logged: string[] = [];
  const options: AppOptions = {
    desk: store,
    rules: await loadRules([builtInRulesDirectory()]),
    sources: [{ name: 'queue', kind: 'sqs', lagSeconds: () => 3 }],
    feed: createEventFeed(),
    metrics: createMetrics(),
    log: createLog({ destination: { write: (line) => void logged.push(line) } }),
    clock,
    version: '1.2.3',
    checks: [{ name: 'store', check: () => store.checkpoints.load('ready') }],
    rateLimits: { requestsPerMinute: 100_000, loginsPerMinute: 100_000 },
    ...others,
    access: { tokens: store.tokens, login: null, open: null, ...access },
  };
  const app = createApp(options);

  async function addToken(
    role: Role,
    { scopes = [], expiresMs }: { scopes?: readonly string[]; expiresMs?: number } = {},
  ): Promise<{ token: string; id: string }> {
    const { token, hash } = newApiToken();
    const kept = await store.tokens.add(
      { name: `a ${role}`, role, scopes, expiresMs: expiresMs ?? null },
      hash,
      { actor: 'test', from: null },
    );
    return { token, id: kept.id };
  }

  const served: Served = {
    app,
    store,
    options,
    logged,
    time,
    tokens: { viewer: '', responder: '', admin: '' },
    addToken,
    async request(method, path, { token, headers, json, body, address = '203.0.113.9' } = {}) {
      const sent = json === undefined ? body : JSON.stringify(json);
      return app.request(
        path,
        {
          method,
          headers: {
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            ...(json === undefined ? {} : { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(sent === undefined ? {} : { body: sent }),
        },
        { incoming: { socket: { remoteAddress: address } } },
      );
    },
  };
  const tokens = {
    viewer: (await addToken('viewer')).token,
    responder: (await addToken('responder')).token,
    admin: (await addToken('admin')).token,
  };
  Object.assign(served, { tokens });
  onTestFinished(async () => {
    options.feed.close();
    await store.close();
  });
  return served;
}

/** Signals `one` (open), `two` (closed, by another rule) and the hidden `three`, with what goes with them. */
async function fill(store: OpenStore): Promise<void> {
  await store.transaction(async (tx) => {
    await tx.putSignals([
      aSignal('one', 10),
      aSignal('two', 20, {
        status: 'closed',
        severity: 'low',
        groupId: 'sg-2',
        groupName: 'a <b>group</b>\u202e',
        closedAt: '2026-03-01T08:01:00Z',
        durationSeconds: 40,
      }),
      aSignal('three', 30, {}, { suppressedBy: [{ id: 'known', reason: 'on purpose' }] }),
    ]);
    await tx.putFindings([
      aFinding('exposure of one', 10, null, { signalId: 'one' }),
      aFinding('exposure of two', 20, 60, { signalId: 'two' }),
      aFinding('exposure of three', 30, null, { signalId: 'three', isHidden: true }),
    ]);
    await tx.putUndetermined([anUndetermined('unclear', 40)]);
    await tx.putOutbox([{ channel: 'chat', notice: aNotice('told', aSignal('one', 10), 10) }]);
  });
  const claimed = await store.outbox.claim('chat', { limit: 1, leaseSeconds: 60 });
  await store.outbox.markRefused(
    claimed.map(({ receipt }) => ({ receipt, reason: 'no such hook' })),
  );
  await store.deadLetters.put({
    source: 'queue',
    messageId: 'message-1',
    body: '<script>alert(1)</script>',
    reason: 'input/not-cloudtrail: no records',
    receivedMs: at(50),
    attempts: 5,
  });
  await store.suppressions.add(
    { ruleId: null, query: '@groupId:sg-9', reason: 'known', startMs: null, endMs: null },
    { actor: 'test', from: null },
  );
}
