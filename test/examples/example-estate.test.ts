// The example that the project ships: the files in the folder are those that the code makes, and a
// scan finds in them exactly what the stories say.

import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { everydayEvents } from '../../examples/estate/background.ts';
import { makeExample } from '../../examples/estate/delivery.ts';
import type { Expected } from '../../examples/estate/stage.ts';
import type { ScanResult } from '../../src/model/scan-result.ts';
import { projectRoot } from '../support/project-copy.ts';
import { runCommand } from '../support/run-command.ts';

const folder = join(projectRoot, 'examples', 'cloudtrail');
const example = makeExample();
const expected = JSON.parse(
  readFileSync(join(projectRoot, 'examples', 'expected.json'), 'utf8'),
) as Expected;

const trailFile = z.object({
  Records: z.array(
    z.looseObject({
      eventID: z.uuid(),
      eventTime: z.iso.datetime(),
      eventName: z.string(),
      eventSource: z.string(),
      userIdentity: z.looseObject({ type: z.string() }),
      responseElements: z.unknown(),
      errorCode: z.string().optional(),
    }),
  ),
});
const digest = z.object({
  logFiles: z.array(z.object({ s3Object: z.string(), hashValue: z.string() })),
});

function isDigest(path: string): boolean {
  return path.includes('/CloudTrail-Digest/');
}

/** The object without these of its fields. */
function without(object: object, ...fields: readonly string[]): object {
  return Object.fromEntries(Object.entries(object).filter(([field]) => !fields.includes(field)));
}

/** A digest names files by the hash of their packed form, which depends on the zlib that packed. */
function withoutHashes(text: string): string {
  return text.replaceAll(/"hashValue":"[0-9a-f]{64}"/g, '"hashValue":""');
}

const records = example.files
  .filter(({ path }) => !isDigest(path))
  .flatMap(({ unpacked }) => trailFile.parse(JSON.parse(unpacked)).Records);

