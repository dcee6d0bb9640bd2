// Whether the receiver of a channel can be reached, without sending anything: a connection is made and
// closed again. AWS's services and their permissions show only when something is sent.

import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { networkReason, receiverUrl } from './http-post.ts';
import type { ChannelConfig } from './notifications.ts';

export type Reach =
  | { readonly kind: 'reached' }
  /** Only sending would show it. */
  | { readonly kind: 'untried' }
  | { readonly kind: 'unreachable'; readonly reason: string };

type Receiver = { readonly host: string; readonly port: number; readonly isTls: boolean };

/**
 * @param config with its secrets revealed
 * @throws PortcullisError `notify/bad-channel` for an address that is none
 */
export async function reachChannel(config: ChannelConfig, timeoutMs: number): Promise<Reach> {
  switch (config.type) {
    case 'slack':
    case 'teams':
    case 'pagerduty':
    case 'webhook':
    case 'ocsf-webhook':
      return reach(receiverOf(config.url, `the url of channel ${config.name}`), timeoutMs);
    case 'email': {
      const { host, port, security } = config;
      return reach({ host, port, isTls: security === 'tls' }, timeoutMs);
    }
    case 'ocsf-file':
      return writable(config.path);
    case 'sns':
    case 'eventbridge':
    case 'securityhub':
      return { kind: 'untried' };
    default:
      return config satisfies never;
  }
}

function receiverOf(text: string, place: string): Receiver {
  const url = receiverUrl(text, place);
  const isTls = url.protocol === 'https:';
  const port = url.port === '' ? (isTls ? 443 : 80) : Number(url.port);
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port, isTls };
}

function reach({ host, port, isTls }: Receiver, timeoutMs: number): Promise<Reach> {
  return new Promise((resolve) => {
    const done = (outcome: Reach): void => {
      socket.destroy();
      resolve(outcome);
    };
    const reached = (): void => done({ kind: 'reached' });
    const socket = isTls
      ? connectTls({ host, port, servername: host }, reached)
      : connect({ host, port }, reached);
    socket.setTimeout(timeoutMs, () => {
      const reason = `no answer within ${Math.ceil(timeoutMs / 1000)} seconds`;
      done({ kind: 'unreachable', reason });
    });
    socket.once('error', (error) => {
      done({ kind: 'unreachable', reason: `no connection (${networkReason(error)})` });
    });
  });
}

async function writable(path: string): Promise<Reach> {
  try {
    await access(path, constants.W_OK).catch(() => access(dirname(path), constants.W_OK));
    return { kind: 'reached' };
  } catch {
    return { kind: 'unreachable', reason: `neither ${path} nor its folder may be written` };
  }
}
