import { expect, test } from 'vitest';
import type { Diagnosis } from '../model/diagnosis.ts';
import { diagnosisJson, diagnosisTable } from './diagnosis.ts';

const good: Diagnosis = {
  area: 'store',
  subject: 'store',
  outcome: 'ok',
  finding: 'opens',
  action: null,
  nextStep: null,
};
const bad: Diagnosis = {
  area: 'audit',
  subject: '111122223333',
  outcome: 'failed',
  finding: 'access is denied',
  action: 'ec2:DescribeRegions',
  nextStep: 'Allow it.\u001B[31m',
};
const at = { columns: 80, color: false };

test('what fails has its action and its next step below it', () => {
  const lines = diagnosisTable([good, bad], at).split('\n');
  expect(lines.map((line) => line.trimEnd())).toEqual([
    'ok        store        store             opens',
    'failed    audit        111122223333      access is denied',
    '                                         missing: ec2:DescribeRegions',
    expect.stringMatching(/^ +Allow it\./),
    '',
    '1 failure (2 checks)',
    '',
  ]);
});

test('where nothing fails that is said, with the warnings counted', () => {
  expect(diagnosisTable([good], at)).toMatch(/everything works \(1 check\)\n$/);
  const warned = diagnosisTable([good, { ...good, outcome: 'warning' }], at);
  expect(warned).toMatch(/everything works, 1 warning \(2 checks\)\n$/);
});

test('nothing that a terminal would obey is printed', () => {
  expect(diagnosisTable([bad], at)).not.toContain('\u001B');
  expect(diagnosisJson([bad])).not.toContain('\u001B');
  expect(JSON.parse(diagnosisJson([bad]))).toEqual({ diagnoses: [bad] });
});
