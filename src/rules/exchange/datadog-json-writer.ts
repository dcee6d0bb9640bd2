// A log rule as the JSON that Datadog's API takes and gives.

import type { LogRuleFile } from '../rule-schema.ts';
import type { WrittenRule } from './exchange.ts';
import { writeDatadogRule } from './write-datadog-rule.ts';

export function writeDatadogJson(file: LogRuleFile): WrittenRule {
  const { rule, losses } = writeDatadogRule(file);
  // What a terminal would obey, or not show, is escaped; between the values stand line ends alone.
  const text = JSON.stringify(rule, null, 2).replaceAll(/[^\P{C}\n]|\p{Zl}|\p{Zp}/gu, (character) =>
    Array.from({ length: character.length }, (_, index) => {
      const code = character.charCodeAt(index).toString(16);
      return `\\u${code.padStart(4, '0')}`;
    }).join(''),
  );
  return { text: `${text}\n`, losses };
}
