// Exposure rules as values, small and explicit, so that a test says which ports and thresholds it
// means. The rules that ship are tried in the scenarios.

import type { ExposureBody, ExposureRule } from '../../src/model/rule.ts';

export function exposureRule(
  id: string,
  body: Partial<ExposureBody>,
  more: Partial<ExposureRule> = {},
): ExposureRule {
  return {
    kind: 'exposure',
    id,
    name: `Rule ${id}`,
    version: '1.0.0',
    enabled: true,
    severity: 'high',
    cases: [],
    tags: [],
    references: [],
    goal: 'Find openings.',
    strategy: 'Look at every port.',
    triage: [],
    changelog: [],
    title: 'Opened',
    message: 'Opened',
    groupBy: ['@userIdentity.arn'],
    options: { keepAliveSeconds: 3600, maxSignalDurationSeconds: 86_400 },
    exposure: {
      protocols: ['tcp'],
      ports: null,
      exceptTcpPorts: [],
      expectedPorts: [],
      coverageThreshold: 0.25,
      where: null,
      ...body,
    },
    ...more,
  };
}

/** A rule on a few TCP ports. */
export function portRule(
  id: string,
  ports: readonly number[],
  body: Partial<ExposureBody> = {},
  more: Partial<ExposureRule> = {},
): ExposureRule {
  return exposureRule(
    id,
    { ports: ports.map((port) => ({ port, service: `service-${port}` })), ...body },
    more,
  );
}
