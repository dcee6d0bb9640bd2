import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { PortcullisError } from '../errors/portcullis-error.ts';
import { builtInRulesDirectory } from './load-rules.ts';
import { compareVersions, parseRule } from './parse-rule.ts';

// Line numbers matter here: the tests below name them.
const valid = `id: my-rule
name: My rule
version: 1.1.0
severity: high
cases:
  - where: '@userIdentity.type:Root'
    severity: critical
tags: [team:network]
references:
  - https://example.com/why
goal: See port 8443 opened.
strategy: |
  Look at every change.
exposure:
  protocols: [tcp]
  ports:
    - { port: 8443, service: Console }
    - port: 9443
      service: Agent
  coverageThreshold: 0.5
  where: '@awsRegion:us-*'
groupBy: ['@userIdentity.arn']
options:
  keepAlive: 600
  maxSignalDuration: 7200
triage:
  - step: Ask {{@userIdentity.session_name}}.
    details: [By phone.]
    commands:
      - aws ec2 describe-security-groups --group-ids {{@signal.groupId}}
title: '{{@signal.ports}} opened'
message: |
  Someone opened
  {{@signal.ports}}.
changelog:
  - version: 1.1.0
    date: 2026-11-24
    changes: [Ports of the agent.]
  - version: 1.0.0
    date: 2026-11-20
    changes: [First version.]
`;

const file = 'rules/my-rule/rule.yaml';

function errorsOf(text: string): readonly PortcullisError[] {
  const result = parseRule(text, file, 'my-rule');
  return result.ok ? [] : result.errors;
}

/** The one error of the valid rule with a change made to it. */
function errorOf(from: string | RegExp, to: string): PortcullisError {
  const text = valid.replace(from, to);
  expect(text).not.toBe(valid);
  const errors = errorsOf(text);
  expect(errors.map((error) => error.message)).toHaveLength(1);
  return errors[0]!;
}

test('a valid rule is read with every field', () => {
  const result = parseRule(valid, file, 'my-rule');
  expect(result).toMatchObject({
    ok: true,
    data: {
      id: 'my-rule',
      enabled: true,
      cases: [{ where: '@userIdentity.type:Root', severity: 'critical' }],
      exposure: {
        protocols: ['tcp'],
        ports: [
          { port: 8443, service: 'Console' },
          { port: 9443, service: 'Agent' },
        ],
        coverageThreshold: 0.5,
        where: '@awsRegion:us-*',
      },
      groupBy: ['@userIdentity.arn'],
      options: { keepAlive: 600, maxSignalDuration: 7200 },
    },
  });
});

test('what may be left out has the value that the documentation gives it', () => {
  const short = `id: my-rule
name: My rule
version: 1.0.0
severity: low
goal: g
strategy: s
exposure: { ports: [{ port: 1, service: x }] }
triage: [{ step: Look. }]
title: t
message: m
changelog: [{ version: 1.0.0, date: 2026-11-24, changes: [First.] }]
`;
  expect(parseRule(short, file, 'my-rule')).toMatchObject({
    ok: true,
    data: {
      enabled: true,
      cases: [],
      tags: [],
      references: [],
      exposure: { protocols: ['tcp'], coverageThreshold: 0.25 },
      groupBy: [],
      options: { keepAlive: 3600, maxSignalDuration: 86400 },
      triage: [{ step: 'Look.', details: [], commands: [] }],
    },
  });
});

