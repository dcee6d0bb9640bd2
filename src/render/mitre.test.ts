import { expect, test } from 'vitest';
import { adminRule } from '../../test/support/scan-results.ts';
import { attackReferences } from './mitre.ts';

test('tags name tactics, techniques and sub-techniques as ATT&CK writes them', () => {
  expect(attackReferences(adminRule.tags)).toEqual({
    tactics: [
      { uid: 'TA0005', name: 'Defense Evasion', url: 'https://attack.mitre.org/tactics/TA0005/' },
    ],
    techniques: [
      { uid: 'T1562', name: 'Impair Defenses', url: 'https://attack.mitre.org/techniques/T1562/' },
    ],
    subTechniques: [
      {
        uid: 'T1562.007',
        name: 'Disable or Modify Cloud Firewall',
        url: 'https://attack.mitre.org/techniques/T1562/007/',
      },
    ],
  });
});

test('tags that name nothing in ATT&CK are passed over', () => {
  const tags = ['source:cloudtrail', 'technique:none', 'T1562', 'tactic:TA5-short', 'x:T1562.7-y'];
  expect(attackReferences(tags)).toEqual({ tactics: [], techniques: [], subTechniques: [] });
});

test('a tag may name an id alone', () => {
  const { techniques, subTechniques } = attackReferences(['technique:T1078', 'x:T1078.004']);
  expect([...techniques, ...subTechniques].map(({ name }) => name)).toEqual(['T1078', 'T1078.004']);
});
