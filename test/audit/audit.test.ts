// `portcullis audit` as it is, against moto's EC2 and STS. Where moto is unlike EC2 a proxy stands
// between them that makes it alike.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { actionsOf } from '../support/aws-actions.ts';
import { startFaultyProxy, type Fault, type SeenRequest } from '../support/faulty-proxy.ts';
import { allowedActions } from '../support/iam-policy.ts';
import { motoEnvironment, startMoto, type Moto } from '../support/moto.ts';
import { projectRoot } from '../support/project-copy.ts';
import { runCommand, type CommandResult } from '../support/run-command.ts';
import { groupMaker, inPages, operationOf, tcp } from './estate.ts';

let moto: Moto;
let folder: string;
const seen: SeenRequest[] = [];

const otherAccount = '444455556666';
const roleArn = `arn:aws:iam::${otherAccount}:role/portcullis-read`;

beforeAll(async () => {
  for (const [name, value] of Object.entries(motoEnvironment)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  moto = await startMoto();
  folder = await mkdtemp(join(tmpdir(), 'portcullis-audit-'));
  const here = groupMaker(moto.url, 'us-east-1');
  const everywhere = await here.prefixList('everywhere', [
    ...Array.from({ length: 6 }, (_, index) => `10.${index}.0.0/16`),
    '0.0.0.0/1',
    '128.0.0.0/1',
  ]);
  await here.group('bastion', [tcp(22, '0.0.0.0/0', '::/0'), tcp(3389, '10.0.0.0/8')]);
  await here.group('desktops', [
    {
      IpProtocol: 'tcp',
      FromPort: 3389,
      ToPort: 3389,
      PrefixListIds: [{ PrefixListId: everywhere }],
    },
  ]);
  await here.group('internal', [tcp(22, '10.0.0.0/8')]);
  await groupMaker(moto.url, 'eu-west-1').group('web', [tcp(5432, '0.0.0.0/0')]);
  const sts = new STSClient({ endpoint: moto.url, region: 'us-east-1' });
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'setup' }),
  );
  await groupMaker(moto.url, 'us-east-1', {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  }).group('theirs', [tcp(22, '0.0.0.0/0')]);
});

afterAll(async () => {
  await moto.stop();
  await rm(folder, { recursive: true });
});

type Faults = (request: SeenRequest) => Fault | undefined | Promise<Fault | undefined>;

/** Runs the command against moto behind a proxy; all requests are remembered. */
async function audit(
  args: readonly string[],
  faults?: Faults,
): Promise<CommandResult & { readonly requests: readonly SeenRequest[] }> {
  const proxy = await startFaultyProxy(moto.url, faults);
  const main = resolve(projectRoot, 'src/cli/main.ts');
  const result = await runCommand(
    process.execPath,
    [main, 'audit', '--endpoint-url', proxy.url, ...args],
    { cwd: folder },
  );
  await proxy.stop();
  seen.push(...proxy.requests);
  return { ...result, requests: proxy.requests };
}

const document = z.object({
  stats: z.object({
    looked: z.object({
      accounts: z.number(),
      regions: z.number(),
      groups: z.number(),
      rows: z.number(),
    }),
  }),
  signals: z.array(z.object({ title: z.string(), actor: z.object({ type: z.string() }) })),
  exposures: z.array(
    z.object({
      accountId: z.string(),
      region: z.string(),
      groupName: z.string(),
      port: z.number(),
      sources: z.array(z.string()),
      openedByEventName: z.string(),
      openedByEventId: z.string(),
      closedAt: z.null(),
    }),
  ),
  problems: z.array(z.object({ code: z.string(), file: z.string(), message: z.string() })),
});

function read({ stdout, stderr }: CommandResult): z.infer<typeof document> {
  expect(stderr).toBe('');
  return document.parse(JSON.parse(stdout));
}

const open = ({ exposures }: z.infer<typeof document>): readonly string[] =>
  exposures.map(({ region, groupName, port }) => `${region} ${groupName} ${port}`).toSorted();

