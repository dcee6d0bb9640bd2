// The source that reads SQS, against moto: what holds for every source, what messages may carry, and
// the permissions that all of it needs.

import { gunzipSync, gzipSync } from 'node:zlib';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  onTestFinished,
  vi,
} from 'vitest';

import { createS3ObjectStore } from '../../src/aws/s3-object-store.ts';
import { createSqsQueue } from '../../src/aws/sqs-queue.ts';
import type { PortcullisError } from '../../src/errors/portcullis-error.ts';
import type { JsonObject } from '../../src/model/json.ts';
import { createSqsSource, type SqsSourceOptions } from '../../src/source/sqs-source.ts';
import { actionsOf } from '../support/aws-actions.ts';
import {
  startFaultyProxy,
  type Fault,
  type FaultyProxy,
  type SeenRequest,
} from '../support/faulty-proxy.ts';
import { bucketFiller, type BucketFiller } from '../support/fill-bucket.ts';
import { allowedActions } from '../support/iam-policy.ts';
import { motoEnvironment, startMoto, type Moto } from '../support/moto.ts';
import { queueMaker, type QueueMaker } from '../support/sqs.ts';
import { ingressRecord, trailFile, trailKey } from '../support/trail.ts';
import { describeSource, eventIds, Run, textOf, type SourceWorld } from './source-suite.ts';

let moto: Moto;
let filler: BucketFiller;
let queues: QueueMaker;
const seen: SeenRequest[] = [];

beforeAll(async () => {
  moto = await startMoto();
  filler = bucketFiller(moto.url);
  queues = queueMaker(moto.url);
  await filler.create('logs');
});

afterAll(async () => {
  filler.end();
  queues.end();
  await moto.stop();
});

beforeEach(() => {
  for (const [name, value] of Object.entries(motoEnvironment)) vi.stubEnv(name, value);
});

afterEach(() => {
  vi.unstubAllEnvs();
});

const faults: readonly Fault[] = [
  {
    kind: 'answer',
    status: 400,
    body: '{"__type":"com.amazonaws.sqs#RequestThrottled","message":"Request is throttled."}',
  },
  { kind: 'answer', status: 503, body: 'Service Unavailable' },
];

type SqsWorld = SourceWorld & {
  readonly url: string;
  readonly proxy: FaultyProxy;
  send(body: unknown): Promise<void>;
};

async function startWorld(options: Partial<SqsSourceOptions> = {}): Promise<SqsWorld> {
  const url = await queues.create();
  let failures = 0;
  const proxy = await startFaultyProxy(moto.url, (request) => {
    seen.push(request);
    if (failures === 0) return undefined;
    failures -= 1;
    return faults[failures % faults.length];
  });
  onTestFinished(() => proxy.stop());
  const reported: PortcullisError[] = [];
  const send = (body: unknown): Promise<void> =>
    queues.send(url, typeof body === 'string' ? body : JSON.stringify(body));
  return {
    url,
    proxy,
    send,
    faults: reported,
    tries: 3,
    recoveryMs: 2_500,
    quietMs: 2_500,
    source: () =>
      createSqsSource({
        name: 'alerts',
        queue: createSqsQueue({ url, endpointUrl: proxy.url }),
        objectStore: createS3ObjectStore({ endpointUrl: proxy.url }),
        onFault: (fault) => reported.push(fault),
        waitSeconds: 1,
        hideSeconds: 2,
        drainSeconds: 0,
        // Longer than a request that was cut off may still wait, and take, on the other side.
        firstReturnSeconds: 2,
        ...options,
      }),
    put: (record) => send(eventBridge(record)),
    failNext: (requests) => {
      failures = requests;
    },
  };
}

function eventBridge(detail: JsonObject): JsonObject {
  return {
    version: '0',
    'detail-type': 'AWS API Call via CloudTrail',
    source: 'aws.ec2',
    account: '111122223333',
    region: 'us-east-1',
    detail,
  };
}

/** An envelope as SNS puts it into a queue without raw delivery. */
function viaSns(message: unknown): JsonObject {
  return { Type: 'Notification', MessageId: 'x', Message: JSON.stringify(message) };
}

