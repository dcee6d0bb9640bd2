import * as fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { anyTime, arbitraryResult } from '../../test/support/arbitrary-results.ts';
import {
  aContext,
  aFullResult,
  aLogSignal,
  allAdminPorts,
  anActor,
  anExposure,
  aProblem,
  aScanResult,
  anUndetermined,
} from '../../test/support/scan-results.ts';
import type { Exposure } from '../model/exposure.ts';
import type { ScanResult } from '../model/scan-result.ts';
import type { RenderContext } from './render-context.ts';
import { renderTable } from './table.ts';

function table(result: ScanResult, given: Partial<RenderContext> = {}): string {
  return [...renderTable(result, aContext(given))].join('');
}

/** The lines that are not blank. */
function lines(result: ScanResult, given: Partial<RenderContext> = {}): string[] {
  return table(result, given)
    .split('\n')
    .filter((line) => line !== '');
}

/** The line that names who opened an exposure, and who closed it. */
function whoLine(exposure: Exposure): string | undefined {
  const result = aScanResult({ signals: [{ exposures: [exposure] }] });
  return lines(result, { columns: 120 }).find((line) => line.includes(' by '));
}

function withProblems(count: number): ScanResult {
  return aScanResult({
    problems: Array.from({ length: count }, (_, index) => aProblem({ file: `${index}.json` })),
  });
}

test('the whole picture at 80 columns', () => {
  expect(table(aFullResult())).toMatchInlineSnapshot(`
    "
        PORT                    OPEN TO              OPENED (UTC)           OPEN FOR

    ▌ CRITICAL sg-0fedcba9876543210 launch-wizard-1        444455556666 eu-central-1
    ▌   9 ports                 whole internet       2026-03-03 22:14:05  STILL OPEN
    ▌                           (IPv4 and IPv6)                              13h 45m
    ▌   21 FTP, 22 SSH, 23 Telnet, 445 SMB, 2375 Docker daemon, 3389 RDP, 5900 VNC,
    ▌   5985 WinRM HTTP, 5986 WinRM HTTPS
    ▌   by ci-terraform from 2001:db8:85a3::8a2e:370:7334 with Terraform/1.9.2

    ▌ HIGH     sg-0a1b2c3d4e5f60718 bastion-temp              111122223333 us-east-1
    ▌   22 SSH                  whole internet       2026-03-01 08:00:00  STILL OPEN
    ▌                           (IPv4)                                         3d 4h
    ▌   3389 RDP                50 % of IPv4         2026-03-01 08:20:00      1m 49s
    ▌   by alice from 203.0.113.7 with aws-cli/2.15.30

    ▌ MEDIUM   sg-0123456789abcdef0                           111122223333 us-east-1
    ▌   5432 PostgreSQL         whole internet       2026-02-27 03:00:00     13h 45m
    ▌                           (IPv6)
    ▌   by deploy-pipeline through CloudFormation, closed by root from 198.51.100.24
    ▌   with a browser

    ▌ LOW      sg-00000000000000042 metrics 測定 📈           111122223333 us-east-1
    ▌   8000-8100               75 % of IPv4         2026-02-25 10:00:00         58s
    ▌   by root from 198.51.100.24 with a browser, closed by the same

    ▌ UNDETERMINED  3 changes that may have opened something
    ▌ 2 × the entries of prefix list pl-0123456789abcdef0 are not known
    ▌   2026-03-02 09:30:00 AuthorizeSecurityGroupIngress sg-0a1b2c3d4e5f60718
    ▌     111122223333 us-east-1
    ▌   2026-03-02 09:31:12 AuthorizeSecurityGroupIngress sg-0a1b2c3d4e5f60718
    ▌     111122223333 us-east-1
    ▌ 1 × the request was too large for CloudTrail and left out
    ▌   2026-03-02 09:30:00 AuthorizeSecurityGroupIngress 111122223333 us-east-1

    ▌ PROBLEMS  8 in 8 files
    ▌ 7 × input/truncated-compression A compressed file ends too early; what it
    ▌   holds was read. Fetch the file again from its source.
    ▌   …111122223333_CloudTrail_us-east-1_20260301T0000Z_Xa8kPq2LmN0rTvWz.json.gz
    ▌     unexpected end of file
    ▌   …111122223333_CloudTrail_us-east-1_20260301T0100Z_Xa8kPq2LmN0rTvWz.json.gz
    ▌   …111122223333_CloudTrail_us-east-1_20260301T0200Z_Xa8kPq2LmN0rTvWz.json.gz
    ▌   …111122223333_CloudTrail_us-east-1_20260301T0300Z_Xa8kPq2LmN0rTvWz.json.gz
    ▌   and 3 more; --format json lists them all
    ▌ 1 × record/bad-field A record that should count lacks a field, or has it
    ▌   with the wrong type. Look at the record; if it is genuine, report it so that
    ▌   its shape can be read.
    ▌   notes.json record 1,041 eventTime is missing or not a UTC time

      4 signals · 13 exposures · 10 STILL OPEN · 3 changes could not be judged
      8 problems came up while reading
      12 files (99.0 MiB, 1.2 GiB unpacked) · 3,412,345 records · 2.1 s · 583 MiB/s

    "
  `);
});

