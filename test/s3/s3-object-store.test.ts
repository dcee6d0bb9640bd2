import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  onTestFinished,
  vi,
} from 'vitest';

import { createS3ObjectStore } from '../../src/aws/s3-object-store.ts';
import type { Problem } from '../../src/model/problem.ts';
import type { ObjectStore } from '../../src/ports.ts';
import { wantEverything, type KeyFilter } from '../../src/source/aws-layout.ts';
import { findInputs } from '../../src/source/find-inputs.ts';
import { inputName } from '../../src/source/input.ts';
import {
  startFaultyProxy,
  type Fault,
  type FaultyProxy,
  type SeenRequest,
} from '../support/faulty-proxy.ts';
import { bucketFiller, type BucketFiller } from '../support/fill-bucket.ts';
import { motoEnvironment, startMoto, type Moto } from '../support/moto.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

let moto: Moto;
let filler: BucketFiller;

const accounts = ['111122223333', '444455556666'];
const regions = ['us-east-1', 'eu-west-1'];
const days = ['2025/12/31', '2026/02/28', '2026/03/01', '2026/03/02', '2026/04/01'];

function trailKey(account: string, region: string, day: string, file = 0): string {
  const time = `${day.replaceAll('/', '')}T12${String(file).padStart(2, '0')}Z`;
  return `AWSLogs/${account}/CloudTrail/${region}/${day}/${account}_CloudTrail_${region}_${time}_x.json.gz`;
}

const trailKeys = accounts.flatMap((account) =>
  regions.flatMap((region) => days.map((day) => trailKey(account, region, day))),
);
const flowLogKeys = Array.from(
  { length: 20 },
  (_, index) => `AWSLogs/111122223333/vpcflowlogs/us-east-1/2026/03/01/${index}.log.gz`,
);
const manyKeys = Array.from(
  { length: 250 },
  (_, index) => `many/${String(index).padStart(5, '0')}`,
);
const strangeKeys = [
  'strange/a b+c.json',
  'strange/%41.json',
  'strange/ü☃😀',
  'strange/\u0001',
  'strange/&<>"',
];

/** Three million bytes that differ from place to place. */
const big = Uint8Array.from({ length: 3_000_000 }, (_, index) => (index * 7 + (index >> 8)) % 251);

beforeAll(async () => {
  moto = await startMoto({ keysPerPage: 100 });
  filler = bucketFiller(moto.url);
  await filler.create('logs');
  const keys = [...trailKeys, ...flowLogKeys, ...manyKeys, ...strangeKeys];
  await filler.put('logs', Object.fromEntries(keys.map((key) => [key, key])));
  await filler.put('logs', { 'big.bin': big, 'empty.json': '' });
});

afterAll(async () => {
  filler.end();
  await moto.stop();
});

beforeEach(() => {
  for (const [name, value] of Object.entries(motoEnvironment)) vi.stubEnv(name, value);
});

afterEach(() => {
  vi.unstubAllEnvs();
});

async function proxied(fault?: (request: SeenRequest) => Fault | undefined): Promise<FaultyProxy> {
  const proxy = await startFaultyProxy(moto.url, fault);
  onTestFinished(() => proxy.stop());
  return proxy;
}

