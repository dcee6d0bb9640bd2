// Builds scan results for tests, small and typed: name what the test is about, the rest is filled in.
// What is built holds together: a signal lists its exposures, and sums up when they were open.

import type { Actor } from '../../src/model/actor.ts';
import type { Undetermined } from '../../src/model/change.ts';
import type { Exposure } from '../../src/model/exposure.ts';
import type { Problem } from '../../src/model/problem.ts';
import type { ExposureRule } from '../../src/model/rule.ts';
import type { NotRun, ScanResult, ScanStats } from '../../src/model/scan-result.ts';
import type { ExposureSignal, LogSignal } from '../../src/model/signal.ts';
import type { Suppressed } from '../../src/model/suppression.ts';
import type { RenderContext } from '../../src/render/render-context.ts';

export function anActor(given: Partial<Actor> = {}): Actor {
  return {
    type: 'AssumedRole',
    arn: 'arn:aws:sts::111122223333:assumed-role/platform-admin/alice',
    sessionName: 'alice',
    accessKeyId: 'ASIAEXAMPLEKEY000001',
    sourceIp: '203.0.113.7',
    userAgent: 'aws-cli/2.15.30 Python/3.11.8 Linux/6.1 exe/x86_64 command/ec2.authorize',
    invokedBy: null,
    ...given,
  };
}

export function anExposure(given: Partial<Exposure> = {}): Exposure {
  const openedAt = given.openedAt ?? '2026-03-01T08:00:00Z';
  const closedAt = given.closedAt ?? null;
  const port = given.port ?? 22;
  const groupId = given.groupId ?? 'sg-0a1b2c3d4e5f60718';
  return {
    id: `exp-${groupId}-${port}-${openedAt}`,
    ruleId: 'aws-sg-admin-port-open-to-world',
    accountId: '111122223333',
    region: 'us-east-1',
    groupId,
    protocol: 'tcp',
    port,
    service: port === 22 ? 'SSH' : null,
    ipv4Coverage: 1,
    ipv6Coverage: 0,
    sources: ['0.0.0.0/0'],
    openedAt,
    openedByEventId: `open-${openedAt}`,
    openedBy: anActor(),
    closedAt,
    closedByEventId: closedAt === null ? null : `close-${closedAt}`,
    closedBy: closedAt === null ? null : anActor(),
    durationSeconds:
      closedAt === null ? null : (Date.parse(closedAt) - Date.parse(openedAt)) / 1000,
    ...given,
  };
}

export function aSignal(
  exposures: readonly [Exposure, ...Exposure[]],
  given: Partial<ExposureSignal> = {},
): ExposureSignal {
  const [first] = exposures;
  const { ruleId, accountId, region, groupId, groupName, vpcId, openedBy, openedAt } = first;
  const open = exposures.some(({ closedAt }) => closedAt === null);
  const times = exposures.flatMap((each) => [each.openedAt, each.closedAt ?? []].flat()).toSorted();
  const last = exposures.toSorted((a, b) => ((a.closedAt ?? '') < (b.closedAt ?? '') ? 1 : -1))[0];
  const lastSeen = times.at(-1) ?? openedAt;
  return {
    id: `sig-${first.id}`,
    ruleId,
    severity: 'high',
    title: `${first.service ?? first.port} of ${groupId} open to the world`,
    accountId,
    region,
    groupId,
    ...(groupName === undefined ? {} : { groupName }),
    ...(vpcId === undefined ? {} : { vpcId }),
    actor: openedBy,
    firstSeen: openedAt,
    lastSeen,
    status: open ? 'open' : 'closed',
    closedAt: open ? null : lastSeen,
    closedBy: open ? null : (last?.closedBy ?? null),
    durationSeconds: open ? null : (Date.parse(lastSeen) - Date.parse(openedAt)) / 1000,
    message: `Group **${groupId}** was opened.\n\n### Triage and response\n\n1. Ask \`alice\`.`,
    exposures: exposures.map(({ id }) => id),
    eventIds: [
      ...new Set(
        exposures.flatMap((each) => [each.openedByEventId, each.closedByEventId ?? []].flat()),
      ),
    ],
    ...given,
  };
}

