// A webhook of one's own: the notice as JSON, signed. The signature is an HMAC-SHA256 over the time of
// sending and the body, so that a receiver can tell who sent it, that it is whole, and that it is not
// an old message sent again. docs/notifications.md shows how to check it.

import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { PortcullisError } from '../errors/portcullis-error.ts';
import { type Channel, oneByOne } from './channel.ts';
import { commonFields, type Frozen } from './common-fields.ts';
import { post, receiverUrl } from './http-post.ts';
import { noticeText } from './notice-json.ts';
import { reveal, secret } from './secrets.ts';
import type { Surroundings } from './surroundings.ts';

export const webhookConfig = z.strictObject({
  ...commonFields,
  type: z.literal('webhook'),
  url: secret("the receiver's address, or ${NAME} for an environment variable").describe(
    "The receiver's address.",
  ),
  secret: secret(
    'a secret of at least 16 characters, or ${NAME} for an environment variable',
  ).describe('What both sides know: messages are signed with it.'),
});

export type WebhookConfig = Frozen<z.infer<typeof webhookConfig>>;

/** Bodies are never larger, in bytes. */
const MAX_BODY_BYTES = 1024 * 1024;
/** Of a secret. */
const FEWEST_CHARACTERS = 16;

export function createWebhook(config: WebhookConfig, surroundings: Surroundings): Channel {
  const { env, clock, userAgent, timeoutMs } = surroundings;
  const place = `channel ${config.name}`;
  const key = reveal(config.secret, `the secret of ${place}`, env);
  if (key.length < FEWEST_CHARACTERS) {
    throw new PortcullisError('notify/bad-channel', `the secret of ${place} is too short`, {
      hint: 'Take 16 characters or more, made by chance: openssl rand -hex 32.',
    });
  }
  const url = receiverUrl(reveal(config.url, `the url of ${place}`, env), `the url of ${place}`);
  return {
    name: config.name,
    isForPeople: false,
    maxNotices: 1,
    send: (notices, signal) =>
      oneByOne(notices, (notice) => {
        const body = noticeText(notice, MAX_BODY_BYTES);
        const timestamp = String(Math.floor(clock() / 1000));
        return post({
          url,
          body,
          headers: {
            'portcullis-idempotency-key': headerText(notice.key),
            'portcullis-timestamp': timestamp,
            'portcullis-signature': `v1=${signatureOf(key, timestamp, body)}`,
          },
          secrets: [key],
          userAgent,
          timeoutMs,
          signal,
        });
      }),
  };
}

/**
 * The signature of a body, in hexadecimal digits.
 * @param timestamp seconds since 1970, UTC, as in the header
 */
export function signatureOf(key: string, timestamp: string, body: string): string {
  return createHmac('sha256', key).update(`${timestamp}.${body}`).digest('hex');
}

/** Keys are made of harmless characters; a header can carry nothing else. */
function headerText(key: string): string {
  return encodeURIComponent(key.toWellFormed()).replaceAll('%2F', '/');
}
