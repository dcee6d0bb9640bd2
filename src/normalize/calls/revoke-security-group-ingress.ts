// RevokeSecurityGroupIngress removes rows, named by `sgr-` id or by exact protocol, ports and source.
// Newer answers list what was removed. EC2 may answer success although nothing matched (default
// VPC), so a row that is not there simply stays away.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeSecurityGroupIngress.html

import type { IngressRule } from '../../model/ingress-rule.ts';
import { own } from '../../model/json.ts';
import { readAnswerRows, readRequestRows } from '../ingress-rows.ts';
import {
  answer,
  isOmitted,
  omittedReason,
  readGroup,
  readRuleIds,
  request,
  type CallReader,
} from '../reading.ts';

export const readRevokeSecurityGroupIngress: CallReader = (record) => {
  const revokedSet = own(answer(record), 'revokedSecurityGroupRuleSet');
  const group = readGroup(record, revokedSet);
  const revoked = readAnswerRows(revokedSet);
  const body = request(record);
  const rows: IngressRule[] = [...revoked.rows];
  const ruleIds = revoked.rows.flatMap((row) => (row.ruleId === null ? [] : [row.ruleId]));
  const unreadable: string[] = [];
  if (isOmitted(body)) {
    if (revoked.rows.length === 0) unreadable.push(omittedReason);
  } else {
    const asked = readRequestRows(body);
    const named = readRuleIds(own(body, 'securityGroupRuleIds'));
    rows.push(...asked.rows);
    ruleIds.push(...named.ids);
    unreadable.push(...asked.unreadable, ...named.unreadable);
    if (rows.length === 0 && ruleIds.length === 0 && unreadable.length === 0) {
      unreadable.push('neither the request nor the answer names a row');
    }
  }
  return {
    target: 'group',
    ...group,
    effect:
      rows.length > 0 || ruleIds.length > 0
        ? { kind: 'remove', rows, ruleIds: [...new Set(ruleIds)] }
        : undefined,
    unreadable,
  };
};