function notification(...keys: readonly string[]): JsonObject {
  return {
    Records: keys.map((key) => ({
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      eventName: 'ObjectCreated:Put',
      s3: { bucket: { name: 'logs' }, object: { key, size: 1 } },
    })),
  };
}

function objectCreated(key: string, what = 'Object Created'): JsonObject {
  return {
    version: '0',
    source: 'aws.s3',
    'detail-type': what,
    detail: { version: '0', bucket: { name: 'logs' }, object: { key, size: 1 } },
  };
}

describe('SQS', () => {
  describeSource(() => startWorld());
});

describe('a message', () => {
  const record = ingressRecord({ id: 'r-1' });
  const key = trailKey('111122223333', 'us-east-1', '2026-03-01', 'b c+d');
  const encoded = encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+');
  const other = trailKey('111122223333', 'eu-west-1', '2026-03-01');

  beforeAll(async () => {
    await filler.put('logs', {
      [key]: trailFile([ingressRecord({ id: 'o-1' })]),
      [other]: trailFile([ingressRecord({ id: 'o-2' })]),
    });
  });

  it.each<[string, unknown, readonly string[]]>([
    ['an EventBridge event', eventBridge(record), ['r-1']],
    ['an EventBridge event through SNS', viaSns(eventBridge(record)), ['r-1']],
    ['a record', record, ['r-1']],
    ['records', { Records: [record, ingressRecord({ id: 'r-2' })] }, ['r-1', 'r-2']],
    ['an S3 notification', notification(encoded, other), ['o-1', 'o-2']],
    ['an S3 notification through SNS', viaSns(notification(encoded)), ['o-1']],
    ['an S3 notification through EventBridge', objectCreated(key), ['o-1']],
    ['an S3 notification through EventBridge and SNS', viaSns(objectCreated(key)), ['o-1']],
    [
      'a notification among records',
      { Records: [record, ...(notification(other)['Records'] as readonly unknown[])] },
      ['o-2', 'r-1'],
    ],
  ])('may carry %s', async (_, body, ids) => {
    const world = await startWorld();
    await world.send(body);
    const delivery = await new Run(world.source()).next();
    expect(await eventIds(delivery)).toEqual(ids);
    expect(delivery.body()).toBe(JSON.stringify(body));
    await delivery.acknowledge();
    expect(await queues.count(world.url)).toBe(0);
  });

  it('may carry what CloudWatch Logs sends', async () => {
    const world = await startWorld();
    const logs = { messageType: 'DATA_MESSAGE', logEvents: [{ message: JSON.stringify(record) }] };
    const packed = gzipSync(JSON.stringify(logs)).toString('base64');
    await world.send({ awslogs: { data: packed } });
    expect(await textOf(await new Run(world.source()).next())).toContain(packed);
  });

  it('names each of its objects for itself', async () => {
    const world = await startWorld();
    await world.send(notification(encoded, other, encoded));
    const { parts, name } = await new Run(world.source()).next();
    expect(parts.map((part) => part.name)).toEqual([`s3://logs/${key}`, `s3://logs/${other}`]);
    expect(name).toMatch(/^alerts\/[0-9a-f-]{36}$/);
  });

  it.each<[string, unknown]>([
    ["S3's test", { Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'logs' }],
    ["S3's test through SNS", viaSns({ Event: 's3:TestEvent', Bucket: 'logs' })],
    ['a digest', notification('AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/03/01/x.gz')],
    ["a folder's marker", notification('AWSLogs/')],
    ['an object that is gone', objectCreated(other, 'Object Deleted')],
  ])('about %s is taken from the queue and not delivered', async (_, body) => {
    const world = await startWorld();
    await world.send(body);
    await world.put(record);
    const run = new Run(world.source());
    await (await run.next()).acknowledge();
    expect(await run.isQuiet(500)).toBe(true);
    await vi.waitFor(async () => expect(await queues.count(world.url)).toBe(0));
  });

  it('that nobody understands is delivered as it is, shortened for people only', async () => {
    const world = await startWorld();
    const nonsense = `not JSON ${'x'.repeat(20_000)}`;
    await world.send(nonsense);
    const delivery = await new Run(world.source()).next();
    expect(await textOf(delivery)).toBe(nonsense);
    expect(delivery.body()).toMatch(/^not JSON x+… \(3625 more characters\)$/);
  });

  it('naming an object that is not there says so when it is read', async () => {
    const world = await startWorld();
    await world.send(notification('AWSLogs/gone.json'));
    const delivery = await new Run(world.source()).next();
    await expect(textOf(delivery)).rejects.toMatchObject({
      code: 's3/access',
      place: 's3://logs/AWSLogs/gone.json',
    });
  });

  it('stays hidden for as long as it is worked on', async () => {
    const world = await startWorld();
    await world.put(record);
    const run = new Run(world.source());
    const delivery = await run.next();
    expect(await run.isQuiet(5_000)).toBe(true);
    await delivery.acknowledge();
    expect(await queues.count(world.url)).toBe(0);
  });
});

