// What calls on security groups and prefix lists ask and answer, in each form CloudTrail records.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html

import type { Call, Json, JsonFields } from './record.ts';

/** One row of a group, as its maker thinks of it. */
export type Row = {
  /** `tcp`, `udp`, `icmp` or `-1` for all traffic. */
  readonly protocol: string;
  readonly from: number;
  readonly to: number;
  readonly source: RowSource;
  readonly description?: string;
  /** The id that EC2 gave the row. */
  readonly ruleId: string;
};

export type RowSource =
  | { readonly cidrIp: string }
  | { readonly cidrIpv6: string }
  | { readonly prefixListId: string }
  | { readonly groupId: string };

/** The part of a call that says what was asked and answered. */
export type GroupCall = Pick<Call, 'service' | 'name' | 'readOnly' | 'request' | 'response'>;

export type Asked = { readonly accountId: string; readonly requestId: string };

type GroupName = { readonly groupId: string } | { readonly groupName: string };

function ec2(name: string, request: Json, response: Json): GroupCall {
  return { service: 'ec2', name, readOnly: false, request, response };
}

function listed(values: readonly JsonFields[]): JsonFields {
  return values.length === 0 ? {} : { items: values };
}

const described = ({ description }: Row): JsonFields =>
  description === undefined ? {} : { description };

/** Permission items: rows of one protocol and range share an item, as the console and SDKs send. */
function permissions(rows: readonly Row[], accountId: string): JsonFields {
  const byRange = Map.groupBy(rows, ({ protocol, from, to }) => `${protocol} ${from} ${to}`);
  return listed(
    [...byRange.values()].map((alike) => {
      const first = alike[0];
      const groups: JsonFields[] = [];
      const ipRanges: JsonFields[] = [];
      const ipv6Ranges: JsonFields[] = [];
      const prefixListIds: JsonFields[] = [];
      for (const row of alike) {
        if ('cidrIp' in row.source) ipRanges.push({ ...row.source, ...described(row) });
        else if ('cidrIpv6' in row.source) ipv6Ranges.push({ ...row.source, ...described(row) });
        else if ('prefixListId' in row.source)
          prefixListIds.push({ ...row.source, ...described(row) });
        else groups.push({ userId: accountId, ...row.source, ...described(row) });
      }
      return {
        ipProtocol: first?.protocol ?? '-1',
        fromPort: first?.from ?? -1,
        toPort: first?.to ?? -1,
        groups: listed(groups),
        ipRanges: listed(ipRanges),
        ipv6Ranges: listed(ipv6Ranges),
        prefixListIds: listed(prefixListIds),
      };
    }),
  );
}

/** The rows as EC2 made them, which is how the answer lists them. */
function ruleSet(rows: readonly Row[], groupId: string, accountId: string, egress: boolean) {
  return listed(
    rows.map((row) => ({
      groupOwnerId: accountId,
      groupId,
      securityGroupRuleId: row.ruleId,
      ...described(row),
      isEgress: egress,
      ipProtocol: row.protocol,
      fromPort: row.protocol === '-1' ? -1 : row.from,
      toPort: row.protocol === '-1' ? -1 : row.to,
      ...('cidrIp' in row.source
        ? { cidrIpv4: masked(row.source.cidrIp) }
        : 'groupId' in row.source
          ? { referencedGroupInfo: { groupId: row.source.groupId, userId: accountId } }
          : row.source),
    })),
  );
}

/** EC2 keeps no host bits: an address that was typed with `/0` becomes the whole internet. */
function masked(cidr: string): string {
  return cidr.endsWith('/0') ? '0.0.0.0/0' : cidr;
}

/** `AuthorizeSecurityGroup…` with permission items, as the console and most tools send it. */
export function authorize(
  { accountId, requestId }: Asked,
  groupId: string,
  rows: readonly Row[],
  direction: 'Ingress' | 'Egress' = 'Ingress',
): GroupCall {
  return ec2(
    `AuthorizeSecurityGroup${direction}`,
    { groupId, ipPermissions: permissions(rows, accountId) },
    {
      requestId,
      _return: true,
      securityGroupRuleSet: ruleSet(rows, groupId, accountId, direction === 'Egress'),
    },
  );
}

/** `AuthorizeSecurityGroupIngress` with one row spelled out, as `--protocol --port --cidr` sends it. */
export function authorizeFlat(
  { accountId, requestId }: Asked,
  groupId: string,
  row: Row,
  addressedBy: GroupName = { groupId },
): GroupCall {
  return ec2(
    'AuthorizeSecurityGroupIngress',
    { ...addressedBy, ipPermissions: {}, ...flat(row) },
    { requestId, _return: true, securityGroupRuleSet: ruleSet([row], groupId, accountId, false) },
  );
}

function flat(row: Row): JsonFields {
  return {
    ipProtocol: row.protocol,
    fromPort: row.from,
    toPort: row.to,
    ...('cidrIp' in row.source && row.source),
  };
}

export function revoke(
  { accountId, requestId }: Asked,
  groupId: string,
  rows: readonly Row[],
): GroupCall {
  return ec2(
    'RevokeSecurityGroupIngress',
    { groupId, ipPermissions: permissions(rows, accountId) },
    {
      requestId,
      _return: true,
      revokedSecurityGroupRuleSet: ruleSet(rows, groupId, accountId, false),
    },
  );
}

