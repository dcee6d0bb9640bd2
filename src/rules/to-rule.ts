// From the checked fields of a rule.yaml to the rule the engine runs. Nothing can fail here.

import type { Rule } from '../model/rule.ts';
import { composeMessage } from './compose-message.ts';
import type { RuleFile } from './rule-schema.ts';

/** @param ruleById the other rules, for ports that are left to them */
export function toRule(file: RuleFile, ruleById: (id: string) => RuleFile | undefined): Rule {
  const { protocols, ports, otherPorts, coverageThreshold, where } = file.exposure;
  const leftToOthers = (otherPorts?.exceptPortsOf ?? []).flatMap((id) =>
    tcpPorts(ruleById(id)?.exposure),
  );
  return {
    kind: 'exposure',
    id: file.id,
    name: file.name,
    version: file.version,
    enabled: file.enabled,
    severity: file.severity,
    cases: file.cases,
    tags: file.tags,
    references: file.references,
    goal: file.goal.trim(),
    strategy: file.strategy.trim(),
    triage: file.triage,
    changelog: file.changelog,
    title: file.title,
    message: composeMessage(file.message, file.triage),
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

function tcpPorts(exposure: RuleFile['exposure'] | undefined): readonly number[] {
  return exposure !== undefined && exposure.protocols.includes('tcp')
    ? (exposure.ports ?? []).map(({ port }) => port)
    : [];
}

function ascending(ports: readonly number[]): readonly number[] {
  return [...new Set(ports)].toSorted((a, b) => a - b);
}
