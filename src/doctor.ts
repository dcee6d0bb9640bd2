// Looks at everything that the configuration needs, and says what works and what does not: nothing is
// changed, and nothing is sent unless that is asked for. What fails does not keep the rest from being
// looked at.

import { access } from 'node:fs/promises';
import type { AccountAccess } from './aws/account-access.ts';
import { callerIdentity, type CallerIdentity } from './aws/caller-identity.ts';
import { homeRegion } from './aws/account-access.ts';
import { createEventHistories } from './aws/event-history.ts';
import { probeAudit, probeQueue, type Probe } from './aws/probes.ts';
import { createS3ObjectStore } from './aws/s3-object-store.ts';
import { createSendingClients } from './aws/sending-clients.ts';
import type { Config, OidcConfig, SourceConfig } from './config/config-schema.ts';
import { revealSection, type SecretPlaces } from './config/secrets.ts';
import { PortcullisError } from './errors/portcullis-error.ts';
import { asText, own } from './model/json.ts';
import type { Diagnosis, DiagnosisArea } from './model/diagnosis.ts';
import type { Rule } from './model/rule.ts';
import { createChannel } from './notify/notifications.ts';
import { reachChannel } from './notify/reach.ts';
import { sendTest } from './notify/send-test.ts';
import { parseS3Address } from './source/s3-address.ts';
import { inspectStore } from './store/inspect-store.ts';

export type DoctorOptions = {
  readonly config: Config;
  /** For channels that describe the rules in what they send. */
  readonly rules: readonly Rule[];
  readonly version: string;
  /** Sends a test message through every channel. */
  readonly sendsTest?: boolean;
  readonly secrets?: SecretPlaces;
  /** For how long each single thing is waited for. */
  readonly patienceMs?: number;
};

/** What one check came to, before it is known by whom it was asked. */
type Finding = Pick<Diagnosis, 'outcome' | 'finding'> &
  Partial<Pick<Diagnosis, 'action' | 'nextStep'>>;

type Check = {
  readonly area: DiagnosisArea;
  readonly subject: string;
  readonly run: (signal: AbortSignal) => Promise<readonly Finding[]>;
};

const defaultPatienceMs = 30_000;
/** AWS refuses requests that are further off than five minutes. */
const mostClockMs = 300_000;
const goodClockMs = 5_000;

/** One entry or more for each thing that was looked at, in the order of the configuration. */
export async function diagnose(options: DoctorOptions): Promise<readonly Diagnosis[]> {
  const { patienceMs = defaultPatienceMs } = options;
  const checks = await checksOf(options);
  const found = await Promise.all(
    checks.map(async ({ area, subject, run }) => {
      const findings = await patiently(run, patienceMs);
      return findings.map(({ outcome, finding, action = null, nextStep = null }): Diagnosis => ({
        area,
        subject,
        outcome,
        finding,
        action,
        nextStep,
      }));
    }),
  );
  return found.flat();
}

async function patiently(run: Check['run'], patienceMs: number): Promise<readonly Finding[]> {
  const signal = AbortSignal.timeout(patienceMs);
  try {
    return await run(signal);
  } catch (error) {
    if (signal.aborted) {
      return [
        failed(`no answer within ${Math.ceil(patienceMs / 1000)} seconds`, 'Check the network.'),
      ];
    }
    if (error instanceof PortcullisError) return [failed(error.message, error.hint)];
    throw error;
  }
}

async function checksOf(options: DoctorOptions): Promise<readonly Check[]> {
  const { config, secrets } = options;
  const { aws, unrevealed } = await revealedAws(config, secrets);
  const accounts = accountsOf(aws);
  const usesAws =
    config.audit.everySeconds > 0 ||
    config.sources.some(({ kind }) => kind !== 'folder') ||
    aws.accounts.length > 0;
  return [
    ...unrevealed,
    ...(usesAws ? identityChecks(accounts) : []),
    storeCheck(config, secrets),
    ...config.sources.flatMap((source) => sourceChecks(source, aws, accounts)),
    ...(config.audit.everySeconds > 0 ? accounts.map(auditCheck) : []),
    ...(config.serve.oidc === undefined ? [] : [loginCheck(config.serve.oidc)]),
    ...config.channels.map((_, index) => channelCheck(options, index)),
  ];
}

type Aws = Config['aws'];

/** The section with its secrets; without those accounts' where one is not where it should be. */
async function revealedAws(
  config: Config,
  secrets: SecretPlaces | undefined,
): Promise<{ readonly aws: Aws; readonly unrevealed: readonly Check[] }> {
  try {
    return { aws: await revealSection(config, 'aws', secrets), unrevealed: [] };
  } catch (error) {
    const run = (): Promise<never> => Promise.reject(error);
    const accounts = config.aws.accounts.filter(({ externalId }) => externalId === undefined);
    return {
      aws: { ...config.aws, accounts },
      unrevealed: [{ area: 'credentials', subject: 'external ids', run }],
    };
  }
}

type AccountToCheck = {
  /** Null for the account of the credentials, where none is named. */
  readonly id: string | null;
  readonly access: AccountAccess;
  readonly regions: readonly string[];
};

