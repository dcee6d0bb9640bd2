import { expect, test } from 'vitest';
import { tagFromSigma, tagToSigma } from './sigma-tags.ts';

test.each([
  ['attack.persistence', 'tactic:TA0003-persistence'],
  ['attack.defense_evasion', 'tactic:TA0005-defense-evasion'],
  ['attack.t1078', 'technique:T1078'],
  ['attack.T1078.004', 'sub_technique:T1078.004'],
  ['attack.s0106', 'attack:s0106'],
  ['cve.2021-44228', 'cve:2021-44228'],
  ['detection.emerging-threats', 'detection:emerging-threats'],
  ['d3fend.x', null],
  ['plain', null],
  ['a.', null],
])('%s comes in as %s', (sigma, ours) => {
  expect(tagFromSigma(sigma)).toBe(ours);
});

test.each([
  ['tactic:TA0003-persistence', 'attack.persistence'],
  ['tactic:TA0005', 'attack.defense-evasion'],
  ['tactic:TA9999-x', null],
  ['technique:T1562-impair-defenses', 'attack.t1562'],
  ['sub_technique:T1562.007-disable-or-modify-cloud-firewall', 'attack.t1562.007'],
  ['scope:ec2', 'scope.ec2'],
  ['requirement:Monitoring', null],
])('%s goes out as %s', (ours, sigma) => {
  expect(tagToSigma(ours)).toBe(sigma);
});
