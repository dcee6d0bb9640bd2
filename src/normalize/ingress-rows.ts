// Rows of a security group, from every shape in which CloudTrail writes them: nested and flat
// requests, the answer's rule set, and the capitals of ModifySecurityGroupRules.
// One row is one source: a permission with three CIDRs becomes three rows.
// What cannot be read is named in `unreadable`; the readable rows count all the same.

import type { IngressRule, Protocol, Source } from '../model/ingress-rule.ts';
import { asText, isObject, own, type JsonObject } from '../model/json.ts';
import { readCidr } from './cidr.ts';

export type RowReading = {
  readonly rows: readonly IngressRule[];
  /** What could not be read, in words for a person. Empty when all was. */
  readonly unreadable: readonly string[];
};

const protocolNames: Readonly<Record<string, Protocol>> = {
  '-1': 'all',
  all: 'all',
  '6': 'tcp',
  tcp: 'tcp',
  '17': 'udp',
  udp: 'udp',
  '1': 'icmp',
  icmp: 'icmp',
  '58': 'icmpv6',
  icmpv6: 'icmpv6',
};

/**
 * A list as CloudTrail may write it: `{"items":[…]}`, an empty `{}`, a bare array, or, where the
 * query API's capitals survive, one object in place of a list of one.
 *
 * @returns undefined where the value is none of these
 */
export function readList(value: unknown): readonly unknown[] | undefined {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value as readonly unknown[];
  if (!isObject(value)) return undefined;
  const items = own(value, 'items') ?? own(value, 'item');
  if (items !== undefined) return Array.isArray(items) ? (items as unknown[]) : [items];
  return Object.keys(value).length === 0 ? [] : [value];
}

/** The first of several spellings that is there: CloudTrail mixes `fromPort` and `FromPort`. */
export function pick(object: unknown, ...keys: readonly string[]): unknown {
  for (const key of keys) {
    const value = own(object, key);
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}

/** Rows of `requestParameters` of an authorize or revoke call, nested, flat, or both. */
export function readRequestRows(request: unknown): RowReading {
  const rows: IngressRule[] = [];
  const unreadable: string[] = [];
  const permissions = readList(own(request, 'ipPermissions'));
  if (permissions === undefined) unreadable.push('ipPermissions is not a list');
  for (const permission of permissions ?? []) {
    if (isObject(permission)) readPermission(permission, rows, unreadable);
    else unreadable.push('a permission is not an object');
  }
  if (isObject(request)) readFlat(request, rows, unreadable);
  return { rows, unreadable };
}

/** Ingress rows of an answer's rule set; rows of egress rules are left out. */
export function readAnswerRows(ruleSet: unknown): RowReading {
  const rows: IngressRule[] = [];
  const unreadable: string[] = [];
  const items = readList(ruleSet);
  if (items === undefined) return { rows, unreadable: ['the answer’s rule set is not a list'] };
  for (const item of items) {
    if (isEgress(item)) continue;
    const row = readRuleRow(item);
    if (typeof row === 'string') unreadable.push(row);
    else rows.push(row);
  }
  return { rows, unreadable };
}

export function isEgress(item: unknown): boolean {
  const value = own(item, 'isEgress');
  return value === true || value === 'true';
}

/**
 * One row with its source in a field of its own, as answers and ModifySecurityGroupRules have it.
 *
 * @returns the row, or what is wrong with it
 */
export function readRuleRow(item: unknown): IngressRule | string {
  if (!isObject(item)) return 'a row is not an object';
  const source = readRuleSource(item);
  if (typeof source === 'string') return source;
  const shape = readShape(item);
  if (typeof shape === 'string') return shape;
  const ruleId = asText(pick(item, 'securityGroupRuleId', 'SecurityGroupRuleId')) ?? null;
  return { ...shape, source, ruleId };
}

export function readRuleSource(item: JsonObject): Source | string {
  const ipv4 = pick(item, 'cidrIpv4', 'CidrIpv4', 'cidrIp', 'CidrIp');
  const ipv6 = pick(item, 'cidrIpv6', 'CidrIpv6');
  const cidr = ipv4 ?? ipv6;
  if (cidr !== undefined) return readCidr(cidr) ?? `${shown(cidr)} is not a CIDR`;
  const prefixListId = asText(pick(item, 'prefixListId', 'PrefixListId'));
  if (prefixListId !== undefined) return { kind: 'prefix-list', prefixListId };
  const group = pick(item, 'referencedGroupInfo', 'ReferencedGroupInfo');
  const groupId = asText(
    pick(group, 'groupId', 'GroupId') ??
      pick(item, 'referencedGroupId', 'ReferencedGroupId', 'groupReference'),
  );
  if (groupId !== undefined) return { kind: 'group', groupId };
  if (isObject(group)) return { kind: 'group', groupId: groupName(group) };
  return 'a row names no source';
}

type Shape = Pick<IngressRule, 'protocol' | 'fromPort' | 'toPort'>;

/** Protocol and ports, in either spelling. */
export function readShape(item: JsonObject): Shape | string {
  const named = pick(item, 'ipProtocol', 'IpProtocol');
  if (named === undefined) return 'a row names no protocol';
  const protocol = readProtocol(named);
  if (protocol === undefined) return `${shown(named)} is not a protocol`;
  // EC2 ignores ports of all-traffic rows, and Terraform sends 0 and 0 with them.
  if (protocol === 'all') return { protocol, fromPort: null, toPort: null };
  const from = readPort(pick(item, 'fromPort', 'FromPort'));
  const to = readPort(pick(item, 'toPort', 'ToPort'));
  if (typeof from === 'string') return from;
  if (typeof to === 'string') return to;
  // Missing or -1 means every port; half a range is not something EC2 accepts, and so is read wide.
  if (from === null || to === null) {
    return protocol === 'tcp' || protocol === 'udp'
      ? { protocol, fromPort: null, toPort: null }
      : { protocol, fromPort: from, toPort: to };
  }
  return { protocol, fromPort: from, toPort: to };
}

/** A name that EC2 takes, or the number of a protocol; anything else tells nothing. */
function readProtocol(value: unknown): Protocol | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = String(value).trim().toLowerCase();
  const number = /^\d{1,3}$/.test(text) ? Number(text) : undefined;
  const name = number === undefined ? text : String(number);
  if (Object.hasOwn(protocolNames, name)) return protocolNames[name];
  return number !== undefined && number <= 255 ? name : undefined;
}

