import { describe, expect, it } from 'vitest';

import { add, row } from '../../test/support/changes.ts';
import { groupChangeEventNames, normalize } from './normalize.ts';

const record = {
  eventVersion: '1.09',
  eventID: 'event-1',
  eventTime: '2026-03-01T08:00:00Z',
  eventSource: 'ec2.amazonaws.com',
  eventName: 'AuthorizeSecurityGroupIngress',
  awsRegion: 'us-east-1',
  recipientAccountId: '111122223333',
  userIdentity: { type: 'Root', accountId: '111122223333' },
  requestParameters: {
    groupId: 'sg-1',
    groupName: 'web',
    vpcId: 'vpc-1',
    ipPermissions: {},
    ipProtocol: 'tcp',
    fromPort: 22,
    toPort: 22,
    cidrIp: '0.0.0.0/0',
  },
  responseElements: { _return: true },
};
const narrow = { ...record.requestParameters, cidrIp: '10.1.2.3/32' };

describe('a record that changed a group', () => {
  it('tells the change, with the record whole where it may open a port', () => {
    expect(normalize(record)).toEqual({
      outcome: 'change',
      change: {
        eventId: 'event-1',
        eventTime: '2026-03-01T08:00:00Z',
        eventTimeMs: Date.UTC(2026, 2, 1, 8),
        eventName: 'AuthorizeSecurityGroupIngress',
        accountId: '111122223333',
        region: 'us-east-1',
        actor: {
          type: 'Root',
          arn: null,
          sessionName: 'root',
          accessKeyId: null,
          sourceIp: null,
          userAgent: null,
          invokedBy: null,
        },
        sharedEventId: null,
        record,
        target: 'group',
        group: { kind: 'id', groupId: 'sg-1' },
        groupName: 'web',
        vpcId: 'vpc-1',
        effect: add('tcp 22 0.0.0.0/0'),
      },
    });
  });

  it.each([
    ['an opening that is too narrow to matter', { requestParameters: narrow }],
    ['a removal', { eventName: 'RevokeSecurityGroupIngress' }],
    ['a deletion', { eventName: 'DeleteSecurityGroup' }],
    [
      'a creation',
      { eventName: 'CreateSecurityGroup', responseElements: { _return: true, groupId: 'sg-1' } },
    ],
    ['a call on egress', { eventName: 'AuthorizeSecurityGroupEgress' }],
  ])('tells %s with who and what alone', (_, more) => {
    const normalized = normalize({ ...record, ...more });
    expect(normalized).toMatchObject({ outcome: 'change' });
    expect(normalized).not.toHaveProperty('change.record.requestParameters');
    expect(normalized).toHaveProperty('change.record.eventID', 'event-1');
  });

  it.each([
    [
      'ModifySecurityGroupRules',
      {
        ModifySecurityGroupRulesRequest: {
          GroupId: 'sg-1',
          SecurityGroupRule: {
            SecurityGroupRuleId: 'sgr-1',
            SecurityGroupRule: { IpProtocol: '-1', CidrIpv4: '0.0.0.0/0' },
          },
        },
      },
    ],
    [
      'ModifyManagedPrefixList',
      { ModifyManagedPrefixListRequest: { PrefixListId: 'pl-1', AddEntry: { Cidr: '0.0.0.0/0' } } },
    ],
    [
      'RestoreManagedPrefixListVersion',
      { RestoreManagedPrefixListVersionRequest: { PrefixListId: 'pl-1', PreviousVersion: 1 } },
    ],
    ['DeleteManagedPrefixList', { DeleteManagedPrefixListRequest: { PrefixListId: 'pl-1' } }],
  ])('tells %s with the record whole', (eventName, requestParameters) => {
    const whole = { ...record, eventName, requestParameters };
    expect(normalize(whole)).toMatchObject({ outcome: 'change', change: { record: whole } });
  });

  it('tells the creation of a prefix list with the record whole', () => {
    const whole = {
      ...record,
      eventName: 'CreateManagedPrefixList',
      requestParameters: { CreateManagedPrefixListRequest: { PrefixListName: 'all' } },
      responseElements: {
        CreateManagedPrefixListResponse: { prefixList: { prefixListId: 'pl-1' } },
      },
    };
    expect(normalize(whole)).toMatchObject({
      outcome: 'change',
      change: { target: 'prefix-list', prefixListId: 'pl-1', record: whole },
    });
  });

  it('tells a modification that is too narrow to matter with who and what alone', () => {
    const normalized = normalize({
      ...record,
      eventName: 'ModifySecurityGroupRules',
      requestParameters: {
        ModifySecurityGroupRulesRequest: {
          GroupId: 'sg-1',
          SecurityGroupRule: {
            SecurityGroupRuleId: 'sgr-1',
            SecurityGroupRule: { IpProtocol: '-1', CidrIpv4: '10.0.0.1/32' },
          },
        },
      },
    });
    expect(normalized).toMatchObject({ outcome: 'change' });
    expect(normalized).not.toHaveProperty('change.record.requestParameters');
  });

  it('belongs to the owner of the group, where the answer names one', () => {
    const items = [
      {
        groupOwnerId: '444455556666',
        groupId: 'sg-1',
        securityGroupRuleId: 'sgr-1',
        isEgress: false,
        ipProtocol: 'tcp',
        fromPort: 22,
        toPort: 22,
        cidrIpv4: '0.0.0.0/0',
      },
    ];
    expect(
      normalize({ ...record, responseElements: { securityGroupRuleSet: { items } } }),
    ).toMatchObject({ outcome: 'change', change: { accountId: '444455556666' } });
  });
});