describe('what is open right now', () => {
  test('is found in the regions asked for, page after page, through prefix lists too', async () => {
    const run = await audit(['--region', 'us-east-1,eu-west-1'], inPages(moto.url, 2));
    const found = read(run);
    expect(run.exitCode).toBe(0);
    expect(open(found)).toEqual([
      'eu-west-1 web 5432',
      'us-east-1 bastion 22',
      'us-east-1 desktops 3389',
    ]);
    expect(found.exposures.map(({ openedByEventName }) => openedByEventName)).toEqual(
      Array.from({ length: 3 }, () => 'Audit'),
    );
    expect(found.exposures[0]?.openedByEventId).toMatch(/^audit:group-/);
    expect(found.signals.map(({ actor }) => actor.type)).toEqual(['Unknown', 'Unknown', 'Unknown']);
    expect(found.exposures.find(({ groupName }) => groupName === 'desktops')?.sources).toEqual([
      '0.0.0.0/1',
      '128.0.0.0/1',
    ]);
    // Besides those that were made there is a default group in each region.
    expect(found.stats.looked).toEqual({ accounts: 1, regions: 2, groups: 6, rows: 6 });
    expect(found.problems).toEqual([]);
    const asked = run.requests.map(operationOf);
    for (const operation of [
      'DescribeSecurityGroups',
      'DescribeSecurityGroupRules',
      'GetManagedPrefixListEntries',
    ]) {
      expect(asked.filter((one) => one === operation).length).toBeGreaterThan(2);
    }
  });

  test('has the same ids at the next look', async () => {
    const args = ['--region', 'us-east-1'];
    const ids = async () =>
      read(await audit(args)).exposures.map(({ openedByEventId }) => openedByEventId);
    expect(await ids()).toEqual(await ids());
  });

  test('is looked for in every region that is enabled when none is named', async () => {
    const regions = `<DescribeRegionsResponse><regionInfo><item><regionName>eu-west-1</regionName></item>
      <item><regionName>us-east-1</regionName></item></regionInfo></DescribeRegionsResponse>`;
    const found = read(
      await audit([], (request) =>
        operationOf(request) === 'DescribeRegions'
          ? { kind: 'answer', status: 200, body: regions }
          : undefined,
      ),
    );
    expect(found.stats.looked).toMatchObject({ regions: 2 });
    expect(open(found)).toContain('eu-west-1 web 5432');
  });

  test('is narrowed, suppressed and counted for the exit code like the result of a scan', async () => {
    await writeFile(
      join(folder, 'accepted.yaml'),
      'suppressions:\n  - { rule: all, query: "@exposures.groupName:bastion", reason: jump host }\n',
    );
    const run = await audit([
      '--region',
      'us-east-1',
      '--query',
      '@exposures.port:(22 OR 3389)',
      '--suppressions',
      'accepted.yaml',
      '--fail-on',
      'high',
      '--format',
      'csv',
    ]);
    expect(run.exitCode).toBe(1);
    expect(run.stdout).toContain('desktops');
    expect(run.stdout).not.toContain('bastion');
  });

  test.each(['table', 'ndjson', 'ocsf', 'markdown', 'html'])('is printed as %s', async (format) => {
    const run = await audit(['--region', 'us-east-1', '--format', format]);
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toContain('bastion');
  });
});

describe('several accounts', () => {
  const config = `aws:
  regions: [us-east-1]
  accounts:
    - { id: "123456789012" }
    - { id: "${otherAccount}", roleArn: "${roleArn}", externalId: "\${EXTERNAL_ID}" }
    - { id: "777788889999", roleArn: "arn:aws:iam::777788889999:role/closed" }
`;
  /** Moto lets everybody take on every role; STS refuses where the trust policy does not say so. */
  const refusing: Faults = (request) =>
    operationOf(request) === 'AssumeRole' && request.body?.includes('777788889999') === true
      ? {
          kind: 'answer',
          status: 403,
          headers: { 'content-type': 'text/xml' },
          body: '<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized to perform: sts:AssumeRole</Message></Error></ErrorResponse>',
        }
      : undefined;

  test('are looked into with a role in each, and one that is closed is a problem', async () => {
    await writeFile(join(folder, 'estate.yaml'), config);
    process.env['EXTERNAL_ID'] = 'agreed-upon';
    const run = await audit(['--config', 'estate.yaml'], refusing);
    const found = read(run);
    expect(open(found)).toContain('us-east-1 theirs 22');
    expect(found.exposures.map(({ accountId }) => accountId)).toContain(otherAccount);
    expect(found.stats.looked).toMatchObject({ accounts: 2, regions: 2 });
    expect(found.problems).toMatchObject([
      { code: 'audit/not-readable', file: '777788889999/us-east-1' },
    ]);
    expect(found.problems[0]?.message).toContain('arn:aws:iam::777788889999:role/closed');
    const assumed = run.requests.find(({ body }) => body?.includes(otherAccount));
    expect(assumed?.body).toContain('ExternalId=agreed-upon');
    expect(run.exitCode).toBe(0);
  });

  test('can be narrowed to one of them, and a problem ends a strict audit with 2', async () => {
    await writeFile(join(folder, 'estate.yaml'), config);
    process.env['EXTERNAL_ID'] = 'agreed-upon';
    const run = await audit(['--config', 'estate.yaml', '--account', otherAccount]);
    expect(open(read(run))).toEqual(['us-east-1 theirs 22']);
    expect((await audit(['--config', 'estate.yaml', '--strict'], refusing)).exitCode).toBe(2);
    const unknown = await audit(['--config', 'estate.yaml', '--account', '1']);
    expect(unknown.exitCode).toBe(2);
    expect(unknown.stderr).toContain('--account 1 is not an account of the configuration');
  });
});

