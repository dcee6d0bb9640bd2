// Texts that stand for groups, prefix lists and group names: equal exactly for equal things.

import type { GroupRef } from './change.ts';

/** A group id alone is not trusted to be unique. */
export function groupKey({ accountId, region, groupId }: GroupRef): string {
  return JSON.stringify([accountId, region, groupId]);
}

/** Prefix list ids are unique in a region, and a list may be shared with other accounts. */
export function prefixListKey(region: string, prefixListId: string): string {
  return JSON.stringify([region, prefixListId]);
}

/** Group names are unique in a VPC; calls that use them do not say which. */
export function groupNameKey(accountId: string, region: string, groupName: string): string {
  return JSON.stringify([accountId, region, groupName]);
}

/** What a log rule takes together: not a security group, but kept beside them. */
export function logGroupKey(ruleId: string, group: string): string {
  return JSON.stringify(['log rule', ruleId, group]);
}

/** The group that a key of `groupKey` stands for. */
export function groupRefOf(key: string): GroupRef {
  const parts: unknown = JSON.parse(key);
  const [accountId, region, groupId] = Array.isArray(parts) ? parts.map(String) : [];
  if (accountId === undefined || region === undefined || groupId === undefined) {
    throw new TypeError(`not the key of a group: ${key}`);
  }
  return { accountId, region, groupId };
}
