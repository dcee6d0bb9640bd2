// CloudTrail records for tests of the command: small, whole, and easy to vary.

import type { JsonObject } from '../../src/model/json.ts';

export type RecordParts = {
  readonly id: string;
  /** Time of day on 2026-03-01, UTC. */
  readonly at?: string;
  readonly account?: string;
  readonly region?: string;
  readonly group?: string;
  readonly port?: number;
  readonly cidr?: string;
  readonly name?: string;
};

export function ingressRecord(parts: RecordParts): JsonObject {
  const { account = '111122223333', region = 'us-east-1', group = 'sg-1', port = 22 } = parts;
  return {
    eventVersion: '1.09',
    userIdentity: {
      type: 'AssumedRole',
      principalId: 'AROAEXAMPLE:alice',
      arn: `arn:aws:sts::${account}:assumed-role/Admin/alice`,
      accountId: account,
      accessKeyId: 'ASIAEXAMPLE',
    },
    eventTime: `2026-03-01T${parts.at ?? '08:00:00'}Z`,
    eventSource: 'ec2.amazonaws.com',
    eventName: parts.name ?? 'AuthorizeSecurityGroupIngress',
    awsRegion: region,
    sourceIPAddress: '198.51.100.7',
    userAgent: 'aws-cli/2.31.0',
    requestParameters: {
      groupId: group,
      ipPermissions: {},
      ipProtocol: 'tcp',
      fromPort: port,
      toPort: port,
      cidrIp: parts.cidr ?? '0.0.0.0/0',
    },
    responseElements: { _return: true },
    eventID: parts.id,
    recipientAccountId: account,
    eventCategory: 'Management',
  };
}

export function trailFile(records: readonly JsonObject[]): string {
  return JSON.stringify({ Records: records });
}

/** A key in AWS's layout. */
export function trailKey(account: string, region: string, day: string, name = 'a'): string {
  const [year = '', month = '', date = ''] = day.split('-');
  const stamp = `${year}${month}${date}T0900Z`;
  return `AWSLogs/${account}/CloudTrail/${region}/${year}/${month}/${date}/${account}_CloudTrail_${region}_${stamp}_${name}.json`;
}
