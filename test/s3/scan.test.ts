import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';

import {
  startFaultyProxy,
  type Fault,
  type FaultyProxy,
  type SeenRequest,
} from '../support/faulty-proxy.ts';
import { bucketFiller, type BucketFiller } from '../support/fill-bucket.ts';
import { motoEnvironment, startMoto, type Moto } from '../support/moto.ts';
import { runCommand, type CommandResult } from '../support/run-command.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const main = resolve(import.meta.dirname, '../../src/cli/main.ts');

const accounts = ['111122223333', '444455556666', '777788889999'];
const regions = ['us-east-1', 'eu-west-1'];
const startMs = Date.UTC(2026, 1, 20);
const hourMs = 60 * 60 * 1000;

type Call = { readonly account: string; readonly region: string; readonly timeMs: number };

function seconds(timeMs: number): string {
  return new Date(timeMs).toISOString().replace('.000Z', 'Z');
}

/** One call on the group of an account and region: it opens or shuts port 22. */
function record({ account, region, timeMs }: Call, eventName: string): Record<string, unknown> {
  return {
    eventVersion: '1.09',
    userIdentity: {
      type: 'IAMUser',
      arn: `arn:aws:iam::${account}:user/ada`,
      accountId: account,
      accessKeyId: 'AKIAEXAMPLE',
      userName: 'ada',
    },
    eventTime: seconds(timeMs),
    eventSource: 'ec2.amazonaws.com',
    eventName,
    awsRegion: region,
    sourceIPAddress: '198.51.100.7',
    userAgent: 'aws-cli/2.15.0',
    requestParameters: {
      groupId: `sg-${account}`,
      ipPermissions: {
        items: [
          {
            ipProtocol: 'tcp',
            fromPort: 22,
            toPort: 22,
            groups: {},
            ipRanges: { items: [{ cidrIp: '0.0.0.0/0' }] },
            ipv6Ranges: {},
            prefixListIds: {},
          },
        ],
      },
    },
    responseElements: { _return: true },
    eventID: `${account}-${region}-${timeMs}`,
    readOnly: false,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: account,
    eventCategory: 'Management',
  };
}

/** Files in AWS's layout, one for each account, region and hour; every 20th opens, the next shuts. */
function trailFiles(hours: number): Record<string, Buffer> {
  const files: Record<string, Buffer> = {};
  for (const account of accounts) {
    for (const region of regions) {
      for (let hour = 0; hour < hours; hour += 1) {
        const timeMs = startMs + hour * hourMs;
        const names = ['AuthorizeSecurityGroupIngress', 'RevokeSecurityGroupIngress'];
        const eventName = names[hour % 20] ?? 'DescribeInstances';
        const delivered = new Date(timeMs + 5 * 60_000).toISOString().slice(0, 16);
        const day = delivered.slice(0, 10).replaceAll('-', '/');
        const name = `${account}_CloudTrail_${region}_${delivered.replaceAll(/[-:]/g, '')}Z_x.json.gz`;
        files[`AWSLogs/${account}/CloudTrail/${region}/${day}/${name}`] = gzipSync(
          JSON.stringify({ Records: [record({ account, region, timeMs }, eventName)] }),
        );
      }
    }
  }
  files['AWSLogs/111122223333/vpcflowlogs/us-east-1/2026/02/20/x.log.gz'] = gzipSync('no json');
  files['AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/02/20/x.json.gz'] = gzipSync('{}');
  return files;
}

const findings = z.object({
  stats: z.object({ files: z.number(), records: z.number() }),
  exposures: z.array(z.looseObject({ openedAt: z.string(), accountId: z.string() })),
  signals: z.array(z.looseObject({})),
  problems: z.array(z.looseObject({ code: z.string(), file: z.string() })),
});

const files = trailFiles(120);

let moto: Moto;
let filler: BucketFiller;

beforeAll(async () => {
  moto = await startMoto({ keysPerPage: 100 });
  filler = bucketFiller(moto.url);
  await filler.create('trail');
  await filler.put('trail', files);
});

afterAll(async () => {
  filler.end();
  await moto.stop();
});

async function proxied(fault?: (request: SeenRequest) => Fault | undefined): Promise<FaultyProxy> {
  const proxy = await startFaultyProxy(moto.url, fault);
  onTestFinished(() => proxy.stop());
  return proxy;
}

