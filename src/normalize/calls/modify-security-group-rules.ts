// ModifySecurityGroupRules replaces rows named by `sgr-` id. CloudTrail keeps the query API's
// capitals here, and a list of one is not a list. The answer does not repeat the rows.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySecurityGroupRules.html

import type { GroupAddress, RowReplacement } from '../../model/change.ts';
import { asText, isObject, type JsonObject } from '../../model/json.ts';
import { pick, readList, readRuleSource, readShape } from '../ingress-rows.ts';
import { isOmitted, omittedReason, request, type CallReader } from '../reading.ts';

export const readModifySecurityGroupRules: CallReader = (record) => {
  const outer = request(record);
  const body = pick(outer, 'ModifySecurityGroupRulesRequest') ?? outer;
  const groupId = asText(pick(body, 'GroupId', 'groupId'));
  const group: GroupAddress | undefined =
    groupId === undefined ? undefined : { kind: 'id', groupId };
  const base = { target: 'group', group, groupName: null, vpcId: null, ownerId: null } as const;
  if (isOmitted(outer) || isOmitted(body)) {
    return { ...base, effect: undefined, unreadable: [omittedReason] };
  }
  const items = readList(
    pick(
      body,
      'SecurityGroupRule',
      'SecurityGroupRules',
      'securityGroupRules',
      'securityGroupRule',
    ),
  );
  if (items === undefined || items.length === 0) {
    return { ...base, effect: undefined, unreadable: ['the request names no rule to modify'] };
  }
  const replacements: RowReplacement[] = [];
  const unreadable: string[] = [];
  let untouched = 0;
  for (const item of items) {
    const ruleId = asText(pick(item, 'SecurityGroupRuleId', 'securityGroupRuleId'));
    const rule = pick(item, 'SecurityGroupRule', 'securityGroupRule');
    if (ruleId === undefined) unreadable.push('a rule to modify has no id');
    else if (!isObject(rule)) unreadable.push('a rule to modify has no new content');
    else if (changesDescriptionOnly(rule)) untouched += 1;
    else {
      const replacement = readReplacement(ruleId, rule);
      if (typeof replacement === 'string') unreadable.push(replacement);
      else replacements.push(replacement);
    }
  }
  return {
    ...base,
    effect:
      replacements.length > 0 || untouched > 0 ? { kind: 'replace', replacements } : undefined,
    unreadable,
  };
};

function readReplacement(ruleId: string, rule: JsonObject): RowReplacement | string {
  const source = readRuleSource(rule);
  if (typeof source === 'string') return source;
  const shape = readShape(rule);
  if (typeof shape === 'string') return shape;
  return { ruleId, row: { ...shape, source, ruleId } };
}

function changesDescriptionOnly(rule: JsonObject): boolean {
  return Object.keys(rule).every((key) => key === 'Description' || key === 'description');
}
