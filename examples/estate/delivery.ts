// How records become files: CloudTrail collects what happened in an account and region since its
// last delivery and puts it into a file named for the moment. A real trail does so every few
// minutes; this one takes hours, so that the example stays small.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html

import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

import { everyStory } from '../stories/every-story.ts';
import { Traffic } from './background.ts';
import { accountNamed, createPlace, organizationId, type Place } from './company.ts';
import { Random } from './random.ts';
import { cloudTrailTime, type CloudTrailRecord, type Json } from './record.ts';
import type { Delivered, Expected, Told } from './stage.ts';

/** A file to be written, its path in AWS's layout below the bucket. */
export type ExampleFile = {
  readonly path: string;
  readonly unpacked: string;
  readonly packed: Buffer;
};

export type Example = {
  readonly files: readonly ExampleFile[];
  readonly expected: Expected;
};

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const firstDayMs = Date.UTC(2026, 10, 2);
const days = 14;

type Schedule = {
  readonly account: string;
  readonly region: string;
  /** Hours of the day, UTC, five minutes past which a file is delivered. */
  readonly hours: readonly number[];
  /** Everyday records on a working day, about. */
  readonly recordsPerDay: number;
};

const schedules: readonly Schedule[] = [
  { account: 'harbor-management', region: 'us-east-1', hours: [0], recordsPerDay: 26 },
  { account: 'harbor-security', region: 'us-east-1', hours: [0, 12], recordsPerDay: 60 },
  { account: 'harbor-security', region: 'eu-central-1', hours: [0], recordsPerDay: 26 },
  {
    account: 'harbor-production',
    region: 'us-east-1',
    hours: [0, 9, 12, 15, 18],
    recordsPerDay: 190,
  },
  {
    account: 'harbor-production',
    region: 'eu-central-1',
    hours: [0, 9, 13, 17],
    recordsPerDay: 140,
  },
  { account: 'harbor-sandbox', region: 'us-east-1', hours: [0, 10, 16], recordsPerDay: 100 },
  { account: 'harbor-sandbox', region: 'us-west-2', hours: [0, 16, 20], recordsPerDay: 90 },
];

/** How busy each hour of the day is, UTC: the company works in Europe, and its machines always. */
const busyHours = [3, 3, 3, 3, 3, 4, 6, 9, 12, 13, 13, 11, 9, 12, 13, 12, 9, 7, 5, 4, 4, 3, 3, 3];
const busiest = Math.max(...busyHours);

/** Makes the whole example: the same on every machine, but for how well its zlib packs. */
export function makeExample(): Example {
  const stories = everyStory.map((tell) => tell().told());
  return {
    files: schedules.flatMap((schedule) => filesOf(schedule, stories)),
    expected: expectedOf(stories),
  };
}

function filesOf(schedule: Schedule, stories: readonly Told[]): ExampleFile[] {
  const account = accountNamed(schedule.account);
  const place = createPlace(account, schedule.region);
  const random = new Random(`delivery/${account.id}/${schedule.region}`);
  const happened = [
    ...background(schedule, place, random),
    ...stories.flatMap(({ delivered }) => delivered).filter(({ record }) => isOf(place, record)),
  ].toSorted((a, b) => compare(a.record.eventTime, b.record.eventTime));
  const deliveries = deliveryTimes(schedule);
  const contents = deliveries.map((): CloudTrailRecord[] => []);
  for (const { record, delivery } of happened) {
    const timeMs = Date.parse(record.eventTime);
    const usual = deliveries.findIndex((deliveredMs) => timeMs < deliveredMs - 5 * minuteMs);
    const next = Math.min(usual + 1, deliveries.length - 1);
    if (delivery !== 'late') contents[usual]?.push(record);
    if (delivery !== 'usual') contents[next]?.push(record);
  }
  const files = deliveries.flatMap((deliveredMs, index) => {
    const records = slightlyOutOfOrder(contents[index] ?? [], random);
    return records.length === 0
      ? []
      : [file(logPath(place, deliveredMs, random), { Records: records })];
  });
  return schedule.account === 'harbor-production'
    ? [...files, ...digestsOf(place, files, contents.flat())]
    : files;
}

function isOf(place: Place, record: CloudTrailRecord): boolean {
  return record.recipientAccountId === place.account.id && record.awsRegion === place.region;
}

function* background(schedule: Schedule, place: Place, random: Random): Generator<Delivered> {
  const traffic = new Traffic({ random, groupChangeShare: 1 / 60, exposureShare: 0 });
  for (let day = 0; day < days; day++) {
    const startMs = firstDayMs + day * dayMs;
    const weekend = [0, 6].includes(new Date(startMs).getUTCDay());
    const count = Math.round(schedule.recordsPerDay * (weekend ? 0.4 : 1));
    const times = Array.from({ length: count }, () => startMs + busyMoment(random));
    for (const timeMs of times.toSorted((a, b) => a - b)) {
      const luck = random.unit();
      yield {
        record: traffic.record(place, timeMs),
        delivery: luck < 0.02 ? 'late' : luck < 0.03 ? 'twice' : 'usual',
      };
    }
  }
}

