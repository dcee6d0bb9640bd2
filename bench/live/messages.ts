// EventBridge messages as a busy estate sends them: calls on many groups, most of which open nothing to
// the world. A function of the index, so that any number of them can be made as they are needed.

export type Message = { readonly id: string; readonly bytes: Buffer };

const startMs = Date.UTC(2026, 2, 1);
const groupCount = 20_000;

/** @param eventsPerSecond in the time that the records tell */
export function message(index: number, eventsPerSecond = 50): Message {
  const id = `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
  // A prime walks through all groups, each visit some time after the last.
  const visit = Math.floor(index / groupCount);
  const group = (index * 7919) % groupCount;
  const account = String(100_000_000_000 + (group % 40));
  return {
    id,
    bytes: Buffer.from(
      JSON.stringify({
        version: '0',
        id,
        'detail-type': 'AWS API Call via CloudTrail',
        source: 'aws.ec2',
        account,
        detail: record(id, account, group, visit, startMs + (index * 1000) / eventsPerSecond),
      }),
    ),
  };
}

/** Every fifth group is opened and shut again and again; the others change within the company. */
function record(id: string, account: string, group: number, visit: number, timeMs: number): object {
  const opens = group % 5 === 0;
  const shuts = visit % 2 === 1;
  const cidr = opens ? '0.0.0.0/0' : `10.${visit % 200}.0.0/16`;
  const row = { ipProtocol: 'tcp', fromPort: 22, toPort: 22 };
  return {
    eventVersion: '1.10',
    userIdentity: {
      type: 'AssumedRole',
      principalId: `AROA${group % 97}:deploy-${group % 97}`,
      arn: `arn:aws:sts::${account}:assumed-role/Deploy/deploy-${group % 97}`,
      accountId: account,
      accessKeyId: `ASIA${group % 97}`,
      sessionContext: { sessionIssuer: { type: 'Role', userName: 'Deploy' } },
    },
    eventTime: `${new Date(timeMs).toISOString().slice(0, 19)}Z`,
    eventSource: 'ec2.amazonaws.com',
    eventName: shuts && opens ? 'RevokeSecurityGroupIngress' : 'AuthorizeSecurityGroupIngress',
    awsRegion: 'eu-west-1',
    sourceIPAddress: '198.51.100.7',
    userAgent: 'aws-cli/2.31.0',
    requestParameters: {
      groupId: `sg-${String(group).padStart(17, '0')}`,
      ipPermissions: { items: [{ ...row, groups: {}, ipRanges: { items: [{ cidrIp: cidr }] } }] },
    },
    responseElements: { requestId: id, _return: true },
    requestID: id,
    eventID: id,
    readOnly: false,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: account,
    eventCategory: 'Management',
  };
}

/** A change of one group alone: opened, then shut, then opened again, ten minutes between. */
export function changeOfOneGroup(index: number): Message {
  const id = `10000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
  const account = '100000000000';
  const detail = record(id, account, 0, index, startMs + index * 600_000);
  return { id, bytes: Buffer.from(JSON.stringify({ version: '0', source: 'aws.ec2', detail })) };
}
