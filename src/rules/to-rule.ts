// From the checked fields of a rule.yaml to the rule the engine runs. Nothing can fail here.

import type { ExposureRule, LogRule, Rule } from '../model/rule.ts';
import { composeMessage } from './compose-message.ts';
import { isLogRuleFile } from './rule-kind.ts';
import type { ExposureRuleFile, LogRuleFile, RuleFile } from './rule-schema.ts';

/** @param ruleById the other rules, for ports that are left to them */
export function toRule(file: RuleFile, ruleById: (id: string) => RuleFile | undefined): Rule {
  return isLogRuleFile(file) ? toLogRule(file) : toExposureRule(file, ruleById);
}

/** What rules of both kinds have. */
function commonFacts(file: RuleFile) {
  return {
    id: file.id,
    name: file.name,
    version: file.version,
    enabled: file.enabled,
    tags: file.tags,
    references: file.references,
    goal: file.goal.trim(),
    strategy: file.strategy.trim(),
    triage: file.triage,
    changelog: file.changelog,
    title: file.title,
    message: composeMessage(file.message, file.triage),
  };
}

export function toExposureRule(
  file: ExposureRuleFile,
  ruleById: (id: string) => RuleFile | undefined,
): ExposureRule {
  const { protocols, ports, otherPorts, coverageThreshold, where } = file.exposure;
  const leftToOthers = (otherPorts?.exceptPortsOf ?? []).flatMap((id) => tcpPorts(ruleById(id)));
  return {
    kind: 'exposure',
    ...commonFacts(file),
    severity: file.severity,
    cases: file.cases,
    groupBy: file.groupBy,
    options: {
      keepAliveSeconds: file.options.keepAlive,
      maxSignalDurationSeconds: file.options.maxSignalDuration,
    },
    exposure: {
      protocols,
      ports: ports ?? null,
      exceptTcpPorts: ascending([...leftToOthers, ...(otherPorts?.exceptTcpPorts ?? [])]),
      expectedPorts: ascending(otherPorts?.expectedPorts ?? []),
      coverageThreshold,
      where: where ?? null,
    },
  };
}

export function toLogRule(file: LogRuleFile): LogRule {
  const { detectionMethod, queries, filters, newValueOptions } = file.log;
  return {
    kind: 'log',
    ...commonFacts(file),
    queries: queries.map((query, index) => ({
      name: query.name ?? defaultQueryName(index),
      query: query.query,
      aggregation: query.aggregation,
      distinctFields: query.distinctFields,
      groupByFields: query.groupByFields ?? file.groupBy,
      hasOptionalGroupByFields: query.hasOptionalGroupByFields,
      metrics: query.metrics,
    })),
    cases: file.cases.map(({ name, severity, condition, notifications }) => ({
      name,
      severity,
      condition: condition ?? null,
      notifications,
    })),
    filters,
    options: {
      detectionMethod,
      evaluationWindowSeconds: file.options.evaluationWindow,
      keepAliveSeconds: file.options.keepAlive,
      maxSignalDurationSeconds: file.options.maxSignalDuration,
      newValue: {
        forgetAfterSeconds: newValueOptions.forgetAfter,
        learningMethod: newValueOptions.learningMethod,
        learningDurationSeconds: newValueOptions.learningDuration,
        learningThreshold: newValueOptions.learningThreshold,
        instantaneousBaseline: newValueOptions.instantaneousBaseline,
      },
    },
  };
}

/** The label of a query that has none: a, b, c and so on, as Datadog has it. */
export function defaultQueryName(index: number): string {
  const letter = String.fromCharCode(97 + (index % 26));
  return index < 26 ? letter : `${letter}${Math.floor(index / 26)}`;
}

function tcpPorts(file: RuleFile | undefined): readonly number[] {
  if (file === undefined || isLogRuleFile(file)) return [];
  const { protocols, ports } = file.exposure;
  return protocols.includes('tcp') ? (ports ?? []).map(({ port }) => port) : [];
}

function ascending(ports: readonly number[]): readonly number[] {
  return [...new Set(ports)].toSorted((a, b) => a - b);
}
