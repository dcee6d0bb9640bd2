// Queues in a test's SQS: made, filled, and looked into.

import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';

export type QueueMaker = {
  /** Gives the queue's URL. */
  create(): Promise<string>;
  send(url: string, body: string): Promise<void>;
  /** Messages in the queue, hidden ones too. */
  count(url: string): Promise<number>;
  end(): void;
};

export function queueMaker(endpointUrl: string): QueueMaker {
  const client = new SQSClient({
    endpoint: endpointUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIAFILLER', secretAccessKey: 'filler' },
  });
  let made = 0;
  return {
    async create() {
      made += 1;
      const command = new CreateQueueCommand({ QueueName: `events-${process.pid}-${made}` });
      return (await client.send(command)).QueueUrl ?? '';
    },
    async send(url, body) {
      await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body }));
    },
    async count(url) {
      const command = new GetQueueAttributesCommand({
        QueueUrl: url,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      });
      const { Attributes = {} } = await client.send(command);
      return Object.values(Attributes).reduce((sum, text) => sum + Number(text), 0);
    },
    end: () => client.destroy(),
  };
}