describe('a field that is wrong is an error at its line and column', () => {
  const lines: readonly [string, string | RegExp, string, string, RegExp][] = [
    [
      'an id with capitals',
      'id: my-rule',
      'id: My_Rule',
      '1:5',
      /^id is "My_Rule"; expected lower-case words/,
    ],
    [
      'an empty name',
      'name: My rule',
      "name: ''",
      '2:7',
      /^name is ""; expected the name of the rule/,
    ],
    ['a name of two lines', 'name: My rule', 'name: "a\\nb"', '2:7', /^name is "a\\nb"; expected/],
    [
      'a name with an escape sequence',
      'name: My rule',
      'name: "\\e[31mred"',
      '2:7',
      /^name is "\\u001b\[31mred"/,
    ],
    [
      'a version that is a number',
      '1.1.0\nsev',
      '1.1\nsev',
      '3:10',
      /^version is 1\.1; expected a semantic version/,
    ],
    [
      'a version with a leading zero',
      '1.1.0\nsev',
      '1.01.0\nsev',
      '3:10',
      /^version is "1\.01\.0"/,
    ],
    [
      'enabled that is a text',
      'severity: high',
      "severity: high\nenabled: 'yes'",
      '5:10',
      /^enabled is "yes"; expected true or false$/,
    ],
    [
      'a severity that there is not',
      'severity: high',
      'severity: urgent',
      '4:11',
      /^severity is "urgent"; expected one of info, low, medium, high, critical$/,
    ],
    [
      'cases that are no list',
      /cases:\n.*\n.*\n/,
      'cases: {}\n',
      '5:8',
      /^cases is a mapping; expected a list of cases/,
    ],
    [
      'a case without severity',
      '    severity: critical\n',
      '',
      '6:5',
      /^cases\[0\]\.severity is missing; expected one of/,
    ],
    [
      'a tag without key',
      'team:network',
      'network',
      '8:8',
      /^tags\[0\] is "network"; expected a tag of the form key:value/,
    ],
    [
      'a reference that is no address',
      'https://example.com/why',
      'see the wiki',
      '10:5',
      /^references\[0\] is "see the wiki"; expected an address/,
    ],
    [
      'a goal that is empty',
      'goal: See port 8443 opened.',
      'goal:',
      '11:6',
      /^goal is empty; expected what the rule detects/,
    ],
    [
      'a strategy that is a list',
      'strategy: |\n  Look at every change.',
      'strategy: [a]',
      '12:11',
      /^strategy is a list; expected/,
    ],
    [
      'a protocol without ports',
      '[tcp]',
      '[tcp, icmp]',
      '15:20',
      /^exposure\.protocols\[1\] is "icmp"; expected tcp or udp$/,
    ],
    [
      'no protocol',
      '[tcp]',
      '[]',
      '15:14',
      /^exposure\.protocols is an empty list; expected at least one/,
    ],
    [
      'a port above the last',
      'port: 8443',
      'port: 70000',
      '17:15',
      /^exposure\.ports\[0\]\.port is 70000; expected a port, a whole number from 0 to 65535$/,
    ],
    [
      'a port that is a text',
      'port: 9443',
      "port: '9443'",
      '18:13',
      /^exposure\.ports\[1\]\.port is "9443"/,
    ],
    [
      'a port that is a fraction',
      'port: 9443',
      'port: 94.43',
      '18:13',
      /^exposure\.ports\[1\]\.port is 94\.43/,
    ],
    [
      'a port without its service',
      '{ port: 8443, service: Console }',
      '8443',
      '17:7',
      /^exposure\.ports\[0\] is 8443; expected a port with its service/,
    ],
    [
      'a service that is missing',
      '      service: Agent\n',
      '',
      '18:7',
      /^exposure\.ports\[1\]\.service is missing/,
    ],
    [
      'a port that stands twice',
      'port: 9443',
      'port: 8443',
      '18:13',
      /^exposure\.ports\[1\]\.port is 8443; expected each port once$/,
    ],
    [
      'a threshold of zero',
      '0.5',
      '0',
      '20:22',
      /^exposure\.coverageThreshold is 0; expected a share of the address space/,
    ],
    [
      'a threshold in percent',
      '0.5',
      '25',
      '20:22',
      /^exposure\.coverageThreshold is 25; expected/,
    ],
    [
      'a group-by that is no attribute',
      "'@userIdentity.arn'",
      'actor',
      '22:11',
      /^groupBy\[0\] is "actor"; expected an attribute of the record/,
    ],
    [
      'a keep-alive of more than a day',
      'keepAlive: 600',
      'keepAlive: 90000',
      '24:14',
      /^options\.keepAlive is 90000; expected whole seconds, from 0 to 86400/,
    ],
    [
      'a keep-alive with a unit',
      'keepAlive: 600',
      'keepAlive: 10m',
      '24:14',
      /^options\.keepAlive is "10m"; expected whole seconds/,
    ],
    [
      'a keep-alive longer than the signal may last',
      'keepAlive: 600',
      'keepAlive: 7201',
      '24:14',
      /^options\.keepAlive is 7201; expected at most maxSignalDuration, which is 7200$/,
    ],
    [
      'a duration of more than a day',
      'maxSignalDuration: 7200',
      'maxSignalDuration: 86401',
      '25:22',
      /^options\.maxSignalDuration is 86401/,
    ],
    [
      'a step that is a text',
      /- step: Ask[^]*groupId}}\n/,
      '- Ask.\n',
      '27:5',
      /^triage\[0\] is "Ask\."; expected a step, such as/,
    ],
    [
      'no triage',
      /triage:\n[^]*groupId}}\n/,
      'triage: []\n',
      '26:9',
      /^triage is an empty list; expected at least one step$/,
    ],
    [
      'a day that is not in the calendar',
      '2026-11-24',
      '2026-02-30',
      '37:11',
      /^changelog\[0\]\.date is "2026-02-30"; expected a day of the calendar/,
    ],
    [
      'a version without changes',
      '[First version.]',
      '[]',
      '41:14',
      /^changelog\[1\]\.changes is an empty list; expected at least one change$/,
    ],
  ];

  test.each(lines)('%s', (_, from, to, place, message) => {
    const error = errorOf(from, to);
    expect(error.code).toBe('rule/bad-field');
    expect(error.message).toMatch(message);
    expect(error.place).toBe(`${file}:${place}`);
    expect(error.hint).not.toBe('');
  });
});

