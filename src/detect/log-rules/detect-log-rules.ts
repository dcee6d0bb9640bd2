// Matches in, findings out: a pure function of the set of matches. Any permutation, duplication or
// batching of the same matches gives the same findings.

import type { LogFinding } from './log-finding.ts';
import type { MatchSet } from './match-set.ts';
import type { RunnableRule } from './plan-log-rules.ts';
import { detectNewValues } from './detect-new-values.ts';
import { detectThreshold } from './detect-threshold.ts';

/** @param rules in the order by which the matches name them */
export function detectLogRules(
  matches: MatchSet,
  rules: readonly RunnableRule[],
): readonly LogFinding[] {
  return rules.flatMap(({ rule }, index) => {
    const ofRule = matches.ofRule(index);
    return rule.options.detectionMethod === 'new_value'
      ? detectNewValues(rule, ofRule)
      : detectThreshold(rule, ofRule);
  });
}
