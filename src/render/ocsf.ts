// One OCSF 1.8.0 Detection Finding (class 2004, profile `cloud`) per signal, one a line.
// The same signal in the same state gives the same finding, `metadata.uid` included, so that a
// receiver can drop repetitions; `finding_info.uid` stays the same over the signal's whole life.
// https://schema.ocsf.io/1.8.0/classes/detection_finding

import { isIP } from 'node:net';
import type { Actor } from '../model/actor.ts';
import type { Exposure, Severity } from '../model/exposure.ts';
import type { Rule } from '../model/rule.ts';
import type { ScanResult } from '../model/scan-result.ts';
import type { LogSignal, Signal } from '../model/signal.ts';
import { exposureJson, safeJson } from './machine-json.ts';
import { type AttackReference, attackReferences } from './mitre.ts';
import type { RenderContext } from './render-context.ts';
import { countText, durationText, portText } from './words.ts';

/** A part of a finding; parts that are undefined are left out when it is printed. */
type Part = Readonly<Record<string, unknown>>;

/** A number of OCSF's enumerations with its caption. */
type Named = readonly [id: number, caption: string];

const classUid = 2004;

const severityOf: Readonly<Record<Severity, Named>> = {
  info: [1, 'Informational'],
  low: [2, 'Low'],
  medium: [3, 'Medium'],
  high: [4, 'High'],
  critical: [5, 'Critical'],
};

const activities = {
  create: [1, 'Create'],
  update: [2, 'Update'],
  close: [3, 'Close'],
} as const satisfies Record<string, Named>;

export function* renderOcsf(result: ScanResult, context: RenderContext): Generator<string> {
  const rules = new Map(context.rules.map((rule) => [rule.id, rule]));
  const exposures = new Map(result.exposures.map((exposure) => [exposure.id, exposure]));
  for (const signal of result.signals) {
    const ofSignal = signal.exposures.flatMap((id) => exposures.get(id) ?? []);
    const finding = detectionFinding(signal, ofSignal, rules.get(signal.ruleId), context.version);
    yield `${safeJson(finding)}\n`;
  }
}

/** The finding of one signal; parts that are undefined are left out when it is printed. */
export function detectionFinding(
  signal: Signal,
  exposures: readonly Exposure[],
  rule: Rule | undefined,
  version: string,
): Part {
  const [activityId, activityName] = activities[activityOf(signal)];
  const [severityId, severity] = severityOf[signal.severity];
  const isOpen = signal.status === 'open';
  const { desc, remedy } = parts(signal.message);
  const time = activityId === activities.create[0] ? signal.firstSeen : signal.lastSeen;
  return {
    activity_id: activityId,
    activity_name: activityName,
    category_uid: 2,
    category_name: 'Findings',
    class_uid: classUid,
    class_name: 'Detection Finding',
    type_uid: classUid * 100 + activityId,
    type_name: `Detection Finding: ${activityName}`,
    severity_id: severityId,
    severity,
    status_id: isOpen ? 1 : 4,
    status: isOpen ? 'New' : 'Resolved',
    status_code: signal.status,
    status_detail: statusDetail(signal, exposures),
    // A finding follows from the group's rules themselves, not from a likeness.
    confidence_id: 3,
    confidence: 'High',
    is_alert: isOpen,
    time: epochMs(time),
    timezone_offset: 0,
    start_time: epochMs(signal.firstSeen),
    end_time: epochMs(signal.lastSeen),
    duration: signal.durationSeconds === null ? undefined : signal.durationSeconds * 1000,
    message: signal.title,
    metadata: {
      version: '1.8.0',
      profiles: ['cloud'],
      product: { name: 'Portcullis', vendor_name: 'Portcullis', uid: 'portcullis', version },
      uid: `${signal.id}:${activityName.toLowerCase()}:${time}`,
      correlation_uid: signal.id,
      event_code: signal.ruleId,
      log_name: 'AWS CloudTrail',
      log_provider: 'AWS CloudTrail',
      original_time: time,
    },
    cloud: {
      provider: 'AWS',
      account: awsAccount(signal.accountId),
      region: signal.region,
      cloud_partition: partition(signal.region),
    },
    finding_info: {
      uid: signal.id,
      title: signal.title,
      desc,
      created_time: epochMs(signal.firstSeen),
      modified_time: epochMs(signal.lastSeen),
      first_seen_time: epochMs(signal.firstSeen),
      last_seen_time: epochMs(signal.lastSeen),
      data_sources: ['AWS CloudTrail'],
      analytic: {
        type_id: 1,
        type: 'Rule',
        uid: signal.ruleId,
        name: rule?.name,
        version: rule?.version,
      },
      attacks: rule === undefined ? undefined : unlessEmpty(attacks(rule.tags)),
      related_events: signal.eventIds.map((uid) => ({ uid, type: 'AWS CloudTrail event' })),
      related_events_count: signal.eventIds.length,
    },
    remediation: { desc: remedy, references: unlessEmpty(rule?.references ?? []) },
    resources: unlessEmpty(resources(signal)),
    evidences:
      signal.groupId === null ? [recordsEvidence(signal)] : unlessEmpty(exposures.map(evidence)),
    observables: observables(signal),
  };
}

