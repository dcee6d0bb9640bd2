// Real CloudTrail files that nobody on this project wrote. They are kept outside the repository;
// where they are not there, these tests are skipped and say so.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { describe, expect, it } from 'vitest';

import { builtInRulesDirectory, loadRules } from '../../src/rules/load-rules.ts';
import { scan } from '../../src/scan.ts';

const root = join(import.meta.dirname, '..', '..');
const corpus = join(root, '..', 'shared', 'corpus');
const isThere = existsSync(corpus);
/** Said in the report, so that a skipped test is not taken for one that passed. */
const skipped = isThere ? '' : ` (skipped: there is no ${corpus})`;
const rules = await loadRules([builtInRulesDirectory()]);

describe.runIf(isThere)(`the four files of a Stratus Red Team run${skipped}`, () => {
  const folder = join(corpus, 'invictus');

  it('hold one exposure: port 22, for 109 seconds, by the session that did it', async () => {
    const { exposures, signals, undetermined, problems, stats } = await scan([folder], { rules });

    expect(exposures).toHaveLength(1);
    expect(exposures[0]).toMatchObject({
      ruleId: 'aws-sg-admin-port-open-to-world',
      accountId: '123837392027',
      region: 'us-east-1',
      groupId: 'sg-04cfb7a4712d75b00',
      groupName: 'stratus-red-team-open-sg-sg',
      vpcId: 'vpc-0e568b18707c87afa',
      protocol: 'tcp',
      port: 22,
      service: 'SSH',
      ipv4Coverage: 1,
      ipv6Coverage: 0,
      sources: ['0.0.0.0/0'],
      openedAt: '2023-07-10T12:10:08Z',
      openedByEventId: '74bd84b4-6729-4895-b2a4-e2beb7c6b377',
      openedBy: {
        type: 'IAMUser',
        arn: 'arn:aws:iam::123837392027:user/bert-jan',
        sessionName: 'bert-jan',
        accessKeyId: 'AKIATFQR7NSC8Q4X20BJ',
        sourceIp: '192.168.10.20',
        userAgent: 'stratus-red-team_2142a106-933f-4595-ad51-0ff5dfff60b7',
        invokedBy: null,
      },
      closedAt: '2023-07-10T12:11:57Z',
      closedByEventId: '8733f811-267d-4c46-8e5b-000fe7c6a9f2',
      closedBy: { sessionName: 'bert-jan' },
      durationSeconds: 109,
    });
    expect(signals).toMatchObject([
      { severity: 'high', status: 'closed', exposures: [exposures[0]?.id], durationSeconds: 109 },
    ]);
    expect(undetermined).toEqual([]);
    expect(problems).toEqual([]);
    // 528 records, of which seven are calls on the group that succeeded.
    expect(stats).toMatchObject({
      files: 4,
      records: 528,
      irrelevantRecords: 521,
      changeRecords: 7,
      undeterminedRecords: 0,
      rejectedRecords: 0,
    });
  });

  it('are told by the command as by the library', async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [join(root, 'src', 'cli', 'main.ts'), 'scan', folder, '--format', 'json', '--quiet'],
      { maxBuffer: 16_000_000 },
    );
    const { signals, exposures, undetermined } = await scan([folder], { rules });
    expect(JSON.parse(stdout)).toMatchObject({ signals, exposures, undetermined, problems: [] });
  });
});

describe.runIf(isThere)(`the event of Stratus Red Team${skipped}`, () => {
  it('is one opening to the whole internet, though its address is 208.236.235.254/0', async () => {
    const { exposures, undetermined, problems } = await scan([join(corpus, 'stratus')], { rules });
    expect(exposures).toMatchObject([
      {
        ruleId: 'aws-sg-admin-port-open-to-world',
        groupId: 'sg-003dc7f1f1c686164',
        port: 22,
        ipv4Coverage: 1,
        sources: ['0.0.0.0/0'],
        openedAt: '2024-08-01T12:23:55Z',
        openedBy: { sessionName: 'christophe' },
        closedAt: null,
        durationSeconds: null,
      },
    ]);
    expect(exposures).toHaveLength(1);
    expect(undetermined).toEqual([]);
    expect(problems).toEqual([]);
  });
});
