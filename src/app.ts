// Everything that runs day and night, wired together: sources, the watcher, the dispatcher of notices,
// and the upkeep of the store. It stops in the order in which things flow: first nothing more is
// taken in, then what is in hand is committed, then what is being sent may end.

import { createSendingClients } from './aws/sending-clients.ts';
import { createSources } from './app-sources.ts';
import { accountsToLook } from './audit-estate.ts';
import type { Config } from './config/config-schema.ts';
import { revealSection } from './config/secrets.ts';
import { LogMatcher } from './detect/log-rules/log-matcher.ts';
import type { LogRulePlan } from './detect/log-rules/plan-log-rules.ts';
import { stableId } from './detect/stable-id.ts';
import type { PortcullisError } from './errors/portcullis-error.ts';
import { settle, type IngestOptions } from './live/ingest.ts';
import type { Problem } from './model/problem.ts';
import type { Rule } from './model/rule.ts';
import type { Notice } from './model/stored.ts';
import type { Suppression } from './model/suppression.ts';
import { groupChangeEventNames } from './normalize/normalize.ts';
import { planFor } from './pipeline.ts';
import { createDispatcher, type DispatchEvent } from './notify/dispatcher.ts';
import { createNotifications, type Notifications } from './notify/notifications.ts';
import { defaultTimeoutMs } from './notify/surroundings.ts';
import type { Clock, DeliverySource } from './ports.ts';
import { enableRules, findRule } from './rules/find-rule.ts';
import { builtInRulesDirectory, loadRules } from './rules/load-rules.ts';
import { loadSuppressions } from './rules/load-suppressions.ts';
import { sleep } from './source/pause.ts';
import type { OpenStore } from './store/open-store.ts';
import { Survey } from './survey.ts';
import { Watcher, type WatchEvent } from './watcher.ts';

export type AppOptions = {
  readonly config: Config;
  readonly store: OpenStore;
  /** Those that are switched off are left out. */
  readonly rules: readonly Rule[];
  /** From files; those of the store come to them. */
  readonly suppressions: readonly Suppression[];
  readonly channelsFor: (notice: Notice) => readonly string[];
  readonly onEvent: (event: AppEvent) => void;
  /** Instead of those that the configuration names. */
  readonly sources?: readonly DeliverySource[];
  /** Records from then on are read by sources that know of no earlier place to go on from. */
  readonly sinceMs?: number;
  readonly clock?: Clock;
};

export type AppEvent =
  | WatchEvent
  | { readonly kind: 'source-fault'; readonly source: string; readonly fault: PortcullisError }
  | { readonly kind: 'settled'; readonly notices: readonly Notice[] }
  | {
      readonly kind: 'surveyed';
      readonly groups: number;
      readonly changes: number;
      readonly notices: readonly Notice[];
      readonly problems: readonly Problem[];
    }
  | { readonly kind: 'upkeep-failed'; readonly error: unknown };

/** How often suppressions of the store are read again, and signals ended that time ends. */
const upkeepMs = 5000;
/** How often what is kept no longer is deleted. */
const retentionMs = 3_600_000;

export class App {
  readonly sources: readonly DeliverySource[];
  readonly plan: LogRulePlan;
  readonly #options: Omit<AppOptions, 'clock'> & { readonly clock: Clock };
  readonly #watcher: Watcher;
  #suppressions: readonly Suppression[];

