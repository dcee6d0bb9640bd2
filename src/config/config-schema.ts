// The settings there are, each with what is expected in words for a person and with a description for
// editors. Only shapes are checked here; what ties settings to each other is checked in
// parse-config.ts. A setting that may hold a secret is marked, and never shown.

import { isIP } from 'node:net';
import { z } from 'zod';
import { channelsConfig } from '../notify/notifications.ts';
import { address, secret } from './secret-field.ts';

function setting<T extends z.ZodType>(schema: T, description: string): T {
  return schema.describe(description);
}

function text(expected: string): z.ZodString {
  // oxlint-disable-next-line no-control-regex -- settings stand in tables and on terminals
  return z.string(expected).regex(/^(?=.*\S)[^\u0000-\u001f\u007f-\u009f]*$/, expected);
}

function texts<T extends z.ZodType<string>>(
  item: T,
  expected: string,
): z.ZodDefault<z.ZodArray<T>> {
  return z.array(item, expected).default([]);
}

function wholeNumber(least: number, most: number): z.ZodNumber {
  const expected = `a whole number from ${least} to ${most}`;
  return z.int(expected).min(least, expected).max(most, expected);
}

const nameExpected = 'lower-case letters, digits and hyphens, such as org-trail';
const name = z.string(nameExpected).regex(/^[a-z0-9][a-z0-9-]{0,62}$/, nameExpected);

const accountExpected = 'the twelve digits of an account in quotes, such as "111122223333"';
const accountId = z.string(accountExpected).regex(/^\d{12}$/, accountExpected);

const regionExpected = 'the name of a region, such as eu-central-1';
const region = z.string(regionExpected).regex(/^[a-z]{2,8}(?:-[a-z]+)+-\d{1,2}$/, regionExpected);

const roleExpected = 'the ARN of a role, such as arn:aws:iam::111122223333:role/portcullis';
export const rolePattern = /^arn:aws[a-z-]*:iam::(?<accountId>\d{12}):role\/[\w+=,.@/-]{1,576}$/;
const roleArn = z.string(roleExpected).regex(rolePattern, roleExpected);

const protectedExpected =
  'the ARN of a role in which * stands for any text, such as arn:aws:iam::*:role/break-glass';
