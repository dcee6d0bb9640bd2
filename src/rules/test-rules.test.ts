import { describe, expect, test } from 'vitest';
import { aLogRule } from '../../test/support/log-rules.ts';
import type { Exposure } from '../model/exposure.ts';
import type { Rule } from '../model/rule.ts';
import type { ExposureSignal, LogSignal } from '../model/signal.ts';
import type { Example, Expectation, ExpectedSignal } from './parse-examples.ts';
import { testJunit, testText, tally } from './report-tests.ts';
import { testRule, untested, type Detect } from './test-rules.ts';

const actor = {
  type: 'IAMUser',
  arn: null,
  sessionName: 'sam',
  accessKeyId: null,
  sourceIp: null,
  userAgent: null,
  invokedBy: null,
};

const exposure: Exposure = {
  id: 'exp-1',
  ruleId: 'my-rule',
  accountId: '111122223333',
  region: 'us-east-1',
  groupId: 'sg-1',
  protocol: 'tcp',
  port: 22,
  service: 'SSH',
  ipv4Coverage: 1,
  ipv6Coverage: 0.5,
  sources: ['0.0.0.0/0'],
  openedAt: '2026-03-01T08:00:00Z',
  openedByEventId: 'e-1',
  openedBy: actor,
  closedAt: null,
  closedByEventId: null,
  closedBy: null,
  durationSeconds: null,
};

const signal: ExposureSignal = {
  id: 'sig-1',
  ruleId: 'my-rule',
  severity: 'high',
  title: 't',
  accountId: '111122223333',
  region: 'us-east-1',
  groupId: 'sg-1',
  actor,
  firstSeen: '2026-03-01T08:00:00Z',
  lastSeen: '2026-03-01T08:00:00Z',
  status: 'open',
  closedAt: null,
  closedBy: null,
  durationSeconds: null,
  message: 'm',
  exposures: ['exp-1'],
  eventIds: ['e-1'],
};

const nothing: ReturnType<Detect> = {
  signals: [],
  exposures: [],
  undetermined: [],
  problems: [],
  notRun: [],
};
const opened: ReturnType<Detect> = { ...nothing, signals: [signal], exposures: [exposure] };

const undetermined = {
  eventId: 'e-1',
  eventTime: '2026-03-01T08:00:00Z',
  eventName: 'x',
  accountId: '111122223333',
  region: 'us-east-1',
  groupId: null,
  reason: 'the list is not known',
};

const rule: Rule = {
  kind: 'exposure',
  id: 'my-rule',
  name: 'My rule',
  version: '1.0.0',
  enabled: false,
  severity: 'high',
  cases: [],
  tags: [],
  references: [],
  goal: 'g',
  strategy: 's',
  triage: [],
  changelog: [],
  title: 't',
  message: 'm',
  groupBy: [],
  options: { keepAliveSeconds: 3600, maxSignalDurationSeconds: 86400 },
  exposure: {
    protocols: ['tcp'],
    ports: [{ port: 22, service: 'SSH' }],
    exceptTcpPorts: [],
    expectedPorts: [],
    coverageThreshold: 0.25,
    where: null,
  },
};

const silent: Expectation = { signals: [], quiet: 'q', undetermined: null, rejected: null };

function exampleOf(expected: Partial<Expectation>): Example {
  return {
    name: 'a case',
    place: 'examples.yaml:3:5',
    records: [{ eventName: 'x' }],
    expected: { ...silent, quiet: null, ...expected },
  };
}

function differences(found: ReturnType<Detect>, expected: Partial<Expectation>): readonly string[] {
  const { results } = testRule(
    rule,
    [exampleOf(expected)],
    () => found,
    () => 0,
  );
  expect(results).toHaveLength(1);
  return results[0]?.differences ?? [];
}

function firing(expected: Partial<ExpectedSignal> = {}): Partial<Expectation> {
  return { signals: [{ ports: ['22'], severity: 'high', ...expected }] };
}