/** The first opening creates a finding, the last closing closes it, all between update it. */
function activityOf(signal: Signal): keyof typeof activities {
  if (signal.status === 'closed') return 'close';
  return signal.lastSeen === signal.firstSeen ? 'create' : 'update';
}

function statusDetail(signal: Signal, exposures: readonly Exposure[]): string {
  if (signal.durationSeconds !== null) {
    return `Closed after ${durationText(signal.durationSeconds)}.`;
  }
  if (signal.groupId === null) return `${countText(signal.eventCount, 'record')} so far.`;
  const open = exposures.filter(({ closedAt }) => closedAt === null).length;
  return `${countText(open, 'exposure')} of ${exposures.length} still open.`;
}

// A rule's message tells what happened and, below this heading, what to do.
const remedyHeading = /^#+ Triage and response$/m;

const remedyForAnyRule =
  'Find out whether the call was meant. Remove or narrow the ingress rules that open the port, with `aws ec2 revoke-security-group-ingress` or `aws ec2 modify-security-group-rules`.';

function parts(message: string): { desc: string; remedy: string } {
  const heading = remedyHeading.exec(message);
  if (heading === null) return { desc: message, remedy: remedyForAnyRule };
  return {
    desc: message.slice(0, heading.index).trim(),
    remedy: message.slice(heading.index + heading[0].length).trim(),
  };
}

function attacks(tags: readonly string[]): Part[] {
  const { tactics, techniques, subTechniques } = attackReferences(tags);
  const orphans = subTechniques.filter((sub) => !techniques.some((of) => isPartOf(sub, of)));
  const pairs = [
    ...techniques.flatMap((technique) => {
      const subs = subTechniques.filter((sub) => isPartOf(sub, technique));
      return subs.length === 0 ? [{ technique }] : subs.map((sub) => ({ technique, sub }));
    }),
    ...orphans.map((sub) => ({ sub })),
  ];
  return (tactics.length === 0 ? [undefined] : tactics).flatMap((tactic) =>
    (pairs.length === 0 && tactic !== undefined ? [{}] : pairs).map(attackForm(tactic)),
  );
}

function attackForm(tactic: AttackReference | undefined) {
  return ({ technique, sub }: { technique?: AttackReference; sub?: AttackReference }): Part => ({
    tactic: attackPart(tactic),
    technique: attackPart(technique),
    sub_technique: attackPart(sub),
  });
}

function isPartOf(subTechnique: AttackReference, technique: AttackReference): boolean {
  return subTechnique.uid.startsWith(`${technique.uid}.`);
}

function attackPart(reference: AttackReference | undefined): Part | undefined {
  if (reference === undefined) return undefined;
  return { uid: reference.uid, name: reference.name, src_url: reference.url };
}

function resources(signal: Signal): Part[] {
  if (signal.groupId === null) return [];
  const { accountId, region, groupId, groupName, vpcId } = signal;
  const place = {
    provider: 'AWS',
    region,
    cloud_partition: partition(region),
    owner: { account: awsAccount(accountId) },
  };
  const arn = (what: string): string =>
    `arn:${partition(region)}:ec2:${region}:${accountId}:${what}`;
  const group = {
    uid: arn(`security-group/${groupId}`),
    uid_alt: groupId,
    name: groupName ?? groupId,
    type: 'AWS::EC2::SecurityGroup',
    role_id: 3,
    role: 'Affected',
    ...place,
  };
  if (vpcId === undefined) return [group];
  const vpc = {
    uid: arn(`vpc/${vpcId}`),
    uid_alt: vpcId,
    name: vpcId,
    type: 'AWS::EC2::VPC',
    role_id: 4,
    role: 'Related',
    ...place,
  };
  return [group, vpc];
}

