// Reads what AWS's own key layout tells about a file, so that files and whole folders can be left
// out before a byte of them is read. Always on the safe side: a part that is missing or unusual
// prunes nothing, and a file that could hold a wanted record is never left out.

/**
 * What is wanted. `null` and empty lists mean "all". Times are milliseconds since 1970, UTC, and
 * both ends belong to the window.
 */
export type KeyFilter = {
  readonly sinceMs: number | null;
  readonly untilMs: number | null;
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
};

export const wantEverything: KeyFilter = {
  sinceMs: null,
  untilMs: null,
  accounts: [],
  regions: [],
};

/**
 * What to do with a key: `take` it; `prune` it, for it can hold nothing that is wanted; or pass it
 * by because it is `foreign`, that is, AWS's own file of another kind (digests, Insights, flow logs).
 */
export type KeyVerdict = 'take' | 'prune' | 'foreign';

/**
 * A file's time is the time of its delivery, which is at or after the times of its records, but AWS
 * rounds it (usually down to five minutes).
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html
 */
export const ROUNDING_SLACK_MS = 60 * 60 * 1000;

/**
 * How long after its records a file may still arrive and be found. Five minutes are usual. AWS tries
 * for up to 30 days only where the bucket itself refused the files.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
 */
export const DELIVERY_SLACK_MS = 24 * 60 * 60 * 1000;

/** How deep into AWS's layout a folder lies; `elsewhere` where it is not AWS's layout. */
type Stage =
  | 'elsewhere'
  | 'logs'
  | 'organization'
  | 'account'
  | 'trail'
  | 'region'
  | 'year'
  | 'month'
  | 'day'
  | 'foreign';

type Facts = {
  readonly stage: Stage;
  readonly accountId: string | null;
  readonly region: string | null;
  /** When the file, or everything in the folder, was delivered; `toMs` is exclusive. */
  readonly delivered: Span | null;
};

type Span = { readonly fromMs: number; readonly toMs: number };

const accountPattern = /^\d{12}$/;
const organizationPattern = /^o-[a-z0-9]+$/;
const regionPattern = /^[a-z]{2,6}(?:-[a-z]+)+-\d{1,2}$/;
const fileNamePattern =
  /^(?<account>\d{12})_CloudTrail_(?<region>[a-z0-9-]+)_(?<date>\d{8})T(?<time>\d{4})Z[_.]/;
const foreignNamePattern = /^\d{12}_(?!CloudTrail_)[A-Za-z0-9-]+_[a-z]{2,6}(?:-[a-z]+)+-\d{1,2}_/;

const foreignTrailFolders = new Set(['CloudTrail-Digest', 'CloudTrail-Insight']);

// Services that write below AWSLogs/ACCOUNT/. A name that is not listed is told by the region that
// follows it; the list saves looking that far.
const foreignServices = new Set([
  ...foreignTrailFolders,
  'Config',
  'GuardDuty',
  'WAFLogs',
  'elasticloadbalancing',
  'network-firewall',
  'redshift',
  'vpcdnsquerylogs',
  'vpcflowlogs',
]);

/** What to do with a file or object. `key` has `/` between its parts, whatever the system. */
export function keyVerdict(filter: KeyFilter, key: string): KeyVerdict {
  const parts = key.split('/');
  const name = parts.pop() ?? '';
  const folder = readFolder(parts);
  if (folder.stage === 'foreign' || foreignNamePattern.test(name)) return 'foreign';
  const file = readFileName(name);
  return couldMatch(filter, folder) && (file === null || couldMatch(filter, file))
    ? 'take'
    : 'prune';
}

/** What to do with everything below a folder. `prefix` ends in `/`. */
export function folderVerdict(filter: KeyFilter, prefix: string): KeyVerdict {
  const folder = readFolder(folderParts(prefix));
  if (folder.stage === 'foreign') return 'foreign';
  return couldMatch(filter, folder) ? 'take' : 'prune';
}

/**
 * Whether it pays to list what is below `prefix` level by level, because some of it may be left out
 * there: `levels` in AWS's layout, `flat` where nothing more can be left out, `unknown` where the
 * layout does not tell.
 */
export function listingOf(filter: KeyFilter, prefix: string): 'levels' | 'flat' | 'unknown' {
  const byTime = filter.sinceMs !== null || filter.untilMs !== null;
  const { stage } = readFolder(folderParts(prefix));
  switch (stage) {
    case 'elsewhere':
      return 'unknown';
    case 'logs':
    case 'organization':
    case 'account':
      return 'levels';
    case 'trail':
      return byTime || filter.regions.length > 0 ? 'levels' : 'flat';
    case 'region':
    case 'year':
    case 'month':
      return byTime ? 'levels' : 'flat';
    case 'day':
    case 'foreign':
      return 'flat';
    default:
      return stage satisfies never;
  }
}

/** How deep a folder lies in AWS's layout, with the account and region that it is about. */
export function placeOf(prefix: string): Pick<Facts, 'stage' | 'accountId' | 'region'> {
  const { stage, accountId, region } = readFolder(folderParts(prefix));
  return { stage, accountId, region };
}

