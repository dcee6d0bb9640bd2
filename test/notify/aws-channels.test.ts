// SNS, EventBridge and Security Hub, against an AWS of our own. What that one does not know is answered
// here, and held against the names in AWS's documentation.

import { DescribeEventBusCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import {
  EnableSecurityHubCommand,
  GetFindingsCommand,
  SecurityHubClient,
} from '@aws-sdk/client-securityhub';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { createSendingClients } from '../../src/aws/sending-clients.ts';
import type { Notice } from '../../src/model/stored.ts';
import type { Channel } from '../../src/notify/channel.ts';
import { channelConfig, createChannel } from '../../src/notify/notifications.ts';
import type { SendOutcome } from '../../src/ports.ts';
import {
  type Fault,
  type FaultyProxy,
  type SeenRequest,
  startFaultyProxy,
} from '../support/faulty-proxy.ts';
import { allowedActions } from '../support/iam-policy.ts';
import { type Moto, motoEnvironment, startMoto } from '../support/moto.ts';
import { aNotice, noticeOf, someSurroundings } from '../support/notices.ts';
import { type Answer, type Received, startReceiver, status } from '../support/receiver.ts';

let moto: Moto;
let proxy: FaultyProxy;
let fault: (request: SeenRequest) => Fault | undefined = () => undefined;

const account = '123456789012';
const region = 'us-east-1';
const client = { region, maxAttempts: 1 };

beforeAll(async () => {
  moto = await startMoto();
  proxy = await startFaultyProxy(moto.url, (request) => fault(request));
});

afterAll(async () => {
  await proxy.stop();
  await moto.stop();
});

beforeEach(() => {
  fault = () => undefined;
  for (const [name, value] of Object.entries(motoEnvironment)) vi.stubEnv(name, value);
});

afterEach(() => {
  vi.unstubAllEnvs();
});

function channelOf(config: object, endpointUrl = proxy.url): Channel {
  return createChannel(
    channelConfig.parse({ name: 'aws', ...config }),
    someSurroundings({
      aws: createSendingClients({ endpointUrl }),
    }),
  );
}

function send(channel: Channel, ...notices: readonly Notice[]): Promise<readonly SendOutcome[]> {
  return channel.send(notices, new AbortController().signal);
}

/** An AWS that gives the same answer to everything. */
async function answering(
  answer: Answer,
  use: (url: string) => Promise<void>,
): Promise<readonly Received[]> {
  const receiver = await startReceiver(() => answer);
  try {
    await use(receiver.url);
  } finally {
    await receiver.stop();
  }
  return receiver.received;
}

const kindsOfChannel = [
  { type: 'sns', topicArn: `arn:aws:sns:${region}:${account}:security` },
  { type: 'eventbridge', region },
  { type: 'securityhub', accountId: account, region },
] as const;

describe.each(kindsOfChannel)('$type', (config) => {
  test('is to be tried again where AWS is overloaded or away', async () => {
    await answering(status(503), async (url) => {
      expect(await send(channelOf(config, url), aNotice())).toMatchObject([{ kind: 'retry' }]);
    });
    expect(await send(channelOf(config, 'http://127.0.0.1:9'), aNotice())).toMatchObject([
      { kind: 'retry' },
    ]);
  });

  test('is to be tried again where access is denied, which somebody may grant', async () => {
    const denied = status(
      403,
      { 'x-amzn-errortype': 'AccessDeniedException' },
      '{"__type":"AccessDeniedException","message":"no"}',
    );
    await answering(denied, async (url) => {
      expect(await send(channelOf(config, url), aNotice())).toMatchObject([{ kind: 'retry' }]);
    });
  });

  test('is refused for good where the message is not one that AWS takes', async () => {
    const body =
      config.type === 'sns'
        ? '<ErrorResponse><Error><Type>Sender</Type><Code>InvalidParameter</Code><Message>bad</Message></Error></ErrorResponse>'
        : '{"__type":"ValidationException","message":"bad"}';
    const headers: Readonly<Record<string, string>> =
      config.type === 'sns'
        ? { 'content-type': 'text/xml' }
        : { 'x-amzn-errortype': 'ValidationException' };
    await answering(status(400, headers, body), async (url) => {
      const outcomes = await send(channelOf(config, url), aNotice());
      expect(outcomes).toMatchObject([{ kind: 'refused' }]);
    });
  });

  test('ends soon after it is told to', async () => {
    await answering({ kind: 'hang' }, async (url) => {
      const channel = channelOf(config, url);
      expect(await channel.send([aNotice()], AbortSignal.timeout(300))).toMatchObject([
        { kind: 'retry' },
      ]);
    });
  });
});

const envelope = z.object({
  Message: z.string(),
  Subject: z.string().optional(),
  MessageAttributes: z
    .record(z.string(), z.object({ Type: z.string(), Value: z.string() }))
    .optional(),
});
const told = z.looseObject({
  key: z.string(),
  kind: z.string(),
  signal: z.looseObject({ id: z.string() }),
});

/** A queue to look into. */
async function makeQueue(name: string): Promise<{ url: string; arn: string; sqs: SQSClient }> {
  const sqs = new SQSClient({ ...client, endpoint: moto.url });
  const fifo = name.endsWith('.fifo')
    ? { FifoQueue: 'true', ContentBasedDeduplication: 'true' }
    : undefined;
  const { QueueUrl = '' } = await sqs.send(
    new CreateQueueCommand({
      QueueName: name,
      ...(fifo === undefined ? {} : { Attributes: fifo }),
    }),
  );
  return { url: QueueUrl, arn: `arn:aws:sqs:${region}:${account}:${name}`, sqs };
}

async function messagesIn({
  url,
  sqs,
}: {
  url: string;
  sqs: SQSClient;
}): Promise<readonly string[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }),
  );
  return Messages.map(({ Body = '' }) => Body);
}