test('more columns show when it closed, the rule, and the CIDRs of what is not everybody', () => {
  expect(table(aFullResult(), { columns: 140 })).toMatchInlineSnapshot(`
    "
        PORT                                        OPEN TO                                 OPENED (UTC)         CLOSED (UTC)           OPEN FOR

    ▌ CRITICAL sg-0fedcba9876543210 launch-wizard-1                                   aws-sg-admin-port-open-to-world  444455556666 eu-central-1
    ▌   9 ports                                     whole internet (IPv4 and IPv6)          2026-03-03 22:14:05  STILL OPEN              13h 45m
    ▌   21 FTP, 22 SSH, 23 Telnet, 445 SMB, 2375 Docker daemon, 3389 RDP, 5900 VNC, 5985 WinRM HTTP, 5986 WinRM HTTPS
    ▌   by ci-terraform from 2001:db8:85a3::8a2e:370:7334 with Terraform/1.9.2

    ▌ HIGH     sg-0a1b2c3d4e5f60718 bastion-temp                                         aws-sg-admin-port-open-to-world  111122223333 us-east-1
    ▌   22 SSH                                      whole internet (IPv4)                   2026-03-01 08:00:00  STILL OPEN                3d 4h
    ▌   3389 RDP                                    50 % of IPv4 (128.0.0.0/1)              2026-03-01 08:20:00  2026-03-01 08:21:49      1m 49s
    ▌   by alice from 203.0.113.7 with aws-cli/2.15.30

    ▌ MEDIUM   sg-0123456789abcdef0                                                   aws-sg-database-port-open-to-world  111122223333 us-east-1
    ▌   5432 PostgreSQL                             whole internet (IPv6)                   2026-02-27 03:00:00  2026-02-27 16:45:10     13h 45m
    ▌   by deploy-pipeline through CloudFormation, closed by root from 198.51.100.24 with a browser

    ▌ LOW      sg-00000000000000042 metrics 測定 📈                                                 aws-sg-open-to-world  111122223333 us-east-1
    ▌   8000-8100                                   75 % of IPv4 (0.0.0.0/1, 192.0.0.0/2)   2026-02-25 10:00:00  2026-02-25 10:00:58         58s
    ▌   by root from 198.51.100.24 with a browser, closed by the same

    ▌ UNDETERMINED  3 changes that may have opened something
    ▌ 2 × the entries of prefix list pl-0123456789abcdef0 are not known
    ▌   2026-03-02 09:30:00 AuthorizeSecurityGroupIngress sg-0a1b2c3d4e5f60718 111122223333 us-east-1
    ▌   2026-03-02 09:31:12 AuthorizeSecurityGroupIngress sg-0a1b2c3d4e5f60718 111122223333 us-east-1
    ▌ 1 × the request was too large for CloudTrail and left out
    ▌   2026-03-02 09:30:00 AuthorizeSecurityGroupIngress 111122223333 us-east-1

    ▌ PROBLEMS  8 in 8 files
    ▌ 7 × input/truncated-compression A compressed file ends too early; what it holds was read. Fetch the file again from its source.
    ▌   AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/01/111122223333_CloudTrail_us-east-1_20260301T0000Z_Xa8kPq2LmN0rTvWz.json.gz
    ▌     unexpected end of file
    ▌   AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/01/111122223333_CloudTrail_us-east-1_20260301T0100Z_Xa8kPq2LmN0rTvWz.json.gz
    ▌   AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/01/111122223333_CloudTrail_us-east-1_20260301T0200Z_Xa8kPq2LmN0rTvWz.json.gz
    ▌   AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/01/111122223333_CloudTrail_us-east-1_20260301T0300Z_Xa8kPq2LmN0rTvWz.json.gz
    ▌   and 3 more; --format json lists them all
    ▌ 1 × record/bad-field A record that should count lacks a field, or has it with the wrong type. Look at the record; if it is genuine,
    ▌   report it so that its shape can be read.
    ▌   notes.json record 1,041 eventTime is missing or not a UTC time

      4 signals · 13 exposures · 10 STILL OPEN · 3 changes could not be judged · 8 problems came up while reading
      12 files (99.0 MiB, 1.2 GiB unpacked) · 3,412,345 records · 2.1 s · 583 MiB/s

    "
  `);
});