function portcullis(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<CommandResult> {
  return runCommand(process.execPath, [main, ...args], { env: { ...motoEnvironment, ...env } });
}

/** `flags` are separated by single spaces. */
async function scanJson(path: string, flags = ''): Promise<z.infer<typeof findings>> {
  const args = ['scan', path, '--format', 'json', ...flags.split(' ').filter(Boolean)];
  const { stdout, stderr, exitCode } = await portcullis(args);
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  return findings.parse(JSON.parse(stdout));
}

describe('a scan of S3', () => {
  it('finds what a scan of the same files on disk finds, though S3 asks to slow down', async () => {
    const folder = await scratchFolder();
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    const proxy = await proxied(({ number }) =>
      number % 50 === 2 ? { kind: 'slow-down' } : undefined,
    );
    const fromDisk = await scanJson(folder);
    const fromS3 = await scanJson('s3://trail', `--endpoint-url ${proxy.url}`);

    expect(fromDisk.stats).toEqual({ files: 720, records: 720 });
    expect(fromDisk.exposures).toHaveLength(accounts.length * regions.length * 6);
    expect({ ...fromS3, stats: null }).toEqual({ ...fromDisk, stats: null });
    expect(fromS3.stats).toEqual(fromDisk.stats);
    expect(proxy.requests.filter(({ path }) => path.includes('continuation-token')).length).toBe(6);

    const narrow =
      '--since 2026-02-22T00:00:00Z --until 2026-02-23T12:00:00Z --account 444455556666 --region eu-west-1';
    const someFromDisk = await scanJson(folder, narrow);
    const someFromS3 = await scanJson('s3://trail', `--endpoint-url ${proxy.url} ${narrow}`);
    expect(someFromDisk.exposures.map(({ openedAt }) => openedAt)).toEqual([
      '2026-02-22T12:00:00Z',
      '2026-02-23T08:00:00Z',
    ]);
    expect({ ...someFromS3, stats: null }).toEqual({ ...someFromDisk, stats: null });
    expect(someFromS3.stats).toEqual(someFromDisk.stats);
  });

  it('reads with a filter only what the filter leaves', async () => {
    const proxy = await proxied();
    const { stats } = await scanJson(
      's3://trail',
      `--endpoint-url ${proxy.url} --since 2026-02-22T00:00:00Z --until 2026-02-22T11:59:59Z --account 444455556666 --region eu-west-1`,
    );
    // Two days and an hour of files may hold records of that half day.
    expect(stats.files).toBe(36 + 1);
    const read = proxy.requests.filter(({ path }) => path.includes('GetObject'));
    expect(read).toHaveLength(stats.files);
    expect(read.every(({ path }) => path.includes('/444455556666/CloudTrail/eu-west-1/'))).toBe(
      true,
    );
    expect(proxy.requests.length - read.length).toBeLessThan(14);
  });

  it('reports an object that cannot be read, and finds everything else', async () => {
    const denied = Object.keys(files).find((key) => key.includes('777788889999')) ?? '';
    const proxy = await proxied(({ path }) =>
      path.startsWith(`/trail/${denied}`)
        ? { kind: 'answer', status: 403, body: '<Error><Code>AccessDenied</Code></Error>' }
        : undefined,
    );
    const { problems, stats } = await scanJson(
      's3://trail/AWSLogs/777788889999/',
      `--endpoint-url ${proxy.url}`,
    );
    expect(problems).toMatchObject([{ code: 'input/not-readable', file: `s3://trail/${denied}` }]);
    expect(stats.records).toBe(239);
  });

  it('that cannot begin says why, what to do, and nothing else', async () => {
    const missing = await portcullis(['scan', 's3://no-such-trail', '--endpoint-url', moto.url]);
    expect(missing).toMatchObject({ exitCode: 2, stdout: '' });
    expect(missing.stderr).toContain('there is no bucket named no-such-trail');
    expect(missing.stderr).toContain('s3/access');

    const noProfile = await portcullis(['scan', 's3://trail', '--endpoint-url', moto.url], {
      AWS_PROFILE: 'nobody',
    });
    expect(noProfile).toMatchObject({ exitCode: 2, stdout: '' });
    expect(noProfile.stderr).toContain('no usable credentials');
    expect(noProfile.stderr).not.toContain('WARNING');
  });
});