test('a file that is no mapping is an error at its start', () => {
  for (const [text, found] of [
    ['', 'empty'],
    ['- id: a\n', 'a list'],
    ['just words', '"just words"'],
  ]) {
    const [error, ...others] = errorsOf(text ?? '');
    expect(others).toEqual([]);
    expect(error?.message).toBe(`the file is ${found}; expected a mapping of the fields of a rule`);
    expect(error?.place).toBe(`${file}:1:1`);
  }
});

test('fields that are missing are named one by one, at the top of what should hold them', () => {
  const errors = errorsOf('id: my-rule\nname: My rule\nversion: 1.0.0\n');
  expect(errors.map((error) => error.message.split(' is missing')[0])).toEqual([
    'severity',
    'goal',
    'strategy',
    'exposure',
    'triage',
    'title',
    'message',
    'changelog',
  ]);
  expect(new Set(errors.map((error) => error.place))).toEqual(new Set([`${file}:1:1`]));
  expect(errors[0]?.hint).toBe('Add the field `severity`.');
});

describe('a field that there is not', () => {
  test.each([
    ['severity: high', 'sevrity: high\nseverity: high', '4:1', 'severity'],
    ['  coverageThreshold: 0.5', '  coverageTreshold: 0.5', '20:3', 'coverageThreshold'],
    ['{ port: 8443, service', '{ prot: 1, port: 8443, service', '17:9', 'port'],
    ['    details:', '    detials:', '28:5', 'details'],
    ['  keepAlive', '  keepalive', '24:3', 'keepAlive'],
    ['    date: 2026-11-20', '    date: 2026-11-20\n    changed: []', '41:5', 'changes'],
  ])('%s → %s', (from, to, place, meant) => {
    const error = errorOf(from, to);
    expect(error.code).toBe('rule/bad-field');
    expect(error.message).toMatch(/^unknown field "\w+"; expected .*\b\w+, \w+/);
    expect(error.message).toContain(meant);
    expect(error.place).toBe(`${file}:${place}`);
    expect(error.hint).toBe(`Did you mean \`${meant}\`?`);
  });

  test('is named before the field that is missing because of it', () => {
    const errors = errorsOf(valid.replace('severity: high', 'sevrity: high'));
    expect(errors.map((error) => [error.place, error.hint])).toEqual([
      [`${file}:4:1`, 'Did you mean `severity`?'],
      [`${file}:1:1`, 'Add the field `severity`.'],
    ]);
  });

  test('and resembles none is to be removed', () => {
    const error = errorOf('severity: high', 'severity: high\nzzzzzz: 1');
    expect(error.place).toBe(`${file}:5:1`);
    expect(error.hint).toBe('Remove it, or correct its spelling.');
  });

  test('called __proto__ is an unknown field like any other', () => {
    const error = errorOf('severity: high', 'severity: high\n__proto__: { enabled: false }');
    expect(error.message).toContain('"__proto__"');
    expect(error.place).toBe(`${file}:5:1`);
  });
});

test('a misspelled choice has a hint', () => {
  expect(errorOf('severity: high', 'severity: hgih').hint).toBe('Did you mean `high`?');
});