async function bytesOf(store: ObjectStore, key: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.read('logs', key)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function keysBelow(
  store: ObjectStore,
  address: string,
  filter: KeyFilter = wantEverything,
): Promise<string[]> {
  const names: string[] = [];
  const problems: Problem[] = [];
  const search = findInputs([address], {
    filter,
    objectStore: () => store,
    onProblem: (problem) => problems.push(problem),
  });
  for await (const input of search) names.push(inputName(input).slice('s3://logs/'.length));
  expect(problems).toEqual([]);
  return names;
}

function pageOfOne(encoding: string, key: string): string {
  return `<ListBucketResult>${encoding}<Contents><Key>${key}</Key><Size>1</Size></Contents></ListBucketResult>`;
}

function listings(proxy: FaultyProxy): string[] {
  return proxy.requests
    .map(({ path }) => new URL(path, 'http://x').searchParams)
    .filter((query) => query.get('list-type') === '2')
    .map((query) => `${query.get('prefix') ?? ''}${query.has('delimiter') ? ' /' : ''}`);
}

describe('listing', () => {
  it('goes on over all pages', async () => {
    const proxy = await proxied();
    const store = createS3ObjectStore({ endpointUrl: proxy.url });
    expect(await keysBelow(store, 's3://logs/many/')).toEqual(manyKeys);
    // The first look by folder does not fit a page, so all is listed flat, in three pages.
    expect(listings(proxy)).toEqual(['many/ /', 'many/', 'many/', 'many/']);
  });

  it('understands every key', async () => {
    const store = createS3ObjectStore({ endpointUrl: moto.url });
    expect(await keysBelow(store, 's3://logs/strange/')).toEqual(strangeKeys.toSorted());
    const page = await store.listPage('logs', 'strange/a b', { byFolder: false, page: null });
    expect(page).toEqual({
      objects: [{ key: 'strange/a b+c.json', sizeBytes: 18 }],
      folders: [],
      nextPage: null,
    });
  });

  it('understands keys that XML cannot carry, and stores that do not encode them', async () => {
    const proxy = await proxied(({ path }) => ({
      kind: 'answer',
      status: 200,
      body: path.includes('raw')
        ? pageOfOne('', 'a+%41')
        : pageOfOne('<EncodingType>url</EncodingType>', 'a+b%0A%1B%5B2J'),
    }));
    const store = createS3ObjectStore({ endpointUrl: proxy.url });
    const listAll = { byFolder: false, page: null };
    expect((await store.listPage('logs', '', listAll)).objects[0]?.key).toBe('a b\n\u001B[2J');
    expect((await store.listPage('logs', 'raw', listAll)).objects[0]?.key).toBe('a+%41');
  });

  it('asks only for what the filter leaves', async () => {
    const proxy = await proxied();
    const store = createS3ObjectStore({ endpointUrl: proxy.url });
    const filter: KeyFilter = {
      sinceMs: Date.parse('2026-03-01T10:00:00Z'),
      untilMs: Date.parse('2026-03-01T11:00:00Z'),
      accounts: ['444455556666'],
      regions: ['eu-west-1'],
    };
    expect(await keysBelow(store, 's3://logs/AWSLogs/', filter)).toEqual([
      trailKey('444455556666', 'eu-west-1', '2026/03/01'),
    ]);
    const region = 'AWSLogs/444455556666/CloudTrail/eu-west-1/';
    expect(listings(proxy)).toEqual([
      'AWSLogs/ /',
      'AWSLogs/444455556666/ /',
      'AWSLogs/444455556666/CloudTrail/ /',
      `${region} /`,
      `${region}2026/ /`,
      `${region}2026/03/ /`,
      `${region}2026/03/01/`,
      `${region}2026/03/02/`,
    ]);
  });

  it("does not ask for other services' logs even without a filter", async () => {
    const proxy = await proxied();
    const store = createS3ObjectStore({ endpointUrl: proxy.url });
    expect(await keysBelow(store, 's3://logs/AWSLogs/')).toEqual(trailKeys.toSorted());
    expect(listings(proxy).filter((prefix) => prefix.includes('vpcflowlogs'))).toEqual([]);
    expect(listings(proxy)).toHaveLength(5);
  });

  it('tells at once what is wrong with the bucket', async () => {
    const store = createS3ObjectStore({ endpointUrl: moto.url });
    await expect(keysBelow(store, 's3://no-such-bucket/AWSLogs/')).rejects.toMatchObject({
      code: 's3/access',
      message: 'Cannot list s3://no-such-bucket/AWSLogs/: there is no bucket named no-such-bucket.',
      place: 's3://no-such-bucket/AWSLogs/',
    });
    await expect(keysBelow(store, 's3://logs/nothing-here/')).rejects.toMatchObject({
      code: 'usage/no-input',
    });
  });

  it.each([
    [403, 'AccessDenied', 'access is denied'],
    [400, 'ExpiredToken', 'the credentials have expired'],
    [403, 'InvalidAccessKeyId', 'the credentials are not valid'],
    [403, 'RequestTimeTooSkewed', "this machine's clock differs too much from AWS's"],
  ])('tells at once what is wrong with the access: %i %s', async (status, code, words) => {
    const proxy = await proxied(() => ({
      kind: 'answer',
      status,
      body: `<Error><Code>${code}</Code><Message>S3's words.</Message></Error>`,
    }));
    const store = createS3ObjectStore({ endpointUrl: proxy.url });
    await expect(keysBelow(store, 's3://logs/')).rejects.toMatchObject({
      code: 's3/access',
      message: `Cannot list s3://logs/: ${words}.`,
    });
    expect(proxy.requests.length).toBeLessThan(3);
  });

  it('tells when there are no credentials', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined);
    const store = createS3ObjectStore({ endpointUrl: moto.url });
    await expect(keysBelow(store, 's3://logs/')).rejects.toMatchObject({
      code: 's3/access',
      message: expect.stringContaining('no usable credentials') as unknown,
      hint: expect.stringContaining('--profile') as unknown,
    });
  });

  it('tells when nobody answers', async () => {
    const proxy = await startFaultyProxy(moto.url);
    await proxy.stop();
    const store = createS3ObjectStore({ endpointUrl: proxy.url });
    await expect(keysBelow(store, 's3://logs/')).rejects.toMatchObject({
      code: 's3/access',
      message: expect.stringContaining('ECONNREFUSED') as unknown,
    });
  });
});

