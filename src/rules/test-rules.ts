// Runs a rule's examples through the engine and says what differs from what they expect.
// The engine is handed in: this folder knows rules, not how records become signals.

import type { Undetermined } from '../model/change.ts';
import type { Exposure } from '../model/exposure.ts';
import type { Rule } from '../model/rule.ts';
import type { Signal } from '../model/signal.ts';
import type { Example, ExpectedSignal } from './parse-examples.ts';
import { compareText } from '../model/compare-text.ts';

/** What the engine makes of records; `detect` of the pipeline is one. */
export type Detect = (
  records: Iterable<unknown>,
  options: { readonly rules: readonly Rule[] },
) => {
  readonly signals: readonly Signal[];
  readonly exposures: readonly Exposure[];
  readonly undetermined: readonly Undetermined[];
  readonly problems: readonly { readonly message: string }[];
  /** Why the rule was not run, where it was not. */
  readonly notRun: readonly { readonly reason: string }[];
};

export type ExampleResult = {
  readonly example: Example;
  /** What differs, one finding a line; empty for a case that passed. */
  readonly differences: readonly string[];
  readonly durationMs: number;
};

export type RuleTestResult = {
  readonly rule: Rule;
  readonly results: readonly ExampleResult[];
};

/** Runs every example of one rule, alone and as if the rule were enabled. */
export function testRule(
  rule: Rule,
  examples: readonly Example[],
  detect: Detect,
  nowMs: () => number,
): RuleTestResult {
  const enabled: Rule = { ...rule, enabled: true };
  return {
    rule,
    results: examples.map((example) => {
      const startMs = nowMs();
      const differences = testExample(enabled, example, detect);
      return { example, differences, durationMs: nowMs() - startMs };
    }),
  };
}

/** What stands for the tests of a rule that has none: a failure, so that no one takes it for tested. */
export function untested(rule: Rule, examplesFile: string): RuleTestResult {
  const example: Example = {
    name: 'has examples',
    place: examplesFile,
    records: [],
    expected: { signals: [], quiet: null, undetermined: null, rejected: null },
  };
  return {
    rule,
    results: [{ example, differences: ['there is no examples.yaml'], durationMs: 0 }],
  };
}

function testExample(rule: Rule, example: Example, detect: Detect): readonly string[] {
  const found = detect(example.records, { rules: [rule] });
  const { expected } = example;
  const differences = found.notRun.map(({ reason }) => `the rule is not run: ${reason}`);
  const signals = found.signals.toSorted(byOpening);
  if (signals.length !== expected.signals.length) {
    differences.push(`expected ${count(expected.signals.length)}, found ${count(signals.length)}`);
  }
  for (const [index, signal] of signals.entries()) {
    const prefix = signals.length === 1 ? '' : `signal ${index + 1}: `;
    const wanted = expected.signals[index];
    const exposures = found.exposures.filter(({ id }) => signal.exposures.includes(id));
    if (wanted === undefined) {
      differences.push(`${prefix}not expected: ${inShort(signal, exposures)}`);
    } else {
      const unsaid = rule.kind === 'exposure' && wanted.ports === undefined;
      if (unsaid) differences.push(`${prefix}the example does not say which ports`);
      for (const difference of compare(wanted, signal, exposures)) {
        differences.push(prefix + difference);
      }
    }
  }
  differences.push(
    ...presence('an undetermined change', expected.undetermined !== null, found.undetermined),
    ...presence(
      'a record that cannot be read',
      expected.rejected !== null,
      found.problems.map((problem) => ({ reason: problem.message })),
    ),
  );
  return differences;
}

function byOpening(a: Signal, b: Signal): number {
  return (
    compareText(a.firstSeen, b.firstSeen) ||
    compareText(a.groupId ?? '', b.groupId ?? '') ||
    compareText(a.id, b.id)
  );
}

function compare(
  wanted: ExpectedSignal,
  signal: Signal,
  exposures: readonly Exposure[],
): readonly string[] {
  const differences: string[] = [];
  const check = (name: string, expected: unknown, actual: unknown): void => {
    if (expected === undefined) return;
    const [expectedText, actualText] = [JSON.stringify(expected), JSON.stringify(actual)];
    if (expectedText !== actualText) {
      differences.push(`expected ${name} ${expectedText}, found ${actualText}`);
    }
  };
  check('ports', wanted.ports, portsOf(exposures));
  check('severity', wanted.severity, signal.severity);
  check('openedAt', wanted.openedAt, signal.firstSeen);
  check('closedAt', wanted.closedAt, signal.closedAt);
  check('sources', wanted.sources, [...new Set(exposures.flatMap(({ sources }) => sources))]);
  check('ipv4Coverage', wanted.ipv4Coverage, widest(exposures, 'ipv4Coverage'));
  check('ipv6Coverage', wanted.ipv6Coverage, widest(exposures, 'ipv6Coverage'));
  check('actor', wanted.actor, signal.actor.sessionName);
  check('groupId', wanted.groupId, signal.groupId);
  check('intervals', wanted.intervals, exposures.length);
  const records = signal.groupId === null ? signal : undefined;
  check('case', wanted.case, records?.case);
  check('events', wanted.events, records?.eventCount);
  check(
    'groupBy',
    wanted.groupBy,
    records?.groupBy.map(({ value }) => value),
  );
  check('newValues', wanted.newValues, records?.newValues);
  return differences;
}

/** What tells a signal that nobody expected from others. */
function inShort(signal: Signal, exposures: readonly Exposure[]): string {
  return signal.groupId === null
    ? `${signal.severity} ${JSON.stringify(signal.title)}`
    : `ports ${list(portsOf(exposures))}`;
}

function widest(exposures: readonly Exposure[], family: 'ipv4Coverage' | 'ipv6Coverage'): number {
  return Math.max(...exposures.map((exposure) => exposure[family]));
}

function presence(
  what: string,
  wanted: boolean,
  found: readonly { readonly reason: string }[],
): readonly string[] {
  const [first] = found;
  if (wanted && first === undefined) return [`expected ${what}, found none`];
  if (!wanted && first !== undefined) return [`did not expect ${what}: ${first.reason}`];
  return [];
}

/** The ports of exposures, each once, in order, as `ports` of an example writes them. */
function portsOf(exposures: readonly Exposure[]): readonly string[] {
  const ordered = exposures.toSorted(
    (a, b) => compareText(a.protocol, b.protocol) || a.port - b.port || endOf(a) - endOf(b),
  );
  return [...new Set(ordered.map(portText))];
}

function endOf(exposure: Exposure): number {
  return exposure.toPort ?? exposure.port;
}

function portText(exposure: Exposure): string {
  if (exposure.protocol === 'all') return 'all';
  const range =
    endOf(exposure) === exposure.port
      ? String(exposure.port)
      : `${exposure.port}-${endOf(exposure)}`;
  return exposure.protocol === 'tcp' ? range : `${range}/${exposure.protocol}`;
}

function count(signals: number): string {
  return signals === 0 ? 'no signal' : signals === 1 ? '1 signal' : `${signals} signals`;
}

function list(texts: readonly string[]): string {
  return texts.join(', ');
}
