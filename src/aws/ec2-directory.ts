// What EC2 says of the security groups of an account, through the AWS SDK. The SDK is loaded on the
// first request, and sends a request again where EC2 asks to slow down, with growing pauses.

import type { EC2Client } from '@aws-sdk/client-ec2';
import { PortcullisError } from '../errors/portcullis-error.ts';
import type { JsonObject } from '../model/json.ts';
import type { DescribedGroup, GroupDirectory } from '../ports.ts';
import {
  accountClientConfig,
  homeRegion,
  type AccountAccess,
  type AccountClientConfig,
} from './account-access.ts';
import { roleRefused } from './caller-identity.ts';
import { nameOf } from './sdk-error.ts';
import { explainServiceError, type Explanation } from './service-errors.ts';
import { shareCredentials } from './shared-credentials.ts';

/** The most that EC2 gives on a page. */
const groupsPerPage = 1000;
const entriesPerPage = 100;

const permissions =
  'ec2:DescribeRegions, ec2:DescribeSecurityGroups, ec2:DescribeSecurityGroupRules, ec2:DescribeManagedPrefixLists and ec2:GetManagedPrefixListEntries are needed; --profile chooses another identity.';

const loadSdk = () => import('@aws-sdk/client-ec2');
type Sdk = Awaited<ReturnType<typeof loadSdk>>;

export function createEc2Directory(access: AccountAccess): GroupDirectory {
  const clients = new Map<string, Promise<EC2Client>>();
  let config: Promise<AccountClientConfig> | undefined;

  async function createClient(region: string): Promise<EC2Client> {
    const { EC2Client } = await loadSdk();
    config ??= sharedConfig(access);
    return new EC2Client({ ...(await config), region });
  }

  /** @param what is not known where asking fails */
  async function ask<T>(
    what: string,
    region: string,
    send: (client: EC2Client, sdk: Sdk) => Promise<T>,
  ): Promise<T> {
    const client = clients.get(region) ?? createClient(region);
    clients.set(region, client);
    try {
      return await send(await client, await loadSdk());
    } catch (error) {
      const { message, hint } = explain(error, access);
      throw new PortcullisError('ec2/access', `${what} in ${region} cannot be told: ${message}`, {
        hint,
        cause: error,
      });
    }
  }

  return {
    regions: async (abortSignal) =>
      ask('The regions', await homeRegion(access), async (client, sdk) => {
        const command = new sdk.DescribeRegionsCommand({});
        const { Regions = [] } = await client.send(command, sending(abortSignal));
        return Regions.flatMap(({ RegionName }) => RegionName ?? []).toSorted();
      }),
    async *groups(region, abortSignal) {
      const pages = pagesOf((next) =>
        ask('The security groups', region, (client, sdk) => {
          const input = { MaxResults: groupsPerPage, ...next };
          return client.send(new sdk.DescribeSecurityGroupsCommand(input), sending(abortSignal));
        }),
      );
      for await (const { SecurityGroups = [] } of pages) {
        yield SecurityGroups.map(
          ({ GroupId = '', OwnerId = '', GroupName, VpcId }): DescribedGroup => ({
            groupId: GroupId,
            ownerId: OwnerId,
            groupName: GroupName ?? null,
            vpcId: VpcId ?? null,
          }),
        );
      }
    },
    async *rules(region, abortSignal) {
      const pages = pagesOf((next) =>
        ask('The rules of security groups', region, (client, sdk) => {
          const input = { MaxResults: groupsPerPage, ...next };
          const command = new sdk.DescribeSecurityGroupRulesCommand(input);
          return client.send(command, sending(abortSignal));
        }),
      );
      for await (const { SecurityGroupRules = [] } of pages) {
        yield SecurityGroupRules.map((rule): JsonObject => ({ ...rule }));
      }
    },
    prefixList: (region, prefixListId, abortSignal) =>
      ask(`The prefix list ${prefixListId}`, region, async (client, sdk) => {
        const describe = new sdk.DescribeManagedPrefixListsCommand({
          PrefixListIds: [prefixListId],
        });
        const { PrefixLists = [] } = await client.send(describe, sending(abortSignal));
        const { OwnerId = '', Version } = PrefixLists[0] ?? {};
        // The list may change between two pages; a version of it does not.
        const list = {
          PrefixListId: prefixListId,
          ...(Version === undefined ? {} : { TargetVersion: Version }),
        };
        const pages = pagesOf((next) => {
          const input = { MaxResults: entriesPerPage, ...list, ...next };
          const command = new sdk.GetManagedPrefixListEntriesCommand(input);
          return client.send(command, sending(abortSignal));
        });
        const cidrs: string[] = [];
        for await (const { Entries = [] } of pages) {
          cidrs.push(...Entries.flatMap(({ Cidr }) => Cidr ?? []));
        }
        return { ownerId: OwnerId, version: Version ?? null, cidrs };
      }),
  };
}

/** The role is taken on once, for all regions. */
async function sharedConfig(access: AccountAccess): Promise<AccountClientConfig> {
  const { credentials, ...config } = await accountClientConfig(access);
  return credentials === undefined
    ? config
    : { ...config, credentials: shareCredentials(credentials) };
}

type Next = { readonly NextToken?: string };

async function* pagesOf<P extends { readonly NextToken?: string | undefined }>(
  ask: (next: Next) => Promise<P>,
): AsyncGenerator<P, void> {
  let next: Next | null = {};
  while (next !== null) {
    const page: P = await ask(next);
    yield page;
    // The last page has no token, or an empty one.
    const { NextToken = '' } = page;
    next = NextToken === '' ? null : { NextToken };
  }
}

function sending(abortSignal: AbortSignal | undefined): { readonly abortSignal?: AbortSignal } {
  return abortSignal === undefined ? {} : { abortSignal };
}

function explain(error: unknown, { role }: AccountAccess): Explanation {
  switch (nameOf(error)) {
    case 'AccessDenied':
      // STS says so; EC2's own word for it is UnauthorizedOperation.
      return role === undefined
        ? { message: 'access is denied', hint: permissions }
        : roleRefused(role.arn);
    case 'AuthFailure':
    case 'OptInRequired':
      return {
        message: 'the credentials are not valid, or not in this region',
        hint: 'Check that the region is enabled for the account, and the credentials.',
      };
    default:
      return explainServiceError(error, 'EC2', permissions);
  }
}
