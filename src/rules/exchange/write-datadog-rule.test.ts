import { describe, expect, test } from 'vitest';
import { logRuleFileSchema, type LogRuleFile } from '../rule-schema.ts';
import { writeDatadogJson } from './datadog-json-writer.ts';
import { writeDatadogTerraform } from './datadog-terraform-writer.ts';
import { writeDatadogRule } from './write-datadog-rule.ts';

const file: LogRuleFile = logRuleFileSchema.parse({
  id: '3-trails',
  name: 'Trail stopped',
  version: '2.0.0',
  cases: [{ severity: 'high', condition: 'a > 0' }],
  tags: ['team:cloud'],
  goal: 'Tell.',
  strategy: 'Look.',
  log: { queries: [{ query: '@evt.name:StopLogging' }] },
  title: 'Trail stopped',
  message: '## Goal\nTell.\n\n## Strategy\nLook.\n',
  changelog: [{ version: '2.0.0', date: '2026-01-01', changes: ['a'] }],
});

function write(changes: Partial<LogRuleFile> = {}): ReturnType<typeof writeDatadogRule> {
  return writeDatadogRule({ ...file, ...changes });
}

test('a rule is written as the API gives rules', () => {
  expect(write()).toEqual({
    losses: [],
    rule: {
      name: 'Trail stopped',
      isEnabled: true,
      queries: [
        {
          query: '@evt.name:StopLogging',
          groupByFields: [],
          hasOptionalGroupByFields: false,
          distinctFields: [],
          aggregation: 'count',
          name: 'a',
          dataSource: 'logs',
        },
      ],
      options: {
        evaluationWindow: 300,
        detectionMethod: 'threshold',
        maxSignalDuration: 86_400,
        keepAlive: 3600,
      },
      cases: [{ name: '', status: 'high', notifications: [], condition: 'a > 0' }],
      message: file.message,
      tags: ['team:cloud'],
      hasExtendedTitle: false,
      type: 'log_detection',
      filters: [],
      version: 2,
    },
  });
});

describe('the message', () => {
  const { message } = file;

  test('is left as it is where it says all', () => {
    expect(write().rule.message).toBe(message);
    const imported = {
      message: 'm',
      goal: 'Trail stopped',
      strategy: 'Look at every record with the queries below.',
    };
    expect(write(imported).rule.message).toBe('m');
  });

  test('takes on what a rule of ours says elsewhere', () => {
    const { rule, losses } = write({
      message: 'It stopped.\n',
      triage: [{ step: 'Ask.', details: ['Soon.'], commands: [] }],
      references: ['https://a.example/'],
    });
    expect(rule.message).toBe(
      '## Goal\n\nTell.\n\n## Strategy\n\nLook.\n\nIt stopped.\n\n' +
        '## Triage and response\n\n1. Ask.\n\n   - Soon.\n\n' +
        '## References\n\n- https://a.example/\n',
    );
    expect(losses).toEqual([]);
  });

  test('names a reference once', () => {
    const linked = `${message}\n[1]: https://a.example/\n`;
    expect(write({ message: linked, references: ['https://a.example/'] }).rule.message).toBe(
      linked,
    );
  });

  test('cannot show what only a signal of ours has', () => {
    const { losses } = write({ message: `${message}{{@signal.ports}} {{@a}}` });
    expect(losses).toEqual([
      {
        field: 'message',
        reason: 'shows @signal.ports, which Datadog does not know and leaves empty',
      },
    ]);
  });
});

describe('the title', () => {
  test.each([
    ['Trail stopped', [], false, 0],
    ['Trail stopped: {{@a}}', ['@a'], true, 0],
    ['Trail stopped: {{@a}}', [], false, 1],
    ['{{@a}} stopped', ['@a'], true, 1],
  ])('%j with the groups %j', (title, groupBy, isExtended, count) => {
    const { rule, losses } = write({ title, groupBy });
    expect(rule.hasExtendedTitle).toBe(isExtended);
    expect(losses.filter(({ field }) => field === 'title')).toHaveLength(count);
  });
});