describe('a signal of a log rule', () => {
  const logSignal: LogSignal = {
    ...signal,
    groupId: null,
    closedBy: null,
    exposures: [],
    groupBy: [
      { attribute: '@userIdentity.arn', value: 'arn' },
      { attribute: '@awsRegion', value: null },
    ],
    case: 'Many',
    newValues: ['x'],
    eventCount: 3,
    queries: [],
  };
  const found: ReturnType<Detect> = { ...nothing, signals: [logSignal] };
  const told = (expected: Partial<ExpectedSignal>): readonly string[] => {
    const example = exampleOf({ signals: [{ severity: 'high', ...expected }] });
    const { results } = testRule(
      aLogRule(),
      [example],
      () => found,
      () => 0,
    );
    return results[0]?.differences ?? [];
  };

  test('needs no ports, and is as expected in everything that the case names', () => {
    const expected = {
      case: 'Many',
      events: 3,
      groupBy: ['arn', null],
      newValues: ['x'],
      actor: 'sam',
    };
    expect(told({})).toEqual([]);
    expect(told(expected)).toEqual([]);
  });

  test.each<[Partial<ExpectedSignal>, string]>([
    [{ case: 'Few' }, 'expected case "Few", found "Many"'],
    [{ events: 2 }, 'expected events 2, found 3'],
    [{ groupBy: ['arn'] }, 'expected groupBy ["arn"], found ["arn",null]'],
    [{ newValues: [] }, 'expected newValues [], found ["x"]'],
    [{ ports: ['22'] }, 'expected ports ["22"], found []'],
  ])('differs: %j', (expected, difference) => {
    expect(told(expected)).toEqual([difference]);
  });

  test('that nobody expected is told by its severity and title', () => {
    expect(differences({ ...nothing, signals: [logSignal] }, { quiet: 'q' })).toEqual([
      'expected no signal, found 1 signal',
      'not expected: high "t"',
    ]);
  });

  test('is nothing that an exposure rule can give', () => {
    expect(differences(opened, firing({ case: 'Many' }))).toEqual([
      'expected case "Many", found undefined',
    ]);
  });
});

test('an example of an exposure rule must say which ports', () => {
  expect(differences(opened, { signals: [{ severity: 'high' }] })).toEqual([
    'the example does not say which ports',
  ]);
});

test('a rule that is not run fails, with the reason', () => {
  const found = { ...nothing, notRun: [{ reason: 'it needs places' }] };
  expect(differences(found, { quiet: 'q' })).toEqual(['the rule is not run: it needs places']);
});

describe('a case passes', () => {
  test('when the signal is as expected in everything that the case names', () => {
    const expected = firing({
      openedAt: '2026-03-01T08:00:00Z',
      closedAt: null,
      sources: ['0.0.0.0/0'],
      ipv4Coverage: 1,
      ipv6Coverage: 0.5,
      actor: 'sam',
      groupId: 'sg-1',
      intervals: 1,
    });
    expect(differences(opened, expected)).toEqual([]);
  });

  test('when nothing is found and nothing expected', () => {
    expect(differences(nothing, silent)).toEqual([]);
  });

  test('when a change is undetermined, or a record cannot be read, as expected', () => {
    expect(
      differences({ ...nothing, undetermined: [undetermined] }, { undetermined: 'x' }),
    ).toEqual([]);
    const problems = [{ message: 'no time' }];
    expect(differences({ ...nothing, problems }, { rejected: 'x' })).toEqual([]);
  });
});

describe('a case fails and says what differs', () => {
  const wrong: readonly [Partial<ExpectedSignal>, string][] = [
    [{ ports: ['22', '23'] }, 'expected ports ["22","23"], found ["22"]'],
    [{ severity: 'medium' }, 'expected severity "medium", found "high"'],
    [
      { openedAt: '2026-03-01T09:00:00Z' },
      'expected openedAt "2026-03-01T09:00:00Z", found "2026-03-01T08:00:00Z"',
    ],
    [{ closedAt: '2026-03-01T09:00:00Z' }, 'expected closedAt "2026-03-01T09:00:00Z", found null'],
    [{ sources: ['::/0'] }, 'expected sources ["::/0"], found ["0.0.0.0/0"]'],
    [{ ipv4Coverage: 0.5 }, 'expected ipv4Coverage 0.5, found 1'],
    [{ ipv6Coverage: 0 }, 'expected ipv6Coverage 0, found 0.5'],
    [{ actor: 'kim' }, 'expected actor "kim", found "sam"'],
    [{ groupId: 'sg-2' }, 'expected groupId "sg-2", found "sg-1"'],
    [{ intervals: 2 }, 'expected intervals 2, found 1'],
  ];

  test.each(wrong)('%j', (expected, difference) => {
    expect(differences(opened, firing(expected))).toEqual([difference]);
  });

  test('when a signal is missing', () => {
    expect(differences(nothing, firing())).toEqual(['expected 1 signal, found no signal']);
  });

  test('when there is a signal too many', () => {
    expect(differences(opened, silent)).toEqual([
      'expected no signal, found 1 signal',
      'not expected: ports 22',
    ]);
  });

  test('when something is undetermined or rejected that should not be, or the other way round', () => {
    expect(differences({ ...nothing, undetermined: [undetermined] }, silent)).toEqual([
      'did not expect an undetermined change: the list is not known',
    ]);
    expect(differences({ ...nothing, problems: [{ message: 'no time' }] }, silent)).toEqual([
      'did not expect a record that cannot be read: no time',
    ]);
    expect(differences(nothing, { undetermined: 'x', rejected: 'x' })).toEqual([
      'expected an undetermined change, found none',
      'expected a record that cannot be read, found none',
    ]);
  });
});

