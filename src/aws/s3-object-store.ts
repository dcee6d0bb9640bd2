// S3 as an object store, through the AWS SDK with its usual credential chain. The SDK is loaded on
// the first request, so that a scan of local files does not pay for it. Requests are tried again
// with growing pauses, and a transfer that breaks off goes on from the byte it had reached.

import { addAbortSignal, Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';

import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';

import type { ListOptions, ListPage, ObjectStore } from '../ports.ts';
import { silentLogger } from './client-options.ts';
import { listingFault, readingFault } from './s3-errors.ts';

/** Plain values, so that they can be sent to a worker thread. */
export type S3Options = {
  /** A profile of the shared AWS configuration files; AWS_PROFILE or `default` when absent. */
  readonly profile?: string;
  /** Another service that speaks S3, for example `http://localhost:9000`; addressed path-style. */
  readonly endpointUrl?: string;
  /** When absent: the environment's or profile's, and then each bucket's own. */
  readonly region?: string;
};

/** How often the SDK sends one request, the first time included. */
const MAX_ATTEMPTS = 8;

/** How often in a row a transfer may break off without having come far. */
const MAX_BREAKS = 5;

/** After so many bytes, breaks are counted from 0 again. */
const GOOD_STRETCH_BYTES = 1024 * 1024;

const FIRST_PAUSE_MS = 100;
const CONNECT_TIMEOUT_MS = 10_000;
/** Without a byte for so long, a connection counts as broken. */
const SILENCE_TIMEOUT_MS = 60_000;

/** The region asked where nobody names one; it leads on to the bucket's own. */
const ANY_REGION = 'us-east-1';

const loadSdk = () => import('@aws-sdk/client-s3');

export function createS3ObjectStore(options: S3Options): ObjectStore {
  const clients = new Map<string, Promise<S3Client>>();

  function clientFor(bucket: string): Promise<S3Client> {
    const known = clients.get(bucket);
    if (known !== undefined) return known;
    const client = createClient(options, bucket);
    clients.set(bucket, client);
    return client;
  }

  return {
    async listPage(bucket, prefix, listOptions) {
      try {
        return await listPage(await clientFor(bucket), bucket, prefix, listOptions);
      } catch (error) {
        throw listingFault(error, bucket, prefix);
      }
    },
    async *read(bucket, key, signal) {
      try {
        yield* readObject(await clientFor(bucket), bucket, key, signal);
      } catch (error) {
        throw readingFault(error, bucket, key);
      }
    },
  };
}

async function createClient(options: S3Options, bucket: string): Promise<S3Client> {
  const { S3Client, HeadBucketCommand } = await loadSdk();
  const { profile, endpointUrl, region } = options;
  const config: S3ClientConfig = {
    ...(profile === undefined ? {} : { profile }),
    ...(endpointUrl === undefined ? {} : { endpoint: endpointUrl, forcePathStyle: true }),
    ...(region === undefined ? {} : { region }),
    logger: silentLogger,
    followRegionRedirects: true,
    maxAttempts: MAX_ATTEMPTS,
    retryMode: 'standard',
    // Most objects are gzip, which brings its own checksum; a second one costs time.
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: SILENCE_TIMEOUT_MS,
    },
  };
  let client = new S3Client(config);
  if (region !== undefined) return client;
  try {
    await client.config.region();
  } catch {
    client = new S3Client({ ...config, region: ANY_REGION });
  }
  if (endpointUrl !== undefined) return client;
  // Asked in the wrong region, S3 redirects every single request. Ask once where the bucket is.
  try {
    const { BucketRegion } = await client.send(new HeadBucketCommand({ Bucket: bucket }));
    if (BucketRegion === undefined || BucketRegion === (await client.config.region())) {
      return client;
    }
    return new S3Client({ ...config, region: BucketRegion });
  } catch {
    // The request that is really wanted will tell what is wrong.
    return client;
  }
}

async function listPage(
  client: S3Client,
  bucket: string,
  prefix: string,
  { byFolder, page, startAfter, signal }: ListOptions,
): Promise<ListPage> {
  const { ListObjectsV2Command } = await loadSdk();
  const answer = await client.send(
    new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: prefix,
      // Keys may hold characters that XML cannot carry.
      EncodingType: 'url',
      ...(byFolder ? { Delimiter: '/' } : {}),
      ...(page === null ? {} : { ContinuationToken: page }),
      ...(page !== null || startAfter === undefined ? {} : { StartAfter: startAfter }),
    }),
    signal === undefined ? {} : { abortSignal: signal },
  );
  const decode = answer.EncodingType === 'url' ? decodeKey : String;
  return {
    objects: (answer.Contents ?? []).map(({ Key = '', Size = 0 }) => ({
      key: decode(Key),
      sizeBytes: Size,
    })),
    folders: (answer.CommonPrefixes ?? []).map(({ Prefix = '' }) => decode(Prefix)),
    nextPage: answer.NextContinuationToken ?? null,
  };
}

/** Undoes `EncodingType: 'url'`, in which a space is a plus sign. */
function decodeKey(encoded: string): string {
  return decodeURIComponent(encoded.replaceAll('+', ' '));
}

async function* readObject(
  client: S3Client,
  bucket: string,
  key: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { GetObjectCommand } = await loadSdk();
  let offset = 0;
  let sizeBytes: number | undefined;
  let eTag: string | undefined;
  let breaks = 0;
  for (;;) {
    const answer = await client.send(
      new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        ...(offset > 0 ? { Range: `bytes=${offset}-` } : {}),
        // The rest must be the rest of the same object.
        ...(offset > 0 && eTag !== undefined ? { IfMatch: eTag } : {}),
      }),
      signal === undefined ? {} : { abortSignal: signal },
    );
    if (offset > 0 && answer.ContentRange?.startsWith(`bytes ${offset}-`) !== true) {
      throw new Error('the transfer broke off, and the server cannot continue one');
    }
    sizeBytes ??= answer.ContentLength;
    eTag ??= answer.ETag;

    const startedAt = offset;
    let broken: unknown;
    try {
      for await (const chunk of bytesOf(answer.Body, signal)) {
        offset += chunk.length;
        yield chunk;
      }
      if (sizeBytes === undefined || offset >= sizeBytes) return;
      broken = new Error('the connection ended early');
    } catch (error) {
      signal?.throwIfAborted();
      broken = error;
    }
    breaks = offset - startedAt >= GOOD_STRETCH_BYTES ? 1 : breaks + 1;
    if (breaks > MAX_BREAKS) {
      const why = broken instanceof Error ? broken.message : String(broken);
      throw new Error(`the transfer broke off ${breaks} times, at last with: ${why}`, {
        cause: broken,
      });
    }
    await pause(FIRST_PAUSE_MS * 2 ** (breaks - 1) * (0.5 + Math.random() / 2));
  }
}

/** The SDK's body, which on Node is a Node stream. */
function bytesOf(body: unknown, signal: AbortSignal | undefined): AsyncIterable<Uint8Array> {
  if (body instanceof Readable) {
    return (
      signal === undefined ? body : addAbortSignal(signal, body)
    ) as AsyncIterable<Uint8Array>;
  }
  throw new Error('the SDK gave the object in a form that cannot be read');
}