export function revokeFlat({ requestId }: Asked, addressedBy: GroupName, row: Row): GroupCall {
  return ec2(
    'RevokeSecurityGroupIngress',
    { ...addressedBy, ipPermissions: {}, ...flat(row) },
    { requestId, _return: true },
  );
}

export function revokeById(
  { requestId }: Asked,
  groupId: string,
  ruleIds: readonly string[],
): GroupCall {
  return ec2(
    'RevokeSecurityGroupIngress',
    {
      groupId,
      ipPermissions: {},
      securityGroupRuleIds: listed(ruleIds.map((securityGroupRuleId) => ({ securityGroupRuleId }))),
    },
    { requestId, _return: true },
  );
}

/** `ModifySecurityGroupRules`: the rows named by their ids become what is given here. */
export function modifyRules(
  { requestId }: Asked,
  groupId: string,
  rows: readonly Row[],
): GroupCall {
  const entries = rows.map((row, index) => ({
    SecurityGroupRuleId: row.ruleId,
    tag: index + 1,
    SecurityGroupRule: {
      IpProtocol: row.protocol,
      FromPort: row.from,
      ToPort: row.to,
      ...('cidrIp' in row.source
        ? { CidrIpv4: row.source.cidrIp }
        : 'cidrIpv6' in row.source
          ? { CidrIpv6: row.source.cidrIpv6 }
          : 'prefixListId' in row.source
            ? { PrefixListId: row.source.prefixListId }
            : { ReferencedGroupId: row.source.groupId }),
      Description: row.description ?? '',
    },
  }));
  const only = entries.length === 1 ? entries[0] : undefined;
  return ec2(
    'ModifySecurityGroupRules',
    {
      ModifySecurityGroupRulesRequest: { GroupId: groupId, SecurityGroupRule: only ?? entries },
    },
    {
      ModifySecurityGroupRulesResponse: {
        xmlns: 'http://ec2.amazonaws.com/doc/2016-11-15/',
        requestId,
        return: true,
      },
    },
  );
}

export function createGroup(
  { accountId, requestId }: Asked,
  group: { readonly id: string; readonly name: string; readonly description: string },
  region: string,
  vpcId: string | null,
): GroupCall {
  return ec2(
    'CreateSecurityGroup',
    {
      groupName: group.name,
      groupDescription: group.description,
      ...(vpcId !== null && { vpcId }),
    },
    {
      requestId,
      _return: true,
      groupId: group.id,
      securityGroupArn: `arn:aws:ec2:${region}:${accountId}:security-group/${group.id}`,
    },
  );
}

export function deleteGroup({ requestId }: Asked, groupId: string): GroupCall {
  return ec2('DeleteSecurityGroup', { groupId }, { requestId, _return: true, groupId });
}

type PrefixList = { readonly id: string; readonly name: string };

/** Lists in EC2's newer requests: one entry is not a list. */
function tagged(cidrs: readonly string[], description?: string): Json {
  const entries = cidrs.map((cidr, index) => ({
    tag: index + 1,
    Cidr: cidr,
    ...(description !== undefined && { Description: description }),
  }));
  return entries.length === 1 ? (entries[0] ?? {}) : entries;
}

function prefixListAnswer(
  call: string,
  { accountId, requestId }: Asked,
  list: PrefixList,
  version: number,
  state: string,
): Json {
  return {
    [`${call}Response`]: {
      xmlns: 'http://ec2.amazonaws.com/doc/2016-11-15/',
      requestId,
      prefixList: {
        prefixListId: list.id,
        addressFamily: 'IPv4',
        state,
        prefixListName: list.name,
        maxEntries: 20,
        version,
        ownerId: accountId,
      },
    },
  };
}

export function createPrefixList(
  asked: Asked,
  list: PrefixList,
  cidrs: readonly string[],
): GroupCall {
  return ec2(
    'CreateManagedPrefixList',
    {
      CreateManagedPrefixListRequest: {
        PrefixListName: list.name,
        MaxEntries: 20,
        AddressFamily: 'IPv4',
        Entry: tagged(cidrs, 'office'),
        ClientToken: asked.requestId,
      },
    },
    prefixListAnswer('CreateManagedPrefixList', asked, list, 1, 'create-in-progress'),
  );
}

export function addToPrefixList(
  asked: Asked,
  list: PrefixList,
  currentVersion: number,
  cidrs: readonly string[],
): GroupCall {
  return ec2(
    'ModifyManagedPrefixList',
    {
      ModifyManagedPrefixListRequest: {
        PrefixListId: list.id,
        CurrentVersion: currentVersion,
        AddEntry: tagged(cidrs, 'temporary'),
      },
    },
    prefixListAnswer('ModifyManagedPrefixList', asked, list, currentVersion, 'modify-in-progress'),
  );
}

export function restorePrefixList(
  asked: Asked,
  list: PrefixList,
  currentVersion: number,
  previousVersion: number,
): GroupCall {
  return ec2(
    'RestoreManagedPrefixListVersion',
    {
      RestoreManagedPrefixListVersionRequest: {
        PrefixListId: list.id,
        PreviousVersion: previousVersion,
        CurrentVersion: currentVersion,
      },
    },
    prefixListAnswer(
      'RestoreManagedPrefixListVersion',
      asked,
      list,
      currentVersion,
      'restore-in-progress',
    ),
  );
}
