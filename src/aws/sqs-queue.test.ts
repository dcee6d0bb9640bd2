import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';

import { startFaultyProxy, type FaultyProxy } from '../../test/support/faulty-proxy.ts';
import { motoEnvironment } from '../../test/support/moto.ts';
import { createSqsQueue } from './sqs-queue.ts';

const nobody = 'http://127.0.0.1:9';

beforeEach(() => {
  for (const [name, value] of Object.entries(motoEnvironment)) vi.stubEnv(name, value);
});

afterEach(() => {
  vi.unstubAllEnvs();
});

/** An SQS that answers everything with one text. */
async function answering(body: unknown, status = 200): Promise<FaultyProxy> {
  const answer = { kind: 'answer', status, body: JSON.stringify(body) } as const;
  const proxy = await startFaultyProxy(nobody, () => answer);
  onTestFinished(() => proxy.stop());
  return proxy;
}

const request = {
  maxMessages: 10,
  waitSeconds: 0,
  hideSeconds: 60,
  signal: new AbortController().signal,
};

describe('a queue in SQS', () => {
  it.each([
    ['https://sqs.eu-west-3.amazonaws.com/111122223333/q', 'eu-west-3'],
    ['https://sqs.cn-north-1.amazonaws.com.cn/111122223333/q', 'cn-north-1'],
    ['https://vpce-1a2b.sqs.eu-west-3.vpce.amazonaws.com/111122223333/q', 'eu-west-3'],
    ['http://localhost:9324/000000000000/q', 'us-east-1'],
  ])('at %s is in %s', async (url, region) => {
    const proxy = await answering({ Messages: [] });
    await createSqsQueue({ url, endpointUrl: proxy.url }).receive(request);
    expect(proxy.requests[0]?.headers['authorization']).toContain(`/${region}/sqs/aws4_request`);
  });

  it('takes the region that it is told', async () => {
    const proxy = await answering({ Messages: [] });
    const url = 'https://sqs.eu-west-3.amazonaws.com/111122223333/q';
    await createSqsQueue({ url, endpointUrl: proxy.url, region: 'us-west-2' }).receive(request);
    expect(proxy.requests[0]?.headers['authorization']).toContain('/us-west-2/sqs/aws4_request');
  });

  it('gives messages with their attempts and when they were sent', async () => {
    const message = {
      MessageId: 'm',
      ReceiptHandle: 'r',
      MD5OfBody: '9a0364b9e99bb480dd25e1f0284c8555',
      Body: 'content',
      Attributes: { ApproximateReceiveCount: '3', SentTimestamp: '1772352000000' },
    };
    const proxy = await answering({ Messages: [message] });
    const queue = createSqsQueue({ url: `${proxy.url}/1/q`, endpointUrl: proxy.url });
    expect(await queue.receive(request)).toEqual([
      { id: 'm', receipt: 'r', body: 'content', attempt: 3, sentMs: 1_772_352_000_000 },
    ]);
  });

  it('says which messages were refused, and whether for good', async () => {
    const proxy = await answering({
      Successful: [{ Id: '0' }],
      Failed: [
        { Id: '1', SenderFault: true, Code: 'ReceiptHandleIsInvalid' },
        { Id: '2', SenderFault: false, Code: 'InternalError', Message: 'Try again.' },
      ],
    });
    const queue = createSqsQueue({ url: `${proxy.url}/1/q`, endpointUrl: proxy.url });
    const refused = [
      { receipt: 'b', forGood: true, reason: 'ReceiptHandleIsInvalid' },
      { receipt: 'c', forGood: false, reason: 'Try again.' },
    ];
    expect(await queue.delete(['a', 'b', 'c'])).toEqual(refused);
    const hidden = ['a', 'b', 'c'].map((receipt) => ({ receipt, seconds: 5 }));
    expect(await queue.hide(hidden)).toEqual(refused);
  });

  it.each([
    ['AccessDeniedException', 'access is denied', 'sqs:ReceiveMessage'],
    ['QueueDoesNotExist', 'there is no such queue', 'URL'],
    ['ExpiredToken', 'the credentials have expired', 'aws sso login'],
    ['InvalidClientTokenId', 'the credentials are not valid', '--profile'],
    ['RequestExpired', "this machine's clock differs too much from AWS's", 'clock'],
    ['SomethingElse', 'in its own words', 'network'],
  ])('that answers %s is told about in words', async (code, words, hint) => {
    const proxy = await answering(
      { __type: `com.amazonaws.sqs#${code}`, message: 'in its own words.' },
      400,
    );
    const url = `${proxy.url}/1/q`;
    await expect(
      createSqsQueue({ url, endpointUrl: proxy.url }).receive(request),
    ).rejects.toMatchObject({
      code: 'sqs/access',
      message: `The queue ${url} does not serve: ${words}.`,
      place: url,
      hint: expect.stringContaining(hint) as unknown,
    });
  });

  it('that nobody serves is told about in words', async () => {
    const queue = createSqsQueue({ url: `${nobody}/1/q`, endpointUrl: nobody });
    await expect(queue.delete(['r'])).rejects.toMatchObject({
      code: 'sqs/access',
      message: expect.stringContaining('ECONNREFUSED') as unknown,
    });
  });

  it('without credentials says so', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined);
    const queue = createSqsQueue({ url: `${nobody}/1/q`, endpointUrl: nobody });
    await expect(queue.receive(request)).rejects.toMatchObject({
      message: expect.stringContaining('no usable credentials') as unknown,
    });
  });
});