function placeOf({ profile, endpointUrl }: Aws): AccountAccess {
  return {
    ...(profile === undefined ? {} : { profile }),
    ...(endpointUrl === undefined ? {} : { endpointUrl }),
  };
}

function accountsOf(aws: Aws): readonly AccountToCheck[] {
  const place = placeOf(aws);
  if (aws.accounts.length === 0) return [{ id: null, access: place, regions: aws.regions }];
  return aws.accounts.map(({ id, roleArn, externalId, regions }) => ({
    id,
    access:
      roleArn === undefined
        ? place
        : {
            ...place,
            role: { arn: roleArn, ...(externalId === undefined ? {} : { externalId }) },
          },
    regions: regions ?? aws.regions,
  }));
}

function accountText({ id }: AccountToCheck): string {
  return id ?? 'own account';
}

function identityChecks(accounts: readonly AccountToCheck[]): readonly Check[] {
  const [first] = accounts;
  if (first === undefined) return [];
  const { role: _, ...atHand } = first.access;
  return [
    ...accounts.map((account): Check => ({
      area: 'credentials',
      subject: accountText(account),
      run: async (signal) => [
        identityFinding(account, await callerIdentity(account.access, signal)),
      ],
    })),
    {
      area: 'clock',
      subject: 'this machine',
      run: async (signal) => [clockFinding((await callerIdentity(atHand, signal)).clockAheadMs)],
    },
  ];
}

function identityFinding(
  { id, access: { role } }: AccountToCheck,
  { accountId, arn }: CallerIdentity,
): Finding {
  if (id !== null && id !== accountId) {
    return failed(
      `the credentials are of the account ${accountId} (${arn})`,
      role === undefined
        ? `Give aws.accounts a roleArn in ${id}, or choose other credentials with aws.profile.`
        : 'Correct the id or the roleArn in aws.accounts.',
    );
  }
  return { outcome: 'ok', finding: arn };
}

function clockFinding(aheadMs: number | null): Finding {
  if (aheadMs === null) return { outcome: 'warning', finding: 'AWS did not say what time it is' };
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  const finding = `${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} AWS's clock`;
  const nextStep = 'Set the clock, and keep it set by NTP.';
  if (Math.abs(aheadMs) >= mostClockMs) return failed(finding, nextStep);
  return Math.abs(aheadMs) >= goodClockMs
    ? { outcome: 'warning', finding, nextStep }
    : { outcome: 'ok', finding: "within a few seconds of AWS's clock" };
}

function storeCheck(config: Config, secrets: SecretPlaces | undefined): Check {
  return {
    area: 'store',
    subject: 'store',
    run: async () => {
      const { address } = await revealSection(config, 'store', secrets);
      const state = await inspectStore(address);
      if (state.kind === 'absent') {
        return [{ outcome: 'ok', finding: 'can be made; there is none yet' }];
      }
      if (state.unknown.length > 0) {
        return [
          failed(
            'has been used by a newer version',
            'Use that version or a newer one; an older one must not write to this store.',
          ),
        ];
      }
      return state.missing === 0
        ? [{ outcome: 'ok', finding: 'opens, with the schema of this version' }]
        : [
            {
              outcome: 'warning',
              finding: `opens, and will be brought to this version's schema (${state.missing} steps)`,
              nextStep: 'Make a backup before the next start; older versions cannot go back.',
            },
          ];
    },
  };
}

function sourceChecks(
  source: SourceConfig,
  aws: Aws,
  accounts: readonly AccountToCheck[],
): readonly Check[] {
  const place = placeOf(aws);
  const area = 'source';
  const subject = source.name;
  switch (source.kind) {
    case 'sqs': {
      const { queueUrl: url, region = regionOfQueue(url) } = source;
      const queue = { ...place, url, ...(region === undefined ? {} : { region }) };
      return [
        {
          area,
          subject,
          run: async (signal) => probed(await probeQueue(queue, signal), 'the queue can be read'),
        },
      ];
    }
    case 's3':
      return [{ area, subject, run: (signal) => bucketFindings(source.address, place, signal) }];
    case 'folder':
      return [{ area, subject, run: () => folderFindings(source.path) }];
    case 'lookup-events':
      return accounts.map((account) => ({
        area,
        subject: `${subject} in ${accountText(account)}`,
        run: (signal) => historyFindings(account, signal),
      }));
    default:
      return source satisfies never;
  }
}

function regionOfQueue(url: string): string | undefined {
  return /\bsqs\.(?<region>[a-z0-9-]+)\./.exec(url)?.groups?.['region'];
}

async function bucketFindings(
  address: string,
  place: AccountAccess,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { bucket, prefix } = parseS3Address(address);
  const objects = createS3ObjectStore(place);
  const listed = await objects
    .listPage(bucket, prefix, { byFolder: false, page: null, signal })
    .catch((error: unknown) => denied(error, 's3:ListBucket'));
  if ('outcome' in listed) return [listed];
  const [object] = listed.objects;
  if (object === undefined) {
    const finding = 'can be listed, and nothing is there yet';
    return [{ outcome: 'warning', finding, nextStep: 'Check the prefix, or wait for the trail.' }];
  }
  try {
    for await (const _ of objects.read(bucket, object.key, signal)) break;
  } catch (error) {
    return [denied(error, 's3:GetObject')];
  }
  return [{ outcome: 'ok', finding: 'can be listed and read' }];
}

