import { describe, expect, it } from 'vitest';

import { add, row } from '../../../test/support/changes.ts';
import { omittedReason } from '../reading.ts';
import { readAuthorizeSecurityGroupIngress as read } from './authorize-security-group-ingress.ts';

const request = {
  groupId: 'sg-1',
  ipPermissions: {},
  ipProtocol: 'tcp',
  fromPort: 22,
  toPort: 22,
  cidrIp: '0.0.0.0/0',
};
const answered = {
  groupOwnerId: '444455556666',
  groupId: 'sg-2',
  securityGroupRuleId: 'sgr-1',
  isEgress: false,
  ipProtocol: 'tcp',
  fromPort: 22,
  toPort: 22,
  cidrIpv4: '10.0.0.0/8',
};
const unreadable = { ...answered, securityGroupRuleId: 'sgr-2', cidrIpv4: 'x' };
const answer = (...items: readonly object[]) => ({ securityGroupRuleSet: { items } });

describe('an authorization', () => {
  it('adds the rows of the answer, to the group of the answer', () => {
    expect(read({ requestParameters: request, responseElements: answer(answered) })).toEqual({
      target: 'group',
      group: { kind: 'id', groupId: 'sg-2' },
      groupName: null,
      vpcId: null,
      ownerId: '444455556666',
      effect: add('tcp 22 10.0.0.0/8 sgr-1'),
      unreadable: [],
    });
  });

  it('adds the rows of the request where the answer lists none', () => {
    expect(read({ requestParameters: request, responseElements: answer() })).toEqual({
      target: 'group',
      group: { kind: 'id', groupId: 'sg-1' },
      groupName: null,
      vpcId: null,
      ownerId: null,
      effect: add('tcp 22 0.0.0.0/0'),
      unreadable: [],
    });
  });

  it('adds both where a row of the answer cannot be read', () => {
    expect(
      read({ requestParameters: request, responseElements: answer(answered, unreadable) }),
    ).toMatchObject({
      effect: { kind: 'add', rows: [row('tcp 22 10.0.0.0/8 sgr-1'), row('tcp 22 0.0.0.0/0')] },
      unreadable: [],
    });
  });

  it('reports what the request says amiss where the answer says nothing', () => {
    expect(read({ requestParameters: { ...request, cidrIp: 'x' } })).toMatchObject({
      effect: undefined,
      unreadable: ['“x” is not a CIDR'],
    });
  });

  it('reports that neither names a row', () => {
    expect(read({ requestParameters: { groupId: 'sg-1' } })).toMatchObject({
      group: { kind: 'id', groupId: 'sg-1' },
      effect: undefined,
      unreadable: ['neither the request nor the answer names a row'],
    });
  });

  it('reports a request that was left out', () => {
    expect(read({ requestParameters: { omitted: true } })).toMatchObject({
      group: undefined,
      effect: undefined,
      unreadable: [omittedReason],
    });
  });

  it('needs no request where the answer is whole, and reports its lack where it is not', () => {
    const omitted = { requestParameters: { omitted: true } };
    expect(read({ ...omitted, responseElements: answer(answered) })).toMatchObject({
      effect: add('tcp 22 10.0.0.0/8 sgr-1'),
      unreadable: [],
    });
    expect(read({ ...omitted, responseElements: answer(answered, unreadable) })).toMatchObject({
      effect: add('tcp 22 10.0.0.0/8 sgr-1'),
      unreadable: [omittedReason],
    });
  });
});