describe('SNS', () => {
  async function topicWithQueue(name: string) {
    const sns = new SNSClient({ ...client, endpoint: moto.url });
    const { TopicArn = '' } = await sns.send(
      new CreateTopicCommand({
        Name: name,
        ...(name.endsWith('.fifo') ? { Attributes: { FifoTopic: 'true' } } : {}),
      }),
    );
    const queue = await makeQueue(`of-${name}`);
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queue.arn }));
    return { topicArn: TopicArn, queue };
  }

  test('carries the notice as JSON, with attributes to filter by', async () => {
    const { topicArn, queue } = await topicWithQueue('plain');
    const channel = channelOf({ type: 'sns', topicArn });
    expect(await send(channel, aNotice())).toEqual([{ kind: 'sent' }]);
    const [body = ''] = await messagesIn(queue);
    const message = envelope.parse(JSON.parse(body));
    expect(told.parse(JSON.parse(message.Message))).toMatchObject({
      key: aNotice().key,
      kind: 'opened',
      signal: { id: aNotice().signal.id },
    });
    expect(message.Subject).toBe(
      '[Portcullis] HIGH - Opened: SSH of sg-0a1b2c3d4e5f60000 open to the world',
    );
    expect(message.MessageAttributes).toMatchObject({
      idempotencyKey: { Type: 'String', Value: aNotice().key },
      severity: { Value: 'high' },
      kind: { Value: 'opened' },
    });
  });

  test('drops a repetition where the topic keeps an order', async () => {
    const { topicArn, queue } = await topicWithQueue('ordered.fifo');
    const channel = channelOf({ type: 'sns', topicArn });
    for (const notice of [aNotice(), aNotice(), noticeOf('closed')]) {
      expect(await send(channel, notice)).toEqual([{ kind: 'sent' }]);
    }
    const bodies = await messagesIn(queue);
    const keys = bodies.map(
      (body) => told.parse(JSON.parse(envelope.parse(JSON.parse(body)).Message)).key,
    );
    expect(keys).toEqual([aNotice().key, noticeOf('closed').key]);
    await queue.sqs.send(new PurgeQueueCommand({ QueueUrl: queue.url }));
  });
});

