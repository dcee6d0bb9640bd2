// A topic in SNS, through the AWS SDK, which is loaded on the first message.

import type { SNSClient } from '@aws-sdk/client-sns';

import type { Topic } from '../ports.ts';
import { outcomeOfError } from './send-outcome.ts';
import { sendingConfig, type SendingOptions } from './sending-client.ts';

/** @param topicArn in whose region it is, unless the options say otherwise */
export function createSnsTopic(topicArn: string, options: SendingOptions = {}): Topic {
  const region = options.region ?? topicArn.split(':')[3];
  const keepsOrder = topicArn.endsWith('.fifo');
  let client: SNSClient | undefined;
  return {
    async publish(message, signal) {
      const { SNSClient: Client, PublishCommand } = await import('@aws-sdk/client-sns');
      const { subject, json, text, attributes, groupId, deduplicationId } = message;
      try {
        client ??= new Client(
          sendingConfig({ ...options, ...(region === undefined ? {} : { region }) }),
        );
        await client.send(
          new PublishCommand({
            TopicArn: topicArn,
            Subject: subject,
            MessageStructure: 'json',
            Message: JSON.stringify({ default: json, email: text }),
            MessageAttributes: Object.fromEntries(
              Object.entries(attributes).map(([name, StringValue]) => [
                name,
                { DataType: 'String', StringValue },
              ]),
            ),
            ...(keepsOrder
              ? { MessageGroupId: groupId, MessageDeduplicationId: deduplicationId }
              : {}),
          }),
          { abortSignal: signal },
        );
        return { kind: 'sent' };
      } catch (error) {
        return outcomeOfError(error, 'SNS', 'sns:Publish on the topic is needed.');
      }
    },
  };
}
