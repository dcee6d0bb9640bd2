// An exposure with what is needed to tell of it.

import type { Change } from '../model/change.ts';
import type { Exposure } from '../model/exposure.ts';
import type { ExposureRule } from '../model/rule.ts';

/** An exposure with the rule that names it and the changes that began and ended it. */
export type Finding = {
  readonly rule: ExposureRule;
  readonly exposure: Exposure;
  readonly openedBy: Change;
  readonly closedBy: Change | null;
  /** Which change let in which source, in time order: the opening, and what widened it later. */
  readonly admissions: readonly Admission[];
};

export type Admission = {
  readonly source: string;
  readonly by: Change;
};