describe('EventBridge', () => {
  test('takes several notices in one request, each an event', async () => {
    const bus = new EventBridgeClient({ ...client, endpoint: moto.url });
    await bus.send(new DescribeEventBusCommand({ Name: 'default' }));
    const before = proxy.requests.length;
    const notices = [noticeOf('opened', 1), noticeOf('closed', 2)];
    const outcomes = await send(channelOf({ type: 'eventbridge', region }), ...notices);
    expect(outcomes).toEqual([{ kind: 'sent' }, { kind: 'sent' }]);
    expect(proxy.requests.slice(before).map(({ headers }) => headers['x-amz-target'])).toEqual([
      'AWSEvents.PutEvents',
    ]);
  });

  const entries = z.object({
    Entries: z.array(
      z.object({
        Source: z.string(),
        DetailType: z.string(),
        Detail: z.string(),
        EventBusName: z.string(),
        Resources: z.array(z.string()),
      }),
    ),
  });

  test('says what happened, of which group, with the key', async () => {
    const answer = JSON.stringify({ FailedEntryCount: 0, Entries: [{ EventId: '1' }] });
    const received = await answering(status(200, {}, answer), async (url) => {
      await send(channelOf({ type: 'eventbridge', region, bus: 'security' }, url), aNotice());
    });
    const { Entries } = entries.parse(JSON.parse(received[0]?.body ?? ''));
    expect(Entries).toMatchObject([
      {
        Source: 'portcullis',
        DetailType: 'Signal Opened',
        EventBusName: 'security',
        Resources: ['arn:aws:ec2:us-east-1:111122223333:security-group/sg-0a1b2c3d4e5f60000'],
      },
    ]);
    expect(told.parse(JSON.parse(Entries[0]?.Detail ?? '')).key).toBe(aNotice().key);
  });

  test('tells the fate of each event', async () => {
    const answer = JSON.stringify({
      FailedEntryCount: 2,
      Entries: [
        { EventId: '1' },
        { ErrorCode: 'ThrottlingException', ErrorMessage: 'slow down' },
        { ErrorCode: 'ValidationException', ErrorMessage: 'bad' },
      ],
    });
    await answering(status(200, {}, answer), async (url) => {
      const channel = channelOf({ type: 'eventbridge', region }, url);
      const outcomes = await send(channel, ...[1, 2, 3].map((index) => noticeOf('opened', index)));
      expect(outcomes).toMatchObject([{ kind: 'sent' }, { kind: 'retry' }, { kind: 'refused' }]);
    });
  });
});

