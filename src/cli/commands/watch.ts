// `portcullis watch`: runs until it is stopped, tells of every opening and closing as it comes, and
// loses nothing whatever is killed.

import { Option, type Command } from 'commander';
import type { AppEvent } from '../../app.ts';
import type { Config, SourceConfig } from '../../config/config-schema.ts';
import { PortcullisError } from '../../errors/portcullis-error.ts';
import type { Notice } from '../../model/stored.ts';
import type { DispatchEvent } from '../../notify/dispatcher.ts';
import { stripControls } from '../../template/escape.ts';
import { collect, collectWhole } from '../filter-arguments.ts';
import { stopOnSignals } from '../stop-on-signals.ts';
import { readTimeArgument } from '../time-argument.ts';
import { version } from '../version.ts';

type WatchFlags = {
  readonly config?: string;
  readonly store?: string;
  readonly profile?: string;
  readonly endpointUrl?: string;
  readonly region: readonly string[];
  readonly since?: string;
  readonly rules: readonly string[];
  readonly enableRule: readonly string[];
  readonly suppressions: readonly string[];
  readonly format: 'text' | 'ndjson';
  readonly quiet: boolean;
};

const examples = `
Examples:
  $ portcullis watch --profile prod                 CloudTrail's event history, nothing set up
  $ portcullis watch https://sqs.eu-west-1.amazonaws.com/111122223333/cloudtrail
  $ portcullis watch s3://my-trail/AWSLogs --since 1d
  $ portcullis watch ./AWSLogs --store watch.db --format ndjson
  $ portcullis watch --config portcullis.yaml       sources and channels as configured

Ctrl-C or SIGTERM ends it: what is in hand is committed first. Started again with the same
store, it goes on where it was.

Exit code: 0 when it was stopped, 2 when it could not go on.`;

export function addWatchCommand(program: Command): void {
  program
    .command('watch')
    .summary('tell of openings as they happen')
    .description(
      'Reads what CloudTrail delivers as it comes - from SQS, S3, a folder that grows or the event\n' +
        'history - keeps what it finds in a store, and tells of every opening and closing once.',
    )
    .argument('[source...]', 'queue URLs, s3://bucket/prefix or folders; else those configured')
    .option('--config <file>', 'the configuration; else PORTCULLIS_CONFIG, portcullis.yaml')
    .option('--store <address>', 'where to keep it: a path, or postgres://USER@HOST/DATABASE')
    .option('--profile <name>', 'AWS profile')
    .option('--endpoint-url <url>', 'another service that speaks as AWS does')
    .option('--region <name>', 'only this region; may be repeated', collect, [])
    .option('--since <time>', 'begin there, where nothing was read before: a UTC time, or 7d')
    .option('--rules <dir>', 'also look for the rules in this folder; may be repeated', collect, [])
    .option('--enable-rule <id>', 'switch a rule on that is off; may be repeated', collect, [])
    .option('--suppressions <file>', 'do not tell what this file accepts', collectWhole, [])
    .addOption(
      new Option('-f, --format <format>', 'how to print what is told')
        .choices(['text', 'ndjson'])
        .default('text'),
    )
    .option('-q, --quiet', 'no remarks on standard error', false)
    .addHelpText('after', examples)
    .action(async (sources: readonly string[], flags: WatchFlags) => {
      process.exitCode = await runWatch(sources, flags);
    });
}

async function runWatch(given: readonly string[], flags: WatchFlags): Promise<number> {
  const config = await readWatchConfig(given, flags);
  const { App, createNotifier, loadFindables } = await import('../../app.ts');
  const { maskPassword } = await import('../../config/secret-field.ts');
  const { openStore } = await import('../../store/open-store.ts');
  const sinceMs =
    flags.since === undefined
      ? {}
      : { sinceMs: readTimeArgument('--since', flags.since, Date.now(), 'start') };
  const findables = await loadFindables(config);
  const print = await printer(flags.format);
  const say = flags.quiet ? () => undefined : remark;
  const stop = stopOnSignals();
  const store = await openStore(config.store.address);
  try {
    const notifier = createNotifier({ config, store, rules: findables.rules, version });
    const app = await App.create({
      config,
      store,
      ...findables,
      channelsFor: notifier.channelsFor,
      onEvent: (event) => {
        for (const notice of noticesIn(event)) print(notice);
        if (noticesIn(event).length > 0) notifier.wake();
        for (const line of remarksOn(event)) say(line);
      },
      ...sinceMs,
    });
    for (const { ruleId, reason } of app.plan.notRun) say(`rule ${ruleId} is not run: ${reason}`);
    say(
      `watching ${config.sources.map(({ name }) => name).join(', ')}; kept in ${maskPassword(config.store.address)}`,
    );
    await app.runWith(notifier, stop, (event) => {
      for (const line of remarksOnSending(event)) say(line);
    });
  } finally {
    await store.close();
  }
  return 0;
}

