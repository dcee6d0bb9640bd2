// The Lambda handler: every event that may invoke it, what it does where something cannot be read,
// and the bundle, built and invoked as Lambda does it.

import { statSync } from 'node:fs';
import { symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { PortcullisError } from '../../src/errors/portcullis-error.ts';
import { createLambdaHandler, type LambdaHandlerOptions } from '../../src/lambda/index.ts';
import type { JsonObject } from '../../src/model/json.ts';
import type { Problem } from '../../src/model/problem.ts';
import type { Signal } from '../../src/model/signal.ts';
import type { Detection } from '../../src/pipeline.ts';
import type { ObjectStore } from '../../src/ports.ts';
import { bucketFiller } from '../support/fill-bucket.ts';
import { memoryObjectStore } from '../support/memory-object-store.ts';
import { motoEnvironment, startMoto, type Moto } from '../support/moto.ts';
import { projectRoot, removeFolder, temporaryFolder } from '../support/project-copy.ts';
import { runCommand } from '../support/run-command.ts';
import { ingressRecord, trailFile, trailKey } from '../support/trail.ts';

const record = ingressRecord({ id: 'e-1', group: 'sg-1' });
const key = trailKey('111122223333', 'us-east-1', '2026-03-01');

/** A bucket `logs` that holds these files. */
function objects(files: Readonly<Record<string, string | Uint8Array>>): ObjectStore {
  return {
    ...memoryObjectStore(Object.keys(files)),
    async *read(bucket, name) {
      const content = bucket === 'logs' ? files[name] : undefined;
      if (content === undefined) throw new PortcullisError('s3/access', 'it is not there');
      yield Buffer.from(content);
    },
  };
}

function start(options: Partial<LambdaHandlerOptions> = {}) {
  const told: Signal[] = [];
  const detections: Detection[] = [];
  const problems: Problem[] = [];
  const handler = createLambdaHandler({
    sinks: [
      (signals, detection) => {
        told.push(...signals);
        detections.push(detection);
      },
    ],
    objectStore: objects({ [key]: gzipSync(trailFile([record])) }),
    onProblem: (problem) => problems.push(problem),
    ...options,
  });
  return { handler, told, detections, problems };
}

function eventBridge(detail: JsonObject): JsonObject {
  return { version: '0', 'detail-type': 'AWS API Call via CloudTrail', source: 'aws.ec2', detail };
}

function s3Event(...keys: readonly string[]): JsonObject {
  return {
    Records: keys.map((name) => ({
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      eventName: 'ObjectCreated:Put',
      s3: { bucket: { name: 'logs' }, object: { key: name } },
    })),
  };
}

function sqsEvent(...bodies: readonly unknown[]): JsonObject {
  return {
    Records: bodies.map((body, index) => ({
      messageId: `m-${index}`,
      receiptHandle: 'r',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      attributes: {},
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:111122223333:q',
    })),
  };
}

function snsEvent(message: unknown): JsonObject {
  return {
    Records: [
      { EventSource: 'aws:sns', EventVersion: '1.0', Sns: { Message: JSON.stringify(message) } },
    ],
  };
}

function logsEvent(...records: readonly JsonObject[]): JsonObject {
  const payload = {
    messageType: 'DATA_MESSAGE',
    logEvents: records.map((one) => ({ id: '1', timestamp: 1, message: JSON.stringify(one) })),
  };
  return { awslogs: { data: gzipSync(JSON.stringify(payload)).toString('base64') } };
}

const objectCreated: JsonObject = {
  source: 'aws.s3',
  'detail-type': 'Object Created',
  detail: { bucket: { name: 'logs' }, object: { key } },
};

const nothingFailed = { batchItemFailures: [] };

describe('the handler', () => {
  it.each<[string, JsonObject]>([
    ['an EventBridge event', eventBridge(record)],
    ['an S3 notification', s3Event(key)],
    ['an S3 notification through EventBridge', objectCreated],
    ['an S3 notification through SNS', snsEvent(s3Event(key))],
    ['an EventBridge event through SNS', snsEvent(eventBridge(record))],
    ['a batch from SQS', sqsEvent(eventBridge(record))],
    ['a batch from SQS that names objects', sqsEvent(s3Event(key), objectCreated)],
    ['a subscription of CloudWatch Logs', logsEvent(record)],
    ['a subscription of CloudWatch Logs through SQS', sqsEvent(logsEvent(record))],
    ['records', { Records: [record] }],
  ])('finds the opening in %s', async (_, event) => {
    const { handler, told, detections, problems } = start();
    expect(await handler(event)).toEqual(nothingFailed);
    expect(told).toMatchObject([
      { ruleId: 'aws-sg-admin-port-open-to-world', groupId: 'sg-1', eventIds: ['e-1'] },
    ]);
    expect(detections[0]?.exposures).toHaveLength(1);
    expect(problems).toEqual([]);
  });

  it('detects over all of a batch together', async () => {
    const { handler, told } = start();
    const close = ingressRecord({
      id: 'e-2',
      at: '08:05:00',
      name: 'RevokeSecurityGroupIngress',
    });
    await handler(sqsEvent(eventBridge(close), eventBridge(record), eventBridge(record)));
    expect(told).toMatchObject([{ status: 'closed', eventIds: ['e-1', 'e-2'] }]);
  });

  it('says nothing where there is nothing to tell', async () => {
    const { handler, detections } = start();
    expect(await handler(eventBridge({ ...record, eventName: 'DescribeInstances' }))).toEqual(
      nothingFailed,
    );
    expect(await handler({ Event: 's3:TestEvent', Bucket: 'logs' })).toEqual(nothingFailed);
    expect(await handler(logsEvent())).toEqual(nothingFailed);
    expect(detections).toEqual([]);
  });

  it('tells what cannot be judged', async () => {
    const { handler, detections } = start();
    const omitted = { omitted: true, originalSize: 200_000, reason: 'too large' };
    await handler(eventBridge({ ...record, requestParameters: omitted, responseElements: null }));
    expect(detections[0]?.undetermined).toHaveLength(1);
  });

  it('hides what suppressions and the query leave out', async () => {
    const { handler, told } = start({ query: '@severity:low' });
    await handler(eventBridge(record));
    expect(told).toEqual([]);
  });

  it('runs the rules it is given', async () => {
    const { handler, told } = start({ rules: [] });
    await handler(eventBridge(record));
    expect(told).toEqual([]);
  });

  it('reads several events at the same time', async () => {
    const { handler, told } = start();
    const events = Array.from({ length: 20 }, (_, index) =>
      eventBridge(ingressRecord({ id: `e-${index}`, group: `sg-${index}` })),
    );
    await Promise.all(events.map((event) => handler(event)));
    expect(new Set(told.map(({ groupId }) => groupId)).size).toBe(20);
  });
});

describe('what cannot be read', () => {
  it('in a batch from SQS is named, and the rest is done', async () => {
    const { handler, told, problems } = start();
    const torn = gzipSync(trailFile([ingressRecord({ id: 'torn' })])).subarray(0, 60);
    const event = sqsEvent(
      eventBridge(record),
      'not JSON',
      s3Event('gone.json'),
      { awslogs: { data: torn.toString('base64') } },
      '',
    );
    expect(await handler(event)).toEqual({
      batchItemFailures: ['m-1', 'm-2', 'm-3', 'm-4'].map((itemIdentifier) => ({ itemIdentifier })),
    });
    expect(told).toHaveLength(1);
    expect(problems.map(({ file }) => file)).toEqual([
      'message m-1',
      's3://logs/gone.json',
      'message m-3',
      'message m-4',
    ]);
  });

  it.each<[string, unknown]>([
    ['an object that is not there', s3Event('gone.json')],
    ['an event of another kind', { hello: 'world' }],
    ['no event at all', null],
  ])('elsewhere makes Lambda try again: %s', async (_, event) => {
    const { handler, detections } = start();
    await expect(handler(event)).rejects.toMatchObject({ code: 'lambda/not-readable' });
    expect(detections).toEqual([]);
  });

  it('within an object that is good otherwise is told, and not tried again', async () => {
    const text = `{"Records":[${JSON.stringify(record)},{"eventName":"AuthorizeSecurityGroupIngress",,}]}`;
    const { handler, told, problems } = start({ objectStore: objects({ [key]: text }) });
    expect(await handler(s3Event(key))).toEqual(nothingFailed);
    expect(told).toHaveLength(1);
    expect(problems).toMatchObject([{ code: 'record/bad-json', file: `s3://logs/${key}` }]);
  });

  it('of a record that should count is told, and not tried again', async () => {
    const { handler, problems } = start();
    const broken = { ...record, eventTime: 'yesterday' };
    expect(await handler(eventBridge(broken))).toEqual(nothingFailed);
    expect(problems).toMatchObject([{ code: 'record/bad-field', file: 'event', record: 0 }]);
  });

  it('makes all of the event come again where a sink refuses it', async () => {
    const refusing = (): Promise<void> => Promise.reject(new Error('the topic is gone'));
    const { handler } = start({ sinks: [() => {}, refusing] });
    await expect(handler(sqsEvent(eventBridge(record)))).rejects.toThrow('the topic is gone');
  });
});

describe('the bundle', () => {
  const folder = temporaryFolder();
  const bundle = join(folder, 'index.mjs');
  let moto: Moto;

  beforeAll(async () => {
    const built = await runCommand(
      process.execPath,
      ['scripts/build-lambda.ts', 'examples/lambda/handler.ts', folder],
      { cwd: projectRoot },
    );
    if (built.exitCode !== 0) throw new Error(built.stderr);
    // Lambda's Node brings the SDK; here the project's own stands in for it.
    await symlink(join(projectRoot, 'node_modules'), join(folder, 'node_modules'));
    moto = await startMoto();
    const filler = bucketFiller(moto.url);
    await filler.create('logs');
    await filler.put('logs', { [key]: gzipSync(trailFile([record])) });
    filler.end();
  });

  afterAll(async () => {
    await moto.stop();
    removeFolder(folder);
  });

  /** Invokes the handler in a process of its own, as Lambda does. */
  async function invoke(event: unknown) {
    await writeFile(
      join(folder, 'invoke.mjs'),
      `import { handler } from './index.mjs';
       const answer = await handler(${JSON.stringify(event)}, { awsRequestId: 'x' });
       console.log(JSON.stringify({ answer }));`,
    );
    const env = {
      ...motoEnvironment,
      AWS_ENDPOINT_URL_S3: moto.url,
      PATH: dirname(process.execPath),
    };
    const defined = Object.fromEntries(
      Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    const result = await runCommand(process.execPath, ['invoke.mjs'], {
      cwd: folder,
      env: defined,
    });
    expect(result.stderr).toBe('');
    return result.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as JsonObject);
  }

  it('is well below what Lambda takes, and leaves the AWS SDK to Lambda', () => {
    expect(statSync(bundle).size).toBeLessThan(1_500_000);
    expect(statSync(bundle).size).toBeGreaterThan(100_000);
  });

  it.each<[string, JsonObject]>([
    ['an EventBridge event', eventBridge(record)],
    ['an S3 notification', s3Event(key)],
    ['a batch from SQS', sqsEvent(eventBridge(record))],
  ])('writes the signal of %s into its log', async (_, event) => {
    expect(await invoke(event)).toMatchObject([
      { signal: { ruleId: 'aws-sg-admin-port-open-to-world', groupId: 'sg-1' } },
      { answer: nothingFailed },
    ]);
  });
});
