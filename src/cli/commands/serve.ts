// `portcullis serve`: the watch, and an HTTP API over what it keeps, until it is stopped.

import { once } from 'node:events';
import type { Command } from 'commander';
import type { AppEvent, Notifier } from '../../app.ts';
import type { Config } from '../../config/config-schema.ts';
import type { Notice } from '../../model/stored.ts';
import type { DispatchEvent } from '../../notify/dispatcher.ts';
import type { Access } from '../../serve/access/authenticate.ts';
import type { EventFeed } from '../../serve/events/event-feed.ts';
import type { createLog } from '../../serve/operations/log.ts';
import type { Metrics } from '../../serve/operations/metrics.ts';
import type { OpenStore } from '../../store/open-store.ts';
import { stopOnSignals } from '../stop-on-signals.ts';
import { version } from '../version.ts';

type ServeFlags = {
  readonly config?: string;
  readonly store?: string;
  readonly listen?: string;
  readonly port?: string;
  readonly demo: boolean;
};

const examples = `
Examples:
  $ portcullis serve --demo                         the example estate, replayed; nothing is kept
  $ portcullis tokens create --name laptop --role responder
  $ portcullis serve --config portcullis.yaml
  $ curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8443/api/v1/signals

It listens on this machine alone unless the configuration says otherwise, and refuses to be
reachable from elsewhere without a token or a login. Ctrl-C or SIGTERM ends it: what is in
hand is committed, and what is being answered is answered.

Exit code: 0 when it was stopped, 2 when it could not go on.`;

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .summary('watch, with an HTTP API')
    .description(
      'Watches the configured sources, tells the configured channels, and serves an HTTP API over\n' +
        'what it keeps: signals, exposures, triage, suppressions, live events, metrics.',
    )
    .option('--config <file>', 'the configuration; else PORTCULLIS_CONFIG, portcullis.yaml')
    .option('--store <address>', 'where to keep it: a path, or postgres://USER@HOST/DATABASE')
    .option('--listen <address>', 'the address to listen on; 127.0.0.1 by default')
    .option('--port <n>', 'the port to listen on; 8443 by default, 0 for any')
    .option('--demo', 'replay the example estate into a store in memory, without tokens', false)
    .addHelpText('after', examples)
    .action(async (flags: ServeFlags) => {
      process.exitCode = await runServe(flags);
    });
}

async function runServe(flags: ServeFlags): Promise<number> {
  const config = await readServeConfig(flags);
  const { App, createNotifier, loadFindables } = await import('../../app.ts');
  const { openStore } = await import('../../store/open-store.ts');
  const { createEventFeed } = await import('../../serve/events/event-feed.ts');
  const { createMetrics } = await import('../../serve/operations/metrics.ts');
  const logging = await import('../../serve/operations/log.ts');
  const { startServer, isProtected } = await import('../../serve/start-server.ts');
  const { createApp } = await import('../../serve/create-app.ts');
  const log = logging.createLog();
  const findables = await loadFindables(config);
  const stop = stopOnSignals();
  const store = await openStore(config.store.address);
  try {
    const feed = createEventFeed();
    const metrics = createMetrics();
    const notifier = createNotifier({ config, store, rules: findables.rules, version });
    const app = await App.create({
      config,
      store,
      ...findables,
      channelsFor: notifier.channelsFor,
      onEvent: (event) => {
        count(event, metrics);
        logEvent(event, log);
        publish(event, feed, notifier);
      },
      ...(flags.demo ? { sources: [await demoSource()] } : {}),
    });
    const access = await accessOf(config, store, flags.demo);
    const api = createApp({
      desk: store,
      rules: findables.rules,
      notRun: app.plan.notRun,
      sources: app.sources.map((source) => ({
        name: source.name,
        kind: config.sources.find(({ name }) => name === source.name)?.kind ?? 'demo',
        lagSeconds: () => source.lagSeconds(),
      })),
      access,
      feed,
      metrics,
      log,
      clock: Date.now,
      version,
      checks: [{ name: 'store', check: () => store.checkpoints.load('ready') }],
      rateLimits: config.serve.rateLimits,
      trustedProxies: config.serve.trustedProxies,
      channelsFor: notifier.channelsFor,
      onTriage: () => notifier.wake(),
      ...(config.serve.publicUrl === undefined ? {} : { publicUrl: config.serve.publicUrl }),
      onSuppressionsChange: () => {
        app.readSuppressions().catch((error: unknown) => {
          log.error({ err: error }, 'suppressions were not read');
        });
      },
    });
    const ended = new AbortController();
    const server = await startServer(
      api,
      {
        host: config.serve.listen,
        port: config.serve.port,
        isProtected: await isProtected(access, store.tokens, Date.now),
        onDrain: () => {
          feed.close();
        },
      },
      AbortSignal.any([stop, ended.signal]),
    );
    log.info({ url: server.url, sources: app.sources.map(({ name }) => name) }, 'listening');
    try {
      const watching = app.runWith(notifier, stop, (event) => {
        countSent(event, metrics);
        logSending(event, log);
      });
      // Sources may end, as the demo's does; what they brought is served on.
      await watching;
      if (!stop.aborted) await once(stop, 'abort');
    } finally {
      ended.abort();
      await server.ended;
    }
    log.info('stopped');
  } finally {
    await store.close();
  }
  return 0;
}

