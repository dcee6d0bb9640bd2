// A channel where people read along: one webhook whose address is the secret, and one request for all
// notices of a message.

import type { Notice } from '../model/stored.ts';
import { type Channel, forEach } from './channel.ts';
import { post, receiverUrl } from './http-post.ts';
import { reveal } from './secrets.ts';
import type { Surroundings } from './surroundings.ts';

export type ChatConfig = { readonly name: string; readonly url: string };

export type ChatFormat = {
  /** That one message may list. */
  readonly maxNotices: number;
  /** The request's body, before it is JSON. */
  readonly bodyOf: (notices: readonly Notice[]) => object;
};

/** @throws PortcullisError `notify/bad-channel` */
export function createChatChannel(
  { name, url: written }: ChatConfig,
  { env, userAgent, timeoutMs }: Surroundings,
  { maxNotices, bodyOf }: ChatFormat,
): Channel {
  const place = `the url of channel ${name}`;
  const url = receiverUrl(reveal(written, place, env), place);
  return {
    name,
    isForPeople: true,
    maxNotices,
    async send(notices, signal) {
      const body = JSON.stringify(bodyOf(notices));
      return forEach(notices, await post({ url, body, secrets: [], userAgent, timeoutMs, signal }));
    },
  };
}
