import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { logRuleFileSchema, type LogRuleFile } from '../rule-schema.ts';
import { writeSigma } from './sigma-writer.ts';

const file: LogRuleFile = logRuleFileSchema.parse({
  id: 'trail-stopped',
  name: 'Trail stopped',
  version: '1.1.0',
  cases: [{ severity: 'info', condition: 'stops > 0' }],
  tags: ['technique:T1562-impair-defenses', 'odd:XY'],
  references: ['https://a.example/'],
  goal: 'Tell.',
  strategy: 'Look.',
  log: { queries: [{ name: 'stops', query: '@evt.name:StopLogging' }] },
  title: 'Trail stopped',
  message: 'm',
  changelog: [
    { version: '1.1.0', date: '2026-02-01', changes: ['b'] },
    { version: '1.0.0', date: '2026-01-01', changes: ['a'] },
  ],
});

type Changes = Partial<LogRuleFile>;

function write(changes: Changes = {}, isApproximate = false): ReturnType<typeof writeSigma> {
  return writeSigma({ ...file, ...changes }, isApproximate);
}

function documents(text: string | null): readonly unknown[] {
  const parsed = parseAllDocuments(text ?? '');
  return Array.isArray(parsed) ? parsed.map((document) => document.toJS() as unknown) : [];
}

function fields(changes: Changes, isApproximate = false): readonly string[] {
  return write(changes, isApproximate).losses.map(({ field }) => field);
}

function withQueries(...queries: readonly object[]): Changes {
  return { log: { ...logRuleFileSchema.shape.log.parse({ queries }) } };
}

test('a rule is written', () => {
  const { text, losses } = write();
  expect(text).toBe(`title: Trail stopped
id: ${/id: (\S+)/.exec(text ?? '')?.[1]}
status: test
description: |-
    Tell.

    Look.
references:
    - https://a.example/
date: 2026-01-01
modified: 2026-02-01
tags:
    - attack.t1562
logsource:
    product: aws
    service: cloudtrail
detection:
    selection:
        eventName: StopLogging
    condition: selection
level: informational
`);
  expect(losses.map(({ field }) => field)).toEqual(['options', 'tags[1]', 'message']);
});

test('its id is a UUID, always the same for the same rule', () => {
  const id = (changes: Changes = {}): string =>
    /id: (\S+)/.exec(write(changes).text ?? '')?.[1] ?? '';
  expect(id()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(id({ name: 'Other' })).toBe(id());
  expect(id({ id: 'other' })).not.toBe(id());
});

test('each case is a rule', () => {
  const { text, losses } = write({
    cases: [
      { name: 'All', severity: 'critical', condition: 'a >= 1 || b > 0', notifications: ['@x'] },
      { name: '', severity: 'low', condition: 'b > 0.5', notifications: [] },
    ],
    ...withQueries({ query: '@x:1' }, { query: '@x:2' }),
  });
  expect(documents(text)).toMatchObject([
    {
      title: 'Trail stopped (All)',
      level: 'critical',
      detection: { selection: [{ x: '1' }, { x: '2' }], condition: 'selection' },
    },
    { title: 'Trail stopped (case 2)', level: 'low', detection: { selection: { x: '2' } } },
  ]);
  expect(losses.map(({ field }) => field)).toEqual(
    expect.arrayContaining(['cases', 'cases[0].notifications']),
  );
});

test('filters narrow, and one value of several is there with its first record', () => {
  const log = logRuleFileSchema.shape.log.parse({
    queries: [
      { name: 'stops', query: '@x:1', aggregation: 'cardinality', distinctFields: ['@y', 'z'] },
    ],
    filters: [
      { action: 'require', query: '@r:1' },
      { action: 'suppress', query: '@s:1' },
    ],
  });
  expect(documents(write({ log }).text)).toMatchObject([
    {
      detection: {
        selection: { x: '1', 'y|exists': true, 'z|exists': true, r: '1' },
        filter: { s: '1' },
        condition: 'selection and not filter',
      },
    },
  ]);
});

describe('what Sigma cannot say is named:', () => {
  test.each<[string, string, Changes]>([
    ['groups', 'groupBy', { groupBy: ['@a'] }],
    ['a rule that is off', 'enabled', { enabled: false }],
    ['a title of its own', 'title', { title: '{{@a}} stopped' }],
    ['steps', 'triage', { triage: [{ step: 's', details: [], commands: [] }] }],
  ])('%s', (_, field, changes) => {
    expect(fields(changes)).toContain(field);
    expect(fields({})).not.toContain(field);
  });

  test('but not the title that an import makes', () => {
    expect(fields({ title: 'Trail stopped: {{@a}}', groupBy: ['@a'] })).not.toContain('title');
  });
});

describe('what takes several records is refused, and written only as the nearest', () => {
  const newValue = logRuleFileSchema.shape.log.parse({
    detectionMethod: 'new_value',
    queries: [{ name: 'stops', query: '@x:1', aggregation: 'new_value', metrics: ['@y'] }],
  });
  const bare: LogRuleFile['cases'] = [{ name: '', severity: 'low', notifications: [] }];

  test.each<[string, string, Changes]>([
    ['counting', 'cases[0].condition', { cases: [{ ...file.cases[0]!, condition: 'stops > 1' }] }],
    ['less than', 'cases[0].condition', { cases: [{ ...file.cases[0]!, condition: 'stops < 1' }] }],
    [
      'several at once',
      'cases[0].condition',
      {
        cases: [{ ...file.cases[0]!, condition: 'a > 0 && b > 0' }],
        ...withQueries({ query: '@x:1' }, { query: '@x:2' }),
      },
    ],
    [
      'a sum',
      'cases[0].condition',
      withQueries({ name: 'stops', query: '@x:1', aggregation: 'sum', metrics: ['@b'] }),
    ],
    ['what is new', 'log.detectionMethod', { log: newValue, cases: [...bare] }],
  ])('%s', (_, field, changes) => {
    expect(write(changes).text).toBeNull();
    expect(fields(changes)).toContain(field);
    expect(write(changes, true).text).not.toBeNull();
    expect(fields(changes, true)).toContain(field);
  });

  test('what is new has to be there', () => {
    const { text } = write({ log: newValue, cases: [...bare] }, true);
    expect(documents(text)).toMatchObject([
      { detection: { selection: { x: '1', 'y|exists': true } } },
    ]);
  });

  test('other methods are no nearer', () => {
    const log = { ...file.log, detectionMethod: 'impossible_travel' } as const;
    expect(write({ log }, true).text).toBeNull();
  });
});
