import { describe, expect, test } from 'vitest';
import type { ForeignRule } from './exchange.ts';
import { readDatadogTerraform } from './datadog-terraform-reader.ts';

const head = `resource "datadog_security_monitoring_rule" "trail" {
  name    = "Trail stopped"
  message = "m"
`;

const body = `
  query {
    name            = "stops"
    query           = "@evt.name:StopLogging @a:\\"b $\${c}\\""
    group_by_fields = ["@userIdentity.arn"]
  }

  case {
    status        = "high"
    condition     = "stops > 0"
    notifications = ["@sec"]
  }
`;

const tail = `
  options {
    evaluation_window   = 300
    keep_alive          = 600
    max_signal_duration = 900
  }

  tags = ["team:cloud"]
}
`;

async function read(text: string, file = 'main.tf'): Promise<readonly ForeignRule[]> {
  return readDatadogTerraform(text, file, '2026-11-24');
}

async function only(text: string): Promise<ForeignRule> {
  const [rule] = await read(text);
  if (rule === undefined) throw new Error('no rule');
  return rule;
}

test('a resource is read into the fields of rule.yaml', async () => {
  expect(await only(head + body + tail)).toEqual({
    name: 'Trail stopped',
    losses: [],
    draft: expect.objectContaining({
      id: 'trail-stopped',
      groupBy: ['@userIdentity.arn'],
      tags: ['team:cloud'],
      message: 'm',
      options: { evaluationWindow: 300, keepAlive: 600, maxSignalDuration: 900 },
      cases: [expect.objectContaining({ severity: 'high', condition: 'stops > 0' })],
      log: expect.objectContaining({
        queries: [
          expect.objectContaining({
            name: 'stops',
            query: '@evt.name:StopLogging @a:"b ${c}"',
            aggregation: 'count',
          }),
        ],
      }) as unknown,
    }) as unknown,
  });
});

test('resources of other kinds, and what is asked of any resource, are passed over', async () => {
  const others = `
variable "x" { default = 1 }
resource "aws_s3_bucket" "b" { bucket = var.x }
`;
  const meta = `
  provider   = datadog.eu
  depends_on = [aws_s3_bucket.b]
  validate   = true
  lifecycle { ignore_changes = [tags] }
`;
  const rules = await read(others + head + body + meta + tail);
  expect(rules.map(({ name, losses }) => [name, losses])).toEqual([['Trail stopped', []]]);
});

test('several rules, sorted by the names of their blocks', async () => {
  const second = (head + body + tail).replace('"trail"', '"a"').replace('stopped', 'deleted');
  const rules = await read(head + body + tail + second);
  expect(rules.map(({ name }) => name)).toEqual(['Trail deleted', 'Trail stopped']);
});

test('JSON of Terraform', async () => {
  const json = {
    resource: {
      datadog_security_monitoring_rule: {
        trail: {
          name: 'Trail stopped',
          message: 'a $${b}',
          query: [{ name: 'stops', query: '@a:b' }],
          case: { status: 'low', condition: 'stops > 0' },
          options: [{ keep_alive: 600 }],
        },
      },
    },
  };
  const [rule] = await read(JSON.stringify(json), 'main.tf.json');
  expect(rule).toMatchObject({
    losses: [],
    draft: { message: 'a ${b}', options: { keepAlive: 600 }, cases: [{ severity: 'low' }] },
  });
});

test('the provider’s own default for learning', async () => {
  const options = `
  options {
    detection_method = "new_value"
    new_value_options {
      forget_after = 7
    }
  }
}`;
  const queries = `
  query {
    query       = "@a:b"
    aggregation = "new_value"
    metrics     = ["@c"]
  }
  case {
    status = "low"
  }
`;
  const { draft } = await only(head + queries + options);
  expect(draft?.log.newValueOptions).toMatchObject({
    forgetAfter: 604_800,
    learningDuration: 86_400,
  });
});