/** Milliseconds into a day, more often at busy hours. */
function busyMoment(random: Random): number {
  for (;;) {
    const momentMs = random.below(dayMs / 1000) * 1000;
    const busy = busyHours[Math.floor(momentMs / hourMs)] ?? 0;
    if (random.unit() * busiest < busy) return momentMs;
  }
}

function deliveryTimes({ hours }: Schedule): number[] {
  const times: number[] = [];
  for (let day = 0; day <= days; day++) {
    for (const hour of hours) {
      const timeMs = firstDayMs + day * dayMs + hour * hourMs + 5 * minuteMs;
      if (timeMs > firstDayMs + hourMs && timeMs < firstDayMs + days * dayMs + hourMs) {
        times.push(timeMs);
      }
    }
  }
  return times;
}

/** CloudTrail promises no order within a file, and keeps about one. */
function slightlyOutOfOrder(
  records: readonly CloudTrailRecord[],
  random: Random,
): CloudTrailRecord[] {
  return records
    .map((record, index) => ({ record, rank: index + random.below(5) }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ record }) => record);
}

function file(path: string, content: Json): ExampleFile {
  const unpacked = JSON.stringify(content);
  const packed = gzipSync(unpacked, { level: 9 });
  // The header's last byte names the operating system that packed it; as on Unix, everywhere.
  packed[9] = 3;
  return { path, unpacked, packed };
}

function folder(place: Place, kind: string, timeMs: number): string {
  const day = cloudTrailTime(timeMs).slice(0, 10).replaceAll('-', '/');
  return `AWSLogs/${organizationId}/${place.account.id}/${kind}/${place.region}/${day}`;
}

function stamp(timeMs: number): string {
  return cloudTrailTime(timeMs).replaceAll(/[-:]/g, '');
}

function logPath(place: Place, timeMs: number, random: Random): string {
  const minute = `${stamp(timeMs).slice(0, 13)}Z`;
  return `${folder(place, 'CloudTrail', timeMs)}/${place.account.id}_CloudTrail_${place.region}_${minute}_${random.alphanumeric(16)}.json.gz`;
}

/** One digest a day, which lists the day's files with their hashes. It holds no records. */
function digestsOf(
  place: Place,
  files: readonly ExampleFile[],
  records: readonly CloudTrailRecord[],
): ExampleFile[] {
  const bucket = `${accountNamed('harbor-security').name}-trail`;
  return Array.from({ length: days }, (_, day) => {
    const startMs = firstDayMs + day * dayMs;
    const endMs = startMs + dayMs;
    const ofDay = files.filter(({ path }) =>
      path.startsWith(`${folder(place, 'CloudTrail', startMs)}/`),
    );
    const times = records
      .map(({ eventTime }) => eventTime)
      .filter((time) => Date.parse(time) >= startMs && Date.parse(time) < endMs)
      .toSorted(compare);
    const path = `${folder(place, 'CloudTrail-Digest', endMs)}/${place.account.id}_CloudTrail-Digest_${place.region}_organization_us-east-1_${stamp(endMs)}.json.gz`;
    return file(path, {
      awsAccountId: place.account.id,
      digestStartTime: cloudTrailTime(startMs),
      digestEndTime: cloudTrailTime(endMs),
      digestS3Bucket: bucket,
      digestS3Object: path,
      digestPublicKeyFingerprint: new Random('digest key').hex(32),
      digestSignatureAlgorithm: 'SHA256withRSA',
      newestEventTime: times.at(-1) ?? null,
      oldestEventTime: times[0] ?? null,
      previousDigestS3Bucket: null,
      previousDigestS3Object: null,
      logFiles: ofDay.map(({ path: s3Object, packed }) => ({
        s3Bucket: bucket,
        s3Object,
        hashValue: createHash('sha256').update(packed).digest('hex'),
        hashAlgorithm: 'SHA-256',
      })),
    });
  });
}

function expectedOf(stories: readonly Told[]): Expected {
  return {
    exposures: stories
      .flatMap(({ exposures }) => exposures)
      .toSorted(
        (a, b) =>
          compare(a.openedAt, b.openedAt) || compare(a.groupId, b.groupId) || a.port - b.port,
      ),
    signals: stories
      .flatMap(({ signals }) => signals)
      .toSorted(
        (a, b) =>
          compare(a.firstSeen, b.firstSeen) ||
          compare(a.groupId, b.groupId) ||
          compare(a.ruleId, b.ruleId),
      ),
    undetermined: stories
      .flatMap(({ undetermined }) => undetermined)
      .toSorted((a, b) => compare(a.eventTime, b.eventTime)),
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
