import { describe, expect, test } from 'vitest';
import { aLogCase, aLogQuery, aLogRule } from '../../test/support/log-rules.ts';
import type { ExposureRule } from '../model/rule.ts';
import { builtInRulesDirectory, loadRules } from './load-rules.ts';
import type { Example } from './parse-examples.ts';
import {
  attackTags,
  highestSeverity,
  portsInShort,
  ruleIndexPage,
  rulePage,
  severityInShort,
} from './rule-page.ts';

const rules = await loadRules([builtInRulesDirectory()]);
const [admin, , other] = rules.filter((rule) => rule.kind === 'exposure') as [
  ExposureRule,
  ExposureRule,
  ExposureRule,
];

const nothing = { signals: [], quiet: null, undetermined: null, rejected: null };
const examples: readonly Example[] = [
  {
    name: 'opened',
    place: 'f:1:1',
    records: [],
    expected: { ...nothing, signals: [{ ports: ['22'], severity: 'high' }] },
  },
  { name: 'private', place: 'f:2:1', records: [], expected: { ...nothing, quiet: 'Not open.\n' } },
  { name: 'unknown', place: 'f:3:1', records: [], expected: { ...nothing, undetermined: 'Why.' } },
];

describe('the page of a rule', () => {
  const page = rulePage(admin, examples);

  test('has every section once, in order', () => {
    expect(page.match(/^## .*$/gm)).toEqual([
      '## Goal',
      '## Strategy',
      '## Ports',
      '## Severity',
      '## Triage and response',
      '## Examples',
      '## References',
      '## Changelog',
    ]);
    expect(page.startsWith('# Administrative port open to the world\n')).toBe(true);
  });

  test('shows the message of a rule without steps, whatever it holds', () => {
    const message = '## Goal\n\n```sh\nls\n```';
    const stepless = rulePage({ ...admin, triage: [], message }, examples);
    expect(stepless).toContain('## Message\n\n````markdown\n## Goal\n\n```sh\nls\n```\n````\n');
    expect(stepless).not.toContain('Triage');
  });

  test('names every port with its service', () => {
    for (const { port, service } of admin.exposure.ports ?? []) {
      expect(page).toContain(`| ${port} | TCP | ${service} |`);
    }
    expect(page).toContain('at least 25 % of the IPv4 addresses');
  });

  test('links tactic and technique', () => {
    expect(page).toContain(
      '[T1562.007-disable-or-modify-cloud-firewall](https://attack.mitre.org/techniques/T1562/007)',
    );
    expect(page).toContain('[TA0005-defense-evasion](https://attack.mitre.org/tactics/TA0005)');
  });

  test('names the cases of severity in their order, the default last', () => {
    expect(page).toMatch(/- \*\*medium\*\* when `.*cloudformation.*`\n- \*\*high\*\* otherwise/);
  });

  test('shows both remedies with their commands', () => {
    expect(page).toContain('aws ec2 revoke-security-group-ingress --region');
    expect(page).toContain('aws ec2 modify-security-group-rules --region');
  });

  test('sorts the examples by what they show', () => {
    expect(page).toContain('### Fires on\n\n- opened\n');
    expect(page).toContain('### Stays quiet on\n\n- private: Not open.\n');
    expect(page).toContain('### Cannot tell\n\n- unknown: Why.\n');
    expect(rulePage(admin, [])).not.toContain('## Examples');
  });

  test('says of a rule for every other port what it leaves out', () => {
    const text = rulePage(other, []);
    expect(text).toContain('Every TCP and UDP port, reported per range');
    expect(text).toContain('Left to other rules, on TCP: 21, 22, 23,');
    expect(text).toContain('Expected to be public: 80, 443.');
    expect(text).toContain('Always **medium**.');
  });

  test('says that a rule is not enabled, and which openings count', () => {
    const where = '@awsRegion:us-*';
    const narrowed: ExposureRule = {
      ...admin,
      enabled: false,
      references: [],
      exposure: { ...admin.exposure, where },
    };
    const text = rulePage(narrowed, []);
    expect(text).toContain('| Enabled | no; `--enable-rule` switches it on for one scan |');
    expect(text).toContain(`matches this query count: \`${where}\``);
    expect(text).not.toContain('## References');
  });
});

