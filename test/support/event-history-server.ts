// CloudTrail's LookupEvents and STS's AssumeRole, as far as a test needs them, in AWS's own shapes
// over HTTP. It keeps the documented limits: 50 events a page, two requests a second for each account
// and region, events of 90 days.
// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';

import type { JsonObject } from '../../src/model/json.ts';
import type { SeenRequest } from './faulty-proxy.ts';

export type HistoryEvent = {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly id: string;
  readonly timeMs: number;
  readonly record: JsonObject;
};

export type AskedEvents = z.infer<typeof lookupRequest> & {
  readonly account: string;
  readonly region: string;
  /** By `performance.now()`. */
  readonly atMs: number;
};

export type EventHistoryServer = {
  readonly url: string;
  /** From now on it can be found. */
  add(event: HistoryEvent): void;
  readonly requests: readonly SeenRequest[];
  /** Every question that was answered or throttled. */
  readonly asked: readonly AskedEvents[];
  /** Answers that said the rate was exceeded, of the server's own accord. */
  readonly throttled: () => number;
  readonly failNext: (requests: number) => void;
  stop(): Promise<void>;
};

export type EventHistoryServerOptions = {
  readonly eventsPerPage?: number;
  /** Requests a second for each account and region before it throttles. */
  readonly requestsPerSecond?: number;
  /** The account of keys that were not given out by AssumeRole. */
  readonly homeAccount?: string;
  /** What roles of other accounts ask for. */
  readonly externalId?: string;
};

const lookupRequest = z.object({
  LookupAttributes: z.tuple([
    z.object({ AttributeKey: z.literal('EventName'), AttributeValue: z.string() }),
  ]),
  StartTime: z.number(),
  EndTime: z.number(),
  MaxResults: z.number().int().max(50),
  NextToken: z.string().optional(),
});

const failures = [
  { status: 400, type: 'ThrottlingException', message: 'Rate exceeded' },
  { status: 500, type: 'InternalFailure', message: 'We encountered an internal error.' },
];

export async function startEventHistoryServer({
  eventsPerPage = 50,
  requestsPerSecond = 2,
  homeAccount = '111122223333',
  externalId = 'the-id',
}: EventHistoryServerOptions = {}): Promise<EventHistoryServer> {
  const events: HistoryEvent[] = [];
  const requests: SeenRequest[] = [];
  const asked: AskedEvents[] = [];
  const recent = new Map<string, number[]>();
  let toFail = 0;
  let throttled = 0;

  /** Two seconds' worth and one more pass in two seconds, however unequally they travel. */
  const isTooFast = (key: string, atMs: number): boolean => {
    const times = (recent.get(key) ?? []).filter((timeMs) => atMs - timeMs < 2_000);
    recent.set(key, [...times, atMs]);
    return times.length > requestsPerSecond * 2;
  };

  const lookUp = (outgoing: ServerResponse, body: string, credential: Credential): void => {
    const { account, region } = credential;
    const question = { ...lookupRequest.parse(JSON.parse(body)), account, region };
    const atMs = performance.now();
    asked.push({ ...question, atMs });
    if (isTooFast(`${account}/${region}`, atMs)) {
      throttled += 1;
      fail(outgoing, failures[0]);
      return;
    }
    const found = events
      .filter(
        (event) =>
          event.account === account &&
          event.region === region &&
          event.name === question.LookupAttributes[0].AttributeValue &&
          event.timeMs >= question.StartTime * 1000 &&
          event.timeMs <= question.EndTime * 1000 &&
          event.timeMs >= Date.now() - 90 * 86_400_000,
      )
      .toSorted((a, b) => b.timeMs - a.timeMs || (a.id < b.id ? -1 : 1));
    const start = Number(question.NextToken ?? 0);
    const end = start + Math.min(eventsPerPage, question.MaxResults);
    outgoing.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end(
      JSON.stringify({
        Events: found.slice(start, end).map((event) => ({
          EventId: event.id,
          EventName: event.name,
          ReadOnly: 'false',
          EventTime: event.timeMs / 1000,
          EventSource: 'ec2.amazonaws.com',
          Username: 'alice',
          Resources: [],
          CloudTrailEvent: JSON.stringify(event.record),
        })),
        ...(end < found.length ? { NextToken: String(end) } : {}),
      }),
    );
  };

  const assumeRole = (outgoing: ServerResponse, body: string): void => {
    const form = new URLSearchParams(body);
    const account = form.get('RoleArn')?.split(':')[4] ?? '';
    if (form.get('ExternalId') !== externalId) {
      outgoing
        .writeHead(403, { 'content-type': 'text/xml' })
        .end(
          '<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>Not authorized to perform sts:AssumeRole</Message></Error></ErrorResponse>',
        );
      return;
    }
    const until = new Date(Date.now() + 3_600_000).toISOString();
    outgoing.writeHead(200, { 'content-type': 'text/xml' }).end(
      `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
         <AssumedRoleUser><AssumedRoleId>AROA:portcullis</AssumedRoleId><Arn>arn:aws:sts::${account}:assumed-role/x/portcullis</Arn></AssumedRoleUser>
         <Credentials><AccessKeyId>ASIA${account}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>${until}</Expiration></Credentials>
       </AssumeRoleResult></AssumeRoleResponse>`,
    );
  };

  const server = createServer((incoming, outgoing) => {
    const { method = '', url: path = '', headers } = incoming;
    void textOf(incoming).then((body) => {
      requests.push({ number: requests.length + 1, method, path, headers, body });
      const credential = credentialOf(String(headers['authorization']), homeAccount);
      if (toFail > 0) {
        toFail -= 1;
        fail(outgoing, failures[toFail % failures.length]);
      } else if (credential.service === 'sts') assumeRole(outgoing, body);
      else if (String(headers['x-amz-target']).endsWith('.LookupEvents')) {
        lookUp(outgoing, body, credential);
      } else fail(outgoing, { status: 400, type: 'UnknownOperationException', message: '' });
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    asked,
    throttled: () => throttled,
    add: (event) => void events.push(event),
    failNext(count) {
      toFail = count;
    },
    async stop() {
      await new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      });
    },
  };
}

type Failure = { readonly status: number; readonly type: string; readonly message: string };

function fail(outgoing: ServerResponse, failure: Failure | undefined): void {
  const { status, type, message } = failure ?? {
    status: 500,
    type: 'InternalFailure',
    message: '',
  };
  outgoing
    .writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
    .end(JSON.stringify({ __type: type, message }));
}

type Credential = { readonly account: string; readonly region: string; readonly service: string };

/** Whose keys signed a request, for where and for what. */
function credentialOf(authorization: string, homeAccount: string): Credential {
  const [, key = '', region = '', service = ''] =
    /Credential=([^/]+)\/\d+\/([^/]+)\/([^/]+)\//.exec(authorization) ?? [];
  const assumed = /^ASIA(\d{12})$/.exec(key)?.[1];
  return { account: assumed ?? homeAccount, region, service };
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).toString();
}
