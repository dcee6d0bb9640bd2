// Which kind of rule a file holds. Apart from the schema, because a scan must not load that.

import type { LogRuleFile, RuleFile } from './rule-schema.ts';

export function isLogRuleFile(file: RuleFile): file is LogRuleFile {
  return 'log' in file;
}
