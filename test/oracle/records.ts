// Writes CloudTrail records in the shapes in which AWS delivers them. `Spelling` picks among the
// shapes that mean the same, so that a test can say "whatever the spelling".

import { cidrText, sizeOf, type Cidr, type SimRow } from './rows.ts';

export type Json = null | boolean | number | string | readonly Json[] | JsonRecord;
export type JsonRecord = { readonly [key: string]: Json };

/** Picks one of `count` choices, from 0. */
export type Pick = (count: number) => number;

export type SimActor = {
  readonly identity: JsonRecord;
  readonly arn: string;
  readonly userAgent: string;
};

export type Envelope = {
  readonly eventId: string;
  readonly eventTime: string;
  readonly accountId: string;
  readonly region: string;
  readonly actor: SimActor;
};

export type AnsweredRow = {
  readonly id: string;
  readonly row: SimRow;
  readonly isEgress?: boolean;
};

export function callRecord(
  envelope: Envelope,
  eventName: string,
  requestParameters: Json,
  responseElements: Json,
  more: JsonRecord = {},
): JsonRecord {
  return {
    eventVersion: '1.09',
    userIdentity: envelope.actor.identity,
    eventTime: envelope.eventTime,
    eventSource: 'ec2.amazonaws.com',
    eventName,
    awsRegion: envelope.region,
    sourceIPAddress: '198.51.100.7',
    userAgent: envelope.actor.userAgent,
    requestParameters,
    responseElements,
    requestID: `req-${envelope.eventId}`,
    eventID: envelope.eventId,
    readOnly: false,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: envelope.accountId,
    eventCategory: 'Management',
    ...more,
  };
}

/** How a group is named in a request. */
export type Addressed = { readonly groupId: string } | { readonly groupName: string };

const protocolNames: Record<SimRow['protocol'], readonly Json[]> = {
  tcp: ['tcp', 'TCP', '6', 6],
  udp: ['udp', '17', 'UDP'],
  icmp: ['icmp', '1'],
  icmpv6: ['icmpv6', '58'],
  all: ['-1', -1],
  '50': ['50'],
};

function spelledProtocol(row: SimRow, pick: Pick): Json {
  const names = protocolNames[row.protocol];
  // The common name most of the time.
  return names[pick(3) === 0 ? pick(names.length) : 0] ?? row.protocol;
}

function spelledNumber(value: number, pick: Pick): Json {
  return pick(6) === 0 ? String(value) : value;
}

function spelledPorts(row: SimRow, pick: Pick, names: readonly [string, string]): JsonRecord {
  const [from, to] = names;
  if (row.protocol === 'all') {
    // All traffic has no ports, whatever a client sends along.
    const sent = [null, [0, 0], [-1, -1], [22, 22], [0, 65535]][pick(5)];
    return sent
      ? { [from]: spelledNumber(sent[0] ?? 0, pick), [to]: spelledNumber(sent[1] ?? 0, pick) }
      : {};
  }
  if (row.from === null || row.to === null) {
    return pick(2) === 0 ? {} : { [from]: spelledNumber(-1, pick), [to]: spelledNumber(-1, pick) };
  }
  return { [from]: spelledNumber(row.from, pick), [to]: spelledNumber(row.to, pick) };
}

function spelledCidr(cidr: Cidr, pick: Pick): string {
  const untidy = pick(5) === 0 ? BigInt(pick(1_000_000)) % sizeOf(cidr) : 0n;
  const text = cidrText(cidr, untidy);
  return cidr.family === 6 && pick(6) === 0 ? text.toUpperCase() : text;
}

const nothing = (pick: Pick): JsonRecord => (pick(2) === 0 ? {} : { items: [] });

function collection(items: readonly Json[], pick: Pick): Json {
  return items.length === 0 ? (pick(4) === 0 ? nothing(pick) : {}) : { items };
}

function describe(pick: Pick): JsonRecord {
  return pick(3) === 0 ? { description: 'allow 0.0.0.0/0 on port 22 {"cidrIp":"::/0"}' } : {};
}

/** The rows as one permission item per row, or one item for rows that share protocol and ports. */
export function nestedPermissions(rows: readonly SimRow[], pick: Pick): JsonRecord {
  const together = pick(2) === 0;
  const parts = new Map<string, SimRow[]>();
  for (const [index, row] of rows.entries()) {
    const key = together ? `${row.protocol} ${row.from} ${row.to}` : String(index);
    parts.set(key, [...(parts.get(key) ?? []), row]);
  }
  const items = [...parts.values()].flatMap((part): readonly JsonRecord[] => {
    const [first] = part;
    return first ? [permissionItem(first, part, pick)] : [];
  });
  return { ipPermissions: { items } };
}