describe('fields that must agree', () => {
  test('the id is the name of the folder', () => {
    const result = parseRule(valid, 'rules/other/rule.yaml', 'other');
    const errors = result.ok ? [] : result.errors;
    expect(errors).toHaveLength(1);
    expect(errors[0]?.message).toBe('id is "my-rule"; expected other, the name of the folder');
    expect(errors[0]?.place).toBe('rules/other/rule.yaml:1:5');
    expect(errors[0]?.hint).toContain('Rename');
  });

  test('an exposure names ports or leaves them to others, and not both', () => {
    const none = errorOf(/ {2}ports:\n.*\n.*\n.*Agent\n/, '');
    expect(none.message).toBe('exposure names no ports; expected either ports or otherPorts');
    expect(none.place).toBe(`${file}:15:3`);

    const both = errorOf('  coverageThreshold', '  otherPorts: {}\n  coverageThreshold');
    expect(both.message).toBe(
      'exposure.otherPorts stands beside ports; expected only one of the two',
    );
    expect(both.place).toBe(`${file}:20:15`);
  });

  test('the changelog begins with the version of the rule', () => {
    const error = errorOf('version: 1.1.0\nsev', 'version: 1.2.0\nsev');
    expect(error.message).toBe(
      'changelog[0].version is "1.1.0"; expected 1.2.0, the version of the rule',
    );
    expect(error.place).toBe(`${file}:36:14`);
    expect(error.hint).toContain('Add an entry for 1.2.0');
  });

  test('the changelog goes back in versions and in days', () => {
    const version = errorOf('- version: 1.0.0', '- version: 1.1.0');
    expect(version.message).toContain('expected a version before 1.1.0');
    expect(version.place).toBe(`${file}:39:14`);
    const date = errorOf('2026-11-20', '2026-11-25');
    expect(date.message).toContain('expected a day not after 2026-11-24');
    expect(date.place).toBe(`${file}:40:11`);
  });
});

describe('a query that does not parse', () => {
  test('is an error under the character, with a caret', () => {
    const error = errorOf("'@userIdentity.type:Root'", "'@userIdentity.type:Root AND'");
    expect(error.code).toBe('rule/bad-query');
    expect(error.message.split('\n')).toEqual([
      'the query cases[0].where does not parse:',
      '  @userIdentity.type:Root AND',
      expect.stringMatching(/^ {29}\^ /),
    ]);
    expect(error.place).toBe(`${file}:6:40`);
    expect(error.hint).toMatch(/\w.*\.$/);
  });

  test('in the exposure is found as well', () => {
    const error = errorOf("'@awsRegion:us-*'", "'(@awsRegion:us-*'");
    expect(error.code).toBe('rule/bad-query');
    expect(error.message).toContain('exposure.where');
    expect(error.place).toBe(`${file}:21:11`);
  });
});

describe('a template that does not parse is an error under the place', () => {
  test.each([
    ['title', "'{{@signal.ports}} opened'", "'{{@signal.ports} opened'", '31:24'],
    ['message', '{{@signal.ports}}.', '{{#if @signal.ports}}.', '34:3'],
    ['triage[0].step', '{{@userIdentity.session_name}}', '{{#each @x}}{{/each}}', '27:15'],
    ['triage[0].details[0]', '[By phone.]', "['{{/if}}']", '28:16'],
    ['triage[0].commands[0]', '{{@signal.groupId}}', '{{', '30:56'],
  ])('%s', (path, from, to, place) => {
    const error = errorOf(from, to);
    expect(error.code).toBe('rule/bad-template');
    expect(error.message).toContain(path);
    expect(error.place).toBe(`${file}:${place}`);
    expect(error.hint).toMatch(/\w.*\.$/);
  });
});

test('every error of a file is found at once', () => {
  const text = valid
    .replace('severity: critical', 'severity: worst')
    .replace('port: 9443', 'port: 94430')
    .replace('step: Ask', 'stp: Ask');
  const places = errorsOf(text).map((error) => error.place?.replace(`${file}:`, ''));
  expect(new Set(places)).toEqual(new Set(['7:15', '18:13', '27:5']));
});

test('no field of a built-in rule can go wrong without an error', async () => {
  const id = 'aws-sg-admin-port-open-to-world';
  const text = await readFile(join(builtInRulesDirectory(), id, 'rule.yaml'), 'utf8');
  const topLevel = text.split('\n').filter((line) => /^[a-z]\w*:/i.test(line));
  expect(topLevel.length).toBeGreaterThan(12);
  for (const line of topLevel) {
    const field = line.slice(0, line.indexOf(':'));
    const broken = text.replace(line, `${field}X${line.slice(field.length)}`);
    const result = parseRule(broken, file, id);
    expect([field, result.ok]).toEqual([field, false]);
  }
});

test('versions are ordered as semantic versioning orders them', () => {
  const ordered = [
    '0.9.9',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '1.0.1',
    '1.2.0',
    '1.10.0',
    '2.0.0',
  ];
  expect(ordered.toReversed().toSorted(compareVersions)).toEqual(ordered);
  for (const version of ordered) expect(compareVersions(version, version)).toBe(0);
});