describe('the files of the example', () => {
  it('are those that the code makes, byte for byte once unpacked', () => {
    const there = globSync('**/*.gz', { cwd: folder }).toSorted();
    expect(there).toEqual(example.files.map(({ path }) => path).toSorted());
    const stale = example.files.filter(({ path, unpacked }) => {
      const found = gunzipSync(readFileSync(join(folder, path))).toString();
      return withoutHashes(found) !== withoutHashes(unpacked);
    });
    expect(stale.map(({ path }) => path)).toEqual([]);
  });

  it('are made the same by a second run', () => {
    expect(makeExample()).toEqual(example);
  });

  it('say nothing of when or where they were packed', () => {
    // Bytes 4 to 9 of a gzip header: time, level, operating system.
    const headers = example.files.map(({ path }) =>
      readFileSync(join(folder, path)).toString('hex', 4, 10),
    );
    expect(new Set(headers)).toEqual(new Set(['000000000203']));
  });

  it('are listed in the digests with their true hashes', () => {
    const digests = example.files.filter(({ path }) => isDigest(path));
    const listed = digests.flatMap(
      ({ path }) =>
        digest.parse(JSON.parse(gunzipSync(readFileSync(join(folder, path))).toString())).logFiles,
    );
    expect(listed.length).toBeGreaterThan(100);
    const truth = listed.map(({ s3Object }) => {
      const hash = createHash('sha256').update(readFileSync(join(folder, s3Object)));
      return { s3Object, hashValue: hash.digest('hex') };
    });
    expect(listed).toEqual(truth);
  });

  it('are small enough to keep beside the code', () => {
    const sizes = example.files.map(({ packed }) => packed.length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(2_000_000);
    expect(sizes.length).toBeGreaterThan(200);
  });
});

describe('the records of the example', () => {
  it('repeat an event id only where CloudTrail delivered one twice', () => {
    const texts = new Map<string, Set<string>>();
    for (const record of records) {
      const known = texts.get(record.eventID) ?? new Set();
      texts.set(record.eventID, known.add(JSON.stringify(record)));
    }
    expect([...texts.values()].every((versions) => versions.size === 1)).toBe(true);
    expect(records.length - texts.size).toBeGreaterThan(20);
    expect(records.length - texts.size).toBeLessThan(200);
  });

  it('come from every kind of caller that CloudTrail knows', () => {
    const types = new Set(records.map(({ userIdentity }) => userIdentity.type));
    expect([...types].toSorted()).toEqual([
      'AWSAccount',
      'AWSService',
      'AssumedRole',
      'FederatedUser',
      'IAMUser',
      'IdentityCenterUser',
      'Root',
      'SAMLUser',
      'WebIdentityUser',
    ]);
  });

  it('are of many events and of the sizes that real ones have', () => {
    expect(new Set(records.map(({ eventName }) => eventName)).size).toBeGreaterThan(150);
    const sizes = records.map((record) => JSON.stringify(record).length);
    const average = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
    expect(average).toBeGreaterThan(1_200);
    expect(average).toBeLessThan(1_600);
    expect(Math.min(...sizes)).toBeGreaterThan(400);
    expect(Math.max(...sizes)).toBeGreaterThan(5_000);
  });

  it('fail with an error code and then answer nothing', () => {
    const failed = records.filter(({ errorCode }) => errorCode !== undefined);
    expect(failed.length).toBeGreaterThan(50);
    expect(failed.every(({ responseElements }) => responseElements === null)).toBe(true);
  });

  it('come from a catalogue without two entries for the same call by the same kind of caller', () => {
    const keys = everydayEvents.map(({ service, name, who }) =>
      JSON.stringify([service, name, who]),
    );
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('the README of the example', () => {
  it('tells every story by its name', () => {
    const readme = readFileSync(join(projectRoot, 'examples', 'README.md'), 'utf8');
    const told = Array.from(readme.matchAll(/^\| `([a-z\d-]+)` +\|/gm), ([, story]) => story);
    const files = globSync('*.ts', { cwd: join(projectRoot, 'examples', 'stories') });
    const stories = files.map((name) => name.replace('.ts', ''));
    expect(new Set(told)).toEqual(new Set(stories.filter((name) => name !== 'every-story')));
  });
});

describe('a scan of the example', () => {
  let found: ScanResult;

  beforeAll(async () => {
    const { stdout } = await runCommand(
      process.execPath,
      [join(projectRoot, 'src', 'cli', 'main.ts'), 'scan', folder, '--format', 'json'],
      { cwd: projectRoot },
    );
    found = JSON.parse(stdout) as ScanResult;
  });

  it('expects what the stories in the code say', () => {
    expect(expected).toEqual(example.expected);
  });

  it('reads every record and no digest', () => {
    expect(found.problems).toEqual([]);
    expect(found.stats.records).toBe(records.length);
    expect(found.stats.files).toBe(example.files.filter(({ path }) => !isDigest(path)).length);
  });

  it('finds the exposures of the stories and no other', () => {
    const shown = found.exposures.map((exposure) => ({
      ruleId: exposure.ruleId,
      accountId: exposure.accountId,
      region: exposure.region,
      groupId: exposure.groupId,
      protocol: exposure.protocol,
      port: exposure.port,
      ...(exposure.toPort !== undefined && { toPort: exposure.toPort }),
      sources: exposure.sources,
      ipv4Coverage: exposure.ipv4Coverage,
      ipv6Coverage: exposure.ipv6Coverage,
      openedAt: exposure.openedAt,
      openedByEventId: exposure.openedByEventId,
      openedBy: exposure.openedBy.sessionName,
      closedAt: exposure.closedAt,
      closedByEventId: exposure.closedByEventId,
      closedBy: exposure.closedBy?.sessionName ?? null,
    }));
    const stories = expected.exposures.map((exposure) => without(exposure, 'story', 'severity'));
    expect(new Set(shown)).toEqual(new Set(stories));
    expect(shown).toHaveLength(stories.length);
  });

  it('tells them in the signals of the stories', () => {
    const shown = found.signals.map((signal) => ({
      ruleId: signal.ruleId,
      groupId: signal.groupId,
      severity: signal.severity,
      status: signal.status,
      exposures: signal.exposures.length,
      firstSeen: signal.firstSeen,
    }));
    const stories = expected.signals.map((signal) => without(signal, 'story'));
    expect(new Set(shown)).toEqual(new Set(stories));
    expect(shown).toHaveLength(stories.length);
  });

  it('says of which calls it cannot tell the effect', () => {
    expect(found.undetermined.map(({ eventId }) => eventId)).toEqual(
      expected.undetermined.map(({ eventId }) => eventId),
    );
  });

  it('has a story for each administrative port', () => {
    const ports = expected.exposures
      .filter(({ ruleId }) => ruleId === 'aws-sg-admin-port-open-to-world')
      .filter(({ story }) => !['wide-range', 'terraform-all-traffic'].includes(story))
      .map(({ port }) => port);
    expect([...new Set(ports)].toSorted((a, b) => a - b)).toEqual([
      21, 22, 23, 445, 2375, 3389, 5900, 5985, 5986,
    ]);
  });
});
