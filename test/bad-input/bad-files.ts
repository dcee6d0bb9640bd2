// The bytes of files that go wrong, one maker each, and the one good record they are tried with.

import { gzipSync } from 'node:zlib';

/** A call that opens port 22 of the group to the world. */
export function opening(groupId: string, more: Readonly<Record<string, unknown>> = {}) {
  return {
    eventVersion: '1.09',
    userIdentity: {
      type: 'IAMUser',
      principalId: 'AIDAEXAMPLE',
      arn: 'arn:aws:iam::111122223333:user/alice',
      accountId: '111122223333',
      accessKeyId: 'AKIAEXAMPLE',
      userName: 'alice',
    },
    eventTime: '2026-03-01T08:00:00Z',
    eventSource: 'ec2.amazonaws.com',
    eventName: 'AuthorizeSecurityGroupIngress',
    awsRegion: 'us-east-1',
    sourceIPAddress: '198.51.100.7',
    userAgent: 'aws-cli/2.15.0',
    requestParameters: {
      groupId,
      ipPermissions: {},
      ipProtocol: 'tcp',
      fromPort: 22,
      toPort: 22,
      cidrIp: '0.0.0.0/0',
    },
    responseElements: { _return: true },
    requestID: `request-${groupId}`,
    eventID: `event-${groupId}`,
    readOnly: false,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: '111122223333',
    eventCategory: 'Management',
    ...more,
  };
}

/** A call of another kind, with `padding` bytes that no packer makes smaller. */
export function otherCall(padding: number) {
  let state = 1;
  const noise = Array.from({ length: padding }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 16).toString(36).slice(-1);
  }).join('');
  return { ...opening('sg-none'), eventName: 'DescribeInstances', requestParameters: { noise } };
}

export const trailFile = (records: readonly unknown[]) => JSON.stringify({ Records: records });

/** Two openings with much between them, packed: `sg-first` lies in the first half, `sg-last` in the last. */
export function packedTrail(): Buffer {
  return gzipSync(trailFile([opening('sg-first'), otherCall(200_000), opening('sg-last')]));
}

/** `depth` brackets within each other, as JSON text: brackets or braces. */
export function nested(depth: number, form: 'lists' | 'objects' = 'lists'): string {
  return form === 'lists'
    ? '['.repeat(depth) + ']'.repeat(depth)
    : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
}

/** A record's text with one field more, whose value is given as JSON text. */
export function withField(record: object, name: string, valueText: string): string {
  return `${JSON.stringify(record).slice(0, -1)},${JSON.stringify(name)}:${valueText}}`;
}
