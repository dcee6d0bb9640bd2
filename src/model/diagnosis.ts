// What a check of the set-up found.

export const diagnosisAreas = [
  'credentials',
  'clock',
  'store',
  'source',
  'audit',
  'login',
  'channel',
] as const;

export type DiagnosisArea = (typeof diagnosisAreas)[number];

export type Diagnosis = {
  readonly area: DiagnosisArea;
  /** What was looked at: an account, a source, a channel. */
  readonly subject: string;
  readonly outcome: 'ok' | 'warning' | 'failed';
  /** For a person, in one line. */
  readonly finding: string;
  /** The IAM action that is not allowed; null where it is something else. */
  readonly action: string | null;
  /** What to do about it; null where there is nothing to do. */
  readonly nextStep: string | null;
};
