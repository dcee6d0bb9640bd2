// AuthorizeSecurityGroupIngress adds rows. The answer lists what really came to be and is preferred;
// records from before mid-2021, and some tools, have the request only.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html

import { own } from '../../model/json.ts';
import { readAnswerRows, readRequestRows } from '../ingress-rows.ts';
import {
  answer,
  isOmitted,
  omittedReason,
  readGroup,
  request,
  type CallReader,
} from '../reading.ts';

export const readAuthorizeSecurityGroupIngress: CallReader = (record) => {
  const ruleSet = own(answer(record), 'securityGroupRuleSet');
  const group = readGroup(record, ruleSet);
  const answered = readAnswerRows(ruleSet);
  if (answered.rows.length > 0 && answered.unreadable.length === 0) {
    return {
      target: 'group',
      ...group,
      effect: { kind: 'add', rows: answered.rows },
      unreadable: [],
    };
  }
  const body = request(record);
  if (isOmitted(body)) {
    return {
      target: 'group',
      ...group,
      effect: answered.rows.length > 0 ? { kind: 'add', rows: answered.rows } : undefined,
      unreadable: [omittedReason],
    };
  }
  const asked = readRequestRows(body);
  const rows = [...answered.rows, ...asked.rows];
  const unreadable =
    rows.length === 0 && asked.unreadable.length === 0
      ? ['neither the request nor the answer names a row']
      : asked.unreadable;
  return {
    target: 'group',
    ...group,
    effect: rows.length > 0 ? { kind: 'add', rows } : undefined,
    unreadable,
  };
};