/** The delivery time that a trail file's name tells, to the minute; null for any other name. */
export function fileTimeMs(key: string): number | null {
  return readFileName(key.slice(key.lastIndexOf('/') + 1))?.delivered?.fromMs ?? null;
}

function couldMatch(filter: KeyFilter, facts: Omit<Facts, 'stage'>): boolean {
  const { accountId, region, delivered } = facts;
  if (accountId !== null && !allows(filter.accounts, accountId)) return false;
  if (region !== null && !allows(filter.regions, region)) return false;
  if (delivered === null) return true;
  const { sinceMs, untilMs } = filter;
  if (sinceMs !== null && delivered.toMs <= sinceMs - ROUNDING_SLACK_MS) return false;
  return untilMs === null || delivered.fromMs <= untilMs + DELIVERY_SLACK_MS;
}

function allows(list: readonly string[], value: string): boolean {
  return list.length === 0 || list.includes(value);
}

/** The complete folder names of a prefix: what follows the last `/` may be half a name. */
function folderParts(prefix: string): string[] {
  return prefix.split('/').slice(0, -1);
}

/** What the folders `…/AWSLogs/[o-ORG/]ACCOUNT/CloudTrail/REGION/YYYY/MM/DD` tell, as far as they go. */
function readFolder(parts: readonly string[]): Facts {
  let stage: Stage = 'elsewhere';
  let accountId: string | null = null;
  let region: string | null = null;
  let delivered: Span | null = null;
  const facts = (): Facts => ({ stage, accountId, region, delivered });

  if (parts.some((part) => foreignTrailFolders.has(part))) stage = 'foreign';
  if (stage === 'foreign') return facts();

  const rest = parts.slice(startOfLayout(parts));
  if (rest.length === 0) return facts();
  if (rest[0] === 'AWSLogs') {
    rest.shift();
    stage = 'logs';
    if (organizationPattern.test(rest[0] ?? '')) {
      rest.shift();
      stage = 'organization';
    }
  }
  if (accountPattern.test(rest[0] ?? '')) {
    accountId = rest.shift() ?? null;
    stage = 'account';
  }
  const [service, ...dated] = rest;
  if (service === undefined) return facts();
  if (service !== 'CloudTrail') {
    const foreign =
      stage === 'account' && (foreignServices.has(service) || regionPattern.test(dated[0] ?? ''));
    stage = foreign ? 'foreign' : 'elsewhere';
    return facts();
  }
  stage = 'trail';

  const [regionPart, ...days] = dated;
  if (regionPart === undefined) return facts();
  if (!regionPattern.test(regionPart)) {
    stage = 'elsewhere';
    return facts();
  }
  region = regionPart;
  stage = 'region';
  for (const [index, depth] of (['year', 'month', 'day'] as const).entries()) {
    if (days.length <= index) break;
    const span = readDate(days.slice(0, index + 1));
    if (span === null) {
      stage = 'elsewhere';
      break;
    }
    delivered = span;
    stage = depth;
  }
  return facts();
}

/**
 * Where the layout begins: at `AWSLogs`, or, where people copied only a part of it, at the account
 * before `CloudTrail`, or at `CloudTrail` before a region. The outermost place counts, so that what
 * a folder tells holds for everything below it.
 */
function startOfLayout(parts: readonly string[]): number {
  const start = parts.findIndex((part, index) => {
    const next = parts[index + 1];
    if (part === 'AWSLogs') {
      return next === undefined || organizationPattern.test(next) || accountPattern.test(next);
    }
    if (accountPattern.test(part)) return next === 'CloudTrail';
    return part === 'CloudTrail' && regionPattern.test(next ?? '');
  });
  return start === -1 ? parts.length : start;
}

/** `['2026']`, `['2026', '03']` or `['2026', '03', '01']` as the time it spans, UTC. */
function readDate(parts: readonly string[]): Span | null {
  const [year, month, day] = parts;
  if (!/^\d{4}$/.test(year ?? '')) return null;
  const y = Number(year);
  if (month === undefined) return between(Date.UTC(y, 0), Date.UTC(y + 1, 0));
  if (!/^(?:0[1-9]|1[0-2])$/.test(month)) return null;
  const m = Number(month) - 1;
  if (day === undefined) return between(Date.UTC(y, m), Date.UTC(y, m + 1));
  if (!/^(?:0[1-9]|[12]\d|3[01])$/.test(day)) return null;
  const d = Number(day);
  return between(Date.UTC(y, m, d), Date.UTC(y, m, d + 1));
}

function readFileName(name: string): Omit<Facts, 'stage'> | null {
  const groups = fileNamePattern.exec(name)?.groups;
  if (groups === undefined) return null;
  const { account = '', region = '', date = '', time = '' } = groups;
  const day = readDate([date.slice(0, 4), date.slice(4, 6), date.slice(6, 8)]);
  const hour = Number(time.slice(0, 2));
  const minute = Number(time.slice(2, 4));
  if (day === null || hour > 23 || minute > 59) return null;
  const fromMs = day.fromMs + (hour * 60 + minute) * 60_000;
  return { accountId: account, region, delivered: between(fromMs, fromMs + 60_000) };
}

function between(fromMs: number, toMs: number): Span {
  return { fromMs, toMs };
}