function evidence(exposure: Exposure): Part {
  const { openedBy, openedByEventId, openedByEventName, closedBy } = exposure;
  return {
    uid: exposure.id,
    name: portText(exposure),
    actor: actorPart(openedBy),
    api:
      openedByEventName === undefined
        ? undefined
        : {
            operation: openedByEventName,
            service: { name: 'ec2.amazonaws.com' },
            request: { uid: openedByEventId },
          },
    src_endpoint: sourcePart(openedBy),
    http_request: openedBy.userAgent === null ? undefined : { user_agent: openedBy.userAgent },
    connection_info: {
      direction_id: 1,
      direction: 'Inbound',
      boundary_id: 3,
      boundary: 'External',
      ...protocolPart(exposure.protocol),
      ...familyPart(exposure),
    },
    dst_endpoint: {
      name: portText(exposure),
      port: exposure.port,
      svc_name: exposure.service ?? undefined,
      vpc_uid: exposure.vpcId,
    },
    // Shares of the address space and CIDRs have no attribute in OCSF.
    data: {
      ...exposureJson(exposure),
      closedBy: closedBy === null ? null : (closedBy.sessionName ?? closedBy.arn),
      openedBy: undefined,
    },
  };
}

/** Of a signal that is about records: who made them, and what they have in common. */
function recordsEvidence({ actor, groupBy, newValues, eventCount, queries }: LogSignal): Part {
  return {
    actor: actorPart(actor),
    src_endpoint: sourcePart(actor),
    http_request: actor.userAgent === null ? undefined : { user_agent: actor.userAgent },
    data: { eventCount, groupBy, newValues, queries },
  };
}

const protocolNumbers: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 };

function protocolPart(protocol: string): Part {
  if (protocol === 'all') return {};
  return {
    protocol_name: protocol,
    protocol_num: Object.hasOwn(protocolNumbers, protocol) ? protocolNumbers[protocol] : undefined,
  };
}

/** The one address family that is let in; nothing where both are. */
function familyPart({ ipv4Coverage, ipv6Coverage }: Exposure): Part {
  if (ipv6Coverage === 0) {
    return { protocol_ver_id: 4, protocol_ver: 'Internet Protocol version 4 (IPv4)' };
  }
  if (ipv4Coverage === 0) {
    return { protocol_ver_id: 6, protocol_ver: 'Internet Protocol version 6 (IPv6)' };
  }
  return {};
}

const userTypes: Readonly<Record<string, Named>> = {
  IAMUser: [1, 'User'],
  Root: [2, 'Admin'],
  AWSService: [4, 'Service'],
  Unknown: [0, 'Unknown'],
};

function actorPart(actor: Actor): Part {
  const { type, arn, sessionName, accessKeyId, invokedBy } = actor;
  const [typeId, typeName] = (Object.hasOwn(userTypes, type) && userTypes[type]) || [99, type];
  const account = /^arn:[\w-]+:\w+::(\d{12}):/.exec(arn ?? '')?.[1];
  return {
    user: {
      name: sessionName ?? arn ?? accessKeyId ?? invokedBy ?? 'unknown',
      uid: arn ?? undefined,
      type_id: typeId,
      type: typeName,
      account: account === undefined ? undefined : awsAccount(account),
      programmatic_credentials:
        accessKeyId === null ? undefined : [{ uid: accessKeyId, type: 'AWS access key' }],
    },
    app_name: invokedBy ?? undefined,
  };
}

/** The caller's address; where AWS itself called, the log has the service's host name there. */
function sourcePart({ sourceIp }: Actor): Part | undefined {
  if (sourceIp === null) return undefined;
  return isIP(sourceIp) > 0 && sourceIp.length <= 40 ? { ip: sourceIp } : { hostname: sourceIp };
}

function observables(signal: Signal): Part[] {
  const { actor } = signal;
  const address = sourcePart(actor);
  return [
    ...observable([10, 'Resource UID'], 'resources[0].uid_alt', signal.groupId),
    ...observable([4, 'User Name'], 'evidences[0].actor.user.name', actor.sessionName),
    ...observable([2, 'IP Address'], 'evidences[0].src_endpoint.ip', address?.['ip']),
    ...observable([1, 'Hostname'], 'evidences[0].src_endpoint.hostname', address?.['hostname']),
  ];
}

function observable([typeId, type]: Named, name: string, value: unknown): Part[] {
  return typeof value === 'string' ? [{ type_id: typeId, type, name, value }] : [];
}

function awsAccount(accountId: string): Part {
  return { uid: accountId, type_id: 10, type: 'AWS Account' };
}

function partition(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  if (region.startsWith('us-gov-')) return 'aws-us-gov';
  return region.startsWith('eusc-') ? 'aws-eusc' : 'aws';
}

function epochMs(time: string): number {
  return Date.parse(time);
}

function unlessEmpty<T>(items: readonly T[]): readonly T[] | undefined {
  return items.length === 0 ? undefined : items;
}