async function readServeConfig(flags: ServeFlags): Promise<Config> {
  const { flagSettings, loadConfig } = await import('../../config/load-config.ts');
  const port = flags.port === undefined ? undefined : Number(flags.port);
  return loadConfig({
    ...(flags.config === undefined ? {} : { file: flags.config }),
    flags: flagSettings([
      { flag: '--store', path: ['store', 'address'], value: flags.demo ? ':memory:' : flags.store },
      { flag: '--listen', path: ['serve', 'listen'], value: flags.listen },
      { flag: '--port', path: ['serve', 'port'], value: port },
    ]),
  });
}

async function accessOf(config: Config, store: OpenStore, isDemo: boolean): Promise<Access> {
  const { revealSection } = await import('../../config/secrets.ts');
  const { oidc } = await revealSection(config, 'serve');
  if (isDemo || oidc === undefined) {
    // A demo holds nothing that is anybody's, and is reachable from this machine alone.
    return { tokens: store.tokens, login: null, open: isDemo ? 'admin' : null };
  }
  const { createOidcLogin } = await import('../../serve/access/oidc-login.ts');
  const { createSessions, storedSessions } = await import('../../serve/access/sessions.ts');
  const keeper = storedSessions(store, Date.now);
  return {
    tokens: store.tokens,
    login: {
      oidc: createOidcLogin(oidc, await keeper.key(), Date.now),
      sessions: await createSessions(keeper, Date.now, oidc.sessionHours * 3600),
    },
    open: null,
  };
}

async function demoSource() {
  const { createReplaySource } = await import('../../source/replay-source.ts');
  const { exampleEstate } = await import('../example-estate.ts');
  return createReplaySource({
    name: 'example-estate',
    folder: exampleEstate(),
    durationMs: 20_000,
  });
}

function publish(event: AppEvent, feed: EventFeed, notifier: Notifier): void {
  if (!('notices' in event) || event.notices.length === 0) return;
  feed.publishNotices(event.notices);
  notifier.wake();
}

function count(event: AppEvent, metrics: Metrics): void {
  switch (event.kind) {
    case 'committed':
      metrics.committed({
        ...event,
        totals: event.totals.map((totals) => ({
          ...totals,
          records: totals.candidateRecords + totals.skippedRecords,
        })),
      });
      break;
    case 'problem':
      metrics.problem(event.source, event.problem.code);
      break;
    case 'put-aside':
      metrics.delivery(event.letter.source, 'put_aside');
      break;
    case 'given-back':
      metrics.delivery(event.source, 'given_back');
      break;
    case 'commit-failed':
      metrics.commitFailed();
      break;
    case 'source-fault':
    case 'settled':
    case 'surveyed':
    case 'upkeep-failed':
      break;
    default:
      event satisfies never;
  }
}

type Log = ReturnType<typeof createLog>;

function logEvent(event: AppEvent, log: Log): void {
  switch (event.kind) {
    case 'surveyed': {
      const { groups, changes, problems } = event;
      log.info({ groups, changes, problems: problems.length }, 'looked around');
      for (const { message, ...problem } of problems)
        log.warn({ ...problem, problem: message }, 'problem');
      logNotices(event.notices, log);
      break;
    }
    case 'committed':
    case 'settled':
      logNotices(event.notices, log);
      break;
    case 'problem':
      log.warn(
        { source: event.source, ...event.problem, problem: event.problem.message },
        'problem',
      );
      break;
    case 'put-aside': {
      const { source, messageId, reason, attempts } = event.letter;
      log.warn({ source, messageId, reason, attempts }, 'put aside');
      break;
    }
    case 'given-back':
      log.info({ source: event.source, delivery: event.delivery }, 'given back');
      break;
    case 'commit-failed':
      log.error({ err: event.error, retryInMs: event.retryInMs }, 'the store could not take it');
      break;
    case 'source-fault':
      log.error({ source: event.source, err: event.fault }, 'the source failed');
      break;
    case 'upkeep-failed':
      log.error({ err: event.error }, 'upkeep failed');
      break;
    default:
      event satisfies never;
  }
}

function logNotices(notices: readonly Notice[], log: Log): void {
  for (const { kind, key, signal } of notices) {
    const { id, ruleId, severity, accountId, region, groupId } = signal;
    log.info({ kind, key, id, ruleId, severity, accountId, region, groupId }, 'told');
  }
}

function countSent(event: DispatchEvent, metrics: Metrics): void {
  if (event.kind === 'held' || event.kind === 'outbox-error') return;
  const outcome = event.kind === 'failed' ? 'retry' : event.kind;
  for (const _ of event.keys) metrics.sent(event.channel, outcome);
}

function logSending(event: DispatchEvent, log: Log): void {
  switch (event.kind) {
    case 'sent':
    case 'held':
      log.debug(event, event.kind);
      break;
    case 'failed':
    case 'refused':
      log.warn(event, event.kind);
      break;
    case 'outbox-error':
      log.error({ channel: event.channel, err: event.error }, 'the outbox');
      break;
    default:
      event satisfies never;
  }
}
