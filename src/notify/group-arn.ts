// The ARN of a signal's group, made of parts that look like what they should be.

import type { Signal } from '../model/signal.ts';

/** Null for a signal of a log rule, and where a part could not be of an ARN. */
export function groupArn({ accountId, region, groupId }: Signal): string | null {
  if (groupId === null || !/^[\w-]{1,100}$/.test(groupId)) return null;
  if (!/^\d{12}$/.test(accountId) || !/^[a-z0-9-]{1,40}$/.test(region)) return null;
  return `arn:${partitionOf(region)}:ec2:${region}:${accountId}:security-group/${groupId}`;
}

export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  if (region.startsWith('us-gov-')) return 'aws-us-gov';
  return region.startsWith('eusc-') ? 'aws-eusc' : 'aws';
}