describe('Security Hub', () => {
  const hub = { type: 'securityhub', accountId: account, region };
  const productArn = `arn:aws:securityhub:${region}:${account}:product/${account}/default`;
  const update = z.object({
    FindingIdentifiers: z.array(z.object({ Id: z.string(), ProductArn: z.string() })),
    Workflow: z.object({ Status: z.string() }),
  });

  beforeAll(async () => {
    for (const [name, value] of Object.entries(motoEnvironment)) vi.stubEnv(name, value);
    const aws = new SecurityHubClient({ ...client, endpoint: moto.url });
    await aws.send(new EnableSecurityHubCommand({}));
  });

  /** The AWS of our own does not know workflows. */
  function answerWorkflows(body = '{"ProcessedFindings":[],"UnprocessedFindings":[]}'): void {
    fault = ({ path }) =>
      path === '/findings/batchupdate' ? { kind: 'answer', status: 200, body } : undefined;
  }

  async function findings(): Promise<
    readonly { Id?: string; RecordState?: string; Title?: string }[]
  > {
    const aws = new SecurityHubClient({ ...client, endpoint: moto.url });
    const { Findings = [] } = await aws.send(new GetFindingsCommand({}));
    return Findings.map(({ Id = '', RecordState = '', Title = '' }) => ({
      Id,
      RecordState,
      Title,
    }));
  }

  test('has a finding for a signal, which is archived when the signal closes', async () => {
    answerWorkflows();
    const channel = channelOf(hub);
    const { id } = aNotice().signal;
    expect(await send(channel, aNotice())).toEqual([{ kind: 'sent' }]);
    expect(await findings()).toContainEqual({
      Id: id,
      RecordState: 'ACTIVE',
      Title: 'SSH of sg-0a1b2c3d4e5f60000 open to the world',
    });
    expect(await send(channel, noticeOf('closed'))).toEqual([{ kind: 'sent' }]);
    expect((await findings()).filter((each) => each.Id === id)).toMatchObject([
      { RecordState: 'ARCHIVED' },
    ]);
  });

  test('takes many in one request, and of one signal the last', async () => {
    answerWorkflows();
    const before = proxy.requests.length;
    const notices = [
      ...Array.from({ length: 40 }, (_, index) => noticeOf('opened', index + 100)),
      noticeOf('closed', 100),
    ];
    const outcomes = await send(channelOf(hub), ...notices);
    expect(outcomes).toEqual(notices.map(() => ({ kind: 'sent' })));
    const [first, ...others] = proxy.requests.slice(before);
    expect(first?.path).toBe('/findings/import');
    expect(others.map(({ path }) => path)).toEqual([
      '/findings/batchupdate',
      '/findings/batchupdate',
    ]);
    const states = (await findings()).filter(({ Id }) => Id === noticeOf('opened', 100).signal.id);
    expect(states).toMatchObject([{ RecordState: 'ARCHIVED' }]);
  });

  test.each([
    ['opened', 'NEW'],
    ['under_review', 'NOTIFIED'],
    ['closed', 'RESOLVED'],
    ['withdrawn', 'RESOLVED'],
    ['reopened', 'NEW'],
    ['archived', 'SUPPRESSED'],
  ] as const)('says by the workflow of what is %s: %s', async (kind, workflow) => {
    const done = JSON.stringify({
      FailedCount: 0,
      SuccessCount: 1,
      ProcessedFindings: [],
      UnprocessedFindings: [],
    });
    const received = await answering(status(200, {}, done), async (url) => {
      expect(await send(channelOf(hub, url), noticeOf(kind))).toEqual([{ kind: 'sent' }]);
    });
    expect(received.map(({ path }) => path)).toEqual(['/findings/import', '/findings/batchupdate']);
    expect(update.parse(JSON.parse(received[1]?.body ?? ''))).toEqual({
      FindingIdentifiers: [{ Id: noticeOf(kind).signal.id, ProductArn: productArn }],
      Workflow: { Status: workflow },
    });
  });

  test('archives the finding of an earlier id along', async () => {
    answerWorkflows();
    const notice = { ...noticeOf('corrected', 300), replaces: 'sig-earlier' };
    expect(await send(channelOf(hub), notice)).toEqual([{ kind: 'sent' }]);
    expect(await findings()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ Id: 'sig-earlier', RecordState: 'ARCHIVED' }),
        expect.objectContaining({ Id: notice.signal.id, RecordState: 'ACTIVE' }),
      ]),
    );
  });

  test('tells the fate of each finding', async () => {
    const bad = noticeOf('opened', 2).signal.id;
    const body = JSON.stringify({
      FailedCount: 1,
      SuccessCount: 1,
      FailedFindings: [{ Id: bad, ErrorCode: 'InvalidInput', ErrorMessage: 'bad' }],
    });
    await answering(status(200, {}, body), async (url) => {
      const outcomes = await send(
        channelOf(hub, url),
        noticeOf('opened', 1),
        noticeOf('opened', 2),
      );
      expect(outcomes).toEqual([
        { kind: 'sent' },
        { kind: 'refused', reason: 'Security Hub: InvalidInput, bad' },
      ]);
    });
  });

  test('is to be tried again where the workflow could not be set', async () => {
    const { id } = noticeOf('opened', 1).signal;
    answerWorkflows(
      JSON.stringify({
        ProcessedFindings: [],
        UnprocessedFindings: [
          {
            FindingIdentifier: { Id: id, ProductArn: productArn },
            ErrorCode: 'FindingNotFound',
            ErrorMessage: 'not yet',
          },
        ],
      }),
    );
    expect(await send(channelOf(hub), noticeOf('opened', 1))).toMatchObject([{ kind: 'retry' }]);
  });
});

describe('the policies allow what is asked, and no more:', () => {
  test.each([
    ['notify-sns', ['sns:Publish']],
    ['notify-eventbridge', ['events:PutEvents']],
    ['notify-security-hub', ['securityhub:BatchImportFindings', 'securityhub:BatchUpdateFindings']],
  ])('%s', (name, actions) => {
    expect(allowedActions(name)).toEqual(actions);
  });

  test('the requests of this suite are all of them', () => {
    const asked = proxy.requests.map(({ path, headers }) => {
      const target = headers['x-amz-target'];
      return typeof target === 'string' ? target : path;
    });
    expect([...new Set(asked)].toSorted()).toEqual([
      '/',
      '/findings/batchupdate',
      '/findings/import',
      'AWSEvents.PutEvents',
    ]);
  });
});
