import { describe, expect, test } from 'vitest';
import { PortcullisError } from '../../errors/portcullis-error.ts';
import type { ForeignRule } from './exchange.ts';
import { readSigma } from './sigma-reader.ts';

const rule = `title: Trail stopped
id: 5c1b1f0e-0000-4000-8000-000000000001
status: experimental
description: |
    Somebody stopped a trail.
references:
    - https://attack.mitre.org/techniques/T1562/
author: Sam, Kim
date: 2023/10/28
modified: 2024-02-01
tags:
    - attack.defense-evasion
logsource:
    product: aws
    service: cloudtrail
    definition: Management events have to be logged
detection:
    selection:
        eventSource: cloudtrail.amazonaws.com
        eventName: StopLogging
    condition: selection
fields:
    - requestParameters.name
falsepositives:
    - Work on the trail
level: high
`;

function read(text: string): readonly ForeignRule[] {
  return readSigma(text, 'f.yml', '2026-11-24');
}

function changed(from: string | RegExp, to: string): ForeignRule | undefined {
  const text = rule.replace(from, to);
  expect(text).not.toBe(rule);
  return read(text)[0];
}

test('a rule is read into the fields of rule.yaml', () => {
  expect(read(rule)).toEqual([
    {
      name: 'Trail stopped',
      losses: [],
      draft: {
        id: 'trail-stopped',
        name: 'Trail stopped',
        version: '1.0.0',
        enabled: undefined,
        cases: [{ severity: 'high', condition: 'matches > 0' }],
        tags: ['tactic:TA0005-defense-evasion'],
        references: ['https://attack.mitre.org/techniques/T1562/'],
        goal: 'Somebody stopped a trail.',
        strategy:
          'Look for records that match the query; those of one caller make one signal.\n\n' +
          'It needs: Management events have to be logged\n\n' +
          'From the Sigma rule 5c1b1f0e-0000-4000-8000-000000000001, status experimental, ' +
          'by Sam, Kim.',
        log: {
          queries: [
            {
              name: 'matches',
              query:
                'source:cloudtrail @eventSource:cloudtrail.amazonaws.com @eventName:StopLogging',
              hasOptionalGroupByFields: true,
            },
          ],
        },
        groupBy: ['@userIdentity.arn'],
        triage: [
          {
            step: 'Find out whether `{{@userIdentity.session_name}}` was meant to call `{{@evt.name}}`.',
            details: ['Known to be harmless: Work on the trail'],
          },
          { step: 'If not, look at what else the caller did, and rotate the credentials.' },
        ],
        title: 'Trail stopped: {{@userIdentity.arn}}',
        message:
          '`{{@evt.name}}` of `{{@eventSource}}`, called by `{{@userIdentity.session_name}}` from ' +
          '`{{@network.client.ip}}` in `{{@awsRegion}}`.\n\n' +
          '- `requestParameters.name`: `{{@requestParameters.name}}`\n',
        changelog: [{ version: '1.0.0', date: '2024-02-01', changes: ['Imported from Sigma.'] }],
      },
    },
  ]);
});

describe('what may be missing', () => {
  test('a date: the day of the import', () => {
    expect(changed(/^date.*\nmodified.*\n/m, '')?.draft?.changelog[0]?.date).toBe('2026-11-24');
    expect(changed(/^modified.*\n/m, '')?.draft?.changelog[0]?.date).toBe('2023-10-28');
    expect(changed('2024-02-01', 'soon')?.draft?.changelog[0]?.date).toBe('2023-10-28');
  });

  test('a description: the title', () => {
    expect(changed(/description: \|\n.*\n/, '')?.draft?.goal).toBe('Trail stopped');
  });

  test('a level: medium, which is named', () => {
    const imported = changed('level: high\n', '');
    expect(imported?.draft?.cases[0]?.severity).toBe('medium');
    expect(imported?.losses.map(({ field }) => field)).toEqual(['level']);
  });

  test('everything but title, log source, detection and level', () => {
    const bare = `title: T
logsource: { product: aws, service: cloudtrail }
detection: { a: { eventName: A }, condition: a }
level: low`;
    expect(read(bare)[0]).toMatchObject({
      losses: [],
      draft: { strategy: expect.stringContaining('From the Sigma rule without an id.') as unknown },
    });
  });
});

