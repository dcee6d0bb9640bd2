// One POST request to a receiver, with a time limit and a bound on the answer, over TLS unless the
// receiver is on this machine. Redirects are not followed: they could lead a secret elsewhere.

import { isIP } from 'node:net';
import { PortcullisError } from '../errors/portcullis-error.ts';
import type { SendOutcome } from '../ports.ts';
import { oneLine } from '../render/words.ts';
import { refused, retry, sent } from './channel.ts';
import { redact } from './secrets.ts';

export type PostOptions = {
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  readonly contentType?: string;
  /** What must not show in a reason. The address counts as secret in any case. */
  readonly secrets: readonly string[];
  readonly userAgent: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

/** Of an answer, no more than this is read. */
const MAX_ANSWER_BYTES = 16 * 1024;
/** And no more than this is shown. */
const SHOWN_CHARACTERS = 200;
/** A receiver that asks to wait longer is asked again after this long. */
const MOST_WAIT_SECONDS = 3600;

/**
 * The address of a receiver.
 * @param place what is configured wrongly, where it is
 * @throws PortcullisError `notify/bad-channel`; its text does not show the address
 */
export function receiverUrl(text: string, place: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new PortcullisError('notify/bad-channel', `${place} is not a web address`, {
      hint: 'Give the whole address, such as https://example.com/hook.',
    });
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new PortcullisError(
      'notify/bad-channel',
      `${place} is not encrypted; http is for receivers on this machine alone`,
      { hint: 'Give an address that begins with https://.' },
    );
  }
  return url;
}

export function isLoopback(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, '$1');
  if (isIP(address) === 4) return address.startsWith('127.');
  return address === '::1' || address === 'localhost';
}

export async function post(options: PostOptions): Promise<SendOutcome> {
  const { url, headers = {}, body, contentType = 'application/json', userAgent } = options;
  const secrets = [...options.secrets, ...secretParts(url)];
  const limit = AbortSignal.timeout(options.timeoutMs);
  const signal = AbortSignal.any([options.signal, limit]);
  try {
    const response = await fetch(withoutCredentials(url), {
      method: 'POST',
      body,
      headers: {
        'content-type': contentType,
        'user-agent': userAgent,
        ...authorization(url),
        ...headers,
      },
      redirect: 'manual',
      signal,
    });
    if (response.ok) {
      // The answer says nothing more that matters, and may never end.
      await response.body?.cancel().catch(() => {});
      return sent;
    }
    return outcomeOf(response, shown(redact(await boundedText(response), secrets)));
  } catch (error) {
    if (options.signal.aborted) return retry('sending was interrupted');
    if (limit.aborted) {
      return retry(`no answer within ${Math.ceil(options.timeoutMs / 1000)} seconds`);
    }
    return retry(`no connection (${networkReason(error)})`);
  }
}

function outcomeOf(response: Response, answer: string): SendOutcome {
  const { status } = response;
  const said = answer === '' ? '' : `: ${answer}`;
  if (status >= 300 && status < 400) {
    return refused(`HTTP ${status}: the receiver redirects, which is not followed`);
  }
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return retry(`HTTP ${status}${said}`, retryAfterSeconds(response.headers, Date.now()));
  }
  return refused(`HTTP ${status}${said}`);
}

/** From `Retry-After`, in seconds or as a date; null where it does not say. */
export function retryAfterSeconds(headers: Headers, nowMs: number): number | null {
  const value = headers.get('retry-after')?.trim() ?? '';
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - nowMs) / 1000;
  if (value === '' || Number.isNaN(seconds)) return null;
  return Math.min(MOST_WAIT_SECONDS, Math.max(0, Math.ceil(seconds)));
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  const body: AsyncIterable<Uint8Array> | null = response.body;
  if (body === null) return '';
  // Leaving the loop cancels the rest.
  for await (const chunk of body) {
    chunks.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes >= MAX_ANSWER_BYTES) break;
  }
  return oneLine(Buffer.concat(chunks).toString('utf8').slice(0, MAX_ANSWER_BYTES));
}

function shown(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

/** Paths and queries of webhooks are keys. */
function secretParts(url: URL): readonly string[] {
  return [
    url.href,
    url.password,
    ...url.pathname.split('/').filter((part) => part.length >= 8),
    ...[...url.searchParams.values()].filter((value) => value.length >= 8),
  ];
}

function withoutCredentials(url: URL): URL {
  const plain = new URL(url);
  plain.username = '';
  plain.password = '';
  return plain;
}

function authorization({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** The code of a network's error: its message may name the address. */
export function networkReason(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof AggregateError && at.errors.length > 0) return networkReason(at.errors[0]);
    if ('code' in at && typeof at.code === 'string' && /^[A-Z0-9_]{2,60}$/.test(at.code)) {
      return at.code;
    }
    if (at.cause === undefined) return at.name;
  }
  return 'unknown';
}
