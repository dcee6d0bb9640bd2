// What a finding says. That it is valid OCSF is checked against the published schema in test/ocsf.

import { describe, expect, test } from 'vitest';
import {
  aContext,
  adminRule,
  aLogSignal,
  anActor,
  anExposure,
  aScanResult,
  type Stories,
} from '../../test/support/scan-results.ts';
import type { Exposure } from '../model/exposure.ts';
import { renderOcsf } from './ocsf.ts';

const closedAt = '2026-03-01T08:01:49Z';
const ms = (time: string): number => Date.parse(time);

function findings(signals: Stories['signals'] = [], context = aContext()): unknown[] {
  const text = [...renderOcsf(aScanResult({ signals }), context)].join('');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line): unknown => JSON.parse(line));
}

function findingOf(...exposures: [Exposure, ...Exposure[]]): unknown {
  return findings([{ exposures }])[0];
}

describe('a finding', () => {
  const open = anExposure();
  const id = `sig-${open.id}`;

  test('is created by the first opening', () => {
    expect(findingOf(open)).toMatchObject({
      activity_name: 'Create',
      type_uid: 200_401,
      time: ms('2026-03-01T08:00:00Z'),
      status: 'New',
      status_detail: '1 exposure of 1 still open.',
      is_alert: true,
      metadata: { uid: `${id}:create:2026-03-01T08:00:00Z`, correlation_uid: id },
      finding_info: { uid: id },
    });
  });

  test('is updated while something of it is open', () => {
    const shut = anExposure({ port: 3389, closedAt });
    expect(findingOf(open, shut)).toMatchObject({
      activity_name: 'Update',
      type_uid: 200_402,
      time: ms(closedAt),
      status: 'New',
      status_detail: '1 exposure of 2 still open.',
      metadata: { uid: `${id}:update:${closedAt}`, correlation_uid: id },
      finding_info: { uid: id },
    });
  });

  test('is closed by the last closing', () => {
    const shut = anExposure({ closedAt });
    expect(findingOf(shut)).toMatchObject({
      activity_name: 'Close',
      type_uid: 200_403,
      time: ms(closedAt),
      duration: 109_000,
      status: 'Resolved',
      status_detail: 'Closed after 1m 49s.',
      is_alert: false,
      metadata: { uid: `${id}:close:${closedAt}`, correlation_uid: id },
    });
  });

  test.each([
    ['info', 1],
    ['low', 2],
    ['medium', 3],
    ['high', 4],
    ['critical', 5],
  ] as const)('of severity %s has the id %d', (severity, severityId) => {
    const [finding] = findings([{ exposures: [open], signal: { severity } }]);
    expect(finding).toMatchObject({ severity_id: severityId });
  });
});

test('what happened and what to do stand apart', () => {
  expect(findingOf(anExposure({ groupId: 'sg-1' }))).toMatchObject({
    finding_info: { desc: 'Group **sg-1** was opened.' },
    remediation: { desc: '1. Ask `alice`.', references: adminRule.references },
  });
  const [without] = findings([{ exposures: [anExposure()], signal: { message: 'Opened.' } }]);
  expect(without).toMatchObject({ finding_info: { desc: 'Opened.' } });
  expect(without).toHaveProperty(
    'remediation.desc',
    expect.stringContaining('revoke-security-group-ingress'),
  );
});