test('fewer columns put one fact on a line', () => {
  const exposures = allAdminPorts({ closedAt: '2026-03-01T08:01:49Z' });
  expect(table(aScanResult({ signals: [{ exposures }] }), { columns: 44 })).toMatchInlineSnapshot(`
    "
    ▌ HIGH     sg-0a1b2c3d4e5f60718
    ▌   111122223333 us-east-1
    ▌   21 FTP, 22 SSH, 23 Telnet, 445 SMB,
    ▌   2375 Docker daemon, 3389 RDP, 5900 VNC,
    ▌   5985 WinRM HTTP, 5986 WinRM HTTPS
    ▌   whole internet (IPv4)
    ▌   opened 2026-03-01 08:00:00, closed after
    ▌   1m 49s
    ▌   by alice from 203.0.113.7 with
    ▌   aws-cli/2.15.30, closed by the same

      1 signal · 9 exposures · all closed again
      12 files (99.0 MiB, 1.2 GiB unpacked)
      3,412,345 records · 2.1 s · 583 MiB/s

    "
  `);
});

test('a signal about records tells how many there are and what they share', () => {
  const logSignals = [aLogSignal()];
  expect(table(aScanResult({ logSignals }), { columns: 100 })).toMatchInlineSnapshot(`
    "
    ▌ MEDIUM   Keys made by alice                                                 111122223333 us-east-1
    ▌   140 records from 2026-03-01 06:00:00 to 2026-03-01 06:20:00 (many)
    ▌   @userIdentity.arn arn:aws:iam::111122223333:user/alice
    ▌   @awsRegion missing
    ▌   new 198.51.100.7
    ▌   by alice from 203.0.113.7 with aws-cli/2.15.30

      1 signal · 0 exposures
      12 files (99.0 MiB, 1.2 GiB unpacked) · 3,412,345 records · 2.1 s · 583 MiB/s

    "
  `);
});

describe('one port that is still open', () => {
  const result = aScanResult({ signals: [{ exposures: [anExposure()] }] });

  test.each([50, 80, 100, 140])('says so at %d columns, and for how long', (columns) => {
    expect(table(result, { columns })).toMatch(/STILL OPEN\s[\s\S]*3d 4h/);
    expect(table(result, { columns })).toContain('1 signal · 1 exposure · 1 STILL OPEN');
  });

  test('says so in bold red where there is color', () => {
    expect(table(result, { color: true })).toContain('\u001b[31m\u001b[1mSTILL OPEN');
  });
});

test('who closed a port is named where it was somebody else', () => {
  const closedAt = '2026-03-01T08:01:49Z';
  const closedBy = anActor({ sessionName: 'bob', sourceIp: '198.51.100.2' });
  expect(whoLine(anExposure({ closedAt }))).toContain('with aws-cli/2.15.30, closed by the same');
  expect(whoLine(anExposure({ closedAt, closedBy }))).toContain('closed by bob from 198.51.100.2');
});

describe('nothing found', () => {
  test('is good news that says what was looked for and how much was read', () => {
    expect(lines(aScanResult())).toEqual([
      '  ✓ No exposure to report.',
      '  Looked for: Administrative port open to the world through a security group.',
      '  12 files (99.0 MiB, 1.2 GiB unpacked) · 3,412,345 records · 2.1 s · 583 MiB/s',
    ]);
  });

  test('is no good news where something could not be judged or read', () => {
    const [verdict] = lines(
      aScanResult({ undetermined: [anUndetermined()], problems: [aProblem(), aProblem()] }),
      { columns: 140 },
    ).slice(-3);
    expect(verdict).toBe(
      '  No exposure to report. But 1 change could not be judged. But 2 problems came up while reading.',
    );
  });

  test('in no record at all is said to be just that', () => {
    const stats = { files: 1, records: 0, bytes: 2, compressedBytes: 2, durationMs: 0 };
    expect(lines(aScanResult({ stats }))).toEqual([
      '  No CloudTrail record was found in the input.',
      '  1 file (2 B) · 0 records · 0 ms',
    ]);
  });
});

