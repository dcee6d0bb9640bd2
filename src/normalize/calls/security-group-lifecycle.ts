// CreateSecurityGroup teaches a group's id, name and VPC; DeleteSecurityGroup closes all its
// exposures; the egress calls teach which rule ids belong to egress, so that a ModifySecurityGroupRules
// of one is not taken for an ingress row.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html

import { asText, own } from '../../model/json.ts';
import { isEgress, pick, readList } from '../ingress-rows.ts';
import {
  answer,
  isOmitted,
  omittedReason,
  readGroup,
  readRuleIds,
  request,
  type CallReader,
} from '../reading.ts';

export const readCreateSecurityGroup: CallReader = (record) => {
  const body = request(record);
  const groupId = asText(pick(answer(record), 'groupId', 'GroupId'));
  return {
    target: 'group',
    group: groupId === undefined ? undefined : { kind: 'id', groupId },
    groupName: asText(pick(body, 'groupName', 'GroupName')) ?? null,
    vpcId: asText(pick(body, 'vpcId', 'VpcId')) ?? null,
    ownerId: null,
    effect: { kind: 'create' },
    unreadable: [],
  };
};

export const readDeleteSecurityGroup: CallReader = (record) => {
  if (isOmitted(request(record))) {
    const { group, ...names } = readGroup(record, undefined);
    return { target: 'group', group, ...names, effect: undefined, unreadable: [omittedReason] };
  }
  return {
    target: 'group',
    ...readGroup(record, undefined),
    effect: { kind: 'delete' },
    unreadable: [],
  };
};

/** AuthorizeSecurityGroupEgress and RevokeSecurityGroupEgress alike. */
export const readEgressCall: CallReader = (record) => {
  const body = request(record);
  const sets = ['securityGroupRuleSet', 'revokedSecurityGroupRuleSet'];
  const answered = sets.flatMap((set) => readList(own(answer(record), set)) ?? []).filter(isEgress);
  const ruleIds = [
    ...answered.flatMap((item) => asText(own(item, 'securityGroupRuleId')) ?? []),
    ...readRuleIds(own(body, 'securityGroupRuleIds')).ids,
  ];
  const groupId =
    asText(pick(body, 'groupId', 'GroupId')) ??
    answered.map((item) => asText(own(item, 'groupId'))).find((id) => id !== undefined);
  return {
    target: 'group',
    group: groupId === undefined ? undefined : { kind: 'id', groupId },
    groupName: null,
    vpcId: null,
    ownerId: null,
    effect: { kind: 'egress', ruleIds },
    unreadable: [],
  };
};
