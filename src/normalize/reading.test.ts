import { describe, expect, it } from 'vitest';

import { isOmitted, readGroup, readRuleIds } from './reading.ts';

describe('the group of a call', () => {
  const ingress = { groupId: 'sg-answer', groupOwnerId: '444455556666', isEgress: false };

  it('is that of the answered rows, with their owner', () => {
    expect(
      readGroup({ requestParameters: { groupId: 'sg-request', vpcId: 'vpc-1' } }, [ingress]),
    ).toEqual({
      group: { kind: 'id', groupId: 'sg-answer' },
      groupName: null,
      vpcId: 'vpc-1',
      ownerId: '444455556666',
    });
  });

  it('is not that of egress rows', () => {
    expect(
      readGroup({ requestParameters: { groupId: 'sg-request' } }, [{ ...ingress, isEgress: true }]),
    ).toEqual({
      group: { kind: 'id', groupId: 'sg-request' },
      groupName: null,
      vpcId: null,
      ownerId: null,
    });
  });

  it('is that of the first answered row that names one', () => {
    expect(readGroup({}, [{}, { groupId: 7, groupOwnerId: 7 }, ingress])).toMatchObject({
      group: { kind: 'id', groupId: 'sg-answer' },
      ownerId: '444455556666',
    });
  });

  it.each([
    [{ requestParameters: { groupId: 'sg-1', groupName: 'web' } }, { kind: 'id', groupId: 'sg-1' }],
    [{ requestParameters: { GroupId: 'sg-1' } }, { kind: 'id', groupId: 'sg-1' }],
    [{ responseElements: { groupId: 'sg-1' } }, { kind: 'id', groupId: 'sg-1' }],
    [{ responseElements: { GroupId: 'sg-1' } }, { kind: 'id', groupId: 'sg-1' }],
    [{ requestParameters: { groupName: 'web' } }, { kind: 'name', groupName: 'web' }],
    [{ requestParameters: { GroupName: 'web' } }, { kind: 'name', groupName: 'web' }],
    [{ requestParameters: { groupId: '' } }, undefined],
    [{}, undefined],
  ])('of %j is %j', (record, group) => {
    expect(readGroup(record, undefined).group).toEqual(group);
  });

  it('keeps name and VPC beside an id', () => {
    expect(
      readGroup({ requestParameters: { groupId: 'sg-1', GroupName: 'web', VpcId: 'vpc-1' } }, {}),
    ).toMatchObject({ groupName: 'web', vpcId: 'vpc-1' });
  });
});

it('knows a request that was left out', () => {
  expect([true, 'true'].map((omitted) => isOmitted({ omitted }))).toEqual([true, true]);
  expect([false, 'false', 1, undefined].some((omitted) => isOmitted({ omitted }))).toBe(false);
  expect(isOmitted(undefined)).toBe(false);
});

describe('a list of rule ids', () => {
  it('holds ids, or objects that carry one', () => {
    expect(
      readRuleIds({
        items: ['sgr-1', { securityGroupRuleId: 'sgr-2' }, { SecurityGroupRuleId: 'sgr-3' }],
      }),
    ).toEqual({ ids: ['sgr-1', 'sgr-2', 'sgr-3'], unreadable: [] });
    expect(readRuleIds(undefined)).toEqual({ ids: [], unreadable: [] });
  });

  it('says what it cannot read', () => {
    expect(readRuleIds({ items: [{}, '', 7, 'sgr-1'] })).toEqual({
      ids: ['sgr-1'],
      unreadable: ['“{}” is not a rule id', '“” is not a rule id', '“7” is not a rule id'],
    });
    expect(readRuleIds(7)).toEqual({ ids: [], unreadable: ['the list of rule ids is not a list'] });
  });
});
