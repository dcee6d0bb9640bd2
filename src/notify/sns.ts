// A topic in SNS: the notice as JSON for programs, the same in words for those who get it as mail.
// Subscriptions can filter by the attributes.

import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Notice } from '../model/stored.ts';
import type { TopicMessage } from '../ports.ts';
import { oneLine } from '../render/words.ts';
import { type Channel, oneByOne } from './channel.ts';
import { awsFields, placeOf } from './aws-fields.ts';
import { commonFields, type Frozen } from './common-fields.ts';
import { mailText } from './email.ts';
import { byteLength, fit } from './fit.ts';
import { noticeText } from './notice-json.ts';
import { headline, storyOf } from './story.ts';
import type { Surroundings } from './surroundings.ts';

const arnExpected = 'the ARN of a topic, such as arn:aws:sns:eu-west-1:111122223333:security';

export const snsConfig = z.strictObject({
  ...commonFields,
  ...awsFields,
  type: z.literal('sns'),
  topicArn: z
    .string(arnExpected)
    .regex(/^arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}(?:\.fifo)?$/, arnExpected)
    .describe('The topic.'),
});

export type SnsConfig = Frozen<z.infer<typeof snsConfig>>;

/** SNS takes 256 KB, in which both texts stand as JSON within JSON. */
const MAX_JSON_BYTES = 64 * 1024;
const SUBJECT = 99;
const ATTRIBUTE = 256;

export function createSns(config: SnsConfig, { aws }: Surroundings): Channel {
  const topic = aws.topic(config.topicArn, placeOf(config));
  return {
    name: config.name,
    isForPeople: false,
    maxNotices: 1,
    send: (notices, signal) =>
      oneByOne(notices, (notice) => topic.publish(topicMessage(notice), signal)),
  };
}

export function topicMessage(notice: Notice): TopicMessage {
  const { key, kind, signal } = notice;
  const attributes = {
    idempotencyKey: key,
    kind,
    severity: signal.severity,
    ruleId: signal.ruleId,
    accountId: signal.accountId,
    region: signal.region,
    signalId: signal.id,
  };
  return {
    subject: fit(asciiLine(`[Portcullis] ${headline(storyOf(notice))}`), SUBJECT, asciiLine),
    json: noticeText(notice, MAX_JSON_BYTES),
    text: mailText(notice),
    attributes: Object.fromEntries(
      Object.entries(attributes).flatMap(([name, value]) => {
        const text = fit(oneLine(value), ATTRIBUTE, String, byteLength);
        return text === '' ? [] : [[name, text]];
      }),
    ),
    groupId: hashOf(signal.id),
    deduplicationId: hashOf(key),
  };
}

/** Subjects begin with a letter, digit or punctuation and are printable ASCII. */
function asciiLine(text: string): string {
  return text
    .replaceAll('·', '-')
    .replaceAll('…', '...')
    .replace(/[^\x20-\x7e]+/g, '?');
}

/** Both ids take 128 letters, digits and punctuation. */
function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