describe('what AWS sends by itself', () => {
  const record = ingressRecord({ id: 'r-1' });

  it.each([true, false])('through a topic, raw: %s', async (isRaw) => {
    const world = await startWorld();
    const topic = await queues.topic(world.url, isRaw);
    await topic.publish(JSON.stringify(eventBridge(record)));
    const delivery = await new Run(world.source()).next();
    expect(await eventIds(delivery)).toEqual(['r-1']);
    expect(delivery.body().includes('"TopicArn"')).toBe(!isRaw);
  });

  it.each([
    ['straight', 'notified-1'],
    ['through a topic', 'notified-2'],
  ])('of new objects, %s', async (way, bucket) => {
    const world = await startWorld();
    await filler.create(bucket);
    const target =
      way === 'straight'
        ? { queueUrl: world.url }
        : { topic: await queues.topic(world.url, false) };
    await queues.notify(bucket, target);
    const key = trailKey('111122223333', 'us-east-1', '2026-03-01', 'a b+c');
    await filler.put(bucket, { [key]: gzipSync(trailFile([record])) });
    const delivery = await new Run(world.source()).next();
    expect(delivery.parts.map(({ name }) => name)).toEqual([`s3://${bucket}/${key}`]);
    const chunks: Uint8Array[] = [];
    for (const part of delivery.parts) {
      for await (const chunk of part.read(new AbortController().signal)) chunks.push(chunk);
    }
    expect(gunzipSync(Buffer.concat(chunks)).toString()).toBe(trailFile([record]));
    await delivery.acknowledge();
    await vi.waitFor(async () => expect(await queues.count(world.url)).toBe(0));
  });
});

describe('requests', () => {
  it('are few: messages are received and deleted by tens', async () => {
    const world = await startWorld({ receivers: 1 });
    for (let count = 0; count < 40; count += 1) await world.put(ingressRecord({ id: `${count}` }));
    const deliveries = await new Run(world.source()).take(40);
    await Promise.all(deliveries.map((delivery) => delivery.acknowledge()));
    const targets = world.proxy.requests.map(({ headers }) => headers['x-amz-target']);
    const deletions = targets.filter((target) => target === 'AmazonSQS.DeleteMessageBatch');
    expect(deletions).toHaveLength(4);
    expect(await queues.count(world.url)).toBe(0);
  });

  it('for a queue that is not there say so', async () => {
    const reported: PortcullisError[] = [];
    const url = `${moto.url}/111122223333/nowhere`;
    const source = createSqsSource({
      name: 'alerts',
      queue: createSqsQueue({ url, endpointUrl: moto.url }),
      objectStore: createS3ObjectStore({ endpointUrl: moto.url }),
      onFault: (fault) => reported.push(fault),
    });
    expect(await new Run(source).isQuiet(1_500)).toBe(true);
    expect(reported[0]).toMatchObject({
      code: 'sqs/access',
      message: `The queue ${url} does not serve: there is no such queue.`,
      place: url,
    });
    // It goes on asking, with pauses that grow.
    expect(reported.length).toBeLessThan(8);
  });
});

describe('permissions', () => {
  it('are exactly those that the requests of all these tests needed', () => {
    expect(actionsOf(seen)).toEqual(allowedActions('sqs-source'));
  });
});
