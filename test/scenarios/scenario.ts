// Incidents as data: each YAML file here is a list of scenarios, each a timeline of calls and what
// must be found in it. This file reads them, writes the CloudTrail records and tells the outcome.

import { readFileSync } from 'node:fs';

import { parse } from 'yaml';
import * as z from 'zod';

import type { Exposure } from '../../src/model/exposure.ts';
import { isObject } from '../../src/model/json.ts';
import type { ExposureRule, Rule } from '../../src/model/rule.ts';
import type { Signal } from '../../src/model/signal.ts';
import type { DetectResult } from '../../src/pipeline.ts';
import { portRule } from '../oracle/rules.ts';

const day = '2026-03-01';
const anything = z.unknown();
/** A time of the scenario's day, or a whole time. */
const time = z.string().transform((text) => (text.includes('T') ? text : `${day}T${text}Z`));

const call = z.strictObject({
  at: time,
  call: z.string(),
  id: z.string().optional(),
  by: z.enum(['alice', 'bob', 'stack']).default('alice'),
  identity: anything.optional(),
  account: z.string().default('111122223333'),
  region: z.string().default('us-east-1'),
  source: z.string().default('ec2.amazonaws.com'),
  request: anything,
  answer: anything.default({ _return: true }),
  error: z.string().optional(),
  /** Fields laid over the record. */
  record: z.record(z.string(), anything).default({}),
});

const ruleName = z.enum(['admin', 'database', 'other', 'custom']);
export type RuleName = z.infer<typeof ruleName>;

const exposure = z.strictObject({
  rule: ruleName.default('admin'),
  group: z.string().default('sg-1'),
  port: z.number(),
  toPort: z.number().optional(),
  protocol: z.string().optional(),
  service: z.string().optional(),
  from: time,
  /** Absent: still open. */
  until: time.nullable().default(null),
  seconds: z.number().nullable().optional(),
  openedBy: z.string().optional(),
  closedBy: z.string().optional(),
  openedByEvent: z.string().optional(),
  closedByEvent: z.string().optional(),
  account: z.string().optional(),
  region: z.string().optional(),
  groupName: z.string().nullable().optional(),
  vpcId: z.string().nullable().optional(),
  ipv4: z.number().optional(),
  ipv6: z.number().optional(),
  sources: z.array(z.string()).optional(),
  /** Fields of who opened it. */
  actor: z.record(z.string(), anything).optional(),
});

const signal = z.strictObject({
  rule: ruleName,
  group: z.string().default('sg-1'),
  region: z.string().optional(),
  severity: z.string().optional(),
  status: z.string().optional(),
  actor: z.string().optional(),
  ports: z.array(z.number()).optional(),
  firstSeen: time.optional(),
  lastSeen: time.optional(),
  closedAt: time.nullable().optional(),
  closedBy: z.string().nullable().optional(),
  seconds: z.number().nullable().optional(),
  events: z.array(z.string()).optional(),
});

const scenarioShape = z.strictObject({
  it: z.string(),
  timeline: z.array(call).min(1),
  /** Built-in rules to run; all of them where none are named. */
  rules: z.array(ruleName).default(['admin', 'database', 'other']),
  /** A rule made for this scenario, in place of the built-in ones. */
  rule: z
    .strictObject({
      ports: z.array(z.number()),
      threshold: z.number().default(0.25),
      keepAliveSeconds: z.number().default(3600),
    })
    .optional(),
  exposures: z.array(exposure),
  /** The exposures are listed in the order in which they must be reported. */
  ordered: z.boolean().default(false),
  /** Not looked at where absent. */
  signals: z.array(signal).optional(),
  /** Events that must be reported as undetermined, and no others. */
  undetermined: z.array(z.string()).default([]),
  /** Something in it cannot be read, and that must be said one way or the other. */
  unreadable: z.boolean().default(false),
});

export type Scenario = z.infer<typeof scenarioShape>;
type Call = z.infer<typeof call>;

/** @throws ZodError where the file does not hold scenarios */
export function readScenarios(file: URL): readonly Scenario[] {
  return z.array(scenarioShape).parse(parse(readFileSync(file, 'utf8')));
}

const identities = {
  alice: {
    type: 'IAMUser',
    principalId: 'AIDAEXAMPLE',
    arn: 'arn:aws:iam::111122223333:user/alice',
    accountId: '111122223333',
    accessKeyId: 'AKIAEXAMPLE',
    userName: 'alice',
  },
  bob: {
    type: 'AssumedRole',
    principalId: 'AROAEXAMPLE:bob',
    arn: 'arn:aws:sts::111122223333:assumed-role/Admin/bob',
    accountId: '111122223333',
    accessKeyId: 'ASIAEXAMPLE',
  },
  stack: {
    type: 'AssumedRole',
    principalId: 'AROADEPLOY:stack',
    arn: 'arn:aws:sts::111122223333:assumed-role/Deploy/stack',
    accountId: '111122223333',
    accessKeyId: 'ASIADEPLOY',
    invokedBy: 'cloudformation.amazonaws.com',
  },
} as const;

function eventId(step: Call, index: number): string {
  return step.id ?? `event-${String(index).padStart(2, '0')}`;
}