  private constructor(
    { clock = Date.now, ...options }: AppOptions,
    plan: LogRulePlan,
    sources: readonly DeliverySource[],
  ) {
    this.#options = { clock, ...options };
    const { store, suppressions, onEvent } = options;
    this.#suppressions = suppressions;
    this.plan = plan;
    this.sources = sources;
    const { runnable, eventNames } = plan;
    const rules = options.rules.filter((rule) => rule.kind === 'exposure');
    const fixed = {
      rules,
      fingerprint: stableId('rules', [JSON.stringify(rules)]),
      logRules: runnable,
      channelsFor: options.channelsFor,
    };
    this.#ingest = () => ({ ...fixed, suppressions: this.#suppressions });
    this.#watcher = new Watcher({
      store,
      sources,
      ingest: this.#ingest,
      eventNames: eventNames === null ? null : new Set([...groupChangeEventNames, ...eventNames]),
      matcher: runnable.length === 0 ? null : new LogMatcher(runnable),
      keepDeadLetter: (letter) => store.deadLetters.put(letter),
      onEvent,
      clock,
    });
  }

  /** Nothing is read before `run`. */
  static async create(options: AppOptions): Promise<App> {
    const { config, store, rules, suppressions, sinceMs, onEvent, clock = Date.now } = options;
    const plan = planFor({ rules, suppressions });
    const sources =
      options.sources ??
      (await createSources(config.sources, {
        aws: await revealSection(config, 'aws'),
        checkpoints: store.checkpoints,
        eventNames: plan.eventNames,
        onFault: (source, fault) => {
          onEvent({ kind: 'source-fault', source, fault });
        },
        clock,
        ...(sinceMs === undefined ? {} : { sinceMs }),
      }));
    return new App(options, plan, sources);
  }

  readonly #ingest: () => IngestOptions;

  /** Suppressions of the store are in force from now on, not only from the next look on. */
  async readSuppressions(): Promise<void> {
    const kept = await this.#options.store.suppressions.list();
    this.#suppressions = [...this.#options.suppressions, ...kept];
  }

  /** Runs until the signal says so, or all sources have ended. Rejects where one fails for good. */
  async run(signal: AbortSignal): Promise<void> {
    await this.readSuppressions();
    const ended = new AbortController();
    const stopped = AbortSignal.any([signal, ended.signal]);
    const upkeep = Promise.all([this.#keepUp(stopped), this.#lookAround(stopped)]);
    try {
      await this.#watcher.run(signal);
    } finally {
      ended.abort();
      await upkeep;
    }
  }

  /** As `run`, sending notices meanwhile; they are sent until nothing more is taken in. */
  async runWith(
    notifier: Notifier,
    signal: AbortSignal,
    onDispatch: (event: DispatchEvent) => void,
  ): Promise<void> {
    const ended = new AbortController();
    const sending = notifier.run(ended.signal, onDispatch);
    try {
      await this.run(signal);
    } finally {
      ended.abort();
      await sending;
    }
  }

  /**
   * Looks at what is there, at the start and then on schedule, where the configuration names sources
   * in AWS; a folder of files says nothing about which account to look into.
   */
  async #lookAround(signal: AbortSignal): Promise<void> {
    const { config, store, clock, onEvent } = this.#options;
    const everyMs = config.audit.everySeconds * 1000;
    const isInAws = config.sources.some(({ kind }) => kind !== 'folder');
    if (everyMs === 0 || !isInAws || this.#options.sources !== undefined) return;
    let survey: Survey | null = null;
    while (!signal.aborted) {
      try {
        survey ??= new Survey({
          store,
          accounts: await accountsToLook(await revealSection(config, 'aws'), signal),
          ingest: this.#ingest,
          clock,
        });
        const { notices, problems, groups, changes } = await survey.run(signal);
        onEvent({ kind: 'surveyed', groups, changes, notices, problems });
      } catch (error) {
        if (!signal.aborted) onEvent({ kind: 'upkeep-failed', error });
      }
      await sleep(everyMs, signal);
    }
  }

  async #keepUp(signal: AbortSignal): Promise<void> {
    const { store, config, clock, onEvent } = this.#options;
    let retainedMs = clock();
    while (!signal.aborted) {
      await sleep(upkeepMs, signal);
      if (signal.aborted) return;
      try {
        await this.readSuppressions();
        const notices = await settle(store, this.#ingest(), clock());
        if (notices.length > 0) onEvent({ kind: 'settled', notices });
        if (clock() - retainedMs >= retentionMs) {
          const ageMs = config.retention.days * 86_400_000;
          await store.retain({
            signalsMs: ageMs,
            undeterminedMs: ageMs,
            auditMs: ageMs,
            noticesMs: ageMs,
            deadLettersMs: ageMs,
          });
          retainedMs = clock();
        }
      } catch (error) {
        onEvent({ kind: 'upkeep-failed', error });
      }
    }
  }
}

/** The rules and suppressions that a configuration names. */
export async function loadFindables(
  config: Config,
): Promise<{ readonly rules: readonly Rule[]; readonly suppressions: readonly Suppression[] }> {
  const { folders, enable, disable } = config.rules;
  const loaded = await loadRules([builtInRulesDirectory(), ...folders]);
  const off = new Set(disable.map((id) => findRule(loaded, id).id));
  const rules = enableRules(loaded, enable).filter(({ id, enabled }) => enabled && !off.has(id));
  return { rules, suppressions: await loadSuppressions(config.suppressions.files) };
}

export type Notifier = {
  readonly channelsFor: (notice: Notice) => readonly string[];
  /** Sends until the signal says so, and what is being sent has ended. */
  run(signal: AbortSignal, onEvent: (event: DispatchEvent) => void): Promise<void>;
  wake(): void;
};

type ChannelsOf = {
  readonly config: Config;
  readonly rules: readonly Rule[];
  readonly version: string;
  readonly clock?: Clock;
};

/** @throws PortcullisError `notify/bad-channel` */
export function createChannels({
  config,
  rules,
  version,
  clock = Date.now,
}: ChannelsOf): Notifications {
  const { endpointUrl } = config.aws;
  return createNotifications(config.channels, {
    env: process.env,
    clock,
    userAgent: `portcullis/${version}`,
    version,
    timeoutMs: defaultTimeoutMs,
    rules,
    aws: createSendingClients(endpointUrl === undefined ? {} : { endpointUrl }),
  });
}

/** @throws PortcullisError `notify/bad-channel` */
export function createNotifier({
  store,
  clock = Date.now,
  ...given
}: ChannelsOf & { readonly store: OpenStore }): Notifier {
  const { channels, channelsFor } = createChannels({ ...given, clock });
  let wake = (): void => undefined;
  return {
    channelsFor,
    async run(signal, onEvent) {
      const dispatcher = createDispatcher({
        outbox: store.outbox,
        channels,
        clock,
        onEvent,
        sleep,
        random: Math.random,
      });
      wake = () => {
        dispatcher.wake();
      };
      await dispatcher.run(signal);
    },
    wake: () => {
      wake();
    },
  };
}