describe('what goes wrong', () => {
  const ec2Error = (status: number, code: string): Fault => ({
    kind: 'answer',
    status,
    headers: { 'content-type': 'text/xml' },
    body: `<Response><Errors><Error><Code>${code}</Code><Message>${code}</Message></Error></Errors><RequestID>1</RequestID></Response>`,
  });

  test('EC2 that asks to slow down is asked again, later', async () => {
    let throttles = 3;
    const run = await audit(['--region', 'us-east-1'], (request) => {
      if (operationOf(request) !== 'DescribeSecurityGroupRules' || throttles === 0)
        return undefined;
      throttles -= 1;
      return ec2Error(503, 'RequestLimitExceeded');
    });
    expect(open(read(run))).toEqual(['us-east-1 bastion 22', 'us-east-1 desktops 3389']);
    expect(
      run.requests.filter((each) => operationOf(each) === 'DescribeSecurityGroupRules'),
    ).toHaveLength(4);
  });

  test('a region that is not enabled is a problem, and the others are looked into', async () => {
    const run = await audit(['--region', 'us-east-1,me-south-1'], ({ headers }) =>
      String(headers['authorization']).includes('/me-south-1/')
        ? ec2Error(401, 'AuthFailure')
        : undefined,
    );
    const found = read(run);
    expect(found.exposures.length).toBeGreaterThan(0);
    expect(found.problems).toMatchObject([
      { code: 'audit/not-readable', file: '123456789012/me-south-1' },
    ]);
    expect(found.problems[0]?.message).toContain(
      'the credentials are not valid, or not in this region',
    );
  });

  test('a prefix list that may not be read leaves undetermined what it admits', async () => {
    const run = await audit(['--region', 'us-east-1'], (request) =>
      operationOf(request) === 'GetManagedPrefixListEntries'
        ? ec2Error(403, 'UnauthorizedOperation')
        : undefined,
    );
    const found = z
      .object({ undetermined: z.array(z.object({ eventName: z.string(), reason: z.string() })) })
      .parse(JSON.parse(run.stdout));
    expect(found.undetermined).toEqual([
      {
        eventName: 'Audit',
        reason: 'a row admits a prefix list whose entries are not known',
      },
    ]);
    expect(read(run).problems[0]?.message).toContain('access is denied');
  });

  test('where nothing at all can be looked into, the exit code is 2 and the permissions are named', async () => {
    const run = await audit(['--region', 'us-east-1'], (request) =>
      operationOf(request).startsWith('Describe')
        ? ec2Error(403, 'UnauthorizedOperation')
        : undefined,
    );
    expect(run.exitCode).toBe(2);
    expect(run.stdout).toBe('');
    expect(run.stderr).toContain('ec2:DescribeSecurityGroupRules');
    expect(run.stderr).toContain('[ec2/access]');
  });
});

test('deploy/iam/audit.json allows each call to EC2 that was made above, and no other', () => {
  // Everybody may ask who they are.
  const made = actionsOf(seen).filter((action) => action !== 'sts:GetCallerIdentity');
  const allowed = ['audit', 'assume-role'].flatMap(allowedActions);
  expect(made).toEqual(allowed.toSorted());
});
