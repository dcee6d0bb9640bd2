// How much of a record is kept with its change. Rules ask queries of the record that opened
// something, and messages quote it; a change that can open nothing keeps only who and what. This
// bounds what a scan holds in memory to the changes that matter.

import type { IngressRule } from '../model/ingress-rule.ts';
import { isObject, own, type JsonObject } from '../model/json.ts';

/** Records above about this many characters keep only their smaller fields. */
const keptRecordChars = 16_384;
const keptFieldChars = 2_048;
const keptDepth = 64;

/**
 * The narrowest prefixes of which 1,000 rows, the most that AWS allows a group, can add up to a
 * quarter of their family.
 * https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
 */
const widePrefixLength = { ipv4: 12, ipv6: 15 } as const;

const identityFields = [
  'type',
  'arn',
  'principalId',
  'accountId',
  'userName',
  'accessKeyId',
  'invokedBy',
];
const briefFields = [
  'eventVersion',
  'eventID',
  'eventTime',
  'eventName',
  'eventSource',
  'awsRegion',
  'recipientAccountId',
  'sourceIPAddress',
  'userAgent',
];
const alwaysKept: ReadonlySet<string> = new Set([
  ...briefFields,
  'userIdentity',
  'errorCode',
  'errorMessage',
]);

/** The whole record, or its smaller fields where it is huge. */
export function keepRecord(record: JsonObject): JsonObject {
  if (remaining(record, keptRecordChars, keptDepth) >= 0) return record;
  const kept: [string, unknown][] = [];
  for (const [key, value] of Object.entries(record)) {
    if (typeof value === 'string') kept.push([key, value.slice(0, keptFieldChars)]);
    else if (remaining(value, keptFieldChars, keptDepth) >= 0) kept.push([key, value]);
  }
  return Object.fromEntries(kept);
}

/** Who did what, from where. */
export function keepBrief(record: JsonObject): JsonObject {
  return {
    ...some(record, briefFields),
    userIdentity: some(own(record, 'userIdentity'), identityFields),
  };
}

/** Dotted paths of the attributes that will be asked for; null where any may be. */
export type AskedPaths = readonly string[] | null;

/** Who did what from where, and the fields with what will be asked for. */
export function keepAsked(record: JsonObject, asked: NonNullable<AskedPaths>): JsonObject {
  const dropped = Object.keys(record).filter(
    (key) =>
      !alwaysKept.has(key) &&
      // A key may have dots in it.
      !asked.some((path) => path === key || path.startsWith(`${key}.`)),
  );
  if (dropped.length === 0) return record;
  return Object.fromEntries(Object.entries(record).filter(([key]) => !dropped.includes(key)));
}

/** Whether rows can take part in opening a port to the world. */
export function mayOpen(rows: readonly IngressRule[]): boolean {
  return rows.some(({ source }) => {
    switch (source.kind) {
      case 'ipv4':
      case 'ipv6':
        return prefixLength(source.cidr) <= widePrefixLength[source.kind];
      case 'prefix-list':
        return true;
      case 'group':
        return false;
      default:
        return source satisfies never;
    }
  });
}

function prefixLength(cidr: string): number {
  return Number(cidr.slice(cidr.indexOf('/') + 1));
}

function some(object: unknown, keys: readonly string[]): JsonObject {
  if (!isObject(object)) return {};
  const kept: [string, unknown][] = [];
  for (const key of keys) {
    const value = own(object, key);
    if (typeof value === 'string') kept.push([key, value.slice(0, keptFieldChars)]);
  }
  return Object.fromEntries(kept);
}

/** What is left of a budget of characters after a value; negative when it, or the depth, is spent. */
function remaining(value: unknown, budgetChars: number, depth: number): number {
  if (depth < 0) return -1;
  if (typeof value === 'string') return budgetChars - value.length;
  if (typeof value !== 'object' || value === null) return budgetChars - 4;
  let left = budgetChars;
  for (const [key, item] of Object.entries(value)) {
    left = remaining(item, left - key.length - 4, depth - 1);
    if (left < 0) return -1;
  }
  return left;
}
