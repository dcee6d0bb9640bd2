// Log rules and records for tests, small and typed: name what the test is about, the rest is filled
// in. `findings` and `signals` run one rule over records.

import { detectLogRules } from '../../src/detect/log-rules/detect-log-rules.ts';
import type { LogFinding } from '../../src/detect/log-rules/log-finding.ts';
import type { LogMatch } from '../../src/detect/log-rules/log-match.ts';
import { LogMatcher } from '../../src/detect/log-rules/log-matcher.ts';
import { MatchSet } from '../../src/detect/log-rules/match-set.ts';
import { planLogRules } from '../../src/detect/log-rules/plan-log-rules.ts';
import type { JsonObject } from '../../src/model/json.ts';
import type { LogCase, LogOptions, LogQuery, LogRule } from '../../src/model/rule.ts';
import type { LogSignal } from '../../src/model/signal.ts';
import { trackLogSignals } from '../../src/track/track-log-signals.ts';

export function aLogQuery(given: Partial<LogQuery> = {}): LogQuery {
  return {
    name: 'a',
    query: '@evt.name:GetSecretValue',
    aggregation: 'count',
    distinctFields: [],
    groupByFields: [],
    hasOptionalGroupByFields: false,
    metrics: [],
    ...given,
  };
}

export function aLogCase(given: Partial<LogCase> = {}): LogCase {
  return { name: '', severity: 'medium', condition: 'a > 0', notifications: [], ...given };
}

type GivenOptions = Partial<Omit<LogOptions, 'newValue'>> & {
  readonly newValue?: Partial<LogOptions['newValue']>;
};

export function aLogRule(
  given: Partial<Omit<LogRule, 'options'>> & { readonly options?: GivenOptions } = {},
): LogRule {
  return {
    kind: 'log',
    id: 'a-log-rule',
    name: 'A log rule',
    version: '1.0.0',
    enabled: true,
    tags: [],
    references: [],
    goal: 'g',
    strategy: 's',
    triage: [],
    changelog: [],
    title: 'Secrets read by {{@signal.actor}}',
    message: '{{@userIdentity.arn}} read {{@requestParameters.secretId}}.',
    queries: [aLogQuery()],
    cases: [aLogCase()],
    filters: [],
    ...given,
    options: {
      detectionMethod: 'threshold',
      evaluationWindowSeconds: 300,
      keepAliveSeconds: 3600,
      maxSignalDurationSeconds: 86_400,
      ...given.options,
      newValue: {
        forgetAfterSeconds: 28 * 86_400,
        learningMethod: 'duration',
        learningDurationSeconds: 0,
        learningThreshold: 0,
        instantaneousBaseline: false,
        ...given.options?.newValue,
      },
    },
  };
}

let records = 0;

/** A record at a time of 2026-03-01, such as `08:00:00`, with fields laid over it. */
export function aRecord(time: string, given: JsonObject = {}): JsonObject {
  records += 1;
  return {
    eventVersion: '1.09',
    eventID: `event-${String(records).padStart(4, '0')}`,
    eventTime: `2026-03-01T${time}Z`,
    eventName: 'GetSecretValue',
    eventSource: 'secretsmanager.amazonaws.com',
    awsRegion: 'us-east-1',
    recipientAccountId: '111122223333',
    sourceIPAddress: '198.51.100.7',
    userIdentity: { type: 'IAMUser', userName: 'alice', arn: 'arn:alice' },
    ...given,
  };
}

/** What a record leaves behind under one rule. */
export function matchesOf(rule: LogRule, record: JsonObject): readonly LogMatch[] {
  const matched = new LogMatcher(planLogRules([rule]).runnable).match(record);
  return matched.outcome === 'matched' ? matched.matches : [];
}

export function findings(rule: LogRule, given: readonly JsonObject[]): readonly LogFinding[] {
  const set = new MatchSet();
  for (const match of given.flatMap((record) => matchesOf(rule, record))) set.add(match);
  return detectLogRules(set, planLogRules([rule]).runnable);
}

/** @param asOf a time of 2026-03-01; the rule's last record where none is given */
export function signals(
  rule: LogRule,
  given: readonly JsonObject[],
  asOf: string | null = null,
): readonly LogSignal[] {
  const times = given.map(({ eventTime }) => Date.parse(String(eventTime)));
  const asOfMs = asOf === null ? Math.max(...times) : Date.parse(`2026-03-01T${asOf}Z`);
  return trackLogSignals(findings(rule, given), asOfMs);
}
