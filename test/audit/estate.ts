// Security groups in moto's EC2, and the pages in which EC2 would give them.

import {
  AuthorizeSecurityGroupIngressCommand,
  CreateManagedPrefixListCommand,
  CreateSecurityGroupCommand,
  EC2Client,
  type IpPermission,
} from '@aws-sdk/client-ec2';
import type { Fault, SeenRequest } from '../support/faulty-proxy.ts';

export type GroupMaker = {
  group(name: string, permissions: readonly IpPermission[]): Promise<string>;
  prefixList(name: string, cidrs: readonly string[]): Promise<string>;
};

/** @param accessKeyId moto tells accounts apart by the credentials that AssumeRole gave */
export function groupMaker(
  endpoint: string,
  region: string,
  credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string;
  },
): GroupMaker {
  const client = new EC2Client({
    endpoint,
    region,
    ...(credentials === undefined ? {} : { credentials }),
  });
  return {
    async group(name, permissions) {
      const created = await client.send(
        new CreateSecurityGroupCommand({ GroupName: name, Description: name }),
      );
      const GroupId = created.GroupId ?? '';
      await client.send(
        new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [...permissions] }),
      );
      return GroupId;
    },
    async prefixList(name, cidrs) {
      const created = await client.send(
        new CreateManagedPrefixListCommand({
          PrefixListName: name,
          MaxEntries: 100,
          AddressFamily: 'IPv4',
          Entries: cidrs.map((Cidr) => ({ Cidr })),
        }),
      );
      return created.PrefixList?.PrefixListId ?? '';
    },
  };
}

export function tcp(port: number, ...cidrs: readonly string[]): IpPermission {
  return {
    IpProtocol: 'tcp',
    FromPort: port,
    ToPort: port,
    IpRanges: cidrs.filter((cidr) => !cidr.includes(':')).map((CidrIp) => ({ CidrIp })),
    Ipv6Ranges: cidrs.filter((cidr) => cidr.includes(':')).map((CidrIpv6) => ({ CidrIpv6 })),
  };
}

/** The lists that EC2 gives in pages, by operation. */
const listOf: Readonly<Record<string, string>> = {
  DescribeSecurityGroups: 'securityGroupInfo',
  DescribeSecurityGroupRules: 'securityGroupRuleSet',
  GetManagedPrefixListEntries: 'entrySet',
};

export function operationOf({ body = '' }: SeenRequest): string {
  return new URLSearchParams(body).get('Action') ?? '';
}

/**
 * Gives long lists in pages, with a token for the next one. EC2 does so; moto takes no notice of
 * MaxResults, and gives everything at once.
 */
export function inPages(
  target: string,
  perPage: number,
): (request: SeenRequest) => Promise<Fault | undefined> {
  return async (request) => {
    const { body = '' } = request;
    const list = listOf[operationOf(request)];
    if (list === undefined) return undefined;
    const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers;
    const answer = await fetch(`${target}${request.path}`, {
      method: request.method,
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, String(value)]),
      ),
      body,
    });
    const text = await answer.text();
    const [whole, open = '', inner = '', close = ''] =
      new RegExp(`(<${list}>)([^]*)(</${list}>)`).exec(text) ?? [];
    const start = Number(new URLSearchParams(body).get('NextToken') ?? 0);
    const items = outerItems(inner);
    const end = start + perPage;
    const token = end < items.length ? `<nextToken>${end}</nextToken>` : '';
    const page = `${open}${items.slice(start, end).join('')}${close}${token}`;
    return {
      kind: 'answer',
      status: answer.status,
      headers: { 'content-type': 'text/xml' },
      body: whole === undefined ? text : text.replace(whole, () => page),
    };
  };
}

/** The elements `item` of a list; those inside them are of other lists. */
function outerItems(xml: string): readonly string[] {
  const items: string[] = [];
  let depth = 0;
  let start = 0;
  for (const tag of xml.matchAll(/<(\/?)item>/g)) {
    if (tag[1] === '') {
      if (depth === 0) start = tag.index;
      depth += 1;
    } else {
      depth -= 1;
      if (depth === 0) items.push(xml.slice(start, tag.index + tag[0].length));
    }
  }
  return items;
}
