// Fifty log rules over fifty event names, as a team that watches its accounts would have them: calls
// that change who may do what, take secrets and data, look around, or hide. Five in a hundred records
// of the corpus have one of the names.

import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';

/** The first 35 are in the corpus; the others are what one hopes never to see. */
export const watchedEvents = [
  'ConsoleLogin',
  'SwitchRole',
  'GetFederationToken',
  'AssumeRoleWithSAML',
  'CreateRole',
  'AttachRolePolicy',
  'PutRolePolicy',
  'CreatePolicyVersion',
  'TagRole',
  'ListAccessKeys',
  'ListUsers',
  'GenerateCredentialReport',
  'SimulatePrincipalPolicy',
  'GetSecretValue',
  'ListSecrets',
  'RotateSecret',
  'GetKeyPolicy',
  'PutBucketPolicy',
  'RunInstances',
  'StopInstances',
  'AttachVolume',
  'CreateSnapshot',
  'CreateDBSnapshot',
  'DescribeInstanceAttribute',
  'CreateLaunchTemplateVersion',
  'SendCommand',
  'StartSession',
  'UpdateFunctionCode20150331v2',
  'PutImage',
  'ChangeResourceRecordSets',
  'ExecuteChangeSet',
  'ListDetectors',
  'LookupEvents',
  'GetEventSelectors',
  'StartQueryExecution',
  'CreateAccessKey',
  'CreateUser',
  'CreateLoginProfile',
  'AttachUserPolicy',
  'UpdateAssumeRolePolicy',
  'StopLogging',
  'DeleteTrail',
  'PutEventSelectors',
  'DeleteFlowLogs',
  'DeleteDetector',
  'ModifySnapshotAttribute',
  'ModifyImageAttribute',
  'PutBucketAcl',
  'ScheduleKeyDeletion',
  'LeaveOrganization',
] as const;

type Shape = {
  readonly name: string;
  /** The fields of rule.yaml below `groupBy`. */
  readonly body: (event: string, next: string) => object;
};

/** The kinds of rules that such sets are made of, taken in turn. */
const shapes: readonly Shape[] = [
  {
    name: 'many by one caller',
    body: (event) => ({
      groupBy: ['@userIdentity.arn'],
      log: {
        queries: [
          {
            name: 'calls',
            query: `@evt.name:${event} -@userIdentity.invokedBy:*.amazonaws.com -@error.kind:*`,
          },
        ],
      },
      cases: [
        { name: 'very many', severity: 'high', condition: 'calls > 2000' },
        { name: 'many', severity: 'medium', condition: 'calls > 1000' },
      ],
      options: { evaluationWindow: 600, keepAlive: 3600 },
    }),
  },
  {
    name: 'in several regions',
    body: (event) => ({
      groupBy: ['@userIdentity.session_name'],
      log: {
        queries: [
          {
            name: 'regions',
            query: `source:cloudtrail @evt.name:${event} @userIdentity.type:(IAMUser OR AssumedRole OR Root)`,
            aggregation: 'cardinality',
            distinctFields: ['@awsRegion'],
          },
        ],
        filters: [{ action: 'suppress', query: '@http.useragent:*terraform*' }],
      },
      cases: [{ name: '', severity: 'medium', condition: 'regions > 8' }],
      options: { evaluationWindow: 900, keepAlive: 3600 },
    }),
  },
  {
    name: 'refused, then done',
    body: (event, next) => ({
      groupBy: ['@usr.id'],
      log: {
        queries: [
          {
            name: 'refused',
            query: `@evt.name:(${event} OR ${next}) @error.kind:(AccessDenied OR *UnauthorizedOperation)`,
          },
          {
            name: 'done',
            query: `@evt.name:${event} @evt.outcome:success -@userIdentity.type:AWSService`,
          },
        ],
      },
      cases: [{ name: '', severity: 'high', condition: 'refused > 50 && done > 0' }],
      options: { evaluationWindow: 900, keepAlive: 3600 },
    }),
  },
  {
    name: 'by a caller never seen',
    body: (event) => ({
      groupBy: ['@recipientAccountId'],
      log: {
        detectionMethod: 'new_value',
        queries: [
          {
            name: 'callers',
            query: `@evt.name:${event} -@userIdentity.type:AWSService`,
            aggregation: 'new_value',
            metrics: ['@userIdentity.assumed_role'],
          },
        ],
        newValueOptions: { forgetAfter: 2419200, learningDuration: 604800 },
      },
      cases: [{ name: '', severity: 'low' }],
      options: { evaluationWindow: 0, keepAlive: 3600 },
    }),
  },
  {
    name: 'from elsewhere',
    body: (event) => ({
      groupBy: ['@userIdentity.arn', '@recipientAccountId'],
      log: {
        queries: [
          {
            name: 'elsewhere',
            query: `@evt.name:${event} -CIDR(@network.client.ip, 10.0.0.0/8, 172.16.0.0/12, 198.51.100.0/24) -@sourceIPAddress:*.amazonaws.com`,
            aggregation: 'cardinality',
            distinctFields: ['@network.client.ip', '@http.useragent'],
          },
        ],
      },
      cases: [{ name: '', severity: 'medium', condition: 'elsewhere > 500' }],
      options: { evaluationWindow: 3600, keepAlive: 7200 },
    }),
  },
];

/** Writes the rules, a folder each, in place of what was there. */
export async function writeLogRules(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  for (const [index, event] of watchedEvents.entries()) {
    const shape = shapes[index % shapes.length];
    const next = watchedEvents[(index + 1) % watchedEvents.length];
    if (shape === undefined || next === undefined) throw new RangeError('no shape, or no event');
    const id = `watch-${event.toLowerCase()}`;
    const rule = {
      id,
      name: `${event} ${shape.name}`,
      version: '1.0.0',
      tags: ['tactic:TA0007-discovery'],
      goal: `Tell of ${event} ${shape.name}.`,
      strategy: 'Look at each call of that name.',
      ...shape.body(event, next),
      triage: [{ step: 'Ask `{{@userIdentity.session_name}}` about it.' }],
      title: `${event} by {{@signal.actor}}`,
      message:
        '`{{@userIdentity.arn}}` made {{@signal.eventCount}} calls from `{{@network.client.ip}}`.',
      changelog: [{ version: '1.0.0', date: '2026-11-24', changes: ['First version.'] }],
    };
    await mkdir(join(folder, id), { recursive: true });
    await writeFile(join(folder, id, 'rule.yaml'), stringify(rule));
  }
}
