// A rule as a page for people, in Markdown, made from its rule.yaml and examples.yaml alone.
// `docs/rules/` holds the pages of the built-in rules; a test fails when one is not up to date.

import { severities, type Severity } from '../model/exposure.ts';
import type { ExposureBody, ExposureRule, LogQuery, LogRule, Rule } from '../model/rule.ts';
import { triageMarkdown } from './compose-message.ts';
import type { Example } from './parse-examples.ts';

/** The page of one rule. `examples` are listed by name. */
export function rulePage(rule: Rule, examples: readonly Example[]): string {
  const sections = [
    `# ${rule.name}`,
    facts(rule),
    `## Goal\n\n${rule.goal}`,
    `## Strategy\n\n${rule.strategy}`,
    ...(rule.kind === 'exposure'
      ? [`## Ports\n\n${portsSection(rule.exposure)}`, `## Severity\n\n${severitySection(rule)}`]
      : [
          `## Queries\n\n${queriesSection(rule)}`,
          `## Cases\n\n${casesSection(rule)}`,
          `## Windows\n\n${windowsSection(rule)}`,
        ]),
    ...triageSections(rule),
    ...examplesSection(examples),
    ...(rule.references.length === 0
      ? []
      : [`## References\n\n${rule.references.map((url) => `- <${url}>`).join('\n')}`]),
    `## Changelog\n\n${changelogSection(rule)}`,
  ];
  return `${sections.join('\n\n')}\n`;
}

/** What to do; of a rule without steps, its message, which says so itself. */
function triageSections({ triage, message }: Rule): readonly string[] {
  return [
    triage.length === 0
      ? `## Message\n\n${fenced(message)}`
      : `## Triage and response\n\n${triageMarkdown(triage).trimEnd()}`,
    `The words in double braces are filled in from the signal.`,
  ];
}

/** As it stands, in a block: its headings are none of the page's. */
function fenced(markdown: string): string {
  const longest = Math.max(2, ...(markdown.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}markdown\n${markdown}\n${fence}`;
}

/** The list of all pages, for `docs/rules/README.md`. */
export function ruleIndexPage(rules: readonly Rule[]): string {
  const rows = rules.map((rule) => {
    const link = `[${cell(rule.name)}](${rule.id}.md)`;
    return [link, `\`${rule.id}\``, severityInShort(rule), cell(subjectInShort(rule))];
  });
  return (
    `# Built-in rules\n\n` +
    `These pages are made from the files below \`rules/\` by \`npm run docs\`. ` +
    `[Writing rules](writing.md) tells how to write one of your own.\n\n` +
    `${table(['Rule', 'Id', 'Severity', 'Looks at'], rows)}\n`
  );
}

/** `22 SSH, 3389 RDP`, or what a rule without ports of its own watches. */
export function portsInShort(exposure: ExposureBody): string {
  if (exposure.ports !== null) {
    return exposure.ports.map(({ port, service }) => `${port} ${service}`).join(', ');
  }
  const expected = exposure.expectedPorts.join(', ');
  return `every other port${expected === '' ? '' : ` but ${expected}`}`;
}

/** What a rule looks at: ports, or event names and their like. */
export function subjectInShort(rule: Rule): string {
  if (rule.kind === 'exposure') return portsInShort(rule.exposure);
  const count = rule.queries.length;
  return `${count === 1 ? '1 query' : `${count} queries`} over the records`;
}

/** The severity of a rule, or that of its most severe case. */
export function highestSeverity(rule: Rule): Severity {
  if (rule.kind === 'exposure') return rule.severity;
  const ranks = rule.cases.map(({ severity }) => severities.indexOf(severity));
  return severities[Math.max(...ranks)] ?? 'info';
}

/** The severity, or from which to which its cases go. */
export function severityInShort(rule: Rule): string {
  if (rule.kind === 'exposure') return rule.severity;
  const most = highestSeverity(rule);
  const least = severities.find((name) => rule.cases.some(({ severity }) => severity === name));
  return least === undefined || least === most ? most : `${least} to ${most}`;
}

/** Tactic, technique and sub-technique of MITRE ATT&CK, from the tags. */
export function attackTags(rule: Rule): readonly { readonly kind: string; readonly id: string }[] {
  return ['tactic', 'technique', 'sub_technique'].flatMap((kind) =>
    rule.tags
      .filter((tag) => tag.startsWith(`${kind}:`))
      .map((tag) => ({ kind, id: tag.slice(kind.length + 1) })),
  );
}

const attackKinds: Readonly<Record<string, string>> = {
  tactic: 'Tactic',
  technique: 'Technique',
  sub_technique: 'Sub-technique',
};

function facts(rule: Rule): string {
  const rows = [
    ['Id', `\`${rule.id}\``],
    ['Version', rule.version],
    ['Severity', severityInShort(rule)],
    ...attackTags(rule).map(({ kind, id }) => [attackKinds[kind] ?? kind, attackLink(kind, id)]),
    ['Tags', rule.tags.map((tag) => `\`${cell(tag)}\``).join(' ')],
    ...(rule.enabled ? [] : [['Enabled', 'no; `--enable-rule` switches it on for one scan']]),
  ];
  return table(['Field', 'Value'], rows);
}

/** `T1562.007-disable-…` is at `techniques/T1562/007`. */
function attackLink(kind: string, id: string): string {
  const [, number] = /^(TA?\d+(?:\.\d+)?)-/.exec(id) ?? [];
  if (number === undefined) return `\`${cell(id)}\``;
  const folder = kind === 'tactic' ? 'tactics' : 'techniques';
  return `[${cell(id)}](https://attack.mitre.org/${folder}/${number.replace('.', '/')})`;
}

