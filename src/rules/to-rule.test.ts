import { describe, expect, test } from 'vitest';
import type { ExposureRuleFile } from './rule-schema.ts';
import { toExposureRule } from './to-rule.ts';

const file: ExposureRuleFile = {
  id: 'one',
  name: 'One',
  version: '1.0.0',
  enabled: true,
  severity: 'high',
  cases: [],
  tags: [],
  references: [],
  goal: 'A goal.\n',
  strategy: 'A strategy.\n',
  exposure: {
    protocols: ['tcp'],
    ports: [
      { port: 22, service: 'SSH' },
      { port: 21, service: 'FTP' },
    ],
    coverageThreshold: 0.25,
  },
  groupBy: [],
  options: { keepAlive: 60, maxSignalDuration: 120 },
  triage: [{ step: 'Ask.', details: [], commands: [] }],
  title: 'T',
  message: 'M\n',
  changelog: [{ version: '1.0.0', date: '2026-11-24', changes: ['First.'] }],
};

const overTheRest: ExposureRuleFile = {
  ...file,
  id: 'rest',
  exposure: {
    protocols: ['tcp', 'udp'],
    otherPorts: { exceptPortsOf: ['one'], exceptTcpPorts: [25, 22], expectedPorts: [443, 80] },
    coverageThreshold: 0.25,
  },
};

test('texts lose the line end of their block, times say their unit', () => {
  const rule = toExposureRule(file, () => undefined);
  expect(rule).toMatchObject({
    goal: 'A goal.',
    strategy: 'A strategy.',
    options: { keepAliveSeconds: 60, maxSignalDurationSeconds: 120 },
    exposure: { ports: file.exposure.ports, exceptTcpPorts: [], expectedPorts: [], where: null },
  });
  expect(rule.message).toMatch(/^M\n\n### Triage and response\n\n1\. Ask\./);
});

describe('a rule for every other port', () => {
  test('leaves out the TCP ports of the rules it names, each once and in order', () => {
    const rule = toExposureRule(overTheRest, (id) => (id === 'one' ? file : undefined));
    expect(rule.exposure).toMatchObject({
      ports: null,
      exceptTcpPorts: [21, 22, 25],
      expectedPorts: [80, 443],
    });
  });

  test('does not leave out ports that the named rule watches on UDP alone', () => {
    const udp: ExposureRuleFile = { ...file, exposure: { ...file.exposure, protocols: ['udp'] } };
    expect(toExposureRule(overTheRest, () => udp).exposure.exceptTcpPorts).toEqual([22, 25]);
  });
});
