// A queue in SQS, through the AWS SDK with its usual credential chain. The SDK is loaded on the first
// request. The SDK tries a request a few times; whoever asks goes on after that.

import type { SQSClient } from '@aws-sdk/client-sqs';

import { PortcullisError } from '../errors/portcullis-error.ts';
import type { MessageQueue, QueueMessage, RefusedReceipt } from '../ports.ts';
import { silentLogger } from './client-options.ts';
import { nameOf } from './sdk-error.ts';
import { explainServiceError } from './service-errors.ts';

export type SqsQueueOptions = {
  /** `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`. */
  readonly url: string;
  /** A profile of the shared AWS configuration files; AWS_PROFILE or `default` when absent. */
  readonly profile?: string;
  /** Another service that speaks SQS, for example `http://localhost:5000`. */
  readonly endpointUrl?: string;
  /** When absent: the one in the URL, or else the environment's or profile's. */
  readonly region?: string;
};

const connectTimeoutMs = 10_000;
/** Longer than the longest wait for a message. */
const silenceTimeoutMs = 60_000;

/** Requests that wait for messages hold a connection each; deletions must not wait behind them. */
const maxSockets = 200;

const loadSdk = () => import('@aws-sdk/client-sqs');

export function createSqsQueue(options: SqsQueueOptions): MessageQueue {
  const { url } = options;
  let client: Promise<SQSClient> | undefined;

  async function ask<T>(what: (sdk: Sdk, client: SQSClient) => Promise<T>): Promise<T> {
    client ??= createClient(options);
    try {
      return await what(await loadSdk(), await client);
    } catch (error) {
      throw queueFault(error, url);
    }
  }

  return {
    receive: ({ maxMessages, waitSeconds, hideSeconds, signal }) =>
      ask(async (sdk, sqs) => {
        const command = new sdk.ReceiveMessageCommand({
          QueueUrl: url,
          MaxNumberOfMessages: maxMessages,
          WaitTimeSeconds: waitSeconds,
          VisibilityTimeout: hideSeconds,
          MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
        });
        const { Messages = [] } = await sqs.send(command, { abortSignal: signal });
        return Messages.map(
          ({ MessageId = '', ReceiptHandle = '', Body = '', Attributes = {} }): QueueMessage => ({
            id: MessageId,
            receipt: ReceiptHandle,
            body: Body,
            attempt: Number(Attributes.ApproximateReceiveCount ?? 1),
            sentMs: Number(Attributes.SentTimestamp ?? Date.now()),
          }),
        );
      }),
    delete: (receipts) =>
      ask(async (sdk, sqs) => {
        const Entries = receipts.map((ReceiptHandle, index) => ({
          Id: String(index),
          ReceiptHandle,
        }));
        const command = new sdk.DeleteMessageBatchCommand({ QueueUrl: url, Entries });
        return refusals((await sqs.send(command)).Failed, receipts);
      }),
    hide: (messages) =>
      ask(async (sdk, sqs) => {
        const Entries = messages.map(({ receipt, seconds }, index) => ({
          Id: String(index),
          ReceiptHandle: receipt,
          VisibilityTimeout: seconds,
        }));
        const command = new sdk.ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries });
        const receipts = messages.map(({ receipt }) => receipt);
        return refusals((await sqs.send(command)).Failed, receipts);
      }),
  };
}

type Sdk = Awaited<ReturnType<typeof loadSdk>>;

async function createClient(options: SqsQueueOptions): Promise<SQSClient> {
  const { url, profile, endpointUrl, region = regionOf(url) } = options;
  const { SQSClient } = await loadSdk();
  return new SQSClient({
    ...(profile === undefined ? {} : { profile }),
    ...(endpointUrl === undefined ? {} : { endpoint: endpointUrl, useQueueUrlAsEndpoint: false }),
    ...(region === undefined ? {} : { region }),
    logger: silentLogger,
    requestHandler: {
      connectionTimeout: connectTimeoutMs,
      socketTimeout: silenceTimeoutMs,
      httpAgent: { maxSockets },
      httpsAgent: { maxSockets },
    },
  });
}

function regionOf(url: string): string | undefined {
  const host = /^https:\/\/(?:[\w-]+\.)?sqs\.(?<region>[a-z0-9-]+)\.(?:vpce\.)?amazonaws\.com/;
  return host.exec(url)?.groups?.['region'];
}

type Failed = {
  readonly Id?: string | undefined;
  readonly SenderFault?: boolean | undefined;
  readonly Code?: string | undefined;
  readonly Message?: string | undefined;
};

function refusals(
  failed: readonly Failed[] | undefined,
  receipts: readonly string[],
): readonly RefusedReceipt[] {
  return (failed ?? []).map(({ Id, SenderFault = false, Code = 'refused', Message }) => ({
    receipt: receipts[Number(Id)] ?? '',
    forGood: SenderFault,
    reason: Message ?? Code,
  }));
}

const permissions =
  'sqs:ReceiveMessage, sqs:DeleteMessage and sqs:ChangeMessageVisibility on the queue are needed (kms:Decrypt too, where a KMS key encrypts it); --profile chooses another identity.';

export function queueFault(error: unknown, url: string): PortcullisError {
  const { message, hint } =
    nameOf(error) === 'QueueDoesNotExist' ||
    nameOf(error) === 'AWS.SimpleQueueService.NonExistentQueue'
      ? {
          message: 'there is no such queue',
          hint: 'Check the URL, and that --profile and the region lead to the right account.',
        }
      : explainServiceError(error, 'SQS', permissions);
  return new PortcullisError('sqs/access', `The queue ${url} does not serve: ${message}.`, {
    place: url,
    hint,
    cause: error,
  });
}