test.each([
  ['informational', 'info'],
  ['low', 'low'],
  ['medium', 'medium'],
  ['critical', 'critical'],
])('the level %s is the severity %s', (level, severity) => {
  expect(changed('level: high', `level: ${level}`)?.draft?.cases[0]?.severity).toBe(severity);
});

test.each(['deprecated', 'unsupported'])('a rule that is %s is not enabled', (status) => {
  expect(changed('experimental', status)?.draft?.enabled).toBe(false);
});

describe('what is left out and named', () => {
  test.each([
    ['a tag of another form', 'attack.defense-evasion', 'Plain', 'tags[0]'],
    ['a reference that is no address', /https:\S+/, 'A book', 'references[0]'],
    ['a reference without https', 'https:', 'http:', 'references[0]'],
    ['a field that is not known', 'level:', 'custom: 1\nlevel:', 'custom'],
  ])('%s', (_, from, to, field) => {
    const imported = changed(from, to);
    expect(imported?.losses.map((loss) => loss.field)).toEqual([field]);
    expect(imported?.draft).not.toBeNull();
  });
});

describe('what is refused', () => {
  test.each([
    [
      'another log source',
      'service: cloudtrail',
      'service: guardduty',
      'logsource',
      'aws guardduty',
    ],
    ['no log source', /logsource:\n(?: .*\n)+/, '', 'logsource', 'is missing'],
    ['a category', 'product: aws', 'product: aws\n    category: x', 'logsource', 'cloudtrail x'],
    ['no detection', /detection:\n(?: .*\n)+/, '', 'detection', 'is missing'],
    ['no title', /title.*\n/, '', 'title', 'is missing'],
    ['a title without letters', 'Trail stopped', '日本', 'title', 'no letter or digit'],
    ['an unknown level', 'level: high', 'level: High', 'level', '"High"'],
    ['another taxonomy', 'level:', 'taxonomy: ecs\nlevel:', 'taxonomy', 'ecs'],
    ['a correlation', 'detection:', 'correlation:', 'correlation', 'not supported'],
    ['a filter', 'detection:', 'filter:', 'filter', 'not supported'],
    ['a global document', 'title:', 'action: global\ntitle:', 'action', 'several documents'],
  ])('%s', (_, from, to, field, reason) => {
    const imported = changed(from, to);
    expect(imported?.draft).toBeNull();
    expect(imported?.losses.map((loss) => loss.field)).toContain(field);
    expect(imported?.losses.map((loss) => loss.reason).join()).toContain(reason);
  });

  test('a document that is no mapping', () => {
    expect(read('- a\n')).toEqual([
      { name: '', draft: null, losses: [{ field: '', reason: 'is not a mapping' }] },
    ]);
  });
});

test('a file may hold several rules', () => {
  expect(
    read(`---\n${rule}---\n${rule.replace('stopped', 'deleted')}---\n`).map((one) => one.name),
  ).toEqual(['Trail stopped', 'Trail deleted']);
});

test('the digits of a number are kept', () => {
  expect(
    changed('eventName: StopLogging', 'a: [012345678901, 22, 0x10]')?.draft?.log.queries[0]?.query,
  ).toContain('@a:(012345678901 OR 22 OR 16)');
});

test('what stands in braces is shown, not filled in', () => {
  const imported = changed('Work on the trail', '"{{@a}} and {{#x}}"');
  expect(imported?.draft?.triage?.[0]?.details).toEqual([
    String.raw`Known to be harmless: \{{@a}} and \{{#x}}`,
  ]);
});

test('fields that a template cannot show are not shown', () => {
  expect(
    changed('- requestParameters.name', "- 'a`b'\n    - '}}'\n    - 1")?.draft?.message,
  ).not.toContain('- `');
});

describe('what is not YAML is told with its place', () => {
  test.each([
    ['a: [', 'f.yml:1:5', 'not YAML'],
    ['a: 1\na: 2', 'f.yml:2:1', 'not YAML'],
    ['a: *b', 'f.yml:1:4', 'an alias has no anchor'],
    [
      `a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]`,
      'f.yml:1:1',
      'its aliases unpack to too much',
    ],
  ])('%j', (text, place, message) => {
    const error = ((): unknown => {
      try {
        return read(text);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(PortcullisError);
    expect(error).toMatchObject({ code: 'rule/bad-import', place });
    expect((error as PortcullisError).message).toContain(message);
  });
});