describe('a record without bearing', () => {
  it.each([
    ['of another event', { eventName: 'DescribeSecurityGroups' }],
    ['whose event has no name', { eventName: 7 }],
    ['of another service', { eventSource: 'rds.amazonaws.com' }],
    ['of a call that failed', { errorCode: 'Client.UnauthorizedOperation' }],
    ['of a call that answered false', { responseElements: { _return: false } }],
    ['of a creation that tells no id', { eventName: 'CreateSecurityGroup' }],
    [
      'of a call on egress that names no group',
      { eventName: 'RevokeSecurityGroupEgress', requestParameters: {} },
    ],
  ])('%s is irrelevant', (_, more) => {
    expect(normalize({ ...record, ...more })).toEqual({ outcome: 'irrelevant' });
  });
});

describe('a record that should count and cannot be read', () => {
  it.each([
    [7, 'a record is not an object'],
    [[record], 'a record is not an object'],
    [{ ...record, eventSource: undefined }, 'eventSource is missing or not a text'],
    [{ ...record, eventID: undefined }, 'eventID is missing or not a text'],
  ])('is rejected with the reason', (odd, reason) => {
    expect(normalize(odd)).toEqual({ outcome: 'rejected', reason });
  });
});

describe('a change that cannot be told in full', () => {
  const base = {
    eventId: 'event-1',
    eventTime: '2026-03-01T08:00:00Z',
    eventName: 'AuthorizeSecurityGroupIngress',
    accountId: '111122223333',
    region: 'us-east-1',
    groupId: 'sg-1',
  };

  it('is undetermined, and carries what could be told', () => {
    const requestParameters = {
      groupId: 'sg-1',
      ipPermissions: {
        items: [
          {
            ipProtocol: 'tcp',
            fromPort: 22,
            toPort: 22,
            ipRanges: { items: [{ cidrIp: '0.0.0.0/0' }, { cidrIp: 'x' }, { cidrIp: 'x' }] },
          },
        ],
      },
    };
    expect(normalize({ ...record, requestParameters })).toMatchObject({
      outcome: 'undetermined',
      undetermined: { ...base, reason: '“x” is not a CIDR' },
      change: { effect: { kind: 'add', rows: [row('tcp 22 0.0.0.0/0')] } },
    });
  });

  it('is undetermined alone where nothing could be told', () => {
    expect(normalize({ ...record, requestParameters: { groupId: 'sg-1' } })).toEqual({
      outcome: 'undetermined',
      undetermined: { ...base, reason: 'neither the request nor the answer names a row' },
    });
    expect(normalize({ ...record, requestParameters: { groupId: 'sg-1' } })).not.toHaveProperty(
      'change',
    );
  });

  it('joins its reasons', () => {
    const requestParameters = {
      groupId: 'sg-1',
      ipPermissions: { items: ['x', { ipProtocol: 'tcp', ipRanges: 'y' }] },
    };
    expect(normalize({ ...record, requestParameters })).toMatchObject({
      undetermined: { reason: 'a permission is not an object; ipRanges is not a list' },
    });
  });

  it('says so where it names no group', () => {
    const { groupId: _, groupName: __, ...requestParameters } = record.requestParameters;
    expect(normalize({ ...record, requestParameters })).toEqual({
      outcome: 'undetermined',
      undetermined: {
        ...base,
        groupId: null,
        reason: 'the record does not say which group was changed',
      },
    });
  });

  it('has the id of the group wherever the call names it', () => {
    const requestParameters = { ModifySecurityGroupRulesRequest: { GroupId: 'sg-7' } };
    const odd = { ...record, eventName: 'ModifySecurityGroupRules', requestParameters };
    expect(normalize(odd)).toMatchObject({ undetermined: { groupId: 'sg-7' } });
  });

  it('has no group id where the group is named only by name', () => {
    const requestParameters = { groupName: 'web' };
    expect(normalize({ ...record, requestParameters })).toMatchObject({
      undetermined: { groupId: null },
    });
  });

  it('says so where it names no prefix list', () => {
    const odd = { ...record, eventName: 'DeleteManagedPrefixList', requestParameters: {} };
    expect(normalize(odd)).toEqual({
      outcome: 'undetermined',
      undetermined: {
        ...base,
        eventName: 'DeleteManagedPrefixList',
        groupId: null,
        reason: 'the record does not say which prefix list was changed',
      },
    });
  });

  it('belongs to the owner of the group, where the answer names one', () => {
    const item = { groupOwnerId: '444455556666', groupId: 'sg-1', isEgress: false };
    const good = { ...item, ipProtocol: 'tcp', cidrIpv4: '0.0.0.0/0' };
    expect(
      normalize({
        ...record,
        requestParameters: { omitted: true },
        responseElements: { securityGroupRuleSet: { items: [good, item] } },
      }),
    ).toMatchObject({ outcome: 'undetermined', undetermined: { accountId: '444455556666' } });
  });
});

it('knows the events that can matter', () => {
  expect([...groupChangeEventNames].toSorted()).toEqual([
    'AuthorizeSecurityGroupEgress',
    'AuthorizeSecurityGroupIngress',
    'CreateManagedPrefixList',
    'CreateSecurityGroup',
    'DeleteManagedPrefixList',
    'DeleteSecurityGroup',
    'ModifyManagedPrefixList',
    'ModifySecurityGroupRules',
    'RestoreManagedPrefixListVersion',
    'RevokeSecurityGroupEgress',
    'RevokeSecurityGroupIngress',
  ]);
});
