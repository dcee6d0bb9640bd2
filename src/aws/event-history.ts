// CloudTrail's event history, through the AWS SDK. The SDK is loaded on the first request, and sends
// each only once: the API allows two a second, and whoever asks keeps that pace.

import type { CloudTrailClient } from '@aws-sdk/client-cloudtrail';

import { PortcullisError } from '../errors/portcullis-error.ts';
import type { EventHistory } from '../ports.ts';
import {
  accountClientConfig,
  homeRegion,
  type AccountAccess,
  type AccountClientConfig,
} from './account-access.ts';
import { explainServiceError } from './service-errors.ts';
import { shareCredentials } from './shared-credentials.ts';

/** The most that the API gives. */
const eventsPerPage = 50;
/** Where events of global services are; others are where they happened. */
const globalRegion = 'us-east-1';

const loadSdk = () => import('@aws-sdk/client-cloudtrail');

/** The history of one account in each of the regions; credentials are shared and renewed. */
export function createEventHistories(
  access: AccountAccess,
  regions: readonly string[],
): readonly { readonly region: string; readonly history: EventHistory }[] {
  let config: Promise<AccountClientConfig> | undefined;
  const sharedConfig = (): Promise<AccountClientConfig> => (config ??= configOf(access));
  return [...new Set(regions)].map((region) => ({
    region,
    history: createEventHistory(region, sharedConfig),
  }));
}

async function configOf(access: AccountAccess): Promise<AccountClientConfig> {
  const { credentials, ...config } = await accountClientConfig(access, 1);
  return credentials === undefined
    ? config
    : { ...config, credentials: shareCredentials(credentials) };
}

/** Where to look when nobody says: the environment's or profile's region, and that of global services. */
export async function usualRegions(access: AccountAccess): Promise<readonly string[]> {
  return [...new Set([await homeRegion(access), globalRegion])];
}

function createEventHistory(
  region: string,
  sharedConfig: () => Promise<AccountClientConfig>,
): EventHistory {
  let client: Promise<CloudTrailClient> | undefined;
  const connect = async (): Promise<CloudTrailClient> => {
    const [{ CloudTrailClient }, config] = await Promise.all([loadSdk(), sharedConfig()]);
    return new CloudTrailClient({ ...config, region });
  };
  return {
    async lookUp({ eventName, fromMs, toMs, page, signal }) {
      try {
        const { LookupEventsCommand } = await loadSdk();
        const command = new LookupEventsCommand({
          LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: eventName }],
          StartTime: new Date(Math.floor(fromMs / 1000) * 1000),
          EndTime: new Date(Math.ceil(toMs / 1000) * 1000),
          MaxResults: eventsPerPage,
          ...(page === null ? {} : { NextToken: page }),
        });
        client ??= connect();
        const answer = await (await client).send(command, { abortSignal: signal });
        return {
          events: (answer.Events ?? []).map(
            ({ EventId = '', EventTime, CloudTrailEvent = '' }) => ({
              id: EventId,
              timeMs: EventTime?.getTime() ?? toMs,
              record: CloudTrailEvent,
            }),
          ),
          nextPage: answer.NextToken ?? null,
        };
      } catch (error) {
        throw historyFault(error, region);
      }
    },
  };
}

const permissions =
  'cloudtrail:LookupEvents is needed, and for another account sts:AssumeRole on its role, with the external id that the role asks for.';

function historyFault(error: unknown, region: string): PortcullisError {
  const { message, hint } = explainServiceError(error, 'CloudTrail', permissions);
  return new PortcullisError(
    'cloudtrail/access',
    `The event history of ${region} cannot be asked: ${message}.`,
    { place: region, hint, cause: error },
  );
}
