import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  DELIVERY_SLACK_MS,
  folderVerdict,
  keyVerdict,
  listingOf,
  ROUNDING_SLACK_MS,
  wantEverything,
  type KeyFilter,
} from './aws-layout.ts';

const account = '111122223333';
const otherAccount = '444455556666';
const accounts = [account, otherAccount, '999999999999'];
const regions = ['us-east-1', 'eu-central-1', 'us-gov-west-1', 'eusc-de-east-1', 'ap-southeast-4'];

const march: KeyFilter = {
  ...wantEverything,
  sinceMs: Date.parse('2026-03-01T00:00:00Z'),
  untilMs: Date.parse('2026-03-31T23:59:59Z'),
};

function trailFolder(day: string, at = { account, region: 'us-east-1' }): string {
  return `AWSLogs/${at.account}/CloudTrail/${at.region}/${day}/`;
}

function trailKey(delivered: string, at = { account, region: 'us-east-1' }): string {
  const compact = delivered.replaceAll(/[-:]/g, '');
  const day = delivered.slice(0, 10).replaceAll('-', '/');
  return `${trailFolder(day, at)}${at.account}_CloudTrail_${at.region}_${compact}_P0WZuP2zvLW2RcUo.json.gz`;
}

function dayVerdicts(days: readonly string[]): string[] {
  return days.map((day) => folderVerdict(march, trailFolder(day)));
}

function minuteVerdict(time: string): string {
  return keyVerdict(march, `${account}_CloudTrail_us-east-1_${time}_x.json.gz`);
}

