// Log rules in a whole scan: files, threads and the command. What the threads find is what reading
// the records one after the other finds.

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import type { LogRule, Rule } from '../../src/model/rule.ts';
import { detect } from '../../src/pipeline.ts';
import { scan } from '../../src/scan.ts';
import { wantEverything } from '../../src/source/aws-layout.ts';
import { projectRoot } from '../support/project-copy.ts';
import { aLogCase, aLogQuery, aLogRule, aRecord } from '../support/log-rules.ts';
import { runCommand, type CommandResult } from '../support/run-command.ts';
import { adminRule } from '../support/scan-results.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const people = ['arn:alice', 'arn:bob', 'arn:carol'];

/** Reads of secrets by three people over an hour, with others' calls between them. */
function traffic(): readonly JsonObject[] {
  return Array.from({ length: 400 }, (_, index) => {
    const time = new Date(index * 9000).toISOString().slice(11, 19);
    return aRecord(time, {
      eventID: `e-${index}`,
      eventName: ['GetSecretValue', 'ListSecrets', 'DescribeInstances', 'AssumeRole'][index % 4],
      awsRegion: `region-${index % 5}`,
      userIdentity: { type: 'IAMUser', arn: people[index % 3] },
      responseElements: { padding: 'x'.repeat(200) },
    });
  });
}

const rules: readonly LogRule[] = [
  aLogRule({
    id: 'many-reads',
    queries: [aLogQuery({ name: 'reads', groupByFields: ['@userIdentity.arn'] })],
    cases: [aLogCase({ condition: 'reads > 2' })],
  }),
  aLogRule({
    id: 'new-region',
    queries: [
      aLogQuery({
        query: '@evt.name:ListSecrets',
        aggregation: 'new_value',
        metrics: ['@awsRegion'],
        groupByFields: ['@userIdentity.arn'],
      }),
    ],
    cases: [aLogCase({ condition: null })],
    options: { detectionMethod: 'new_value' },
  }),
];

const any = aLogRule({
  id: 'anything-abroad',
  queries: [aLogQuery({ query: '@awsRegion:region-4', groupByFields: ['@userIdentity.arn'] })],
});

/** The files, of forty, in which a record stands: most stand in two. */
function filesOf(index: number): ReadonlySet<number> {
  return new Set([index % 40, index % 37]);
}

/** The records in their files, none in order. */
async function delivered(records: readonly JsonObject[]): Promise<string> {
  const folder = await scratchFolder();
  for (let file = 0; file < 40; file += 1) {
    const own = records.filter((_, index) => filesOf(index).has(file)).toReversed();
    const path = join(folder, `${file}.json.gz`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, gzipSync(JSON.stringify({ Records: own })));
  }
  return folder;
}

async function scanned(given: readonly Rule[], records: readonly JsonObject[] = traffic()) {
  const notices: string[] = [];
  const result = await scan([await delivered(records)], {
    rules: given,
    jobs: 3,
    onNotice: (notice) => notices.push(notice),
  });
  return { ...result, notices };
}

function sumOfTallies({ stats }: Awaited<ReturnType<typeof scan>>): number {
  return (
    stats.irrelevantRecords +
    stats.changeRecords +
    stats.undeterminedRecords +
    stats.rejectedRecords +
    (stats.matchedRecords ?? 0)
  );
}