describe('the page of a log rule', () => {
  const rule = aLogRule({
    triage: [{ step: 'Look.', details: [], commands: [] }],
    queries: [
      aLogQuery({
        name: 'reads',
        query: '@a:(x|y)',
        groupByFields: ['@userIdentity.arn', 'service'],
      }),
      aLogQuery({
        name: 'regions',
        aggregation: 'cardinality',
        distinctFields: ['@awsRegion', '@b|c'],
      }),
      aLogQuery({ name: 'bytes', aggregation: 'sum', metrics: ['@size'] }),
      aLogQuery({ name: 'place', aggregation: 'geo_data' }),
    ],
    filters: [
      { action: 'require', query: '@awsRegion:us-*' },
      { action: 'suppress', query: '@userIdentity.type:Root' },
    ],
    cases: [
      aLogCase({ name: 'Many', severity: 'high', condition: 'reads > 3' }),
      aLogCase({ severity: 'low', condition: 'regions > 1' }),
    ],
  });
  const text = rulePage(rule, []);

  test('has every section once, in order', () => {
    expect(text.match(/^## .*$/gm)).toEqual([
      '## Goal',
      '## Strategy',
      '## Queries',
      '## Cases',
      '## Windows',
      '## Triage and response',
      '## Changelog',
    ]);
  });

  test('shows queries, what they count, and how they are grouped', () => {
    expect(text).toContain('| `reads` | `@a:(x\\|y)` | records | `@userIdentity.arn` `service` |');
    expect(text).toContain('| different values of `@awsRegion`, `@b\\|c` |  |');
    expect(text).toContain('| sum of `@size` |');
    expect(text).toContain('| `geo_data` |');
    expect(text).toContain('Only records that match this query count: `@awsRegion:us-*`');
    expect(text).toContain('Records that match this query do not count: `@userIdentity.type:Root`');
  });

  test('shows the cases in order, and the severities from least to most', () => {
    expect(text).toContain('1. **high** (Many) when `reads > 3`\n2. **low** when `regions > 1`');
    expect(text).toContain('| Severity | low to high |');
    expect(highestSeverity(rule)).toBe('high');
    expect(severityInShort({ ...rule, cases: rule.cases.slice(1) })).toBe('low');
    expect([admin.severity, highestSeverity(admin), severityInShort(admin)]).toEqual([
      'high',
      'high',
      'high',
    ]);
  });

  test('shows the windows that the method has', () => {
    expect(text).toContain(
      '| Detection method | `threshold` |\n| Evaluation window | 300 seconds |',
    );
    expect(text).toContain('| Keep-alive | 3600 seconds |\n| Longest signal | 86400 seconds |');
    const learning = (newValue: object) =>
      rulePage(
        aLogRule({
          queries: [aLogQuery({ aggregation: 'new_value', metrics: ['@awsRegion'] })],
          cases: [aLogCase({ condition: null })],
          options: { detectionMethod: 'new_value', newValue },
        }),
        [],
      );
    expect(learning({ learningDurationSeconds: 7200 })).toContain(
      '| Values are learned for | 7200 seconds |\n| A value is forgotten after | 2419200 seconds |',
    );
    expect(learning({ learningMethod: 'threshold', learningThreshold: 2 })).toContain(
      '| Values are learned for | 2 records |',
    );
    expect(learning({})).toContain('| new values of `@awsRegion` |');
    expect(learning({})).toContain('1. **medium**\n');
    expect(learning({})).not.toContain('Evaluation window');
  });

  test('the index says how many queries it has', () => {
    const index = ruleIndexPage([rule, aLogRule({ id: 'one' })]);
    expect(index).toContain('| low to high | 4 queries over the records |');
    expect(index).toContain('| medium | 1 query over the records |');
  });
});

test('the index lists every rule with a link to its page', () => {
  const index = ruleIndexPage(rules);
  for (const rule of rules) expect(index).toContain(`[${rule.name}](${rule.id}.md)`);
  expect(index).toContain('every other port but 80, 443');
});

test('ports in short', () => {
  expect(portsInShort(admin.exposure)).toMatch(/^21 FTP, 22 SSH, 23 Telnet, .*5986 WinRM HTTPS$/);
  expect(portsInShort({ ...other.exposure, expectedPorts: [] })).toBe('every other port');
});

test('a tag that is none of ATT&CK is not taken for one', () => {
  expect(attackTags({ ...admin, tags: ['technique:odd', 'team:x', 'tactic:TA0001-x'] })).toEqual([
    { kind: 'tactic', id: 'TA0001-x' },
    { kind: 'technique', id: 'odd' },
  ]);
  expect(rulePage({ ...admin, tags: ['technique:odd'] }, [])).toContain('| Technique | `odd` |');
});
