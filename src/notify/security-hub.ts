// AWS Security Hub: a signal is a finding in the AWS Security Finding Format, which is archived and
// resolved when the signal closes. The workflow is set by a second request, because importing does not
// change it once a finding is there.
// https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html

import { z } from 'zod';
import type { Severity } from '../model/exposure.ts';
import type { JsonObject } from '../model/json.ts';
import type { Signal } from '../model/signal.ts';
import type { Notice } from '../model/stored.ts';
import type { FindingsHub, SendOutcome, WorkflowChange } from '../ports.ts';
import { oneLine } from '../render/words.ts';
import { type Channel, sent } from './channel.ts';
import { awsFields, regionField } from './aws-fields.ts';
import { commonFields, type Frozen } from './common-fields.ts';
import { byteLength, fit } from './fit.ts';
import { groupArn, partitionOf } from './group-arn.ts';
import { storyOf } from './story.ts';
import type { Surroundings } from './surroundings.ts';

const accountExpected = 'the account in which Security Hub gathers findings, in quotes';

export const securityHubConfig = z.strictObject({
  ...commonFields,
  type: z.literal('securityhub'),
  profile: awsFields.profile,
  accountId: z
    .string(accountExpected)
    .regex(/^\d{12}$/, accountExpected)
    .describe('The account whose credentials are used, to which findings belong.'),
  region: regionField.describe('Where findings are gathered.'),
});

export type SecurityHubConfig = Frozen<z.infer<typeof securityHubConfig>>;

/** Findings in one request. */
const MAX_FINDINGS = 100;
/** The format's own limits, in bytes: it counts at most characters, so that this is safe. */
const TITLE = 256;
const DESCRIPTION = 1024;
const REMEDIATION = 512;
const PRODUCT_FIELD = 1024;

export function createSecurityHub(config: SecurityHubConfig, { aws }: Surroundings): Channel {
  const { name, accountId, region, profile } = config;
  const hub = aws.findingsHub({ region, ...(profile === undefined ? {} : { profile }) });
  return {
    name,
    isForPeople: false,
    maxNotices: MAX_FINDINGS / 2,
    send: (notices, signal) => sendFindings(hub, notices, { accountId, region }, signal),
  };
}

export type HubPlace = { readonly accountId: string; readonly region: string };

/**
 * One finding for each signal, as its last notice has it: a request must not name a finding twice. A
 * finding under an earlier id is archived along.
 */
async function sendFindings(
  hub: FindingsHub,
  notices: readonly Notice[],
  place: HubPlace,
  signal: AbortSignal,
): Promise<readonly SendOutcome[]> {
  const states = new Map<string, { finding: JsonObject; workflow: WorkflowChange }>();
  for (const notice of notices) {
    if (notice.replaces !== null) {
      const former = { ...notice, signal: { ...notice.signal, id: notice.replaces } };
      states.set(findingId(former.signal), stateOf({ ...former, kind: 'withdrawn' }, place));
    }
    states.set(findingId(notice.signal), stateOf(notice, place));
  }
  const ids = [...states.keys()];
  const all = [...states.values()];
  const imported = await hub.importFindings(
    all.map(({ finding }) => finding),
    signal,
  );
  const outcomes = new Map(ids.map((id, index) => [id, imported[index] ?? sent]));
  const there = all.filter((_, index) => outcomes.get(ids[index] ?? '')?.kind === 'sent');
  if (there.length > 0) {
    const set = await hub.setWorkflow(
      there.map(({ workflow }) => workflow),
      signal,
    );
    there.forEach(({ workflow }, index) => {
      outcomes.set(workflow.findingId, set[index] ?? sent);
    });
  }
  return notices.map((notice) => {
    const own = outcomes.get(findingId(notice.signal)) ?? sent;
    if (own.kind !== 'sent' || notice.replaces === null) return own;
    return outcomes.get(findingId({ id: notice.replaces })) ?? sent;
  });
}

function stateOf(
  notice: Notice,
  place: HubPlace,
): { finding: JsonObject; workflow: WorkflowChange } {
  return {
    finding: findingOf(notice, place),
    workflow: {
      findingId: findingId(notice.signal),
      productArn: productArn(place),
      status: workflowOf(notice),
    },
  };
}