function permissionItem(first: SimRow, part: readonly SimRow[], pick: Pick): JsonRecord {
  const cidrs = (family: 4 | 6, name: string): Json[] =>
    part.flatMap(({ source }) =>
      source.kind === 'cidr' && source.cidr.family === family
        ? [{ [name]: spelledCidr(source.cidr, pick), ...describe(pick) }]
        : [],
    );
  return {
    ipProtocol: spelledProtocol(first, pick),
    ...spelledPorts(first, pick, ['fromPort', 'toPort']),
    groups: collection(
      part.flatMap(({ source }) => (source.kind === 'group' ? [{ groupId: source.groupId }] : [])),
      pick,
    ),
    ipRanges: collection(cidrs(4, 'cidrIp'), pick),
    ipv6Ranges: collection(cidrs(6, 'cidrIpv6'), pick),
    prefixListIds: collection(
      part.flatMap(({ source }) =>
        source.kind === 'list' ? [{ prefixListId: source.listId }] : [],
      ),
      pick,
    ),
  };
}

/** The flat form holds one row with an IPv4 CIDR; null where the rows do not fit it. */
export function flatPermissions(rows: readonly SimRow[], pick: Pick): JsonRecord | null {
  const [row, ...others] = rows;
  if (!row || others.length > 0) return null;
  if (row.source.kind !== 'cidr' || row.source.cidr.family !== 4) return null;
  return {
    ...(pick(4) === 0 ? {} : { ipPermissions: {} }),
    ipProtocol: spelledProtocol(row, pick),
    ...spelledPorts(row, pick, ['fromPort', 'toPort']),
    cidrIp: spelledCidr(row.source.cidr, pick),
  };
}

export function permissions(rows: readonly SimRow[], pick: Pick): JsonRecord {
  const flat = pick(2) === 0 ? flatPermissions(rows, pick) : null;
  return flat ?? nestedPermissions(rows, pick);
}

function answeredPorts(row: SimRow): JsonRecord {
  if (row.protocol === 'all' || row.from === null) return { fromPort: -1, toPort: -1 };
  return { fromPort: row.from, toPort: row.to };
}

/** The rows as EC2 lists them in an answer: tidy, one source each. */
export function ruleSet(
  place: { readonly accountId: string; readonly groupId: string },
  rows: readonly AnsweredRow[],
  form: 'created' | 'revoked' = 'created',
): JsonRecord {
  return {
    items: rows.map(({ id, row, isEgress = false }): JsonRecord => {
      const { source } = row;
      return {
        ...(form === 'created' ? { groupOwnerId: place.accountId } : {}),
        groupId: place.groupId,
        securityGroupRuleId: id,
        isEgress,
        ipProtocol: row.protocol === 'all' ? '-1' : row.protocol,
        ...answeredPorts(row),
        ...(source.kind === 'cidr' && source.cidr.family === 4
          ? { cidrIpv4: cidrText(source.cidr) }
          : {}),
        ...(source.kind === 'cidr' && source.cidr.family === 6
          ? { cidrIpv6: cidrText(source.cidr) }
          : {}),
        ...(source.kind === 'list' ? { prefixListId: source.listId } : {}),
        ...(source.kind === 'group'
          ? form === 'created'
            ? { referencedGroupInfo: { groupId: source.groupId, userId: place.accountId } }
            : { referencedGroupId: source.groupId }
          : {}),
      };
    }),
  };
}

/** The body of `ModifySecurityGroupRules`; a list of one is not a list. */
export function modifyRequest(
  groupId: string,
  replacements: readonly { readonly id: string; readonly row: SimRow }[],
  pick: Pick,
): JsonRecord {
  const rules = replacements.map(({ id, row }, index): JsonRecord => {
    const { source } = row;
    return {
      SecurityGroupRuleId: id,
      tag: index + 1,
      SecurityGroupRule: {
        IpProtocol: spelledProtocol(row, pick),
        ...spelledPorts(row, pick, ['FromPort', 'ToPort']),
        ...(source.kind === 'cidr' && source.cidr.family === 4
          ? { CidrIpv4: spelledCidr(source.cidr, pick) }
          : {}),
        ...(source.kind === 'cidr' && source.cidr.family === 6
          ? { CidrIpv6: spelledCidr(source.cidr, pick) }
          : {}),
        ...(source.kind === 'list' ? { PrefixListId: source.listId } : {}),
        ...(source.kind === 'group' ? { ReferencedGroupId: source.groupId } : {}),
        Description: '',
      },
    };
  });
  const [only] = rules;
  return {
    ModifySecurityGroupRulesRequest: {
      GroupId: groupId,
      SecurityGroupRule: rules.length === 1 && only ? only : rules,
    },
  };
}

/** Entries of a prefix list as the query API numbers them; a list of one is not a list. */
export function listEntries(name: string, cidrs: readonly Cidr[], pick: Pick): JsonRecord {
  const entries = cidrs.map((cidr, index): JsonRecord => ({
    Cidr: spelledCidr(cidr, pick),
    tag: index + 1,
  }));
  const [only] = entries;
  if (!only) return {};
  return { [name]: entries.length === 1 ? only : entries };
}
