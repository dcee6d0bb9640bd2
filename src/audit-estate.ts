// The audit as a whole: looks into accounts and regions, and tells what is open there by the same rules
// as a scan. What a look cannot know is left unknown: when something was opened, and by whom.

import { baselineChanges } from './audit/baseline-changes.ts';
import { look, type AccountToLook, type LookProgress } from './audit/look.ts';
import { callerIdentity } from './aws/caller-identity.ts';
import { createEc2Directory } from './aws/ec2-directory.ts';
import { MatchSet } from './detect/log-rules/match-set.ts';
import type { Rule } from './model/rule.ts';
import type { NotRun, ScanResult } from './model/scan-result.ts';
import type { Suppression } from './model/suppression.ts';
import { detectChanges, planFor } from './pipeline.ts';
import type { Clock } from './ports.ts';
import { suppressed } from './scan.ts';

/** Which accounts, with whose credentials; the section `aws` of the configuration, secrets revealed. */
export type Estate = {
  readonly profile?: string | undefined;
  readonly endpointUrl?: string | undefined;
  /** All that are enabled where there are none. */
  readonly regions: readonly string[];
  /** The account of the credentials where there are none. */
  readonly accounts: readonly EstateAccount[];
};

export type EstateAccount = {
  readonly id: string;
  readonly roleArn?: string | undefined;
  readonly externalId?: string | undefined;
  readonly regions?: readonly string[] | undefined;
};

export type AuditOptions = {
  readonly accounts: readonly AccountToLook[];
  /** Disabled rules are left out. */
  readonly rules: readonly Rule[];
  readonly suppressions?: readonly Suppression[];
  /** A query that signals match; all do by default. */
  readonly query?: string;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LookProgress) => void;
};

/**
 * @throws PortcullisError `ec2/access` where nothing at all could be looked into; what else cannot be
 * looked into is in `problems`
 */
export async function auditEstate({
  accounts,
  rules,
  suppressions = [],
  query = '',
  clock = Date.now,
  ...options
}: AuditOptions): Promise<ScanResult> {
  const startedMs = performance.now();
  const found = await look(accounts, { clock, ...options });
  const exposureRules = rules.filter(({ kind }) => kind === 'exposure');
  const settings = { rules: exposureRules, suppressions, query };
  const noRecords = { plan: planFor(settings), matches: new MatchSet(), latestMs: null };
  const detection = detectChanges(baselineChanges(found), [], noRecords, settings);
  const notRun = rules.filter(({ kind, enabled }) => kind === 'log' && enabled).map(notRunHere);
  return {
    schemaVersion: 1,
    stats: {
      files: 0,
      compressedBytes: 0,
      bytes: 0,
      records: 0,
      candidateRecords: 0,
      irrelevantRecords: 0,
      changeRecords: 0,
      undeterminedRecords: 0,
      rejectedRecords: 0,
      rejectedFiles: 0,
      durationMs: Math.round(performance.now() - startedMs),
      looked: found.stats,
    },
    signals: detection.signals,
    exposures: detection.exposures,
    undetermined: detection.undetermined,
    problems: found.problems,
    ...(notRun.length === 0 ? {} : { notRun }),
    ...(detection.hidden.length === 0 ? {} : { suppressed: suppressed(detection.hidden) }),
  };
}

function notRunHere({ id }: Rule): NotRun {
  return { ruleId: id, reason: 'it is about records, and an audit reads none' };
}

/**
 * The accounts of an estate, each with a way to look into it.
 *
 * @throws PortcullisError `aws/no-identity` where no account is named and the credentials are of none
 */
export async function accountsToLook(
  { profile, endpointUrl, regions, accounts }: Estate,
  signal?: AbortSignal,
): Promise<readonly AccountToLook[]> {
  const access = {
    ...(profile === undefined ? {} : { profile }),
    ...(endpointUrl === undefined ? {} : { endpointUrl }),
  };
  if (accounts.length === 0) {
    const { accountId } = await callerIdentity(access, signal);
    return [{ accountId, directory: createEc2Directory(access), regions }];
  }
  return accounts.map(({ id, roleArn, externalId, regions: own }) => {
    const role =
      roleArn === undefined
        ? {}
        : { role: { arn: roleArn, ...(externalId === undefined ? {} : { externalId }) } };
    return {
      accountId: id,
      directory: createEc2Directory({ ...access, ...role }),
      regions: own ?? regions,
    };
  });
}