/** The records in the order of delivery. */
export function recordsOf(scenario: Scenario): readonly unknown[] {
  return scenario.timeline.map((step, index) =>
    Object.assign(
      {
        eventVersion: '1.09',
        userIdentity: step.identity === undefined ? identities[step.by] : step.identity,
        eventTime: step.at,
        eventSource: step.source,
        eventName: step.call,
        awsRegion: step.region,
        sourceIPAddress: step.by === 'stack' ? 'cloudformation.amazonaws.com' : '198.51.100.7',
        userAgent: step.by === 'stack' ? 'cloudformation.amazonaws.com' : 'aws-cli/2.15.0',
        requestParameters: step.request,
        responseElements: step.answer,
        eventID: eventId(step, index),
        eventType: 'AwsApiCall',
        recipientAccountId: step.account,
      },
      step.error === undefined ? {} : { errorCode: step.error, errorMessage: 'no' },
      step.record,
    ),
  );
}

const ruleIds: Record<RuleName, string> = {
  admin: 'aws-sg-admin-port-open-to-world',
  database: 'aws-sg-database-port-open-to-world',
  other: 'aws-sg-open-to-world',
  custom: 'custom',
};

export function rulesOf(scenario: Scenario, builtIn: readonly Rule[]): readonly Rule[] {
  const { rule } = scenario;
  if (rule !== undefined) return [customRule(rule)];
  return scenario.rules.map((name) => {
    const found = builtIn.find(({ id }) => id === ruleIds[name]);
    if (found === undefined) throw new Error(`no built-in rule ${ruleIds[name]}`);
    return found;
  });
}

function customRule(rule: NonNullable<Scenario['rule']>): ExposureRule {
  return portRule(
    'custom',
    rule.ports,
    { coverageThreshold: rule.threshold },
    { options: { keepAliveSeconds: rule.keepAliveSeconds, maxSignalDurationSeconds: 86_400 } },
  );
}

/** What was found, in the scenario's own words and only as far as the scenario says something. */
export function told(scenario: Scenario, result: DetectResult) {
  const wanted = sorted(scenario.exposures, scenario.ordered);
  const found = sorted(result.exposures.map(tellExposure), scenario.ordered);
  const wantedSignals = sorted(scenario.signals ?? [], false);
  const foundSignals =
    scenario.signals === undefined
      ? []
      : sorted(
          result.signals.map((one) => tellSignal(one, result.exposures)),
          false,
        );
  return {
    wanted: {
      exposures: wanted,
      signals: wantedSignals,
      undetermined: scenario.undetermined.toSorted(),
    },
    found: {
      exposures: found.map((one, index) => pruned(one, wanted[index])),
      signals: foundSignals.map((one, index) => pruned(one, wantedSignals[index])),
      undetermined: scenario.unreadable
        ? []
        : result.undetermined.map((one) => one.eventId).toSorted(),
    },
  };
}

function shortName(ruleId: string): string {
  const entry = Object.entries(ruleIds).find(([, id]) => id === ruleId);
  return entry?.[0] ?? ruleId;
}

function tellExposure(found: Exposure) {
  return {
    rule: shortName(found.ruleId),
    group: found.groupId,
    port: found.port,
    toPort: found.toPort,
    protocol: found.protocol,
    service: found.service,
    from: found.openedAt,
    until: found.closedAt,
    seconds: found.durationSeconds,
    openedBy: found.openedBy.sessionName,
    closedBy: found.closedBy?.sessionName ?? null,
    openedByEvent: found.openedByEventId,
    closedByEvent: found.closedByEventId,
    account: found.accountId,
    region: found.region,
    groupName: found.groupName ?? null,
    vpcId: found.vpcId ?? null,
    ipv4: found.ipv4Coverage,
    ipv6: found.ipv6Coverage,
    sources: found.sources,
    actor: found.openedBy,
  };
}

function tellSignal(found: Signal, exposures: readonly Exposure[]) {
  return {
    rule: shortName(found.ruleId),
    group: found.groupId ?? '',
    region: found.region,
    severity: found.severity,
    status: found.status,
    actor: found.actor.sessionName,
    ports: exposures
      .filter(({ id }) => found.exposures.includes(id))
      .map(({ port }) => port)
      .toSorted((a, b) => a - b),
    firstSeen: found.firstSeen,
    lastSeen: found.lastSeen,
    closedAt: found.closedAt,
    closedBy: found.closedBy?.sessionName ?? null,
    seconds: found.durationSeconds,
    events: found.eventIds,
  };
}

type Place = {
  readonly rule: string;
  readonly group: string;
  readonly region?: string | undefined;
  readonly port?: number | undefined;
  readonly from?: string | undefined;
  readonly firstSeen?: string | undefined;
};

/** The same order on both sides, by what every entry says. */
function sorted<T extends Place>(entries: readonly T[], already: boolean): readonly T[] {
  if (already) return entries;
  const key = ({ rule, group, port = 0, from = '', firstSeen = '' }: Place) =>
    `${rule} ${group} ${String(port).padStart(5, '0')} ${from} ${firstSeen}`;
  return entries.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

/** `found` with the keys of `wanted` alone, at each level; whole where nothing stands against it. */
function pruned(found: unknown, wanted: unknown): unknown {
  if (!isObject(found) || !isObject(wanted)) return found;
  return Object.fromEntries(
    Object.keys(wanted)
      .filter((key) => wanted[key] !== undefined)
      .map((key) => [key, pruned(found[key], wanted[key])]),
  );
}
