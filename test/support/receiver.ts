// A receiver of notifications on this machine: a real HTTP server that remembers what came and answers
// as a test says, also badly.

import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Received = {
  readonly method: string;
  /** Path and query, as sent. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
};

export type Answer =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** Takes the request and never answers. */
  | { readonly kind: 'hang' }
  /** Begins an answer and never ends it. */
  | { readonly kind: 'stall'; readonly status: number }
  /** Begins an answer and goes on for as long as it is read. */
  | { readonly kind: 'flood'; readonly status: number }
  | { readonly kind: 'disconnect' };

export type Receiver = {
  readonly url: string;
  readonly received: readonly Received[];
  /** Bytes of answers that floods have written. */
  readonly floodedBytes: () => number;
  stop(): Promise<void>;
};

export function status(
  code: number,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): Answer {
  return { kind: 'status', status: code, headers, body };
}

/** @param answerTo is asked for each request, with its number from 1 on */
export async function startReceiver(
  answerTo: (request: Received, number: number) => Answer = () => status(200),
): Promise<Receiver> {
  const received: Received[] = [];
  let flooded = 0;
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const request: Received = {
        method: incoming.method ?? '',
        path: incoming.url ?? '',
        headers: incoming.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      received.push(request);
      give(answerTo(request, received.length), outgoing, (bytes) => {
        flooded += bytes;
      });
    });
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    floodedBytes: () => flooded,
    async stop() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function give(answer: Answer, outgoing: ServerResponse, count: (bytes: number) => void): void {
  switch (answer.kind) {
    case 'status':
      outgoing.writeHead(answer.status, answer.headers).end(answer.body);
      return;
    case 'hang':
      return;
    case 'stall':
      outgoing.writeHead(answer.status).write('so far');
      return;
    case 'flood': {
      outgoing.writeHead(answer.status);
      const more = (): void => {
        let goesOn = !outgoing.destroyed;
        while (goesOn) {
          count(65_536);
          goesOn = outgoing.write('x'.repeat(65_536));
        }
      };
      outgoing.on('drain', more).on('error', () => {});
      more();
      return;
    }
    case 'disconnect':
      outgoing.destroy();
      return;
    default:
      answer satisfies never;
  }
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const address = server.address() as AddressInfo;
  return address.port;
}