/** Every folder above a key, the outermost first. */
function foldersAbove(key: string): string[] {
  return [...key.matchAll(/\//g)].map(({ index }) => key.slice(0, index + 1));
}

const timeMs = fc.integer({ min: Date.UTC(2013, 10, 1), max: Date.UTC(2030, 0, 1) });

const filter: fc.Arbitrary<KeyFilter> = fc.record({
  sinceMs: fc.option(timeMs),
  untilMs: fc.option(timeMs),
  accounts: fc.subarray(accounts),
  regions: fc.subarray(regions),
});

describe('a record that is wanted', () => {
  it('is never in a file or below a folder that is left out', () => {
    const record = fc.record({
      recordMs: timeMs,
      // Up to the hour and the day that are promised.
      delayMs: fc.integer({ min: -ROUNDING_SLACK_MS, max: DELIVERY_SLACK_MS }),
      account: fc.constantFrom(...accounts),
      region: fc.constantFrom(...regions),
    });
    const around = fc.record({
      sinceBackMs: fc.option(fc.nat(400 * DELIVERY_SLACK_MS)),
      untilOnMs: fc.option(fc.nat(400 * DELIVERY_SLACK_MS)),
      otherAccounts: fc.option(fc.subarray(accounts)),
      otherRegions: fc.option(fc.subarray(regions)),
    });
    const place = fc.constantFrom('', 'some/prefix/', 'o-abc123/', 'AWSLogs/', 'backup of 2026/');
    const organization = fc.constantFrom('', 'o-exampleorgid/');
    const cut = fc.nat(7);

    fc.assert(
      fc.property(record, around, place, organization, cut, (made, wide, before, org, cutAt) => {
        const wanted: KeyFilter = {
          sinceMs: wide.sinceBackMs === null ? null : made.recordMs - wide.sinceBackMs,
          untilMs: wide.untilOnMs === null ? null : made.recordMs + wide.untilOnMs,
          accounts: wide.otherAccounts === null ? [] : [...wide.otherAccounts, made.account],
          regions: wide.otherRegions === null ? [] : [...wide.otherRegions, made.region],
        };
        // AWS names the minute of the delivery, not its second.
        const minute = Math.floor((made.recordMs + made.delayMs) / 60_000) * 60_000;
        const delivered = new Date(minute).toISOString().replace(':00.000Z', 'Z');
        const inLayout = trailKey(delivered, made).replace('AWSLogs/', `${before}AWSLogs/${org}`);
        // People copy from the middle of the layout.
        const key = inLayout.split('/').slice(cutAt).join('/');

        expect(keyVerdict(wanted, key)).toBe('take');
        for (const folder of foldersAbove(key)) expect(folderVerdict(wanted, folder)).toBe('take');
      }),
    );
  });

  it('is looked for where the name or the folder tells nothing', () => {
    const narrow = { ...march, accounts: [account], regions: ['us-east-1'] };
    const keys = [
      'export.json',
      'logs/2020/01/01/export.json.gz',
      'CloudTrail/prod/2020/01/01/x.json',
      'AWSLogs/x.json',
      `AWSLogs/${account}/x.json`,
      `AWSLogs/${account}/CloudTrail/x.json`,
      `AWSLogs/${account}/CloudTrail/us-east-1/latest/x.json`,
      `AWSLogs/${account}/CloudTrail/us-east-1/2026/13/01/x.json`,
      `AWSLogs/${account}/CloudTrail/us-east-1/2026/00/01/x.json`,
      `AWSLogs/${account}/CloudTrail/us-east-1/2026/03/32/x.json`,
      `${account}_CloudTrail_us-east-1_20200132T0000Z_x.json.gz`,
      `${account}_CloudTrail_us-east-1_20200101T2460Z_x.json.gz`,
      `${account}_CloudTrail_us-east-1.json.gz`,
      '',
    ];
    expect(keys.filter((key) => keyVerdict(narrow, key) !== 'take')).toEqual([]);
  });
});

describe('a file that can hold nothing wanted', () => {
  it('is left out by the account in its folder or name', () => {
    const one = { ...wantEverything, accounts: [otherAccount] };
    expect(keyVerdict(one, trailKey('2026-03-10T12:15Z'))).toBe('prune');
    expect(keyVerdict(one, `${account}_CloudTrail_us-east-1_20260310T1215Z_x.json`)).toBe('prune');
    expect(keyVerdict(one, `in/${account}/CloudTrail/us-east-1/x.json`)).toBe('prune');
    expect(folderVerdict(one, `AWSLogs/${account}/`)).toBe('prune');
    expect(folderVerdict(one, `AWSLogs/o-abc/${account}/`)).toBe('prune');
    expect(folderVerdict(one, `AWSLogs/${otherAccount}/`)).toBe('take');
  });

  it('is left out by the region in its folder or name', () => {
    const one = { ...wantEverything, regions: ['eu-west-1'] };
    expect(keyVerdict(one, trailKey('2026-03-10T12:15Z'))).toBe('prune');
    expect(keyVerdict(one, `${account}_CloudTrail_us-east-1_20260310T1215Z_x.json`)).toBe('prune');
    expect(folderVerdict(one, 'CloudTrail/us-east-1/')).toBe('prune');
    expect(folderVerdict(one, 'CloudTrail/eu-west-1/')).toBe('take');
  });

  it('is left out by the year, the month or the day of its folder', () => {
    expect(dayVerdicts(['2025', '2026/01', '2026/02/27', '2027', '2026/05', '2026/04/02'])).toEqual(
      Array(6).fill('prune'),
    );
    expect(dayVerdicts(['2026', '2026/03', '2026/03/01', '2026/03/31'])).toEqual(
      Array(4).fill('take'),
    );
    expect(dayVerdicts(['2026/04', '2026/04/01', '2026/02', '2026/02/28'])).toEqual(
      Array(4).fill('take'),
    );
  });

  it('is left out to the minute by the time in its name, a day after the window included', () => {
    expect(minuteVerdict('20260228T2258Z')).toBe('prune');
    expect(minuteVerdict('20260228T2300Z')).toBe('take');
    expect(minuteVerdict('20260401T2359Z')).toBe('take');
    expect(minuteVerdict('20260402T0000Z')).toBe('prune');
  });

  it('is below a folder that is left out, and the other way round', () => {
    const part = fc.constantFrom(
      'AWSLogs',
      'o-abc',
      ...accounts,
      'CloudTrail',
      'CloudTrail-Digest',
      'vpcflowlogs',
      ...regions,
      '2025',
      '2026',
      '03',
      '04',
      '31',
      'x',
      '',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 9 }), filter, (parts, wanted) => {
        const key = [...parts, 'file.json.gz'].join('/');
        const above = foldersAbove(key);
        const ofFolder = above.length === 0 ? 'take' : folderVerdict(wanted, above.at(-1) ?? '');
        expect(keyVerdict(wanted, key)).toBe(ofFolder);
        // A folder that is left out is left out with all that is below it.
        const isKept = above.map((folder) => folderVerdict(wanted, folder) === 'take');
        expect(isKept.lastIndexOf(true)).toBe(
          isKept.indexOf(false) === -1 ? isKept.length - 1 : isKept.indexOf(false) - 1,
        );
      }),
      { numRuns: 3000 },
    );
  });
});

