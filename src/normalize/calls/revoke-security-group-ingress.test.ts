import { describe, expect, it } from 'vitest';

import { row } from '../../../test/support/changes.ts';
import { omittedReason } from '../reading.ts';
import { readRevokeSecurityGroupIngress as read } from './revoke-security-group-ingress.ts';

const flat = {
  groupId: 'sg-1',
  ipPermissions: {},
  ipProtocol: 'tcp',
  fromPort: 22,
  toPort: 22,
  cidrIp: '0.0.0.0/0',
};
const byId = {
  groupId: 'sg-1',
  securityGroupRuleIds: {
    items: [{ securityGroupRuleId: 'sgr-1' }, { securityGroupRuleId: 'sgr-2' }],
  },
};
const revoked = {
  groupId: 'sg-9',
  securityGroupRuleId: 'sgr-1',
  isEgress: false,
  ipProtocol: 'tcp',
  fromPort: 22,
  toPort: 22,
  cidrIpv4: '0.0.0.0/0',
};
const answer = (...items: readonly object[]) => ({ revokedSecurityGroupRuleSet: { items } });

describe('a revocation', () => {
  it('removes rows by content', () => {
    expect(read({ requestParameters: flat, responseElements: { _return: true } })).toEqual({
      target: 'group',
      group: { kind: 'id', groupId: 'sg-1' },
      groupName: null,
      vpcId: null,
      ownerId: null,
      effect: { kind: 'remove', rows: [row('tcp 22 0.0.0.0/0')], ruleIds: [] },
      unreadable: [],
    });
  });

  it('removes rows by id', () => {
    expect(read({ requestParameters: byId })).toMatchObject({
      effect: { kind: 'remove', rows: [], ruleIds: ['sgr-1', 'sgr-2'] },
      unreadable: [],
    });
  });

  it('removes what the answer lists as well, by content and by id, each id once', () => {
    expect(read({ requestParameters: byId, responseElements: answer(revoked) })).toMatchObject({
      group: { kind: 'id', groupId: 'sg-9' },
      effect: {
        kind: 'remove',
        rows: [row('tcp 22 0.0.0.0/0 sgr-1')],
        ruleIds: ['sgr-1', 'sgr-2'],
      },
      unreadable: [],
    });
  });

  it('takes answered rows that carry no id', () => {
    const { securityGroupRuleId: _, ...nameless } = revoked;
    expect(read({ requestParameters: flat, responseElements: answer(nameless) })).toMatchObject({
      effect: { kind: 'remove', ruleIds: [] },
    });
  });

  it('needs no request where the answer tells', () => {
    const omitted = { requestParameters: { omitted: true } };
    expect(read({ ...omitted, responseElements: answer(revoked) })).toMatchObject({
      effect: { kind: 'remove', rows: [row('tcp 22 0.0.0.0/0 sgr-1')], ruleIds: ['sgr-1'] },
      unreadable: [],
    });
    expect(read(omitted)).toMatchObject({ effect: undefined, unreadable: [omittedReason] });
  });

  it('reports what it cannot read', () => {
    expect(read({ requestParameters: { ...flat, cidrIp: 'x' } })).toMatchObject({
      effect: undefined,
      unreadable: ['“x” is not a CIDR'],
    });
    const odd = { groupId: 'sg-1', securityGroupRuleIds: { items: [{}, 'sgr-1'] } };
    expect(read({ requestParameters: odd })).toMatchObject({
      effect: { kind: 'remove', rows: [], ruleIds: ['sgr-1'] },
      unreadable: ['“{}” is not a rule id'],
    });
    expect(
      read({ requestParameters: { groupId: 'sg-1', securityGroupRuleIds: 'x' } }),
    ).toMatchObject({ effect: undefined, unreadable: ['the list of rule ids is not a list'] });
  });

  it('reports that neither request nor answer names a row', () => {
    expect(read({ requestParameters: { groupId: 'sg-1' } })).toMatchObject({
      effect: undefined,
      unreadable: ['neither the request nor the answer names a row'],
    });
  });
});
