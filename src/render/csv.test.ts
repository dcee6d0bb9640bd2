import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arbitraryResult, hostileText } from '../../test/support/arbitrary-results.ts';
import { anActor, anExposure, aScanResult } from '../../test/support/scan-results.ts';
import type { ScanResult } from '../model/scan-result.ts';
import { stripControls } from '../template/escape.ts';
import { renderCsv } from './csv.ts';

const csv = (result: ScanResult): string => [...renderCsv(result)].join('');

/** Rows as another reader of CSV sees them, by the names in the header. */
function rows(result: ScanResult): Record<string, string>[] {
  return parse(csv(result), { columns: true, record_delimiter: '\r\n' });
}

function serviceCell(service: string): string | undefined {
  return rows(aScanResult({ signals: [{ exposures: [anExposure({ service })] }] }))[0]?.['service'];
}

test('a row is an exposure, with who opened and who closed it', () => {
  const closedAt = '2026-03-01T08:01:49Z';
  const closedBy = anActor({ sessionName: 'bob, "the" closer' });
  const exposure = anExposure({
    groupName: 'web',
    closedAt,
    closedBy,
    sources: ['::/0', '1.0.0.0/1'],
  });
  const result = aScanResult({ signals: [{ exposures: [exposure] }] });
  expect(csv(result)).toMatchInlineSnapshot(`
    "exposureId,signalId,ruleId,severity,status,accountId,region,groupId,groupName,vpcId,protocol,port,toPort,service,ipv4Coverage,ipv6Coverage,sources,openedAt,closedAt,durationSeconds,openedByEventId,openedByType,openedByArn,openedBySessionName,openedByAccessKeyId,openedBySourceIp,openedByUserAgent,openedByInvokedBy,closedByEventId,closedByType,closedByArn,closedBySessionName,closedByAccessKeyId,closedBySourceIp,closedByUserAgent,closedByInvokedBy
    exp-sg-0a1b2c3d4e5f60718-22-2026-03-01T08:00:00Z,sig-exp-sg-0a1b2c3d4e5f60718-22-2026-03-01T08:00:00Z,aws-sg-admin-port-open-to-world,high,closed,111122223333,us-east-1,sg-0a1b2c3d4e5f60718,web,,tcp,22,22,SSH,1,0,::/0 1.0.0.0/1,2026-03-01T08:00:00Z,2026-03-01T08:01:49Z,109,open-2026-03-01T08:00:00Z,AssumedRole,arn:aws:sts::111122223333:assumed-role/platform-admin/alice,alice,ASIAEXAMPLEKEY000001,203.0.113.7,aws-cli/2.15.30 Python/3.11.8 Linux/6.1 exe/x86_64 command/ec2.authorize,,close-2026-03-01T08:01:49Z,AssumedRole,arn:aws:sts::111122223333:assumed-role/platform-admin/alice,"bob, ""the"" closer",ASIAEXAMPLEKEY000001,203.0.113.7,aws-cli/2.15.30 Python/3.11.8 Linux/6.1 exe/x86_64 command/ec2.authorize,
    "
  `);
  expect(rows(result)[0]).toMatchObject({
    signalId: result.signals[0]?.id,
    severity: 'high',
    status: 'closed',
    closedBySessionName: 'bob, "the" closer',
    durationSeconds: '109',
    vpcId: '',
  });
});

test('the port of a single one is also its last', () => {
  const exposures = [anExposure(), anExposure({ port: 8000, toPort: 8100 })] as const;
  const ports = rows(aScanResult({ signals: [{ exposures }] })).map(({ port, toPort }) => [
    port,
    toPort,
  ]);
  expect(ports).toEqual([
    ['22', '22'],
    ['8000', '8100'],
  ]);
});

test('nothing found is a header', () => {
  expect(rows(aScanResult())).toEqual([]);
  expect(csv(aScanResult())).toMatch(/^exposureId,.*\r\n$/);
});

describe('a formula', () => {
  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '＝1', '＋1', '－1', '＠x'])('%s is text', (text) => {
    expect(serviceCell(text)).toBe(`'${text}`);
  });

  test.each([
    ['\t=1+1', " '=1+1"],
    ['\r=1+1', " '=1+1"],
    ['  =1+1', "  '=1+1"],
  ])('behind blanks is text: %j', (text, cell) => {
    expect(serviceCell(text)).toBe(cell);
  });

  test('in the middle is text where a semicolon or quote would give it a cell of its own', () => {
    expect(serviceCell('a;=1+1')).toBe("a;'=1+1");
    expect(serviceCell('a","=1+1')).toBe(`a","'=1+1`);
    expect(serviceCell('a=1; b-c x@y')).toBe('a=1; b-c x@y');
  });
});

describe('whatever a record holds', () => {
  test('another reader finds each row with each of its texts', () => {
    fc.assert(
      fc.property(arbitraryResult(), (result) => {
        const found = rows(result);
        expect(found.length).toBe(result.exposures.length);
        for (const [index, exposure] of result.exposures.entries()) {
          expect(bare(found[index]?.['groupId'])).toBe(bare(stripControls(exposure.groupId)));
          expect(bare(found[index]?.['openedByUserAgent'])).toBe(
            bare(stripControls(exposure.openedBy.userAgent ?? '')),
          );
        }
      }),
    );
  });

  test('no cell begins like a formula, wherever a spreadsheet may cut, nor does a row have two lines', () => {
    const number = /^-?\d+(?:\.\d+)?(?:e-?\d+)?$/;
    fc.assert(
      fc.property(arbitraryResult({ text: hostileText }), (result) => {
        const text = csv(result);
        expect(text.split('\r\n').length).toBe(result.exposures.length + 2);
        for (const delimiter of [',', ';', '\t', '|', '"']) {
          const cells = text.split('\r\n').flatMap((line) => line.split(delimiter));
          for (const cell of cells.filter((each) => !number.test(each))) {
            expect(cell).not.toMatch(/^[\s"]*[=+\-@＝＋－＠]/u);
          }
        }
      }),
    );
  });
});

/** Text without the apostrophes that may have been put into it. */
function bare(text: string | undefined): string | undefined {
  return text?.replaceAll("'", '');
}