describe('reading', () => {
  it('gives the bytes as they are stored', async () => {
    const store = createS3ObjectStore({ endpointUrl: moto.url });
    expect(await bytesOf(store, 'big.bin')).toEqual(Buffer.from(big));
    expect(await bytesOf(store, 'empty.json')).toHaveLength(0);
    for (const key of strangeKeys) expect((await bytesOf(store, key)).toString()).toBe(key);
  });

  it('goes on from the byte it had reached when the connection breaks', async () => {
    const cuts = [100_000, 700_001, 1, 1_500_000];
    const proxy = await proxied(({ number }) => {
      const afterBytes = cuts[number - 1];
      return afterBytes === undefined ? undefined : { kind: 'cut-body', afterBytes };
    });
    const store = createS3ObjectStore({ endpointUrl: proxy.url });
    expect((await bytesOf(store, 'big.bin')).equals(big)).toBe(true);
    expect(proxy.requests.map(({ headers }) => headers['range'])).toEqual([
      undefined,
      'bytes=100000-',
      'bytes=800001-',
      'bytes=800002-',
      'bytes=2300002-',
    ]);
  });

  it('gives up when the connection breaks again and again, after the bytes that came', async () => {
    const proxy = await proxied(() => ({ kind: 'cut-body', afterBytes: 1000 }));
    const store = createS3ObjectStore({ endpointUrl: proxy.url });
    let bytes = 0;
    const reading = async (): Promise<void> => {
      for await (const chunk of store.read('logs', 'big.bin')) bytes += chunk.length;
    };
    await expect(reading()).rejects.toMatchObject({
      code: 's3/access',
      message: expect.stringContaining('the transfer broke off 6 times') as unknown,
      place: 's3://logs/big.bin',
    });
    expect(bytes).toBe(6000);
  });

  it('does not join the halves of two objects', async () => {
    await filler.put('logs', { 'replaced.bin': big });
    const proxy = await proxied(({ number }) =>
      number === 1 ? { kind: 'cut-body', afterBytes: 1_000_000 } : undefined,
    );
    const store = createS3ObjectStore({ endpointUrl: proxy.url });
    const reading = async (): Promise<void> => {
      let isFirst = true;
      for await (const _ of store.read('logs', 'replaced.bin')) {
        if (isFirst) await filler.put('logs', { 'replaced.bin': big.toReversed() });
        isFirst = false;
      }
    };
    await expect(reading()).rejects.toMatchObject({
      message: 'the object was replaced while it was being read',
    });
  });

  it('does not start over where a store cannot continue', async () => {
    const proxy = await proxied(({ number }) =>
      number === 1
        ? { kind: 'cut-body', afterBytes: 10 }
        : { kind: 'answer', status: 200, body: 'all from the start' },
    );
    const store = createS3ObjectStore({ endpointUrl: proxy.url });
    await expect(bytesOf(store, 'big.bin')).rejects.toMatchObject({
      message: 'the transfer broke off, and the server cannot continue one',
    });
  });

  it('ends the transfer when the reader has seen enough', async () => {
    const piece = Buffer.alloc(64 * 1024);
    const ended = Promise.withResolvers<void>();
    const endless = createServer((_request, response) => {
      const feed = (): void => {
        while (response.write(piece));
      };
      response.writeHead(200, { 'content-length': 2 ** 40 });
      response.on('drain', feed).on('close', ended.resolve);
      feed();
    });
    await new Promise<void>((ready) => endless.listen(0, '127.0.0.1', ready));
    onTestFinished(() => void endless.close());
    const address = endless.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const store = createS3ObjectStore({ endpointUrl: `http://127.0.0.1:${port}` });
    let bytes = 0;
    for await (const chunk of store.read('logs', 'endless.json')) {
      bytes += chunk.length;
      break;
    }
    await ended.promise;
    expect(bytes).toBeGreaterThan(0);
  });

  it('tells that an object is gone, or archived', async () => {
    const store = createS3ObjectStore({ endpointUrl: moto.url });
    await expect(bytesOf(store, 'gone.json')).rejects.toMatchObject({
      code: 's3/access',
      message: 'the object is no longer there',
    });
    const proxy = await proxied(() => ({
      kind: 'answer',
      status: 403,
      body: '<Error><Code>InvalidObjectState</Code></Error>',
    }));
    await expect(
      bytesOf(createS3ObjectStore({ endpointUrl: proxy.url }), 'cold.json'),
    ).rejects.toMatchObject({ message: 'the object is archived in Glacier' });
  });
});