describe('a text of several lines', () => {
  test.each([
    ['a heredoc', '<<EOT\na $${b}\n  c\nEOT', 'a ${b}\n  c\n'],
    ['an indented heredoc', '<<-EOT\n    a\n      b\n    EOT', 'a\n  b\n'],
    ['a heredoc without its last line end', 'chomp(<<EOT\na\nb\n\nEOT\n)', 'a\nb'],
    ['a trimmed heredoc', 'trimspace(<<-EOT\n    a\n    b\n    EOT\n  )', 'a\nb'],
    ['a trimmed text', 'trimspace("  a ")', 'a'],
  ])('is %s', async (_, text, message) => {
    const { draft, losses } = await only(head.replace('"m"', () => text) + body + tail);
    expect({ message: draft?.message, losses }).toEqual({ message, losses: [] });
  });
});

describe('what Terraform would compute', () => {
  test.each([
    ['a variable', 'message = "m"', 'message = var.m', 'message'],
    ['a function', 'message = "m"', 'message = file("m.md")', 'message'],
    ['a template', 'message = "m"', 'message = "a ${var.b}"', 'message'],
    ['a trimmed variable', 'message = "m"', 'message = trimspace(var.m)', 'message'],
    ['one of several', 'tags = ["team:cloud"]', 'tags = ["a:b", var.t]', 'tags[1]'],
    ['a recipient', '["@sec"]', '[var.s]', 'case[0].notifications[0]'],
  ])('is left out and named where the rule does without: %s', async (_, from, to, field) => {
    const { draft, losses } = await only((head + body + tail).replace(from, to));
    expect(draft).not.toBeNull();
    expect(losses[0]?.field).toBe(field);
    expect(losses[0]?.reason).toMatch(/^is computed by Terraform \(.*\); it is left out$/);
  });

  test.each([
    ['a query', '"@evt.name:StopLogging', '"${var.q} ', 'query[0].query'],
    ['a window', '= 300', '= 5 * 60', 'options.evaluation_window'],
    ['a severity', '"high"', 'local.severity', 'case[0].status'],
    ['a group', '["@userIdentity.arn"]', '[var.g]', 'query[0].group_by_fields[0]'],
    [
      'a loop over blocks',
      '  case {',
      '  dynamic "case" {\n for_each = []\n content {}\n }\n  case {',
      'dynamic',
    ],
    ['a count', '  tags =', '  count = 2\n  tags =', 'count'],
    ['a loop', '  tags =', '  for_each = toset([])\n  tags =', 'for_each'],
  ])('refuses the rule otherwise: %s', async (_, from, to, field) => {
    const { draft, losses } = await only((head + body + tail).replace(from, to));
    expect(draft).toBeNull();
    expect(losses.map((loss) => loss.field)).toContain(field);
  });
});

test('fields are named as Terraform has them', async () => {
  const text = head + body.replace('group_by_fields', 'sort_by_fields') + tail;
  expect((await only(text)).losses).toEqual([
    { field: 'query[0].sort_by_fields', reason: 'has no equal here; it is left out' },
  ]);
});

test('a rule without a name is called by its block', async () => {
  const { name, draft } = await only((head + body + tail).replace('"Trail stopped"', 'var.n'));
  expect([name, draft]).toEqual(['trail', null]);
});

test.each([
  ['a = 1', 'holds no resource datadog_security_monitoring_rule'],
  ['resource "x" "y" {}', 'holds no resource datadog_security_monitoring_rule'],
  ['resource "x" {\n  a = \n}', 'main.tf:2:7'],
  [`x = ${'['.repeat(20_000)}`, 'main.tf'],
])('%j is no file of rules', async (text, said) => {
  const error: unknown = await read(text).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'rule/bad-import' });
  expect(JSON.stringify(error)).toContain('main.tf');
  expect(`${String(error)} ${JSON.stringify(error)}`).toContain(said);
});