describe('attacks', () => {
  const attacksOf = (tags: readonly string[]): unknown => {
    const context = aContext({ rules: [{ ...adminRule, tags }] });
    return JSON.parse(
      JSON.stringify(findings([{ exposures: [anExposure()] }], context)[0]),
      (key, value: unknown) => (key === 'src_url' ? undefined : value),
    );
  };
  const tactic = { uid: 'TA0005', name: 'Defense Evasion' };
  const technique = { uid: 'T1562', name: 'Impair Defenses' };
  const subTechnique = { uid: 'T1562.007', name: 'Firewall' };

  test.each([
    [
      ['tactic:TA0005-defense-evasion', 'technique:T1562-impair-defenses', 'x:T1562.007-firewall'],
      [{ tactic, technique, sub_technique: subTechnique }],
    ],
    [
      ['tactic:TA0005-defense-evasion', 'x:T1562.007-firewall'],
      [{ tactic, sub_technique: subTechnique }],
    ],
    [['technique:T1562-impair-defenses'], [{ technique }]],
    [['tactic:TA0005-defense-evasion'], [{ tactic }]],
    [
      [
        'tactic:TA0005-defense-evasion',
        'tactic:TA0001-initial-access',
        'technique:T1562-impair-defenses',
      ],
      [
        { tactic, technique },
        { tactic: { uid: 'TA0001', name: 'Initial Access' }, technique },
      ],
    ],
  ])('%j', (tags, attacks) => {
    expect(attacksOf(tags)).toHaveProperty('finding_info.attacks', attacks);
  });

  test('are left out where the rule names none, or is not known', () => {
    expect(attacksOf(['platform:aws'])).not.toHaveProperty('finding_info.attacks');
    const [unknown] = findings([{ exposures: [anExposure()] }], aContext({ rules: [] }));
    expect(unknown).not.toHaveProperty('finding_info.attacks');
    expect(unknown).toHaveProperty('finding_info.analytic.uid', adminRule.id);
  });
});

describe('evidence', () => {
  test('says who called what from where with what', () => {
    const exposure = anExposure({ openedByEventName: 'ModifySecurityGroupRules' });
    expect(findingOf(exposure)).toMatchObject({
      evidences: [
        {
          actor: { user: { name: 'alice', type_id: 99, type: 'AssumedRole' } },
          api: {
            operation: 'ModifySecurityGroupRules',
            request: { uid: exposure.openedByEventId },
          },
          src_endpoint: { ip: '203.0.113.7' },
          http_request: { user_agent: exposure.openedBy.userAgent },
          dst_endpoint: { port: 22, svc_name: 'SSH' },
          data: { sources: ['0.0.0.0/0'], ipv4Coverage: 1, ipv6Coverage: 0 },
        },
      ],
    });
  });

  test('has a host name where AWS called, and the service for which it did', () => {
    const host = 'cloudformation.amazonaws.com';
    const openedBy = anActor({ sourceIp: host, invokedBy: host });
    const finding = findingOf(anExposure({ openedBy }));
    expect(finding).toHaveProperty('evidences.0.src_endpoint', { hostname: host });
    expect(finding).toHaveProperty('evidences.0.actor.app_name', host);
  });

  test.each([
    [{ ipv4Coverage: 1, ipv6Coverage: 0 }, 4],
    [{ ipv4Coverage: 0, ipv6Coverage: 1 }, 6],
    [{ ipv4Coverage: 1, ipv6Coverage: 1 }, undefined],
  ])('names the address family of %o', (shares, version) => {
    const finding = findingOf(anExposure(shares));
    const path = 'evidences.0.connection_info.protocol_ver_id';
    if (version === undefined) expect(finding).not.toHaveProperty(path);
    else expect(finding).toHaveProperty(path, version);
  });
});

test('a finding about records has them for evidence, and no resource', () => {
  const logSignals = [aLogSignal({ status: 'open', closedAt: null, durationSeconds: null })];
  const finding: unknown = JSON.parse(
    [...renderOcsf(aScanResult({ logSignals }), aContext())].join(''),
  );
  expect(finding).toMatchObject({
    status_detail: '140 records so far.',
    evidences: [{ actor: { user: { name: 'alice' } }, data: { eventCount: 140 } }],
  });
  expect(finding).not.toHaveProperty('resources');
});

test.each([
  ['us-east-1', 'aws'],
  ['cn-north-1', 'aws-cn'],
  ['us-gov-west-1', 'aws-us-gov'],
  ['eusc-de-east-1', 'aws-eusc'],
])('a group in %s is in the partition %s', (region, partition) => {
  expect(findingOf(anExposure({ region, groupId: 'sg-1', vpcId: 'vpc-1' }))).toMatchObject({
    cloud: { region, cloud_partition: partition },
    resources: [
      { uid: `arn:${partition}:ec2:${region}:111122223333:security-group/sg-1`, uid_alt: 'sg-1' },
      { uid: `arn:${partition}:ec2:${region}:111122223333:vpc/vpc-1`, role: 'Related' },
    ],
  });
});