describe('problems', () => {
  test('are grouped under their code with the next step, and listed up to a few', () => {
    const shown = lines(withProblems(9)).slice(0, 9);
    expect(shown).toEqual([
      '▌ PROBLEMS  9 in 9 files',
      '▌ 9 × input/truncated-compression A compressed file ends too early; what it',
      '▌   holds was read. Fetch the file again from its source.',
      '▌   0.json unexpected end of file',
      '▌   1.json',
      '▌   2.json',
      '▌   3.json',
      '▌   and 5 more; --format json lists them all',
      '  No exposure to report. But 9 problems came up while reading.',
    ]);
  });

  test('are listed in full where the rest would be one', () => {
    expect(table(withProblems(5))).toContain('4.json');
    expect(table(withProblems(5))).not.toContain('more;');
  });

  test('name the record, and keep the end of a long path', () => {
    const file = `${'folder/'.repeat(30)}name.json.gz`;
    const line = lines(aScanResult({ problems: [aProblem({ file, record: 1041 })] })).find((each) =>
      each.includes('name.json'),
    );
    expect(line).toMatch(/^▌ {3}….*\/name\.json\.gz record 1,041$/);
  });
});

test('a rule that was not run is named, with the reason', () => {
  const notRun = [{ ruleId: 'odd-logins', reason: 'impossible_travel is not run' }];
  expect(lines(aScanResult({ notRun })).slice(0, 3)).toEqual([
    '▌ NOT RUN  1 rule that could not be looked for',
    '▌ - odd-logins impossible_travel is not run',
    '  No exposure to report. But 1 rule could not be run.',
  ]);
});

describe('whatever a record holds', () => {
  const results = arbitraryResult();
  const columns = fc.integer({ min: 40, max: 160 });

  test('no line is wider than the terminal', () => {
    fc.assert(
      fc.property(results, columns, (result, width) => {
        for (const line of lines(result, { columns: width })) {
          expect(stringWidth(line)).toBeLessThanOrEqual(Math.min(width, 140));
        }
      }),
    );
  });

  test('it cannot forge a line that looks like one of ours', () => {
    fc.assert(
      fc.property(results, columns, (result, width) => {
        const shown = lines(result, { columns: width });
        for (const line of shown) expect(line).toMatch(/^(?:▌ |▌$| {2})/);
        const titles = shown.filter((line) =>
          /^▌ (?:INFO|LOW|MEDIUM|HIGH|CRITICAL)(?: |$)/.test(line),
        );
        expect(titles.length).toBe(result.signals.length);
        const groups = [
          ...new Set(result.undetermined.map(({ reason }) => reason)),
          ...new Set(result.problems.map(({ code }) => code)),
        ].length;
        const { undetermined, problems, notRun = [] } = result;
        const blocks = [undetermined, problems, notRun].filter(({ length }) => length > 0);
        const first = shown.filter((line) => /^▌ \S/.test(line));
        expect(first.length).toBe(result.signals.length + groups + notRun.length + blocks.length);
      }),
    );
  });

  test('only our own colors reach the terminal, and the text is the same without them', () => {
    fc.assert(
      fc.property(results, columns, (result, width) => {
        const colored = table(result, { columns: width, color: true });
        // oxlint-disable-next-line no-control-regex
        const plain = colored.replace(/\u001b\[\d{1,2}m/g, '');
        expect(plain.replace(/ +$/gm, '')).toBe(table(result, { columns: width }));
        expect(plain).not.toMatch(/[^\P{Cc}\n]/u);
      }),
    );
  });

  test('a huge attribute does not make a huge table, nor a slow one', () => {
    const huge = 'A'.repeat(5_000_000);
    const [result] = fc.sample(arbitraryResult({ text: fc.constant(huge), time: anyTime }), {
      numRuns: 1,
      seed: 7,
    });
    if (result === undefined) throw new Error('There is no sample.');
    expect(table(result).length).toBeLessThan(20_000);
  });
});

describe('of an audit', () => {
  const looked = { accounts: 2, regions: 34, groups: 1210, rows: 1 };
  const nothingRead = { records: 0, files: 0, durationMs: 3100, looked };
  const found = anExposure({ openedByEventName: 'Audit' });

  test('what was found open says that its beginning is not known', () => {
    const result = aScanResult({ signals: [{ exposures: [found] }], stats: nothingRead });
    const text = lines(result, { columns: 120 }).join('\n');
    expect(text).toContain('found open; when it was opened, and by whom, is not known');
    expect(text).toMatch(/STILL OPEN +unknown/);
    expect(text).toContain('2 accounts · 34 regions · 1,210 groups · 1 row · 3.1 s');
  });

  test('what was closed later was open for that long or longer', () => {
    const closed = anExposure({
      ...found,
      closedAt: '2026-03-01T09:00:00Z',
      durationSeconds: 3600,
    });
    const result = aScanResult({ signals: [{ exposures: [closed] }], stats: nothingRead });
    expect(lines(result, { columns: 120 }).join('\n')).toContain('1h+');
  });

  test('that found nothing says so, though it read no record', () => {
    const text = lines(aScanResult({ stats: nothingRead })).join('\n');
    expect(text).toContain('No exposure to report.');
    expect(text).not.toContain('No CloudTrail record');
  });
});
