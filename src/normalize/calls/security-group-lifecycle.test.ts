import { describe, expect, it } from 'vitest';

import { omittedReason } from '../reading.ts';
import {
  readCreateSecurityGroup,
  readDeleteSecurityGroup,
  readEgressCall,
} from './security-group-lifecycle.ts';

const noNames = { groupName: null, vpcId: null, ownerId: null };

describe('a creation', () => {
  it('teaches id, name and VPC', () => {
    expect(
      readCreateSecurityGroup({
        requestParameters: { groupName: 'web', vpcId: 'vpc-1', groupDescription: 'd' },
        responseElements: { _return: true, groupId: 'sg-1' },
      }),
    ).toEqual({
      target: 'group',
      group: { kind: 'id', groupId: 'sg-1' },
      groupName: 'web',
      vpcId: 'vpc-1',
      ownerId: null,
      effect: { kind: 'create' },
      unreadable: [],
    });
  });

  it('may be spelled with capitals', () => {
    expect(
      readCreateSecurityGroup({
        requestParameters: { GroupName: 'web', VpcId: 'vpc-1' },
        responseElements: { GroupId: 'sg-1' },
      }),
    ).toMatchObject({ group: { groupId: 'sg-1' }, groupName: 'web', vpcId: 'vpc-1' });
  });

  it('teaches nothing without an id', () => {
    expect(readCreateSecurityGroup({})).toMatchObject({ group: undefined, ...noNames });
  });
});

describe('a deletion', () => {
  it.each([
    [{ requestParameters: { groupId: 'sg-1' } }, { kind: 'id', groupId: 'sg-1' }],
    [{ requestParameters: { GroupId: 'sg-1' } }, { kind: 'id', groupId: 'sg-1' }],
    [{ requestParameters: { groupName: 'web' } }, { kind: 'name', groupName: 'web' }],
    [
      { requestParameters: { groupName: 'web' }, responseElements: { groupId: 'sg-1' } },
      { kind: 'id', groupId: 'sg-1' },
    ],
    [{ requestParameters: {} }, undefined],
  ])('of %j is one of %j', (record, group) => {
    expect(readDeleteSecurityGroup(record)).toMatchObject({
      target: 'group',
      group,
      effect: { kind: 'delete' },
      unreadable: [],
    });
  });

  it('whose request was left out is not told', () => {
    expect(readDeleteSecurityGroup({ requestParameters: { omitted: true } })).toEqual({
      target: 'group',
      group: undefined,
      ...noNames,
      effect: undefined,
      unreadable: [omittedReason],
    });
  });
});

describe('a call on egress', () => {
  const item = (id: string, isEgress: boolean) => ({
    groupId: 'sg-1',
    securityGroupRuleId: id,
    isEgress,
  });

  it('teaches the ids that its answer marks as egress', () => {
    expect(
      readEgressCall({
        requestParameters: { groupId: 'sg-1' },
        responseElements: {
          securityGroupRuleSet: { items: [item('sgr-1', true), item('sgr-2', false)] },
        },
      }),
    ).toEqual({
      target: 'group',
      group: { kind: 'id', groupId: 'sg-1' },
      ...noNames,
      effect: { kind: 'egress', ruleIds: ['sgr-1'] },
      unreadable: [],
    });
  });

  it('teaches the ids that a removal names or answers', () => {
    const reading = readEgressCall({
      requestParameters: {
        groupId: 'sg-1',
        securityGroupRuleIds: { items: [{ securityGroupRuleId: 'sgr-1' }] },
      },
      responseElements: { revokedSecurityGroupRuleSet: { items: [item('sgr-2', true)] } },
    });
    expect(reading.effect).toMatchObject({ kind: 'egress' });
    expect(new Set(reading.effect?.kind === 'egress' ? reading.effect.ruleIds : [])).toEqual(
      new Set(['sgr-1', 'sgr-2']),
    );
  });

  it('names its group in the request where the answer does not', () => {
    expect(readEgressCall({ requestParameters: { groupId: 'sg-1' } })).toMatchObject({
      group: { kind: 'id', groupId: 'sg-1' },
      effect: { kind: 'egress', ruleIds: [] },
    });
    expect(readEgressCall({ requestParameters: { GroupId: 'sg-1' } })).toMatchObject({
      group: { kind: 'id', groupId: 'sg-1' },
    });
    expect(readEgressCall({})).toMatchObject({ group: undefined });
  });

  it('names its group in the answer where the request does not', () => {
    const items = [{ isEgress: true }, item('sgr-1', true)];
    expect(readEgressCall({ responseElements: { securityGroupRuleSet: { items } } })).toMatchObject(
      {
        group: { kind: 'id', groupId: 'sg-1' },
        effect: { kind: 'egress', ruleIds: ['sgr-1'] },
      },
    );
  });
});