describe("AWS's files of other kinds", () => {
  it.each([
    `AWSLogs/${account}/CloudTrail-Digest/us-east-1/2026/03/10/x.json.gz`,
    `AWSLogs/o-abc/${account}/CloudTrail-Insight/us-east-1/2026/03/10/x.json.gz`,
    'CloudTrail-Digest/us-east-1/2026/03/10/x.json.gz',
    `AWSLogs/${account}/vpcflowlogs/us-east-1/2026/03/10/x.log.gz`,
    `AWSLogs/${account}/Config/ConfigWritabilityCheckFile`,
    `AWSLogs/${account}/a-service-of-tomorrow/eu-west-1/2026/x`,
    `${account}_CloudTrail-Digest_us-east-1_trail_us-east-1_20260310T120000Z.json.gz`,
    `${account}_vpcflowlogs_us-east-1_fl-0123_20260310T1215Z_abc.log.gz`,
    `${account}_elasticloadbalancing_us-east-1_app.lb.abc_20260310T1215Z_10.0.0.1_x.log.gz`,
  ])('are told by their key: %s', (key) => {
    expect(keyVerdict(wantEverything, key)).toBe('foreign');
  });

  it('are passed by a folder at a time', () => {
    expect(folderVerdict(wantEverything, `AWSLogs/${account}/vpcflowlogs/`)).toBe('foreign');
    expect(folderVerdict(wantEverything, `AWSLogs/${account}/CloudTrail-Digest/`)).toBe('foreign');
    expect(folderVerdict(wantEverything, `AWSLogs/${account}/new-one/eu-west-1/`)).toBe('foreign');
  });

  it('are not taken for what a person put beside them', () => {
    const keys = [
      `AWSLogs/${account}/archive/2026/x.json.gz`,
      'vpcflowlogs/x.json',
      'Config/us-east-1/x.json',
      `${account}_export_of_march.json`,
    ];
    expect(keys.filter((key) => keyVerdict(wantEverything, key) !== 'take')).toEqual([]);
  });
});

describe('a listing', () => {
  it('goes level by level only where a level can leave something out', () => {
    const trail = `AWSLogs/o-abc/${account}/CloudTrail/`;
    const oneRegion = { ...wantEverything, regions: ['us-east-1'] };
    expect(listingOf(wantEverything, '')).toBe('unknown');
    expect(listingOf(wantEverything, 'some/where/')).toBe('unknown');
    expect(listingOf(wantEverything, 'AWSLogs/')).toBe('levels');
    expect(listingOf(wantEverything, 'AWSLogs/1111')).toBe('levels');
    expect(listingOf(wantEverything, `AWSLogs/o-abc/${account}/`)).toBe('levels');
    expect(listingOf(wantEverything, trail)).toBe('flat');
    expect(listingOf(oneRegion, trail)).toBe('levels');
    expect(listingOf(oneRegion, `${trail}us-east-1/`)).toBe('flat');
    expect(listingOf(march, `${trail}us-east-1/`)).toBe('levels');
    expect(listingOf(march, `${trail}us-east-1/2026/03/`)).toBe('levels');
    expect(listingOf(march, `${trail}us-east-1/2026/03/01/`)).toBe('flat');
  });
});
