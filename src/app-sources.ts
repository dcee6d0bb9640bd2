// The sources that a configuration names, with what stands behind them.

import type { AccountAccess } from './aws/account-access.ts';
import { createEventHistories, usualRegions } from './aws/event-history.ts';
import { createS3ObjectStore } from './aws/s3-object-store.ts';
import { createSqsQueue } from './aws/sqs-queue.ts';
import type { AccountConfig, Config, SourceConfig } from './config/config-schema.ts';
import type { PortcullisError } from './errors/portcullis-error.ts';
import { groupChangeEventNames } from './normalize/normalize.ts';
import type { Checkpoints, Clock, DeliverySource } from './ports.ts';
import { createFolderSource } from './source/folder-source.ts';
import { createLookupEventsSource } from './source/lookup-events-source.ts';
import { parseS3Address } from './source/s3-address.ts';
import { createS3TrailSource } from './source/s3-trail-source.ts';
import { createSqsSource } from './source/sqs-source.ts';

export type SourceSurroundings = {
  /** With its secrets revealed. */
  readonly aws: Config['aws'];
  readonly checkpoints: Checkpoints;
  readonly onFault: (source: string, fault: PortcullisError) => void;
  /** Calls that can matter besides those that change groups; null for all. */
  readonly eventNames: ReadonlySet<string> | null;
  readonly clock: Clock;
  /** Records from then on are read by sources that know of no place to go on from. */
  readonly sinceMs?: number;
};

/** Asks nothing of AWS yet, but for the credentials' own region where nobody names one. */
export function createSources(
  configs: readonly SourceConfig[],
  surroundings: SourceSurroundings,
): Promise<readonly DeliverySource[]> {
  return Promise.all(configs.map((config) => createSource(config, surroundings)));
}

async function createSource(
  config: SourceConfig,
  { aws, checkpoints, onFault, eventNames, clock, sinceMs }: SourceSurroundings,
): Promise<DeliverySource> {
  const { name } = config;
  const common = {
    name,
    clock,
    onFault: (fault: PortcullisError) => {
      onFault(name, fault);
    },
  };
  const since = sinceMs === undefined ? {} : { sinceMs };
  const place = placeOf(aws);
  switch (config.kind) {
    case 'sqs':
      return createSqsSource({
        ...common,
        queue: createSqsQueue({
          url: config.queueUrl,
          ...place,
          ...(config.region === undefined ? {} : { region: config.region }),
        }),
        objectStore: createS3ObjectStore(place),
        ...(config.receivers === undefined ? {} : { receivers: config.receivers }),
        ...(config.hideSeconds === undefined ? {} : { hideSeconds: config.hideSeconds }),
      });
    case 's3':
      return createS3TrailSource({
        ...common,
        ...parseS3Address(config.address),
        objectStore: createS3ObjectStore(place),
        checkpoints,
        accounts: config.accounts,
        regions: config.regions.length > 0 ? config.regions : aws.regions,
        ...inMs({ pollMs: config.pollSeconds, overlapMs: config.overlapSeconds }),
        ...since,
      });
    case 'folder':
      return createFolderSource({
        ...common,
        folder: config.path,
        checkpoints,
        ...inMs({ relistMs: config.pollSeconds }),
        ...since,
      });
    case 'lookup-events':
      return createLookupEventsSource({
        ...common,
        histories: (await Promise.all(accountsOf(aws).map((one) => historiesOf(one, aws)))).flat(),
        eventNames: [...new Set([...groupChangeEventNames, ...(eventNames ?? [])])],
        checkpoints,
        ...inMs({ pollMs: config.pollSeconds, overlapMs: config.overlapSeconds }),
        ...since,
      });
    default:
      return config satisfies never;
  }
}

type Place = Pick<AccountAccess, 'profile' | 'endpointUrl'>;

function placeOf({ profile, endpointUrl }: Config['aws']): Place {
  return {
    ...(profile === undefined ? {} : { profile }),
    ...(endpointUrl === undefined ? {} : { endpointUrl }),
  };
}

/** Null for the account of the credentials at hand. */
function accountsOf({ accounts }: Config['aws']): readonly (AccountConfig | null)[] {
  return accounts.length > 0 ? accounts : [null];
}

async function historiesOf(account: AccountConfig | null, aws: Config['aws']) {
  const access: AccountAccess = {
    ...placeOf(aws),
    ...(account?.roleArn === undefined
      ? {}
      : {
          role: {
            arn: account.roleArn,
            ...(account.externalId === undefined ? {} : { externalId: account.externalId }),
          },
        }),
  };
  const named = account?.regions ?? aws.regions;
  const regions = named.length > 0 ? named : await usualRegions(access);
  return createEventHistories(access, regions).map(({ region, history }) => ({
    account: account?.id ?? 'own',
    region,
    history,
  }));
}

/** Seconds of the configuration as milliseconds; what is absent stays so. */
function inMs<Name extends string>(
  seconds: Readonly<Record<Name, number | undefined>>,
): { readonly [Key in Name]?: number } {
  const given: { [Key in Name]?: number } = {};
  for (const name in seconds) {
    const value = seconds[name];
    if (value !== undefined) given[name] = value * 1000;
  }
  return given;
}