function portsSection(exposure: ExposureBody): string {
  const protocols = exposure.protocols.map((protocol) => protocol.toUpperCase()).join(' and ');
  const width = percent(exposure.coverageThreshold);
  const open =
    `A port is open to the world when at least ${width} of the IPv4 addresses, or of the public ` +
    `IPv6 addresses, are let in.`;
  const narrowed =
    exposure.where === null
      ? []
      : [`Only openings whose record matches this query count: \`${exposure.where}\``];
  if (exposure.ports !== null) {
    const rows = exposure.ports.map(({ port, service }) => [
      String(port),
      protocols,
      cell(service),
    ]);
    return [table(['Port', 'Protocol', 'Service'], rows), open, ...narrowed].join('\n\n');
  }
  const parts = [
    `Every ${protocols} port, reported per range of the ingress rule that opens it.`,
    ...(exposure.exceptTcpPorts.length === 0
      ? []
      : [`Left to other rules, on TCP: ${exposure.exceptTcpPorts.join(', ')}.`]),
    ...(exposure.expectedPorts.length === 0
      ? []
      : [`Expected to be public: ${exposure.expectedPorts.join(', ')}.`]),
  ];
  return [parts.map((part) => `- ${part}`).join('\n'), open, ...narrowed].join('\n\n');
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(6))} %`;
}

function severitySection(rule: ExposureRule): string {
  const cases = rule.cases.map(
    ({ where, severity }) => `- **${severity}** when \`${where ?? '*'}\``,
  );
  return cases.length === 0
    ? `Always **${rule.severity}**.`
    : `The first that holds for the record that opened the port:\n\n` +
        `${cases.join('\n')}\n- **${rule.severity}** otherwise`;
}

function queriesSection({ queries, filters }: LogRule): string {
  const rows = queries.map((query) => [
    `\`${query.name}\``,
    `\`${cell(query.query)}\``,
    aggregationText(query),
    query.groupByFields.length === 0
      ? ''
      : query.groupByFields.map((field) => `\`${cell(field)}\``).join(' '),
  ]);
  const effects = filters.map(({ action, query }) =>
    action === 'require'
      ? `Only records that match this query count: \`${query}\``
      : `Records that match this query do not count: \`${query}\``,
  );
  return [table(['Label', 'Query', 'Counted', 'Grouped by'], rows), ...effects].join('\n\n');
}

function aggregationText({ aggregation, distinctFields, metrics }: LogQuery): string {
  const names = (list: readonly string[]): string =>
    list.map((field) => `\`${cell(field)}\``).join(', ');
  switch (aggregation) {
    case 'count':
      return 'records';
    case 'cardinality':
      return `different values of ${names(distinctFields)}`;
    case 'new_value':
      return `new values of ${names(metrics)}`;
    case 'sum':
    case 'max':
      return `${aggregation} of ${names(metrics)}`;
    case 'geo_data':
    case 'event_count':
    case 'none':
      return `\`${aggregation}\``;
    default:
      return aggregation satisfies never;
  }
}

function casesSection({ cases }: LogRule): string {
  const lines = cases.map(({ name, severity, condition }, index) => {
    const called = name === '' ? '' : ` (${name})`;
    const when = condition === null ? '' : ` when \`${condition}\``;
    return `${index + 1}. **${severity}**${called}${when}`;
  });
  return `The first that holds makes the signal:\n\n${lines.join('\n')}`;
}

function windowsSection({ options }: LogRule): string {
  const { detectionMethod, newValue } = options;
  const learning =
    newValue.learningMethod === 'duration'
      ? `${newValue.learningDurationSeconds} seconds`
      : `${newValue.learningThreshold} records`;
  const rows = [
    ['Detection method', `\`${detectionMethod}\``],
    ...(detectionMethod === 'new_value'
      ? [
          ['Values are learned for', learning],
          ['A value is forgotten after', `${newValue.forgetAfterSeconds} seconds`],
        ]
      : [['Evaluation window', `${options.evaluationWindowSeconds} seconds`]]),
    ['Keep-alive', `${options.keepAliveSeconds} seconds`],
    ['Longest signal', `${options.maxSignalDurationSeconds} seconds`],
  ];
  return table(['Field', 'Value'], rows);
}

function examplesSection(examples: readonly Example[]): readonly string[] {
  const kinds: readonly (readonly [string, (example: Example) => boolean])[] = [
    ['Fires on', ({ expected }) => expected.signals.length > 0],
    ['Stays quiet on', ({ expected }) => expected.quiet !== null],
    [
      'Cannot tell',
      ({ expected }) =>
        expected.signals.length === 0 && (expected.undetermined ?? expected.rejected) !== null,
    ],
  ];
  const lists = kinds.flatMap(([title, belongs]) => {
    const lines = examples.filter(belongs).map(exampleLine);
    return lines.length === 0 ? [] : [`### ${title}\n\n${lines.join('\n')}`];
  });
  return lists.length === 0 ? [] : ['## Examples', ...lists];
}

function exampleLine({ name, expected }: Example): string {
  const reason = expected.quiet ?? expected.undetermined ?? expected.rejected;
  return reason === null ? `- ${name}` : `- ${name}: ${reason.trim()}`;
}

function changelogSection(rule: Rule): string {
  return rule.changelog
    .map(
      ({ version, date, changes }) =>
        `### ${version}, ${date}\n\n${changes.map((change) => `- ${change}`).join('\n')}`,
    )
    .join('\n\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

/** A bar would end the cell of a table. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