/** What was refused, with the action that it was refused for. */
function denied(error: unknown, action: string): Finding {
  if (!(error instanceof PortcullisError)) throw error;
  const isDenied = error.message.includes('access is denied');
  return { ...failed(error.message, error.hint), ...(isDenied ? { action } : {}) };
}

async function folderFindings(path: string): Promise<readonly Finding[]> {
  try {
    await access(path);
    return [{ outcome: 'ok', finding: 'is there' }];
  } catch {
    return [failed(`${path} is not there, or may not be read`, 'Make it, or correct the path.')];
  }
}

async function historyFindings(
  { access: accountAccess, regions }: AccountToCheck,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const region = regions[0] ?? (await homeRegion(accountAccess));
  const nowMs = Date.now();
  try {
    for (const { history } of createEventHistories(accountAccess, [region])) {
      const span = { fromMs: nowMs - 60_000, toMs: nowMs, page: null };
      await history.lookUp({ eventName: 'AuthorizeSecurityGroupIngress', ...span, signal });
    }
  } catch (error) {
    return [denied(error, 'cloudtrail:LookupEvents')];
  }
  return [{ outcome: 'ok', finding: `can be asked in ${region}` }];
}

function auditCheck(account: AccountToCheck): Check {
  return {
    area: 'audit',
    subject: accountText(account),
    run: async (signal) => {
      const region = account.regions[0] ?? (await homeRegion(account.access));
      const probes = await probeAudit(account.access, region, signal);
      return probed(probes, `EC2 can be asked in ${region}`);
    },
  };
}

/** A finding for each call that is refused; one good one where none is. */
function probed(probes: readonly Probe[], good: string): readonly Finding[] {
  const refused = probes.flatMap(({ action, refusal }): readonly Finding[] =>
    refusal === null
      ? []
      : [
          {
            ...failed(`${action}: ${refusal.message}`, refusal.hint),
            ...(refusal.isDenied ? { action } : {}),
          },
        ],
  );
  // What has nothing to do with a permission is the same for every call, and said once.
  const other = refused.find(({ action }) => action === undefined);
  if (other !== undefined) return [other];
  return refused.length > 0 ? refused : [{ outcome: 'ok', finding: good }];
}

function loginCheck({ issuer }: OidcConfig): Check {
  return {
    area: 'login',
    subject: issuer,
    run: async (signal) => {
      const nextStep = 'Check serve.oidc.issuer, and that this machine can reach it.';
      const place = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
      let document: unknown;
      try {
        const answer = await fetch(place, { signal, redirect: 'error' });
        if (!answer.ok) return [failed(`the provider answers HTTP ${answer.status}`, nextStep)];
        document = await answer.json();
      } catch (error) {
        if (signal.aborted) throw error;
        return [failed('the provider does not answer, or not with JSON', nextStep)];
      }
      return asText(own(document, 'issuer')) === issuer
        ? [{ outcome: 'ok', finding: 'the provider answers' }]
        : [
            failed(
              'the provider calls itself by another name',
              'Write serve.oidc.issuer exactly as the provider does.',
            ),
          ];
    },
  };
}

function channelCheck(
  {
    config,
    rules,
    version,
    sendsTest = false,
    secrets,
    patienceMs = defaultPatienceMs,
  }: DoctorOptions,
  index: number,
): Check {
  return {
    area: 'channel',
    subject: config.channels[index]?.name ?? String(index),
    run: async (signal) => {
      const one = { ...config, channels: config.channels.slice(index, index + 1) };
      const [channel] = await revealSection(one, 'channels', secrets);
      if (channel === undefined) return [];
      if (!sendsTest) {
        const reach = await reachChannel(channel, patienceMs);
        const nextStep = 'Check the address, and that this machine may connect to it.';
        if (reach.kind === 'unreachable') return [failed(reach.reason, nextStep)];
        return [
          {
            outcome: 'ok',
            finding: reach.kind === 'reached' ? 'can be reached' : 'not tried; --send-test sends',
          },
        ];
      }
      const { profile, endpointUrl } = config.aws;
      const made = createChannel(channel, {
        env: {},
        clock: Date.now,
        userAgent: `portcullis/${version}`,
        version,
        timeoutMs: patienceMs,
        rules,
        aws: createSendingClients({
          ...(profile === undefined ? {} : { profile }),
          ...(endpointUrl === undefined ? {} : { endpointUrl }),
        }),
      });
      const outcome = await sendTest(made, Date.now, signal);
      return outcome.kind === 'sent'
        ? [{ outcome: 'ok', finding: 'a test message was sent' }]
        : [failed(outcome.reason, 'docs/notifications.md says what each channel needs.')];
    },
  };
}

function failed(finding: string, nextStep: string): Finding {
  return { outcome: 'failed', finding, nextStep };
}