/** A signal of a log rule: records that a query matches, and no exposure. */
export function aLogSignal(given: Partial<LogSignal> = {}): LogSignal {
  return {
    id: 'sig-keys-of-alice',
    ruleId: 'access-keys-made',
    severity: 'medium',
    title: 'Keys made by alice',
    accountId: '111122223333',
    region: 'us-east-1',
    groupId: null,
    actor: anActor(),
    firstSeen: '2026-03-01T06:00:00Z',
    lastSeen: '2026-03-01T06:20:00Z',
    status: 'closed',
    closedAt: '2026-03-01T07:20:00Z',
    closedBy: null,
    durationSeconds: 4800,
    message: 'Keys were made for `alice`.',
    exposures: [],
    eventIds: ['keys-1', 'keys-2'],
    groupBy: [
      { attribute: '@userIdentity.arn', value: 'arn:aws:iam::111122223333:user/alice' },
      { attribute: '@awsRegion', value: null },
    ],
    case: 'many',
    newValues: ['198.51.100.7'],
    eventCount: 140,
    queries: [{ name: 'keys', count: 140 }],
    ...given,
  };
}

const someStats: ScanStats = {
  files: 12,
  compressedBytes: 103_809_024,
  bytes: 1_288_490_188,
  records: 3_412_345,
  candidateRecords: 6824,
  irrelevantRecords: 3_412_000,
  changeRecords: 340,
  undeterminedRecords: 3,
  rejectedRecords: 2,
  rejectedFiles: 1,
  durationMs: 2107,
};

export type Stories = {
  /** The exposures of each signal, with what the signal itself should have. */
  readonly signals?: readonly {
    readonly exposures: readonly [Exposure, ...Exposure[]];
    readonly signal?: Partial<ExposureSignal>;
  }[];
  readonly logSignals?: readonly LogSignal[];
  readonly undetermined?: readonly Undetermined[];
  readonly problems?: readonly Problem[];
  readonly notRun?: readonly NotRun[];
  readonly suppressed?: Suppressed;
  readonly stats?: Partial<ScanStats>;
};

export function aScanResult(given: Stories = {}): ScanResult {
  const signals = given.signals ?? [];
  return {
    schemaVersion: 1,
    stats: { ...someStats, ...given.stats },
    signals: [
      ...signals.map(({ exposures, signal }) => aSignal(exposures, signal)),
      ...(given.logSignals ?? []),
    ],
    exposures: signals.flatMap(({ exposures }) => exposures),
    undetermined: given.undetermined ?? [],
    problems: given.problems ?? [],
    ...(given.notRun === undefined ? {} : { notRun: given.notRun }),
    ...(given.suppressed === undefined ? {} : { suppressed: given.suppressed }),
  };
}

export function anUndetermined(given: Partial<Undetermined> = {}): Undetermined {
  return {
    eventId: 'undetermined-1',
    eventTime: '2026-03-02T09:30:00Z',
    eventName: 'AuthorizeSecurityGroupIngress',
    accountId: '111122223333',
    region: 'us-east-1',
    groupId: 'sg-0a1b2c3d4e5f60718',
    reason: 'the entries of prefix list pl-0123456789abcdef0 are not known',
    ...given,
  };
}

export function aProblem(given: Partial<Problem> = {}): Problem {
  return {
    code: 'input/truncated-compression',
    file: 'AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/01/a.json.gz',
    message:
      'A compressed file ends too early; what it holds was read (unexpected end of file). Fetch the file again from its source.',
    ...given,
  };
}

/** Every administrative port at once, as opening 0-65535 to the world gives them. */
export function allAdminPorts(given: Partial<Exposure> = {}): [Exposure, ...Exposure[]] {
  const port = (number: number, service: string): Exposure =>
    anExposure({ ...given, port: number, service });
  return [
    port(21, 'FTP'),
    port(22, 'SSH'),
    port(23, 'Telnet'),
    port(445, 'SMB'),
    port(2375, 'Docker daemon'),
    port(3389, 'RDP'),
    port(5900, 'VNC'),
    port(5985, 'WinRM HTTP'),
    port(5986, 'WinRM HTTPS'),
  ];
}

export const adminRule: ExposureRule = {
  kind: 'exposure',
  id: 'aws-sg-admin-port-open-to-world',
  name: 'Administrative port open to the world through a security group',
  version: '1.2.0',
  enabled: true,
  severity: 'high',
  cases: [{ where: '@userIdentity.invokedBy:cloudformation.amazonaws.com', severity: 'medium' }],
  tags: [
    'tactic:TA0005-defense-evasion',
    'technique:T1562-impair-defenses',
    'sub_technique:T1562.007-disable-or-modify-cloud-firewall',
    'platform:aws',
  ],
  references: ['https://attack.mitre.org/techniques/T1562/007/'],
  goal: 'Find a group that lets the world reach an administrative port.',
  strategy: 'Follow the calls that change a group.',
  triage: [{ step: 'Ask the session.', details: ['Was it meant?'], commands: [] }],
  changelog: [{ date: '2026-01-05', version: '1.2.0', changes: ['Counts wide CIDRs.'] }],
  title: '{{exposure.service}} open',
  message: 'Opened.',
  groupBy: ['group', 'actor'],
  options: { keepAliveSeconds: 3600, maxSignalDurationSeconds: 86_400 },
  exposure: {
    protocols: ['tcp'],
    ports: [{ port: 22, service: 'SSH' }],
    exceptTcpPorts: [],
    expectedPorts: [],
    coverageThreshold: 0.25,
    where: null,
  },
};