/** A port as a number or a text of digits; null where there is none or it is -1. */
function readPort(value: unknown): number | null | string {
  if (value === undefined || value === null || value === '') return null;
  const port =
    typeof value === 'number'
      ? value
      : typeof value === 'string' && /^\s*-?\d{1,9}\s*$/.test(value)
        ? Number(value)
        : Number.NaN;
  if (!Number.isInteger(port) || port < -1) return `${shown(value)} is not a port`;
  return port === -1 ? null : port;
}

function readPermission(permission: JsonObject, rows: IngressRule[], unreadable: string[]): void {
  const sources: Source[] = [];
  const lists: readonly (readonly [string, (item: unknown) => Source | string])[] = [
    ['ipRanges', cidrItem],
    ['ipv6Ranges', cidrItem],
    ['prefixListIds', prefixListItem],
    ['groups', groupItem],
    ['userIdGroupPairs', groupItem],
  ];
  for (const [key, read] of lists) {
    const items = readList(own(permission, key));
    if (items === undefined) unreadable.push(`${key} is not a list`);
    for (const item of items ?? []) {
      const source = read(item);
      if (typeof source === 'string') unreadable.push(source);
      else sources.push(source);
    }
  }
  // A flat permission inside the list: seen in records that tools have rewritten.
  const direct = pick(permission, 'cidrIp', 'cidrIpv4', 'cidrIpv6');
  if (direct !== undefined) {
    const source = readCidr(direct);
    if (source === undefined) unreadable.push(`${shown(direct)} is not a CIDR`);
    else sources.push(source);
  }
  if (sources.length === 0) {
    if (unreadable.length === 0) unreadable.push('a permission names no source');
    return;
  }
  const shape = readShape(permission);
  if (typeof shape === 'string') unreadable.push(shape);
  else for (const source of sources) rows.push({ ...shape, source, ruleId: null });
}

function cidrItem(item: unknown): Source | string {
  const value = isObject(item)
    ? pick(item, 'cidrIp', 'cidrIpv6', 'cidrIpv4', 'CidrIp', 'CidrIpv6')
    : item;
  return readCidr(value) ?? `${shown(value)} is not a CIDR`;
}

function prefixListItem(item: unknown): Source | string {
  const prefixListId = asText(isObject(item) ? pick(item, 'prefixListId', 'PrefixListId') : item);
  return prefixListId === undefined
    ? 'a prefix list has no id'
    : { kind: 'prefix-list', prefixListId };
}

function groupItem(item: unknown): Source | string {
  const groupId = asText(pick(item, 'groupId', 'GroupId'));
  if (groupId !== undefined) return { kind: 'group', groupId };
  return isObject(item) ? { kind: 'group', groupId: groupName(item) } : 'a group is not an object';
}

/** Very old records name groups, not ids. Such a row never opens a port, but it has an identity. */
function groupName(item: JsonObject): string {
  return `name:${asText(pick(item, 'groupName', 'GroupName')) ?? '?'}`;
}

/** The CLI's `--protocol --port --cidr`: one row, spelled out beside an empty `ipPermissions`. */
function readFlat(request: JsonObject, rows: IngressRule[], unreadable: string[]): void {
  const cidr = pick(request, 'cidrIp', 'cidrIpv6', 'cidrIpv4');
  const sourceGroup = asText(pick(request, 'sourceSecurityGroupId', 'sourceSecurityGroupName'));
  if (cidr === undefined && sourceGroup === undefined) return;
  const source: Source | undefined =
    cidr === undefined ? { kind: 'group', groupId: sourceGroup ?? '?' } : readCidr(cidr);
  if (source === undefined) {
    unreadable.push(`${shown(cidr)} is not a CIDR`);
    return;
  }
  // A call that names another group by name alone opens all protocols between the two.
  const shape =
    source.kind === 'group' && pick(request, 'ipProtocol') === undefined
      ? ({ protocol: 'all', fromPort: null, toPort: null } as const)
      : readShape(request);
  if (typeof shape === 'string') unreadable.push(shape);
  else rows.push({ ...shape, source, ruleId: null });
}

/** A value for an error text: short, and harmless once its reader escapes it. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
  return `“${text.length > 60 ? `${text.slice(0, 60)}…` : text}”`;
}
