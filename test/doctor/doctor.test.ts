// `portcullis doctor` as it is, against moto and receivers of its own.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { operationOf } from '../audit/estate.ts';
import { actionsOf } from '../support/aws-actions.ts';
import { startFaultyProxy, type Fault, type SeenRequest } from '../support/faulty-proxy.ts';
import { allowedActions } from '../support/iam-policy.ts';
import { motoEnvironment, startMoto, type Moto } from '../support/moto.ts';
import { projectRoot } from '../support/project-copy.ts';
import { runCommand, type CommandResult } from '../support/run-command.ts';

let moto: Moto;
let folder: string;
let receiver: Server;
let receiverUrl: string;
let queueUrl: string;
const received: string[] = [];
const seen: SeenRequest[] = [];

beforeAll(async () => {
  for (const [name, value] of Object.entries(motoEnvironment)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  moto = await startMoto();
  folder = await mkdtemp(join(tmpdir(), 'portcullis-doctor-'));
  await mkdir(join(folder, 'drop'));
  receiver = createServer((request, response) => {
    received.push(`${request.method} ${request.url}`);
    request.resume().on('end', () => response.end('ok'));
  });
  await new Promise<void>((ready) => receiver.listen(0, '127.0.0.1', ready));
  const address = receiver.address();
  receiverUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/hook`;
  const place = { endpoint: moto.url, region: 'us-east-1' };
  const s3 = new S3Client({ ...place, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'trail' }));
  await s3.send(
    new PutObjectCommand({ Bucket: 'trail', Key: 'AWSLogs/one.json', Body: '{"Records":[]}' }),
  );
  const queue = await new SQSClient(place).send(new CreateQueueCommand({ QueueName: 'events' }));
  queueUrl = queue.QueueUrl ?? '';
});

afterAll(async () => {
  await new Promise((done) => receiver.close(done));
  await moto.stop();
  await rm(folder, { recursive: true });
});

const document = z.object({
  diagnoses: z.array(
    z.object({
      area: z.string(),
      subject: z.string(),
      outcome: z.string(),
      finding: z.string(),
      action: z.string().nullable(),
      nextStep: z.string().nullable(),
    }),
  ),
});
type Diagnosis = z.infer<typeof document>['diagnoses'][number];

/** All that can be looked at; each test spoils something. */
function fullConfig(): string {
  return `store: { address: portcullis.db }
aws: { accounts: [{ id: "123456789012", regions: [us-east-1] }] }
sources:
  - { name: events, kind: sqs, queueUrl: "${queueUrl}", region: us-east-1 }
  - { name: trail, kind: s3, address: "s3://trail/AWSLogs" }
  - { name: drop, kind: folder, path: drop }
  - { name: history, kind: lookup-events }
channels:
  - { name: hook, type: webhook, url: "${receiverUrl}", secret: "0123456789abcdef" }
  - { name: topic, type: sns, topicArn: "arn:aws:sns:us-east-1:123456789012:none" }
`;
}

/** Moto knows no event history: CloudTrail answers for it that there was nothing. */
const emptyHistory: Fault = {
  kind: 'answer',
  status: 200,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: '{"Events":[]}',
};

function isHistory({ headers }: SeenRequest): boolean {
  return String(headers['x-amz-target']).endsWith('.LookupEvents');
}

function isQueue({ headers }: SeenRequest, operation = ''): boolean {
  const target = String(headers['x-amz-target']);
  return target.startsWith('AmazonSQS.') && target.endsWith(operation);
}

type Faults = (request: SeenRequest) => Fault | undefined;

async function doctor(
  config: string,
  {
    args = ['--format', 'json'],
    faults = () => undefined,
  }: { args?: string[]; faults?: Faults } = {},
): Promise<CommandResult & { readonly diagnoses: readonly Diagnosis[] }> {
  const proxy = await startFaultyProxy(
    moto.url,
    (request) => faults(request) ?? (isHistory(request) ? emptyHistory : undefined),
  );
  await writeFile(join(folder, 'portcullis.yaml'), config);
  const main = resolve(projectRoot, 'src/cli/main.ts');
  const result = await runCommand(
    process.execPath,
    [main, 'doctor', '--endpoint-url', proxy.url, ...args],
    { cwd: folder },
  );
  await proxy.stop();
  seen.push(...proxy.requests);
  const json = args.includes('json') && result.stdout !== '';
  return { ...result, diagnoses: json ? document.parse(JSON.parse(result.stdout)).diagnoses : [] };
}

const failures = (diagnoses: readonly Diagnosis[]): readonly Diagnosis[] =>
  diagnoses.filter(({ outcome }) => outcome === 'failed');

describe('where everything works', () => {
  test('each thing is named, the exit code is 0, and nothing was sent or made', async () => {
    const { diagnoses, exitCode, stderr } = await doctor(fullConfig());
    expect(stderr).toBe('');
    expect(failures(diagnoses)).toEqual([]);
    expect(exitCode).toBe(0);
    expect(diagnoses.map(({ area, subject }) => `${area} ${subject}`)).toEqual([
      'credentials 123456789012',
      'clock this machine',
      'store store',
      'source events',
      'source trail',
      'source drop',
      'source history in 123456789012',
      'audit 123456789012',
      'channel hook',
      'channel topic',
    ]);
    expect(received).toEqual([]);
  });

  test('a table says so to a person', async () => {
    const { stdout } = await doctor(fullConfig(), { args: [] });
    expect(stdout).toMatch(/^ok +store +store +can be made; there is none yet/m);
    expect(stdout).toMatch(/everything works \(10 checks\)\n$/);
  });

  test('a test message is sent where that is asked for', async () => {
    const { diagnoses } = await doctor(fullConfig(), { args: ['--send-test', '--format', 'json'] });
    expect(received).toEqual(['POST /hook', 'POST /hook']);
    expect(diagnoses.find(({ subject }) => subject === 'hook')?.finding).toBe(
      'a test message was sent',
    );
  });
});

describe('a permission that is missing', () => {
  const ec2Denied: Fault = {
    kind: 'answer',
    status: 403,
    headers: { 'content-type': 'text/xml' },
    body: '<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors><RequestID>1</RequestID></Response>',
  };
  const jsonDenied: Fault = {
    kind: 'answer',
    status: 400,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: '{"__type":"com.amazonaws.sqs#AccessDeniedException","message":"no"}',
  };

  const xmlDenied: Fault = {
    kind: 'answer',
    status: 403,
    headers: { 'content-type': 'application/xml' },
    body: '<Error><Code>AccessDenied</Code><Message>no</Message></Error>',
  };
  const actions = (diagnoses: readonly Diagnosis[]): readonly string[] =>
    failures(diagnoses)
      .map(({ subject, action }) => `${subject} ${action}`)
      .toSorted();

  test('is named with its action, call by call', async () => {
    const { diagnoses, exitCode } = await doctor(fullConfig(), {
      faults: (request) => {
        if (/Describe|GetManaged/.test(operationOf(request))) return ec2Denied;
        if (isHistory(request) || isQueue(request)) return jsonDenied;
        return request.path.startsWith('/trail/AWSLogs') ? xmlDenied : undefined;
      },
    });
    expect(exitCode).toBe(1);
    expect(actions(diagnoses)).toEqual([
      '123456789012 ec2:DescribeManagedPrefixLists',
      '123456789012 ec2:DescribeRegions',
      '123456789012 ec2:DescribeSecurityGroupRules',
      '123456789012 ec2:DescribeSecurityGroups',
      '123456789012 ec2:GetManagedPrefixListEntries',
      'events sqs:ChangeMessageVisibility',
      'events sqs:DeleteMessage',
      'events sqs:ReceiveMessage',
      'history in 123456789012 cloudtrail:LookupEvents',
      'trail s3:GetObject',
    ]);
  });

  test('is the only one named where the others are there', async () => {
    const { diagnoses } = await doctor(fullConfig(), {
      faults: (request) => {
        if (operationOf(request) === 'DescribeSecurityGroups') return ec2Denied;
        if (isQueue(request, 'DeleteMessageBatch')) return jsonDenied;
        return /^\/trail\/?\?/.test(request.path) ? xmlDenied : undefined;
      },
    });
    expect(actions(diagnoses)).toEqual([
      '123456789012 ec2:DescribeSecurityGroups',
      'events sqs:DeleteMessage',
      'trail s3:ListBucket',
    ]);
  });
});

describe('what else can be wrong', () => {
  test('is found together, each with a next step', async () => {
    const config = `store: { address: portcullis.yaml/portcullis.db }
aws: { accounts: [{ id: "999988887777", regions: [us-east-1] }] }
sources:
  - { name: events, kind: sqs, queueUrl: "${moto.url}/123456789012/none", region: us-east-1 }
  - { name: trail, kind: s3, address: "s3://no-such-bucket/AWSLogs" }
  - { name: drop, kind: folder, path: nowhere }
channels:
  - { name: closed, type: webhook, url: "http://127.0.0.1:1/hook", secret: "0123456789abcdef" }
  - { name: unset, type: slack, url: "\${NOT_SET_ANYWHERE}" }
audit: { everySeconds: 0 }
`;
    const { diagnoses, exitCode } = await doctor(config);
    expect(exitCode).toBe(1);
    const found = new Map(failures(diagnoses).map(({ subject, finding }) => [subject, finding]));
    expect(found.get('999988887777')).toContain('the credentials are of the account 123456789012');
    expect(found.get('store')).toContain('is not a folder');
    expect(found.get('events')).toContain('there is no such queue');
    expect(found.get('trail')).toContain('there is no bucket named no-such-bucket');
    expect(found.get('drop')).toContain('is not there');
    expect(found.get('closed')).toBe('no connection (ECONNREFUSED)');
    expect(found.get('unset')).toContain('environment variable NOT_SET_ANYWHERE');
    expect(failures(diagnoses).filter(({ nextStep }) => nextStep === null)).toEqual([]);
  });

  test('a clock that is off is told by how much', async () => {
    const hourAgo = new Date(Date.now() - 3_600_000).toUTCString();
    const { diagnoses } = await doctor('audit: { everySeconds: 60 }\n', {
      faults: (request) =>
        operationOf(request) === 'GetCallerIdentity'
          ? {
              kind: 'answer',
              status: 200,
              headers: { 'content-type': 'text/xml', date: hourAgo },
              body: '<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/me</Arn><UserId>me</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>',
            }
          : undefined,
    });
    const [clock] = failures(diagnoses);
    expect(clock).toMatchObject({
      area: 'clock',
      nextStep: expect.stringContaining('NTP') as string,
    });
    expect(clock?.finding).toMatch(/^3(?:59\d|60\d) s ahead of AWS's clock$/);
  });

  test('a configuration that is wrong ends with 2, and nothing else is looked at', async () => {
    const { exitCode, stdout, stderr } = await doctor('sevre: {}\n');
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('[config/bad-file]');
  });
});

test('no call was made that the policies of what was looked at do not allow', () => {
  const allowed = new Set([
    ...['audit', 'sqs-source', 's3-source', 'lookup-events', 'notify-sns'].flatMap(allowedActions),
    // Everybody may ask who they are.
    'sts:GetCallerIdentity',
  ]);
  expect(actionsOf(seen).filter((action) => !allowed.has(action))).toEqual([]);
});
