import { describe, expect, it } from 'vitest';

import { replace, row } from '../../../test/support/changes.ts';
import { omittedReason } from '../reading.ts';
import { readModifySecurityGroupRules as read } from './modify-security-group-rules.ts';

const content = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, CidrIpv4: '0.0.0.0/0' };
const update = (id: unknown, rule: unknown) => ({
  SecurityGroupRuleId: id,
  tag: 1,
  SecurityGroupRule: rule,
});
const record = (SecurityGroupRule: unknown, GroupId: unknown = 'sg-1') => ({
  requestParameters: { ModifySecurityGroupRulesRequest: { GroupId, SecurityGroupRule } },
});

describe('a modification', () => {
  it('replaces one row that is not in a list', () => {
    expect(read(record(update('sgr-1', content)))).toEqual({
      target: 'group',
      group: { kind: 'id', groupId: 'sg-1' },
      groupName: null,
      vpcId: null,
      ownerId: null,
      effect: replace('tcp 22 0.0.0.0/0 sgr-1'),
      unreadable: [],
    });
  });

  it('replaces several rows', () => {
    const ipv6 = { IpProtocol: '-1', CidrIpv6: '::/0' };
    expect(read(record([update('sgr-1', content), update('sgr-2', ipv6)]))).toMatchObject({
      effect: replace('tcp 22 0.0.0.0/0 sgr-1', 'all * ::/0 sgr-2'),
      unreadable: [],
    });
  });

  it.each(['SecurityGroupRules', 'securityGroupRules', 'securityGroupRule'])(
    'may call its list %s',
    (name) => {
      const body = { groupId: 'sg-1', [name]: [update('sgr-1', content)] };
      expect(read({ requestParameters: body })).toMatchObject({
        group: { kind: 'id', groupId: 'sg-1' },
        effect: replace('tcp 22 0.0.0.0/0 sgr-1'),
      });
    },
  );

  it('may be spelled in lower case', () => {
    const lower = {
      securityGroupRuleId: 'sgr-1',
      securityGroupRule: { ipProtocol: 'tcp', fromPort: 22, toPort: 22, cidrIpv4: '0.0.0.0/0' },
    };
    expect(read(record(lower))).toMatchObject({ effect: replace('tcp 22 0.0.0.0/0 sgr-1') });
  });

  it.each([{ Description: 'new' }, { description: 'new' }, {}])(
    'that brings %j alone touches no row',
    (rule) => {
      expect(read(record(update('sgr-1', rule)))).toMatchObject({
        effect: { kind: 'replace', replacements: [] },
        unreadable: [],
      });
    },
  );

  it('tells the rows that can be read, and what is wrong with the others', () => {
    const items = [
      update('sgr-1', content),
      update(undefined, content),
      update('sgr-3', 'x'),
      update('sgr-4', { ...content, CidrIpv4: 'x' }),
      update('sgr-5', { ...content, FromPort: 'y' }),
    ];
    expect(read(record(items))).toMatchObject({
      effect: {
        kind: 'replace',
        replacements: [{ ruleId: 'sgr-1', row: row('tcp 22 0.0.0.0/0 sgr-1') }],
      },
      unreadable: [
        'a rule to modify has no id',
        'a rule to modify has no new content',
        '“x” is not a CIDR',
        '“y” is not a port',
      ],
    });
  });

  it.each([[[]], [undefined], ['x'], [{}]])('that names the rules %j names none', (items) => {
    expect(read(record(items))).toMatchObject({
      effect: undefined,
      unreadable: ['the request names no rule to modify'],
    });
  });

  it('without a row that can be read has no effect', () => {
    expect(read(record(update('sgr-1', 7)))).toMatchObject({ effect: undefined });
  });

  it('reports a request that was left out, as a whole or inside', () => {
    expect(read({ requestParameters: { omitted: true } })).toMatchObject({
      group: undefined,
      effect: undefined,
      unreadable: [omittedReason],
    });
    expect(
      read({
        requestParameters: {
          ModifySecurityGroupRulesRequest: { omitted: 'true', GroupId: 'sg-1' },
        },
      }),
    ).toMatchObject({
      group: { kind: 'id', groupId: 'sg-1' },
      effect: undefined,
      unreadable: [omittedReason],
    });
  });

  it('may name no group', () => {
    expect(read(record(update('sgr-1', content), 7))).toMatchObject({ group: undefined });
  });
});
