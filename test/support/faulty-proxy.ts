// Stands before an HTTP server, remembers every request and spoils the answers a test asks it to.

import {
  createServer,
  request as send,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';

export type SeenRequest = {
  /** 1 for the first request. */
  readonly number: number;
  readonly method: string;
  /** Path and query, as sent. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** As text, where it is kept. */
  readonly body?: string;
};

export type Fault =
  /** S3's answer to too many requests. */
  | { readonly kind: 'slow-down' }
  /** The connection breaks when so many bytes of the body have passed. */
  | { readonly kind: 'cut-body'; readonly afterBytes: number }
  /** An answer of the test's own; the server is not asked. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: string;
    };

export type FaultyProxy = {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  stop(): Promise<void>;
};

/** `fault` is asked for every request; undefined lets it pass untouched. */
export async function startFaultyProxy(
  target: string,
  fault: (request: SeenRequest) => Fault | undefined | Promise<Fault | undefined> = () => undefined,
): Promise<FaultyProxy> {
  const requests: SeenRequest[] = [];
  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = await bytesOf(incoming);
    const seen: SeenRequest = {
      number: requests.length + 1,
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      headers: incoming.headers,
      body: body.toString('utf8'),
    };
    requests.push(seen);
    const planned = await fault(seen);
    if (planned?.kind === 'answer') {
      outgoing.writeHead(planned.status, planned.headers).end(planned.body);
    } else if (planned?.kind === 'slow-down') {
      outgoing.writeHead(503, { 'content-type': 'application/xml' });
      outgoing.end(
        '<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>',
      );
    } else {
      pass(target, incoming, body, outgoing, planned?.afterBytes ?? Infinity);
    }
  };
  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    async stop() {
      await new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      });
    },
  };
}

async function bytesOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function pass(
  target: string,
  incoming: IncomingMessage,
  body: Buffer,
  outgoing: ServerResponse,
  cutAfterBytes: number,
): void {
  const { method, headers } = incoming;
  const onward = send(`${target}${incoming.url ?? ''}`, { method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    let left = cutAfterBytes;
    answer.on('data', (chunk: Buffer) => {
      if (left === 0) return;
      const part = chunk.subarray(0, left);
      left -= part.length;
      // Cut only once what comes before the cut is on its way.
      outgoing.write(part, () => left === 0 && outgoing.destroy());
    });
    answer.on('end', () => left > 0 && outgoing.end());
  });
  onward.on('error', () => outgoing.destroy());
  onward.end(body);
}
