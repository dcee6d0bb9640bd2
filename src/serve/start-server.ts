// The socket before the app. It refuses to be reachable from elsewhere while anybody could use it, and
// ends by letting what is being answered come to its end, within a time.

import { createAdaptorServer } from '@hono/node-server';
import { randomUUID } from 'node:crypto';
import { createServer, STATUS_CODES, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { catalogue, type FaultCode } from '../errors/catalogue.ts';
import { PortcullisError } from '../errors/portcullis-error.ts';
import type { ApiToken } from '../model/desk.ts';
import type { Clock } from '../ports.ts';
import type { Access } from './access/authenticate.ts';
import { tokenState } from './access/api-token.ts';
import { isLoopback } from './access/client-address.ts';
import { problemBody } from './answers/problem.ts';

export type ListenOptions = {
  /** An address of this machine, or its name. */
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Whether whoever reaches the server has to say who they are: `isProtected` tells. */
  readonly isProtected: boolean;
  /** How long what is being answered may go on after the end was asked for. */
  readonly drainSeconds?: number;
  /** Called when the end is asked for: what lasts, such as streams of events, is to end. */
  readonly onDrain?: () => void;
};

export type RunningServer = {
  /** How this machine addresses it. */
  readonly url: string;
  readonly port: number;
  /** Resolves when nothing is being answered any more. */
  readonly ended: Promise<void>;
};

type App = { fetch(request: Request, env: unknown): Response | Promise<Response> };

const headerBytes = 16_384;
/** Time for the head of a request, and for the whole of it, in milliseconds. */
const headTimeoutMs = 10_000;
const requestTimeoutMs = 30_000;
const keepAliveMs = 10_000;
const mostConnections = 2_000;
const defaultDrainSeconds = 10;

/** Whether nobody gets anything without saying who they are, and somebody can. */
export async function isProtected(
  access: Pick<Access, 'login' | 'open'>,
  tokens: { list(): Promise<readonly ApiToken[]> },
  clock: Clock,
): Promise<boolean> {
  if (access.open !== null) return false;
  if (access.login !== null) return true;
  const nowMs = clock();
  return (await tokens.list()).some((token) => tokenState(token, nowMs) === 'good');
}

/**
 * Resolves once it listens.
 *
 * @param signal lets the server end: no more connections, and what is being answered has a while
 * @throws PortcullisError `serve/not-protected`, `serve/cannot-listen`
 */
export async function startServer(
  app: App,
  options: ListenOptions,
  signal: AbortSignal,
): Promise<RunningServer> {
  const { host, port } = options;
  if (!isLoopback(host) && !options.isProtected) {
    throw new PortcullisError(
      'serve/not-protected',
      `will not listen on ${host}: there is neither a token nor a login, and anybody could use it`,
    );
  }
  const server = createAdaptorServer({
    fetch: (request, env) => app.fetch(request, env),
    // Requests and answers stay those of Node for the rest of the process.
    overrideGlobalObjects: false,
    createServer,
    serverOptions: {
      maxHeaderSize: headerBytes,
      headersTimeout: headTimeoutMs,
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: keepAliveMs,
    },
  });
  if (!isHttpServer(server)) throw new TypeError('not a server of HTTP/1.1');
  server.maxConnections = mostConnections;
  server.on('clientError', answerUnreadable);
  await listen(server, host, port);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('not a socket of TCP');
  const shownHost = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  const ended = new Promise<void>((done) => server.once('close', () => done()));
  const drain = (): void => {
    options.onDrain?.();
    server.close();
    server.closeIdleConnections();
    const timer = setTimeout(
      () => server.closeAllConnections(),
      (options.drainSeconds ?? defaultDrainSeconds) * 1000,
    );
    void ended.then(() => clearTimeout(timer));
  };
  if (signal.aborted) drain();
  else signal.addEventListener('abort', drain, { once: true });
  return { url: `http://${shownHost}:${address.port}`, port: address.port, ended };
}

function isHttpServer(server: object): server is Server {
  return 'closeAllConnections' in server;
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const failed = (error: Error): void => {
      reject(
        new PortcullisError('serve/cannot-listen', `cannot listen on ${host}:${port}`, {
          place: `${host}:${port}`,
          cause: error,
        }),
      );
    };
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      resolve();
    });
  });
}

const unreadable: ReadonlyMap<
  string | undefined,
  { readonly status: number; readonly code: FaultCode; readonly detail: string }
> = new Map([
  [
    'HPE_HEADER_OVERFLOW',
    { status: 431, code: 'serve/too-large', detail: 'the headers are too large' },
  ],
  [
    'ERR_HTTP_REQUEST_TIMEOUT',
    { status: 408, code: 'serve/bad-request', detail: 'the request did not come in time' },
  ],
]);
const noHttp = {
  status: 400,
  code: 'serve/bad-request',
  detail: 'the request is not HTTP',
} as const;

/** What does not come as far as the app: it is no HTTP, or too much or too slow for it. */
function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const { status, code, detail } = unreadable.get(error.code) ?? noHttp;
  const requestId = randomUUID();
  const hint = catalogue[code].nextStep;
  const body = JSON.stringify(problemBody({ status, code, detail, hint }, requestId));
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'connection: close',
      'content-type: application/problem+json',
      `content-length: ${Buffer.byteLength(body)}`,
      `x-request-id: ${requestId}`,
      '',
      body,
    ].join('\r\n'),
  );
}
