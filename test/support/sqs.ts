// Queues in a test's SQS: made, filled, and looked into.

import { PutBucketNotificationConfigurationCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateTopicCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
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
  /** A topic whose messages go into a queue, as they are or in SNS's envelope. */
  topic(url: string, isRaw: boolean): Promise<Topic>;
  /** Has a bucket tell the queue, or a topic, of its new objects. */
  notify(
    bucket: string,
    target: { readonly queueUrl: string } | { readonly topic: Topic },
  ): Promise<void>;
  end(): void;
};

export type Topic = { readonly arn: string; publish(message: string): Promise<void> };

export function queueMaker(endpointUrl: string): QueueMaker {
  const config = {
    endpoint: endpointUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIAFILLER', secretAccessKey: 'filler' },
  };
  const client = new SQSClient(config);
  const sns = new SNSClient(config);
  const s3 = new S3Client({ ...config, forcePathStyle: true });
  let made = 0;

  async function arnOf(url: string): Promise<string> {
    const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] });
    return (await client.send(command)).Attributes?.QueueArn ?? '';
  }

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
    async topic(url, isRaw) {
      made += 1;
      const created = await sns.send(new CreateTopicCommand({ Name: `topic-${made}` }));
      const arn = created.TopicArn ?? '';
      await sns.send(
        new SubscribeCommand({
          TopicArn: arn,
          Protocol: 'sqs',
          Endpoint: await arnOf(url),
          Attributes: { RawMessageDelivery: String(isRaw) },
        }),
      );
      return {
        arn,
        async publish(message) {
          await sns.send(new PublishCommand({ TopicArn: arn, Message: message }));
        },
      };
    },
    async notify(bucket, target) {
      const Events = ['s3:ObjectCreated:*' as const];
      const NotificationConfiguration =
        'topic' in target
          ? { TopicConfigurations: [{ TopicArn: target.topic.arn, Events }] }
          : { QueueConfigurations: [{ QueueArn: await arnOf(target.queueUrl), Events }] };
      await s3.send(
        new PutBucketNotificationConfigurationCommand({
          Bucket: bucket,
          NotificationConfiguration,
        }),
      );
    },
    end() {
      client.destroy();
      sns.destroy();
      s3.destroy();
    },
  };
}