function isOver({ kind, signal }: Notice): boolean {
  switch (kind) {
    case 'opened':
    case 'reopened':
      return false;
    case 'closed':
    case 'withdrawn':
      return true;
    case 'corrected':
    case 'under_review':
    case 'archived':
      return signal.status === 'closed';
    default:
      return kind satisfies never;
  }
}

function workflowOf(notice: Notice): WorkflowChange['status'] {
  if (notice.kind === 'archived') return 'SUPPRESSED';
  if (isOver(notice)) return 'RESOLVED';
  return notice.kind === 'under_review' ? 'NOTIFIED' : 'NEW';
}

const labels: Readonly<Record<Severity, string>> = {
  info: 'INFORMATIONAL',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
  critical: 'CRITICAL',
};

/** Without a workflow, which importing sets to `NEW`. */
export function findingOf(notice: Notice, place: HubPlace): JsonObject {
  const { signal, noticedMs, key } = notice;
  const story = storyOf(notice);
  const fields = [
    ...story.facts.map(({ name, value }) => [`portcullis/${name}`, value] as const),
    ['portcullis/IdempotencyKey', key] as const,
    ['portcullis/What', story.what] as const,
  ];
  const remedy = story.steps
    .map((step) => (step.command === null ? `${step.text}.` : `${step.text}: ${step.command}.`))
    .join(' ');
  return {
    SchemaVersion: '2018-10-08',
    Id: findingId(signal),
    ProductArn: productArn(place),
    ProductName: 'Portcullis',
    CompanyName: 'Portcullis',
    GeneratorId: text(signal.ruleId, 512),
    AwsAccountId: place.accountId,
    Types: ['TTPs/Defense Evasion', 'Effects/Data Exposure'],
    CreatedAt: instant(signal.firstSeen, noticedMs),
    FirstObservedAt: instant(signal.firstSeen, noticedMs),
    LastObservedAt: instant(signal.lastSeen, noticedMs),
    // Later than any before it, which Security Hub asks for.
    UpdatedAt: new Date(noticedMs).toISOString(),
    Severity: { Label: labels[signal.severity], Original: signal.severity },
    Confidence: 100,
    Title: text(story.title, TITLE),
    Description: text(`${story.what}. ${story.summary}`, DESCRIPTION),
    Remediation: {
      Recommendation: {
        Text: text(remedy === '' ? 'Nothing is left to be done.' : remedy, REMEDIATION),
        ...(story.consoleUrl === null ? {} : { Url: story.consoleUrl }),
      },
    },
    ProductFields: Object.fromEntries(
      fields.map(([name, value]) => [name, text(value, PRODUCT_FIELD)]),
    ),
    Resources: [resourceOf(signal)],
    RecordState: isOver(notice) ? 'ARCHIVED' : 'ACTIVE',
  };
}

function resourceOf(signal: Signal): JsonObject {
  const arn = groupArn(signal);
  const region = { Partition: partitionOf(signal.region), Region: text(signal.region, 16) };
  if (signal.groupId === null || arn === null) {
    const id = /^\d{12}$/.test(signal.accountId) ? signal.accountId : 'unknown';
    return { Type: 'AwsAccount', Id: `AWS::::Account:${id}`, ...region };
  }
  return {
    Type: 'AwsEc2SecurityGroup',
    Id: arn,
    ...region,
    Details: {
      AwsEc2SecurityGroup: {
        GroupId: signal.groupId,
        OwnerId: signal.accountId,
        ...(signal.groupName === undefined ? {} : { GroupName: text(signal.groupName, 255) }),
        ...(signal.vpcId === undefined ? {} : { VpcId: text(signal.vpcId, 255) }),
      },
    },
  };
}

function findingId({ id }: Pick<Signal, 'id'>): string {
  return text(id, 512);
}

function productArn({ accountId, region }: HubPlace): string {
  return `arn:${partitionOf(region)}:securityhub:${region}:${accountId}:product/${accountId}/default`;
}

/** One line that is not empty. */
function text(value: string, maxBytes: number): string {
  const line = oneLine(value);
  return line === '' ? '-' : fit(line, maxBytes, String, byteLength);
}

/** A time of a record; where it is none, when the record was noticed. */
function instant(time: string, noticedMs: number): string {
  const ms = Date.parse(time);
  return new Date(Number.isNaN(ms) ? noticedMs : ms).toISOString();
}