describe('a scan with log rules', () => {
  test('finds in threads what detection finds in the records', async () => {
    const found = await scanned(rules);
    const { signals } = detect(traffic(), { rules });
    expect(signals.length).toBeGreaterThan(5);
    expect(new Set(signals.map(({ ruleId }) => ruleId)).size).toBe(2);
    expect(found.signals).toEqual(signals);
  });

  test('parses the records of their event names and no others, and counts each record once', async () => {
    const found = await scanned(rules);
    const wanted = traffic().flatMap(({ eventName }, index) =>
      eventName === 'GetSecretValue' || eventName === 'ListSecrets' ? [...filesOf(index)] : [],
    );
    expect(found.stats.candidateRecords).toBe(wanted.length);
    expect(found.stats.matchedRecords).toBe(wanted.length);
    expect(sumOfTallies(found)).toBe(found.stats.records);
    expect(found.stats.records).toBeGreaterThan(wanted.length * 1.9);
    expect(found.notices).toEqual([]);
    expect(found.notRun).toBeUndefined();
  });

  test('parses every record when one rule can match any, and says so', async () => {
    const found = await scanned([...rules, any]);
    expect(found.stats.candidateRecords).toBe(found.stats.records);
    expect(found.notices).toHaveLength(1);
    expect(found.notices[0]).toContain('anything-abroad can match records of any event name');
    expect(found.signals).toEqual(detect(traffic(), { rules: [...rules, any] }).signals);
    expect(sumOfTallies(found)).toBe(found.stats.records);
  });

  test('leaves out what the filter leaves out, its time too', async () => {
    const folder = await delivered(traffic());
    const untilMs = Date.parse('2026-03-01T00:30:00Z');
    const found = await scan([folder], { rules, filter: { ...wantEverything, untilMs } });
    const wanted = traffic().filter(({ eventTime }) => Date.parse(String(eventTime)) <= untilMs);
    expect(found.signals).toEqual(detect(wanted, { rules }).signals);
    expect(found.signals.length).toBeGreaterThan(0);
  });

  test('lists rules that are not run, with the reason, and runs the others', async () => {
    const travel = aLogRule({ id: 'travel', options: { detectionMethod: 'impossible_travel' } });
    const found = await scanned([...rules, travel, { ...travel, id: 'off', enabled: false }]);
    expect(found.notRun?.map(({ ruleId }) => ruleId)).toEqual(['travel']);
    expect(found.notRun?.[0]?.reason).toContain('impossible_travel');
    expect(found.signals.length).toBeGreaterThan(5);
  });

  test('reports a record that matches and cannot be placed in time', async () => {
    const records = [
      ...traffic(),
      { ...aRecord('08:00:00'), eventID: undefined, eventTime: 'soon' },
    ];
    const found = await scanned(rules, records);
    expect(found.problems.map(({ code }) => code)).toContain('record/bad-field');
    expect(found.problems[0]?.message).toContain('eventID is missing');
    expect(found.stats.rejectedRecords).toBeGreaterThan(0);
    expect(sumOfTallies(found)).toBe(found.stats.records);
  });

  test('finds exposures beside them, as without them', async () => {
    const opening = aRecord('08:00:00', {
      eventName: 'AuthorizeSecurityGroupIngress',
      eventSource: 'ec2.amazonaws.com',
      requestParameters: {
        groupId: 'sg-1',
        ipProtocol: 'tcp',
        fromPort: 22,
        toPort: 22,
        cidrIp: '0.0.0.0/0',
      },
    });
    const opened = aLogRule({
      id: 'opened',
      queries: [aLogQuery({ query: '@evt.name:AuthorizeSecurityGroupIngress' })],
    });
    const records = [...traffic(), opening];
    const alone = await scanned([adminRule], records);
    const beside = await scanned([adminRule, opened], records);
    expect(alone.exposures).toHaveLength(1);
    expect(beside.exposures).toEqual(alone.exposures);
    expect(beside.signals.map(({ ruleId }) => ruleId).toSorted()).toEqual([adminRule.id, 'opened']);
    expect(alone.stats.matchedRecords).toBeUndefined();
    expect(beside.stats.matchedRecords).toBe(0);
    expect(beside.stats.changeRecords).toBe(alone.stats.changeRecords);
    expect(sumOfTallies(beside)).toBe(beside.stats.records);
  });
});

function portcullis(...args: readonly string[]): Promise<CommandResult> {
  return runCommand(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    join(projectRoot, 'src/cli/main.ts'),
    ...args,
  ]);
}

const ruleText = `id: reads
name: Reads
version: 1.0.0
enabled: false
goal: g
strategy: s
log: { queries: [{ name: reads, query: '@awsRegion:region-4' }] }
cases: [{ name: Abroad, severity: high, condition: reads > 2 }]
triage: [{ step: Look. }]
title: 'Reads by {{@signal.actor}}'
message: '{{@signal.eventCount}} reads.'
changelog: [{ version: 1.0.0, date: 2026-11-24, changes: [First.] }]
`;

describe('the command', () => {
  test('runs a rule that is off when it is asked to, and notes that every record is parsed', async () => {
    const logs = await delivered(traffic());
    const own = await scratchFolder({ 'reads/rule.yaml': ruleText });
    const words = ['scan', logs, '--rules', own, '--format', 'json'];

    const off = await portcullis(...words);
    expect(off).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(off.stdout)).toMatchObject({ signals: [] });

    const on = await portcullis(...words, '--enable-rule', 'reads', '--fail-on', 'high');
    expect(on.exitCode).toBe(1);
    expect(on.stderr).toContain('note: Every record is parsed');
    expect(on.stderr).toContain('reads can match records of any event name');
    const { signals } = JSON.parse(on.stdout) as { signals: object[] };
    expect(signals[0]).toMatchObject({
      ruleId: 'reads',
      severity: 'high',
      groupId: null,
      case: 'Abroad',
      exposures: [],
      groupBy: [],
      newValues: [],
      queries: [{ name: 'reads' }],
    });

    const quiet = await portcullis(...words, '--enable-rule', 'reads', '--quiet');
    expect(quiet).toMatchObject({ exitCode: 0, stderr: '' });
  });

  test('says which rule was probably meant', async () => {
    const { exitCode, stderr } = await portcullis('scan', '.', '--enable-rule', 'parity');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Did you mean datadog-sg-admin-port-parity?');
  });

  test('says which rules it did not run', async () => {
    const logs = await delivered(traffic());
    const text = ruleText
      .replace('enabled: false', 'enabled: true')
      .replace('log: {', 'log: { detectionMethod: third_party,');
    const own = await scratchFolder({ 'reads/rule.yaml': text });
    const json = await portcullis('scan', logs, '--rules', own, '--format', 'json');
    expect(JSON.parse(json.stdout)).toMatchObject({ notRun: [{ ruleId: 'reads' }] });
    const table = await portcullis('scan', logs, '--rules', own, '--format', 'table');
    expect(table.stdout).toMatch(/reads[^]*third_party/);
  });
});