test('signals are compared in the order of their opening, then of their group', () => {
  const later = { ...signal, id: 'sig-0', firstSeen: '2026-03-01T09:00:00Z' };
  const other = { ...signal, id: 'sig-2', groupId: 'sg-0' };
  const found = { ...opened, signals: [later, signal, other] };
  const expected: readonly ExpectedSignal[] = [
    { ports: ['22'], severity: 'high', groupId: 'sg-0' },
    { ports: ['22'], severity: 'high', groupId: 'sg-1', openedAt: '2026-03-01T08:00:00Z' },
    { ports: ['23'], severity: 'high', openedAt: '2026-03-01T09:00:00Z' },
  ];
  expect(differences(found, { signals: expected })).toEqual([
    'signal 3: expected ports ["23"], found ["22"]',
  ]);
});

test('ports are written as examples write them, in order', () => {
  const exposures: Exposure[] = [
    { ...exposure, id: 'a', protocol: 'udp', port: 53, toPort: 53 },
    { ...exposure, id: 'b', port: 9000, toPort: 9010 },
    { ...exposure, id: 'c', port: 445 },
    { ...exposure, id: 'd', port: 22 },
    { ...exposure, id: 'e', port: 22 },
    { ...exposure, id: 'f', protocol: 'all', port: 0, toPort: 65535 },
    { ...exposure, id: 'g', protocol: 'udp', port: 1, toPort: 9 },
  ];
  const found = {
    ...opened,
    exposures,
    signals: [{ ...signal, exposures: exposures.map(({ id }) => id) }],
  };
  const ports = ['all', '22', '445', '9000-9010', '1-9/udp', '53/udp'];
  expect(differences(found, firing({ ports }))).toEqual([]);
});

test('a rule is tested alone, as if it were enabled, with the records of the case', () => {
  const calls: unknown[] = [];
  const detect: Detect = (records, options) => {
    calls.push([...records], options.rules);
    return nothing;
  };
  testRule(rule, [exampleOf(silent)], detect, () => 0);
  expect(calls).toEqual([[{ eventName: 'x' }], [{ ...rule, enabled: true }]]);
});

describe('the report', () => {
  let now = 0;
  const clock = (): number => (now += 5);
  const passing = { ...exampleOf(silent), name: 'passes' };
  const failing = { ...exampleOf(firing()), name: 'fails <&> "quoted" \u001b[31m' };
  const tested = [
    testRule(rule, [passing, failing], () => nothing, clock),
    testRule({ ...rule, id: 'other' }, [passing], () => nothing, clock),
    untested({ ...rule, id: 'bare' }, 'bare/examples.yaml'),
  ];

  test('counts', () => {
    expect(tally(tested)).toEqual({ passed: 2, failed: 2 });
  });

  test('as text names each rule, and each case that failed', () => {
    expect(testText(tested, { verbose: false })).toBe(`FAIL my-rule 1.0.0 (2 cases, 1 failed)
     FAIL fails <&> "quoted" \uFFFD[31m
          expected 1 signal, found no signal
          at examples.yaml:3:5
ok   other 1.0.0 (1 case)
FAIL bare 1.0.0 (1 case, 1 failed)
     FAIL has examples
          there is no examples.yaml
          at bare/examples.yaml

3 rules, 4 cases: 2 passed, 2 failed
`);
  });

  test('as text names the passed ones too when asked to', () => {
    expect(testText(tested, { verbose: true })).toContain('     ok   passes\n');
  });

  test('as JUnit XML is well-formed and harmless', () => {
    expect(testJunit(tested)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="portcullis rules" tests="4" failures="2" errors="0">
  <testsuite name="my-rule" tests="2" failures="1" errors="0" skipped="0" time="0.010">
    <testcase name="passes" classname="my-rule" file="examples.yaml:3:5" time="0.005"/>
    <testcase name="fails &lt;&amp;&gt; &quot;quoted&quot; \uFFFD[31m" classname="my-rule" file="examples.yaml:3:5" time="0.005">
      <failure message="expected 1 signal, found no signal">expected 1 signal, found no signal</failure>
    </testcase>
  </testsuite>
  <testsuite name="other" tests="1" failures="0" errors="0" skipped="0" time="0.005">
    <testcase name="passes" classname="other" file="examples.yaml:3:5" time="0.005"/>
  </testsuite>
  <testsuite name="bare" tests="1" failures="1" errors="0" skipped="0" time="0.000">
    <testcase name="has examples" classname="bare" file="bare/examples.yaml" time="0.000">
      <failure message="there is no examples.yaml">there is no examples.yaml</failure>
    </testcase>
  </testsuite>
</testsuites>
`);
  });
});