export function aContext(given: Partial<RenderContext> = {}): RenderContext {
  return {
    rules: [adminRule],
    columns: 80,
    color: false,
    now: new Date('2026-03-04T12:00:00Z'),
    version: '1.0.0',
    ...given,
  };
}

/** A little of everything that a scan can find. */
export function aFullResult(): ScanResult {
  const cloudFormation = anActor({
    sessionName: 'deploy-pipeline',
    sourceIp: 'cloudformation.amazonaws.com',
    userAgent: 'cloudformation.amazonaws.com',
    invokedBy: 'cloudformation.amazonaws.com',
  });
  const terraform = anActor({
    type: 'IAMUser',
    sessionName: 'ci-terraform',
    arn: 'arn:aws:iam::444455556666:user/ci-terraform',
    sourceIp: '2001:db8:85a3::8a2e:370:7334',
    userAgent:
      'APN/1.0 HashiCorp/1.0 Terraform/1.9.2 (+https://www.terraform.io) terraform-provider-aws/5.60.0',
  });
  const console = anActor({
    type: 'Root',
    sessionName: 'root',
    arn: 'arn:aws:iam::111122223333:root',
    accessKeyId: null,
    sourceIp: '198.51.100.24',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36',
  });
  return aScanResult({
    signals: [
      {
        exposures: [
          anExposure({ groupName: 'bastion-temp', vpcId: 'vpc-0123456789abcdef0' }),
          anExposure({
            groupName: 'bastion-temp',
            vpcId: 'vpc-0123456789abcdef0',
            port: 3389,
            service: 'RDP',
            openedAt: '2026-03-01T08:20:00Z',
            closedAt: '2026-03-01T08:21:49Z',
            ipv4Coverage: 0.5,
            sources: ['128.0.0.0/1'],
          }),
        ],
      },
      {
        exposures: allAdminPorts({
          groupId: 'sg-0fedcba9876543210',
          groupName: 'launch-wizard-1',
          accountId: '444455556666',
          region: 'eu-central-1',
          openedAt: '2026-03-03T22:14:05Z',
          openedBy: terraform,
          ipv6Coverage: 1,
          sources: ['0.0.0.0/0', '::/0'],
        }),
        signal: { severity: 'critical' },
      },
      {
        exposures: [
          anExposure({
            groupId: 'sg-0123456789abcdef0',
            ruleId: 'aws-sg-database-port-open-to-world',
            openedAt: '2026-02-27T03:00:00Z',
            closedAt: '2026-02-27T16:45:10Z',
            port: 5432,
            service: 'PostgreSQL',
            openedBy: cloudFormation,
            closedBy: console,
            ipv6Coverage: 1,
            ipv4Coverage: 0,
            sources: ['::/0'],
          }),
        ],
        signal: { severity: 'medium' },
      },
      {
        exposures: [
          anExposure({
            groupId: 'sg-00000000000000042',
            ruleId: 'aws-sg-open-to-world',
            groupName: 'metrics 測定 📈',
            openedAt: '2026-02-25T10:00:00Z',
            closedAt: '2026-02-25T10:00:58Z',
            port: 8000,
            toPort: 8100,
            service: null,
            openedBy: console,
            closedBy: console,
            ipv4Coverage: 0.75,
            sources: ['0.0.0.0/1', '192.0.0.0/2'],
          }),
        ],
        signal: { severity: 'low' },
      },
    ],
    undetermined: [
      anUndetermined(),
      anUndetermined({ eventId: 'undetermined-2', eventTime: '2026-03-02T09:31:12Z' }),
      anUndetermined({
        eventId: 'undetermined-3',
        reason: 'the request was too large for CloudTrail and left out',
        groupId: null,
      }),
    ],
    problems: [
      ...Array.from({ length: 7 }, (_, index) =>
        aProblem({
          file: `AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/01/111122223333_CloudTrail_us-east-1_20260301T0${index}00Z_Xa8kPq2LmN0rTvWz.json.gz`,
        }),
      ),
      aProblem({
        code: 'record/bad-field',
        file: 'notes.json',
        record: 1041,
        offset: 1_982_113,
        message:
          'A record that should count lacks a field, or has it with the wrong type (eventTime is missing or not a UTC time). Look at the record; if it is genuine, report it so that its shape can be read.',
      }),
    ],
  });
}