describe('what Datadog does not take is named:', () => {
  test.each<[string, Partial<LogRuleFile>, string]>([
    ['a version', { version: '1.2.0' }, 'version'],
    [
      'an evaluation window',
      { options: { ...file.options, evaluationWindow: 120 } },
      'options.evaluationWindow',
    ],
    ['a keep-alive', { options: { ...file.options, keepAlive: 4000 } }, 'options.keepAlive'],
    [
      'a duration',
      { options: { ...file.options, maxSignalDuration: 80_000 } },
      'options.maxSignalDuration',
    ],
  ])('%s', (_, changes, field) => {
    expect(write(changes).losses.map((loss) => loss.field)).toEqual([field]);
  });

  test('days', () => {
    const log = logRuleFileSchema.shape.log.parse({
      detectionMethod: 'new_value',
      queries: [{ query: '@a:b', aggregation: 'new_value', metrics: ['@c', '@d'] }],
      newValueOptions: { forgetAfter: 90_000, learningDuration: 3600, learningThreshold: 5 },
    });
    const { rule, losses } = write({
      log,
      cases: [{ name: '', severity: 'low', notifications: [] }],
    });
    expect(rule.options.newValueOptions).toMatchObject({
      forgetAfter: 2,
      learningDuration: 1,
      learningThreshold: 5,
    });
    expect(rule.queries[0]).toMatchObject({ metrics: ['@c', '@d'] });
    expect(rule.queries[0]).not.toHaveProperty('metric');
    expect(losses.map(({ field }) => field)).toEqual([
      'log.newValueOptions.forgetAfter',
      'log.newValueOptions.learningDuration',
      'log.newValueOptions.learningThreshold',
    ]);
  });
});

describe('as JSON', () => {
  test('what a terminal would obey is escaped, and means the same', () => {
    const message = `\u001b[2J\u202e\u0085\u{e0001}😀\n${file.message}`;
    const { text } = writeDatadogJson({ ...file, message });
    expect(text).not.toMatch(/[^\P{C}\n]/u);
    expect(JSON.parse(text ?? '')).toMatchObject({ message });
  });
});

describe('as Terraform', () => {
  test('a resource is written', () => {
    expect(writeDatadogTerraform(file)).toEqual({
      losses: [],
      text: `resource "datadog_security_monitoring_rule" "rule_3_trails" {
  name    = "Trail stopped"
  enabled = true

  message = <<EOT
## Goal
Tell.

## Strategy
Look.
EOT

  tags               = ["team:cloud"]
  has_extended_title = false

  query {
    query       = "@evt.name:StopLogging"
    aggregation = "count"
    name        = "a"
    data_source = "logs"
  }

  case {
    status    = "high"
    condition = "a > 0"
  }

  options {
    evaluation_window   = 300
    detection_method    = "threshold"
    max_signal_duration = 86400
    keep_alive          = 3600
  }
}
`,
    });
  });

  test('names what has no place, or would be changed', () => {
    const log = logRuleFileSchema.shape.log.parse({
      detectionMethod: 'new_value',
      queries: [
        {
          name: 'mine',
          query: '@a:b',
          aggregation: 'new_value',
          metrics: ['@c'],
          hasOptionalGroupByFields: true,
        },
      ],
      newValueOptions: { instantaneousBaseline: true },
    });
    const { text, losses } = writeDatadogTerraform({
      ...file,
      name: 'e\u0301',
      title: 'e\u0301',
      log,
      cases: [{ name: '', severity: 'low', notifications: [] }],
    });
    expect(losses.map(({ field }) => field)).toEqual(['name', 'log.queries[0].name']);
    expect(text).not.toContain('mine');
    expect(text).toContain('has_optional_group_by_fields = true');
    expect(text).toContain('instantaneous_baseline = true');
  });
});
