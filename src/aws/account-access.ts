// Whose credentials are used: the usual chain's, a profile's, or those of a role that they may take on
// in another account.

import type { STSClientConfig } from '@aws-sdk/client-sts';
import { silentLogger } from './client-options.ts';

export type AccountAccess = {
  /** A profile of the shared AWS configuration files; AWS_PROFILE or `default` when absent. */
  readonly profile?: string;
  /** Another service that speaks as AWS does, for example `http://localhost:5000`. */
  readonly endpointUrl?: string;
  /** The role to take on, with what its trust policy asks for as `sts:ExternalId`. */
  readonly role?: { readonly arn: string; readonly externalId?: string };
};

/** What CloudTrail shows as the name of the session. */
const sessionName = 'portcullis';
const connectTimeoutMs = 10_000;
const silenceTimeoutMs = 30_000;
/** How often a request is sent, the first time included; the pauses between grow to 20 seconds. */
const defaultAttempts = 8;

/** What every client for one account is made with; the credentials are shared, and renewed. */
export type AccountClientConfig = {
  readonly profile?: string;
  readonly endpoint?: string;
  readonly credentials?: NonNullable<STSClientConfig['credentials']>;
  readonly logger: typeof silentLogger;
  readonly maxAttempts: number;
  readonly requestHandler: { readonly connectionTimeout: number; readonly socketTimeout: number };
};

export async function accountClientConfig(
  access: AccountAccess,
  maxAttempts = defaultAttempts,
): Promise<AccountClientConfig> {
  const { profile, endpointUrl, role } = access;
  const common = {
    ...(profile === undefined ? {} : { profile }),
    ...(endpointUrl === undefined ? {} : { endpoint: endpointUrl }),
    logger: silentLogger,
    maxAttempts,
    requestHandler: { connectionTimeout: connectTimeoutMs, socketTimeout: silenceTimeoutMs },
  };
  if (role === undefined) return common;
  const { fromNodeProviderChain, fromTemporaryCredentials } =
    await import('@aws-sdk/credential-providers');
  const credentials = fromTemporaryCredentials({
    masterCredentials: fromNodeProviderChain(profile === undefined ? {} : { profile }),
    params: {
      RoleArn: role.arn,
      RoleSessionName: sessionName,
      ...(role.externalId === undefined ? {} : { ExternalId: role.externalId }),
    },
    clientConfig: { ...common, region: await homeRegion(access) },
  });
  return { ...common, credentials };
}

/** Where to ask what is the same in all regions: the environment's or profile's, or a usual one. */
export async function homeRegion({ profile, role }: AccountAccess): Promise<string> {
  const { STSClient } = await import('@aws-sdk/client-sts');
  const client = new STSClient(profile === undefined ? {} : { profile });
  try {
    return await client.config.region();
  } catch {
    return usualRegion(role?.arn);
  } finally {
    client.destroy();
  }
}

function usualRegion(arn: string | undefined): string {
  const partition = arn?.split(':')[1];
  if (partition === 'aws-cn') return 'cn-north-1';
  return partition === 'aws-us-gov' ? 'us-gov-west-1' : 'us-east-1';
}
