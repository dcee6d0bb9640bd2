// A rule of ours as a document for another tool. What it loses on the way is named; a rule that would
// detect something else is written only when that is asked for.

import type { Rule } from '../../model/rule.ts';
import { isLogRuleFile } from '../rule-kind.ts';
import type { LogRuleFile, RuleFile } from '../rule-schema.ts';
import { approximateExposure, exposureLosses } from './approximate-exposure.ts';
import type { ExchangeFormat, WrittenRule } from './exchange.ts';

/**
 * @param file the fields of the rule's rule.yaml
 * @param rule the same rule, loaded
 * @param isApproximate whether to write the nearest rule where there is none that is the same
 */
export async function exportRule(
  file: RuleFile,
  rule: Rule,
  format: ExchangeFormat,
  isApproximate: boolean,
): Promise<WrittenRule> {
  if (isLogRuleFile(file)) return write(file, format, isApproximate);
  if (rule.kind !== 'exposure' || !isApproximate) {
    return { text: null, losses: rule.kind === 'exposure' ? exposureLosses(rule) : [] };
  }
  const { file: nearest, losses } = approximateExposure(rule);
  const written = await write(nearest, format, isApproximate);
  return { ...written, losses: [...losses, ...written.losses] };
}

async function write(
  file: LogRuleFile,
  format: ExchangeFormat,
  isApproximate: boolean,
): Promise<WrittenRule> {
  switch (format) {
    case 'datadog-json':
      return (await import('./datadog-json-writer.ts')).writeDatadogJson(file);
    case 'datadog-terraform':
      return (await import('./datadog-terraform-writer.ts')).writeDatadogTerraform(file);
    case 'sigma':
      return (await import('./sigma-writer.ts')).writeSigma(file, isApproximate);
    default:
      return format satisfies never;
  }
}