describe('a bucket that asks to slow down', () => {
  it('is listed and read nevertheless', async () => {
    const proxy = await proxied(({ number }) =>
      number % 3 === 1 ? { kind: 'slow-down' } : undefined,
    );
    const store = createS3ObjectStore({ endpointUrl: proxy.url });
    expect(await keysBelow(store, 's3://logs/many/')).toEqual(manyKeys);
    expect((await bytesOf(store, 'big.bin')).equals(big)).toBe(true);
    expect(proxy.requests.length).toBeGreaterThan(5);
  });
});

describe('credentials and region', () => {
  it('come from the profile that is named', async () => {
    const home = await scratchFolder();
    await writeFile(
      join(home, 'credentials'),
      '[audit]\naws_access_key_id = AKIAAUDIT\naws_secret_access_key = secret\n',
    );
    await writeFile(join(home, 'config'), '[profile audit]\nregion = ap-southeast-2\n');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(home, 'credentials'));
    vi.stubEnv('AWS_CONFIG_FILE', join(home, 'config'));
    vi.stubEnv('AWS_REGION', undefined);
    const proxy = await proxied();
    const store = createS3ObjectStore({ endpointUrl: proxy.url, profile: 'audit' });
    await store.listPage('logs', '', { byFolder: true, page: null });
    expect(proxy.requests[0]?.headers['authorization']).toMatch(
      /Credential=AKIAAUDIT\/\d+\/ap-southeast-2\/s3\//,
    );
  });

  it('are not needed as far as the region goes', async () => {
    vi.stubEnv('AWS_REGION', undefined);
    const proxy = await proxied();
    const store = createS3ObjectStore({ endpointUrl: proxy.url });
    await store.listPage('logs', '', { byFolder: true, page: null });
    expect(proxy.requests[0]?.headers['authorization']).toContain('/us-east-1/s3/');
  });

  it("are the bucket's own region, asked for once", async () => {
    await filler.create('logs-in-ireland', 'eu-west-1');
    const proxy = await proxied();
    vi.stubEnv('AWS_ENDPOINT_URL_S3', proxy.url);
    const store = createS3ObjectStore({});
    const listAll = { byFolder: false, page: null };
    await store.listPage('logs-in-ireland', '', listAll);
    await store.listPage('logs-in-ireland', '', listAll);
    const regionsAsked = proxy.requests.map(
      ({ method, headers }) => `${method} ${String(headers['authorization']).split('/')[2] ?? ''}`,
    );
    expect(regionsAsked).toEqual(['HEAD us-east-1', 'GET eu-west-1', 'GET eu-west-1']);
  });

  it('follow where S3 redirects', async () => {
    const proxy = await proxied(({ headers }) =>
      String(headers['authorization']).includes('/eu-west-1/')
        ? undefined
        : {
            kind: 'answer',
            status: 301,
            headers: { 'x-amz-bucket-region': 'eu-west-1' },
            body: '<Error><Code>PermanentRedirect</Code></Error>',
          },
    );
    const store = createS3ObjectStore({ endpointUrl: proxy.url, region: 'us-east-1' });
    expect(await keysBelow(store, 's3://logs/strange/')).toHaveLength(strangeKeys.length);
  });
});
