// What the doctor found: a table for a person, and JSON. What AWS and receivers say of themselves is
// shown on one line and without control characters.

import type { Diagnosis } from '../model/diagnosis.ts';
import { safeJson } from './machine-json.ts';
import { paint, row, type Line, type Style } from './table/layout.ts';
import { countText, oneLine } from './words.ts';

const styles: Readonly<Record<Diagnosis['outcome'], Style>> = {
  ok: 'green',
  warning: 'yellow',
  failed: ['red', 'bold'],
};

export function diagnosisTable(
  diagnoses: readonly Diagnosis[],
  { columns, color }: { readonly columns: number; readonly color: boolean },
): string {
  const width = Math.max(20, columns - 41);
  const lines = diagnoses.flatMap(({ area, subject, outcome, finding, action, nextStep }) => {
    const cells = (first: Line, text: string): Line[] =>
      row(
        [first, [{ text: area }], [{ text: oneLine(subject) }], [{ text: oneLine(text) }]],
        [{ width: 8 }, { width: 11 }, { width: 16 }, { width }],
      );
    const more = [
      ...(action === null || finding.includes(action) ? [] : [`missing: ${action}`]),
      ...(nextStep === null ? [] : [nextStep]),
    ];
    return [
      ...cells([{ text: outcome, style: styles[outcome] }], finding),
      ...more.flatMap((text) =>
        row(
          [[], [], [], [{ text: oneLine(text), style: 'dim' }]],
          [{ width: 8 }, { width: 11 }, { width: 16 }, { width }],
        ),
      ),
    ];
  });
  const text = lines.map((line) => `${paint(line, color)}\n`).join('');
  return `${text}\n${summary(diagnoses)}\n`;
}

export function diagnosisJson(diagnoses: readonly Diagnosis[]): string {
  return `${safeJson({ diagnoses }, 2)}\n`;
}

function summary(diagnoses: readonly Diagnosis[]): string {
  const count = (wanted: Diagnosis['outcome']): number =>
    diagnoses.filter(({ outcome }) => outcome === wanted).length;
  const failures = count('failed');
  const warnings = count('warning');
  const parts = [
    failures === 0 ? 'everything works' : countText(failures, 'failure'),
    ...(warnings === 0 ? [] : [countText(warnings, 'warning')]),
  ];
  return `${parts.join(', ')} (${countText(diagnoses.length, 'check')})`;
}
