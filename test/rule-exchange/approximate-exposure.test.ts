// The rule over records that comes nearest to one over the rows of a group: what it finds as the
// exposure rule does, and what it does not.

import { describe, expect, test } from 'vitest';
import type { ExposureRule } from '../../src/model/rule.ts';
import type { JsonObject } from '../../src/model/json.ts';
import { deriveAttributes } from '../../src/normalize/derive-attributes.ts';
import { compileQuery } from '../../src/query/index.ts';
import { approximateExposure } from '../../src/rules/exchange/approximate-exposure.ts';
import { builtInRulesDirectory, loadRules } from '../../src/rules/load-rules.ts';

const rules = (await loadRules([builtInRulesDirectory()])).filter(
  (rule): rule is ExposureRule => rule.kind === 'exposure',
);
const admin = rules.find(({ id }) => id === 'aws-sg-admin-port-open-to-world')!;
const others = rules.find(({ exposure }) => exposure.ports === null)!;

/** The severity that the approximation gives a record; null where it does not match. */
function severityOf(rule: ExposureRule, record: JsonObject): string | null {
  const { file } = approximateExposure(rule);
  const object = deriveAttributes({ eventSource: 'ec2.amazonaws.com', ...record });
  const matching = file.log.queries.filter(({ query }) => compileQuery(query)(object));
  // Each record is in one query at most, so that the order of the cases does not matter.
  expect(matching.length).toBeLessThan(2);
  const label = matching[0]?.name;
  return file.cases.find(({ condition }) => condition === `${label} > 0`)?.severity ?? null;
}

function nested(item: JsonObject, more: JsonObject = {}): JsonObject {
  return {
    eventName: 'AuthorizeSecurityGroupIngress',
    requestParameters: { groupId: 'sg-1', ipPermissions: { items: [item] } },
    ...more,
  };
}

const ssh = { ipProtocol: 'tcp', fromPort: 22, toPort: 22 };
const world = { ipRanges: { items: [{ cidrIp: '0.0.0.0/0' }] } };

function flat(item: JsonObject): JsonObject {
  return { eventName: 'AuthorizeSecurityGroupIngress', requestParameters: item };
}

function replaced(row: JsonObject): JsonObject {
  const SecurityGroupRule = { SecurityGroupRuleId: 'sgr-1', SecurityGroupRule: row };
  return {
    eventName: 'ModifySecurityGroupRules',
    requestParameters: { ModifySecurityGroupRulesRequest: { GroupId: 'sg-1', SecurityGroupRule } },
  };
}

describe('it finds', () => {
  test.each<[string, JsonObject]>([
    ['a port', nested({ ...ssh, ...world })],
    ['a range over a port', nested({ ipProtocol: 'tcp', fromPort: 20, toPort: 30, ...world })],
    ['a protocol by number', nested({ ...ssh, ipProtocol: '6', ...world })],
    ['all traffic', nested({ ipProtocol: '-1', fromPort: 0, toPort: 0, ...world })],
    ['IPv6', nested({ ...ssh, ipv6Ranges: { items: [{ cidrIpv6: '::/0' }] } })],
    [
      'a quarter of the addresses',
      nested({ ...ssh, ipRanges: { items: [{ cidrIp: '64.0.0.0/2' }] } }),
    ],
    ['the flat form', flat({ ...ssh, cidrIp: '0.0.0.0/0' })],
    ['all traffic in the flat form', flat({ ipProtocol: '-1', cidrIp: '0.0.0.0/0' })],
    [
      'a replaced row',
      replaced({ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, CidrIpv4: '0.0.0.0/0' }),
    ],
    ['a replaced row of IPv6', replaced({ IpProtocol: '-1', CidrIpv6: '::/0' })],
  ])('%s', (_, record) => {
    expect(severityOf(admin, record)).toBe('high');
  });

  test('what CloudFormation opened, with the severity of its case', () => {
    const userIdentity = { invokedBy: 'cloudformation.amazonaws.com' };
    expect(severityOf(admin, nested({ ...ssh, ...world }, { userIdentity }))).toBe('medium');
  });

  test('every port, for a rule without ports', () => {
    expect(severityOf(others, nested({ ...ssh, fromPort: 5, toPort: 5, ...world }))).toBe(
      others.severity,
    );
  });
});

describe('it does not find', () => {
  test.each<[string, JsonObject]>([
    ['another port', nested({ ...ssh, fromPort: 443, toPort: 443, ...world })],
    ['another protocol', nested({ ...ssh, ipProtocol: 'udp', ...world })],
    ['a private range', nested({ ...ssh, ipRanges: { items: [{ cidrIp: '10.0.0.0/8' }] } })],
    [
      'an eighth of the addresses',
      nested({ ...ssh, ipRanges: { items: [{ cidrIp: '64.0.0.0/3' }] } }),
    ],
    ['a failed call', nested({ ...ssh, ...world }, { errorCode: 'Client.DryRunOperation' })],
    ['another call', nested({ ...ssh, ...world }, { eventName: 'RevokeSecurityGroupIngress' })],
    ['another service', nested({ ...ssh, ...world }, { eventSource: 'rds.amazonaws.com' })],
  ])('%s', (_, record) => {
    expect(severityOf(admin, record)).toBeNull();
  });
});

test('where it is wrong, that is what it says', () => {
  const apart = {
    eventName: 'AuthorizeSecurityGroupIngress',
    requestParameters: {
      ipPermissions: {
        items: [
          { ...ssh, ipRanges: { items: [{ cidrIp: '10.0.0.0/8' }] } },
          { ...ssh, fromPort: 443, toPort: 443, ...world },
        ],
      },
    },
  };
  expect(severityOf(admin, apart)).toBe('high');
  const halves = ['0.0.0.0/3', '32.0.0.0/3', '64.0.0.0/3', '96.0.0.0/3'];
  const split = { ipRanges: { items: halves.map((cidrIp) => ({ cidrIp })) } };
  expect(severityOf(admin, nested({ ...ssh, ...split }))).toBeNull();
  const reasons = approximateExposure(admin)
    .losses.map(({ reason }) => reason)
    .join('\n');
  expect(reasons).toContain('not row by row');
  expect(reasons).toContain('not added up over rows');
  expect(reasons).not.toContain('other rules name');
  expect(approximateExposure(others).losses.map(({ field }) => field)).toContain(
    'exposure.otherPorts',
  );
});

test('a rule for all of the addresses asks for blocks that are all of them', () => {
  const rule = { ...admin, exposure: { ...admin.exposure, coverageThreshold: 1 } };
  const half = nested({ ...ssh, ipRanges: { items: [{ cidrIp: '0.0.0.0/1' }] } });
  expect(severityOf(rule, half)).toBeNull();
  expect(severityOf(rule, nested({ ...ssh, ...world }))).toBe('high');
});

test('it narrows as the rule does, and groups by caller and group', () => {
  const rule: ExposureRule = {
    ...admin,
    cases: [{ where: null, severity: 'low' }],
    groupBy: ['@userIdentity.accountId'],
    exposure: { ...admin.exposure, protocols: ['tcp', 'udp'], where: '@awsRegion:us-*' },
  };
  const record = nested({ ...ssh, ipProtocol: '17', ...world }, { awsRegion: 'us-east-1' });
  expect(severityOf(rule, record)).toBe('low');
  expect(severityOf(rule, { ...record, awsRegion: 'eu-west-1' })).toBeNull();
  expect(approximateExposure(rule).file.groupBy).toEqual([
    '@userIdentity.accountId',
    '@requestParameters.groupId',
  ]);
});