const protectedRole = z
  .string(protectedExpected)
  .regex(/^arn:[\w*-]+:iam::[\d*]+:role\/[\w+=,.@/*-]{1,576}$/, protectedExpected);

const urlExpected = 'a web address, such as https://portcullis.example.com';
const url = z.string(urlExpected).refine(isWebAddress, urlExpected);

function isWebAddress(value: string): boolean {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}

const pathExpected = 'a path; one that is not absolute starts at the folder of this file';
const path = text(pathExpected);

const regionsDescription = 'Only these regions; all that are enabled where there are none.';

const rules = z
  .strictObject(
    {
      folders: setting(
        texts(path, 'a list of folders'),
        'Folders of rules besides the built-in ones.',
      ),
      enable: setting(
        texts(text('the id of a rule'), 'a list of ids'),
        'Rules that are off, to be run.',
      ),
      disable: setting(texts(text('the id of a rule'), 'a list of ids'), 'Rules not to be run.'),
    },
    'a mapping with folders, enable, disable',
  )
  .prefault({});

const suppressions = z
  .strictObject(
    { files: setting(texts(path, 'a list of files'), 'Files of what is known and accepted.') },
    'a mapping with files',
  )
  .prefault({});

const store = z
  .strictObject(
    {
      address: setting(
        address('a path, or an address such as postgres://host/database').default('portcullis.db'),
        'Where everything is kept: the path of an SQLite file, or postgres://USER@HOST/DATABASE.',
      ),
    },
    'a mapping with address',
  )
  .prefault({});

const account = z.strictObject(
  {
    id: setting(accountId, 'The account.'),
    roleArn: setting(
      roleArn.optional(),
      'The role to take on in it; where there is none, the credentials at hand are for it.',
    ),
    externalId: setting(
      secret('the external id that the role asks for').optional(),
      'What the trust policy of the role asks for as sts:ExternalId.',
    ),
    regions: setting(
      z.array(region, 'a list of regions').optional(),
      'Its regions, where they differ.',
    ),
  },
  'a mapping with id, roleArn, externalId, regions',
);

const aws = z
  .strictObject(
    {
      profile: setting(
        text('the name of a profile').optional(),
        'A profile of the shared AWS configuration files; else the usual credential chain.',
      ),
      endpointUrl: setting(url.optional(), 'Another service that speaks as AWS does.'),
      regions: setting(texts(region, 'a list of regions'), regionsDescription),
      accounts: setting(
        z.array(account, 'a list of accounts').default([]),
        'The accounts to look into; the one of the credentials where there are none.',
      ),
    },
    'a mapping with profile, endpointUrl, regions, accounts',
  )
  .prefault({});

const sourceName = setting(name, 'What checkpoints, logs and metrics call it.');
const pollSeconds = wholeNumber(1, 86_400).optional();
const overlapSeconds = wholeNumber(0, 604_800).optional();

const queueExpected = 'the URL of a queue, such as https://sqs.REGION.amazonaws.com/ACCOUNT/NAME';

const sqsSource = z.strictObject({
  name: sourceName,
  kind: z.literal('sqs').describe('A queue of EventBridge events, S3 notifications or records.'),
  queueUrl: setting(
    z.string(queueExpected).refine(isWebAddress, queueExpected),
    "The queue's URL.",
  ),
  region: setting(region.optional(), 'Its region, where the URL does not tell.'),
  receivers: setting(wholeNumber(1, 50).optional(), 'Requests that wait for messages at once.'),
  hideSeconds: setting(
    wholeNumber(10, 43_200).optional(),
    'How long messages are lost from sight when the process dies.',
  ),
});

const trailExpected = 'an address such as s3://bucket/AWSLogs';

const s3Source = z.strictObject({
  name: sourceName,
  kind: z.literal('s3').describe("A trail's bucket, looked at again and again."),
  address: setting(
    z
      .string(trailExpected)
      .regex(/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:\/.*)?$/, trailExpected),
    'Bucket and prefix, at or above AWSLogs/.',
  ),
  accounts: setting(texts(accountId, 'a list of accounts'), 'Only these accounts.'),
  regions: setting(texts(region, 'a list of regions'), 'Only these regions.'),
  pollSeconds: setting(pollSeconds, 'Seconds between two looks.'),
  overlapSeconds: setting(overlapSeconds, 'How late an object may appear and still be found.'),
});

const folderSource = z.strictObject({
  name: sourceName,
  kind: z.literal('folder').describe('A local folder that grows.'),
  path: setting(path, 'The folder.'),
  pollSeconds: setting(pollSeconds, 'Seconds between two looks.'),
});

const lookupSource = z.strictObject({
  name: sourceName,
  kind: z.literal('lookup-events').describe("CloudTrail's event history, of all accounts above."),
  pollSeconds: setting(pollSeconds, 'Seconds between two looks.'),
  overlapSeconds: setting(overlapSeconds, 'How late an event may appear and still be found.'),
});

export const sourceKinds = ['sqs', 's3', 'folder', 'lookup-events'] as const;

const source = z.discriminatedUnion('kind', [sqsSource, s3Source, folderSource, lookupSource], {
  error: `one of ${sourceKinds.join(', ')}`,
});

const proxyExpected = 'an address or a block of them, such as 10.0.0.5 or 10.0.0.0/8';
const proxy = z.string(proxyExpected).refine(isAddressOrBlock, proxyExpected);

function isAddressOrBlock(value: string): boolean {
  const [, first = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(value) ?? [];
  const family = isIP(first);
  return family !== 0 && (bits === undefined || Number(bits) <= (family === 4 ? 32 : 128));
}

const claimValues = texts(text('a value of the claim'), 'a list of values');

const oidc = z.strictObject(
  {
    issuer: setting(url, "The provider's address, as its tokens name it."),
    clientId: setting(text('the id of this client'), 'What the provider calls Portcullis.'),
    clientSecret: setting(
      secret('the secret of this client').optional(),
      'The secret of this client; none for a public client.',
    ),
    scopes: setting(
      z
        .array(text('a scope'), 'a list of scopes')
        .min(1, 'at least openid')
        .default(['openid', 'profile', 'email']),
      'What is asked for at login.',
    ),
    roleClaim: setting(
      text('the name of a claim').default('groups'),
      'The claim that says what a person may do.',
    ),
    roles: setting(
      z
        .strictObject(
          { admin: claimValues, responder: claimValues, viewer: claimValues },
          'a mapping with admin, responder, viewer',
        )
        .prefault({}),
      'For each role the values of the claim that give it.',
    ),
    sessionHours: setting(wholeNumber(1, 720).default(12), 'How long a login lasts.'),
  },
  'a mapping with issuer and clientId',
);

const serve = z
  .strictObject(
    {
      listen: setting(
        text('an address of this machine, such as 127.0.0.1').default('127.0.0.1'),
        'The address that is listened on; only this machine can reach 127.0.0.1.',
      ),
      port: setting(wholeNumber(0, 65_535).default(8443), 'The port; 0 for any that is free.'),
      publicUrl: setting(url.optional(), 'How browsers and messages address the server.'),
      trustedProxies: setting(
        texts(proxy, 'a list of addresses'),
        'Proxies whose word on whom they speak for counts: addresses, or blocks of them.',
      ),
      oidc: setting(oidc.optional(), 'How people log in.'),
      rateLimits: setting(
        z
          .strictObject(
            {
              requestsPerMinute: setting(wholeNumber(1, 1_000_000).default(600), 'Of one caller.'),
              loginsPerMinute: setting(wholeNumber(1, 1_000_000).default(10), 'From one address.'),
            },
            'a mapping with requestsPerMinute, loginsPerMinute',
          )
          .prefault({}),
        'How often callers may ask.',
      ),
    },
    'a mapping with listen, port, publicUrl, trustedProxies, oidc, rateLimits',
  )
  .prefault({});

const retention = z
  .strictObject(
    {
      days: setting(
        wholeNumber(1, 36_500).default(400),
        'Age at which what is over is forgotten. What is open is never forgotten.',
      ),
    },
    'a mapping with days',
  )
  .prefault({});

const auditScheduleExpected = '0 for never, or seconds from 60 to 604800';

const audit = z
  .strictObject(
    {
      everySeconds: setting(
        z
          .int(auditScheduleExpected)
          .refine(
            (seconds) => seconds === 0 || (seconds >= 60 && seconds <= 604_800),
            auditScheduleExpected,
          )
          .default(21_600),
        'How often what is open is looked up and compared with what the trail told; 0 for never.',
      ),
    },
    'a mapping with everySeconds',
  )
  .prefault({});

const protectedThings = z
  .strictObject(
    {
      roles: setting(
        texts(protectedRole, 'a list of ARNs'),
        'Roles that no response ever touches; * stands for any text.',
      ),
    },
    'a mapping with roles',
  )
  .prefault({});

export const configSchema = z.strictObject(
  {
    rules: rules.describe('What is looked for.'),
    suppressions: suppressions.describe('What is not told.'),
    store: store.describe('Where everything is kept.'),
    aws: aws.describe('Which accounts and regions, and with whose credentials.'),
    sources: setting(z.array(source, 'a list of sources').default([]), 'Where records come from.'),
    channels: setting(channelsConfig.default([]), 'Where openings and closings are told.'),
    serve: serve.describe('The HTTP server.'),
    retention: retention.describe('How long things are kept.'),
    audit: audit.describe('Looking up what is open right now.'),
    protected: protectedThings.describe('What is never touched.'),
  },
  'a mapping with rules, suppressions, store, aws, sources, channels, serve, retention, audit, protected',
);

/** Readonly all the way down. */
export type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

/** What holds, with defaults filled in. Secrets are as they were written: see `revealSection`. */
export type Config = DeepReadonly<z.output<typeof configSchema>>;

export type SourceConfig = Config['sources'][number];
export type AccountConfig = Config['aws']['accounts'][number];
export type OidcConfig = NonNullable<Config['serve']['oidc']>;