async function readWatchConfig(given: readonly string[], flags: WatchFlags): Promise<Config> {
  const { flagSettings, loadConfig } = await import('../../config/load-config.ts');
  const sources = given.length > 0 ? given.map(sourceOf) : undefined;
  const config = await loadConfig({
    ...(flags.config === undefined ? {} : { file: flags.config }),
    flags: flagSettings([
      { flag: '--store', path: ['store', 'address'], value: flags.store },
      { flag: '--profile', path: ['aws', 'profile'], value: flags.profile },
      { flag: '--endpoint-url', path: ['aws', 'endpointUrl'], value: flags.endpointUrl },
      { flag: '--region', path: ['aws', 'regions'], value: flags.region },
      { flag: '--rules', path: ['rules', 'folders'], value: flags.rules },
      { flag: '--enable-rule', path: ['rules', 'enable'], value: flags.enableRule },
      { flag: '--suppressions', path: ['suppressions', 'files'], value: flags.suppressions },
      { flag: 'source', path: ['sources'], value: sources },
    ]),
  });
  if (config.sources.length > 0) return config;
  return { ...config, sources: [{ name: 'event-history', kind: 'lookup-events' }] };
}

/** A source as it is named on the command line. */
function sourceOf(text: string, index: number): SourceConfig {
  const name = `source-${index + 1}`;
  if (/^s3:\/\//i.test(text)) {
    return { name, kind: 's3', address: text, accounts: [], regions: [] };
  }
  if (/^https?:\/\//i.test(text)) return { name, kind: 'sqs', queueUrl: text };
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    throw new PortcullisError('usage/bad-option', `${text} is no source that can be watched`, {
      hint: "Give a queue's URL, s3://BUCKET/PREFIX, or a folder.",
    });
  }
  return { name, kind: 'folder', path: text };
}

async function printer(format: WatchFlags['format']): Promise<(notice: Notice) => void> {
  const { noticeJsonLine, noticeLine } = await import('../../render/notice-line.ts');
  const line = format === 'ndjson' ? noticeJsonLine : noticeLine;
  return (notice) => {
    process.stdout.write(line(notice));
  };
}

function noticesIn(event: AppEvent): readonly Notice[] {
  return 'notices' in event ? event.notices : [];
}

/** What a person should know of besides what is told. */
function remarksOn(event: AppEvent): readonly string[] {
  switch (event.kind) {
    case 'problem':
      return [`${event.problem.file}: ${event.problem.code}: ${event.problem.message}`];
    case 'put-aside':
      return [
        `${event.letter.source}: ${event.letter.messageId} is put aside after ` +
          `${event.letter.attempts} tries: ${event.letter.reason}`,
      ];
    case 'commit-failed':
      return [`the store could not take it, trying again: ${messageOf(event.error)}`];
    case 'source-fault':
      return [`${event.source}: ${event.fault.message}`];
    case 'upkeep-failed':
      return [`upkeep failed: ${messageOf(event.error)}`];
    case 'surveyed':
      return [
        `looked at ${event.groups} groups; ${event.changes} were not as the trail tells`,
        ...event.problems.map(({ file, code, message }) => `${file}: ${code}: ${message}`),
      ];
    case 'committed':
    case 'settled':
    case 'given-back':
      return [];
    default:
      return event satisfies never;
  }
}

function remarksOnSending(event: DispatchEvent): readonly string[] {
  switch (event.kind) {
    case 'failed':
    case 'refused':
      return [`${event.channel}: ${event.keys.length} notices ${event.kind}: ${event.reason}`];
    case 'outbox-error':
      return [`${event.channel}: the outbox: ${messageOf(event.error)}`];
    case 'sent':
    case 'held':
      return [];
    default:
      return event satisfies never;
  }
}

function remark(line: string): void {
  process.stderr.write(`note: ${stripControls(line)}\n`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
