// The source that looks for new objects of a trail by itself, against moto.

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
import type { PortcullisError } from '../../src/errors/portcullis-error.ts';
import {
  createS3TrailSource,
  type S3TrailSourceOptions,
} from '../../src/source/s3-trail-source.ts';
import { actionsOf } from '../support/aws-actions.ts';
import {
  startFaultyProxy,
  type Fault,
  type FaultyProxy,
  type SeenRequest,
} from '../support/faulty-proxy.ts';
import { bucketFiller, type BucketFiller } from '../support/fill-bucket.ts';
import { allowedActions } from '../support/iam-policy.ts';
import { memoryCheckpoints, type MemoryCheckpoints } from '../support/memory-checkpoints.ts';
import { motoEnvironment, startMoto, type Moto } from '../support/moto.ts';
import { ingressRecord, trailFile } from '../support/trail.ts';
import { describeSource, eventIds, Run, type SourceWorld } from './source-suite.ts';

let moto: Moto;
let filler: BucketFiller;
let buckets = 0;
const seen: SeenRequest[] = [];

beforeAll(async () => {
  moto = await startMoto({ keysPerPage: 3 });
  filler = bucketFiller(moto.url);
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

const faults: readonly Fault[] = [
  { kind: 'slow-down' },
  {
    kind: 'answer',
    status: 403,
    body: '<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>',
  },
];

const account = '111122223333';

/** The key of a file that CloudTrail delivers at a time. */
function keyAt(timeMs: number, name: string, region = 'us-east-1', owner = account): string {
  const time = new Date(timeMs).toISOString();
  const day = time.slice(0, 10).replaceAll('-', '/');
  const stamp = time.slice(0, 16).replaceAll(/[-:]/g, '');
  return `AWSLogs/${owner}/CloudTrail/${region}/${day}/${owner}_CloudTrail_${region}_${stamp}Z_${name}.json.gz`;
}

type TrailWorld = Omit<SourceWorld, 'source'> & {
  readonly proxy: FaultyProxy;
  readonly checkpoints: MemoryCheckpoints;
  source(options?: Partial<S3TrailSourceOptions>): ReturnType<typeof createS3TrailSource>;
  /** A file with one record under a key. */
  putKey(key: string, id: string): Promise<void>;
};

async function startWorld(): Promise<TrailWorld> {
  buckets += 1;
  const bucket = `trail-${buckets}`;
  await filler.create(bucket);
  let failures = 0;
  const proxy = await startFaultyProxy(moto.url, (request) => {
    seen.push(request);
    if (failures === 0) return undefined;
    failures -= 1;
    return faults[failures % faults.length];
  });
  onTestFinished(() => proxy.stop());
  const checkpoints = memoryCheckpoints();
  const reported: PortcullisError[] = [];
  let files = 0;
  const putText = (key: string, text: string): Promise<void> => filler.put(bucket, { [key]: text });
  return {
    proxy,
    checkpoints,
    faults: reported,
    tries: 4,
    recoveryMs: 0,
    quietMs: 700,
    source: (options) =>
      createS3TrailSource({
        name: 'trail',
        bucket,
        prefix: '',
        objectStore: createS3ObjectStore({ endpointUrl: proxy.url }),
        checkpoints,
        onFault: (fault) => reported.push(fault),
        pollMs: 100,
        discoveryMs: 300,
        firstReturnMs: 150,
        ...options,
      }),
    putKey: (key, id) => putText(key, trailFile([ingressRecord({ id })])),
    put: (record) => {
      files += 1;
      return putText(keyAt(Date.now(), String(files).padStart(4, '0')), trailFile([record]));
    },
    failNext: (requests) => {
      failures = requests;
    },
  };
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

async function idsOfNext(run: Run, count: number): Promise<string[]> {
  const deliveries = await run.take(count);
  return (await Promise.all(deliveries.map(eventIds))).flat().toSorted();
}

describe("a trail's bucket", () => {
  describeSource(startWorld);
});

describe('looking for objects', () => {
  it('goes on over pages, days, regions and accounts, and over an organization', async () => {
    const world = await startWorld();
    const now = Date.now();
    const ids: string[] = [];
    for (const [index, region] of ['us-east-1', 'eu-west-1'].entries()) {
      for (let file = 0; file < 8; file += 1) {
        const id = `${index}-${file}`;
        ids.push(id);
        await world.putKey(keyAt(now - file * 11 * hourMs, id, region), id);
      }
    }
    await world.putKey(keyAt(now, 'x', 'us-east-1', '444455556666'), 'other');
    const organization = keyAt(now, 'x').replace('AWSLogs/', 'AWSLogs/o-abc123/');
    await world.putKey(`some/where/${organization}`, 'org');
    const run = new Run(world.source({ sinceMs: now - 5 * dayMs }));
    expect(await idsOfNext(run, ids.length + 2)).toEqual([...ids, 'org', 'other'].toSorted());
    expect(await run.isQuiet(500)).toBe(true);
    expect(world.faults).toEqual([]);
  });

  it('begins a while ago, or when it is told', async () => {
    const world = await startWorld();
    const now = Date.now();
    await world.putKey(keyAt(now - 2 * dayMs, 'a'), 'days ago');
    await world.putKey(keyAt(now - 2 * hourMs, 'b'), 'hours ago');
    await world.putKey(keyAt(now, 'c'), 'now');
    const usual = new Run(world.source());
    expect(await idsOfNext(usual, 2)).toEqual(['hours ago', 'now']);
    expect(await usual.isQuiet(400)).toBe(true);
    const told = new Run(world.source({ name: 'told', sinceMs: now - 3 * dayMs }));
    expect(await idsOfNext(told, 3)).toEqual(['days ago', 'hours ago', 'now']);
  });

  it('finds objects that come late', async () => {
    const world = await startWorld();
    const now = Date.now();
    await world.putKey(keyAt(now, 'a'), 'now');
    const run = new Run(world.source());
    await (await run.next()).acknowledge();
    await world.putKey(keyAt(now - 2 * hourMs, 'b'), 'late');
    const late = await run.next();
    expect(await eventIds(late)).toEqual(['late']);
    await late.acknowledge();
    await run.end();
    await world.putKey(keyAt(now - 100 * minuteMs, 'c'), 'later');
    const again = new Run(world.source());
    expect(await eventIds(await again.next())).toEqual(['later']);
    expect(await again.isQuiet(400)).toBe(true);
  });

  it('is not led astray by a file whose name lies in the future', async () => {
    const world = await startWorld();
    const key = keyAt(Date.now(), 'a');
    await world.putKey(key.replace(/_\d{8}T/, '_20990101T'), 'future');
    const run = new Run(world.source());
    await (await run.next()).acknowledge();
    expect(await run.isQuiet(300)).toBe(true);
    await world.putKey(key, 'now');
    expect(await eventIds(await run.next())).toEqual(['now']);
    await run.end();
    expect(await eventIds(await new Run(world.source()).next())).toEqual(['now']);
  });

  it('finds accounts and regions that are new', async () => {
    const world = await startWorld();
    await world.putKey(keyAt(Date.now(), 'a'), 'old region');
    const run = new Run(world.source());
    await run.next();
    await world.putKey(keyAt(Date.now(), 'a', 'ap-south-1'), 'new region');
    expect(await eventIds(await run.next())).toEqual(['new region']);
  });

  it('leaves out digests, logs of other services, strange names and unwanted regions', async () => {
    const world = await startWorld();
    const key = keyAt(Date.now(), 'a');
    await world.putKey(key, 'wanted');
    await world.putKey(key.replace('/CloudTrail/', '/CloudTrail-Digest/'), 'digest');
    await world.putKey(key.replace('/CloudTrail/', '/Config/'), 'config');
    await world.putKey(`${key.slice(0, key.lastIndexOf('/'))}/zzz.json`, 'strange');
    await world.putKey(keyAt(Date.now(), 'a', 'eu-west-1'), 'unwanted');
    await world.putKey(keyAt(Date.now(), 'a', 'us-east-1', '444455556666'), 'unwanted');
    const run = new Run(world.source({ accounts: [account], regions: ['us-east-1'] }));
    expect(await eventIds(await run.next())).toEqual(['wanted']);
    expect(await run.isQuiet(400)).toBe(true);
  });

  it('asks only for keys that may be new', async () => {
    const world = await startWorld();
    const now = Date.now();
    for (let file = 0; file < 30; file += 1) {
      await world.putKey(keyAt(now - (4 + file) * hourMs, `${file}`), `${file}`);
    }
    const run = new Run(world.source({ discoveryMs: 1_000_000 }));
    expect(await run.isQuiet(400)).toBe(true);
    const listings = world.proxy.requests.filter(({ path }) => path.includes('start-after'));
    expect(listings.length).toBeGreaterThan(1);
    for (const { path } of listings) {
      const query = new URL(path, 'http://s3').searchParams;
      const after = query.get('start-after') ?? '';
      expect(after.startsWith(query.get('prefix') ?? '-')).toBe(true);
      expect(after < keyAt(now - 3 * hourMs + minuteMs, '')).toBe(true);
    }
    // Old keys on the same day are never listed: a page holds three, and one page is enough.
    expect(listings.some(({ path }) => path.includes('continuation-token'))).toBe(false);
  });

  it.each([
    '',
    'AWSLogs',
    'AWSLogs/',
    `AWSLogs/${account}`,
    `AWSLogs/${account}/`,
    `AWSLogs/${account}/CloudTrail`,
    `AWSLogs/${account}/CloudTrail/us-east-1`,
    `AWSLogs/${account}/CloudTrail/us-east-1/`,
  ])('begins at any prefix from the bucket to the region: %j', async (prefix) => {
    const world = await startWorld();
    await world.putKey(keyAt(Date.now(), 'a'), 'a');
    expect(await eventIds(await new Run(world.source({ prefix })).next())).toEqual(['a']);
  });

  it('says so when there is no trail below the prefix, and finds it when there is', async () => {
    const world = await startWorld();
    await world.putKey('something/else.txt', 'x');
    const source = world.source({ prefix: 'logs/' });
    const run = new Run(source);
    expect(source.lagSeconds()).toBeNull();
    expect(await run.isQuiet(300)).toBe(true);
    expect(world.faults[0]).toMatchObject({
      code: 'source/not-readable',
      message: expect.stringMatching(
        /^There are no folders of CloudTrail below s3:\/\/trail-/,
      ) as unknown,
    });
    await world.putKey(`logs/${keyAt(Date.now(), 'a')}`, 'first');
    expect(await eventIds(await run.next())).toEqual(['first']);
  });

  it('is not kept from other regions by one that is refused', async () => {
    const world = await startWorld();
    const refusing = await startFaultyProxy(world.proxy.url, ({ path }) =>
      decodeURIComponent(path).includes('/eu-west-1/2') ? faults[1] : undefined,
    );
    onTestFinished(() => refusing.stop());
    await world.putKey(keyAt(Date.now(), 'a', 'eu-west-1'), 'refused');
    await world.putKey(keyAt(Date.now(), 'a'), 'read');
    const objectStore = createS3ObjectStore({ endpointUrl: refusing.url });
    const run = new Run(world.source({ objectStore }));
    expect(await eventIds(await run.next())).toEqual(['read']);
    expect(await run.isQuiet(300)).toBe(true);
    expect(world.faults[0]).toMatchObject({
      code: 's3/access',
      message: expect.stringContaining('access is denied') as unknown,
    });
  });

  it('keeps a checkpoint for each account and region that stays small', async () => {
    const world = await startWorld();
    const now = Date.now();
    for (let file = 0; file < 20; file += 1) {
      await world.putKey(keyAt(now - file * hourMs, `${file}`), `${file}`);
    }
    const run = new Run(world.source({ sinceMs: now - 2 * dayMs }));
    for (const delivery of await run.take(20)) await delivery.acknowledge();
    expect(await run.isQuiet(500)).toBe(true);
    await world.putKey(keyAt(now, 'last'), 'last');
    await (await run.next()).acknowledge();
    expect([...world.checkpoints.kept.keys()]).toEqual([
      `trail/AWSLogs/${account}/CloudTrail/us-east-1/`,
    ]);
    const [kept = ''] = world.checkpoints.kept.values();
    // Three hours of files, and no more.
    expect(Object.keys((JSON.parse(kept) as { done: object }).done).length).toBeLessThan(7);
  });
});

describe('permissions', () => {
  it('are exactly those that the requests of all these tests needed', () => {
    expect(actionsOf(seen)).toEqual(allowedActions('s3-source'));
  });
});
