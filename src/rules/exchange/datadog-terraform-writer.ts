// A log rule as the Terraform resource `datadog_security_monitoring_rule`.
// https://registry.terraform.io/providers/DataDog/datadog/latest/docs/resources/security_monitoring_rule

import type { LogRuleFile } from '../rule-schema.ts';
import { defaultQueryName } from '../to-rule.ts';
import type { WrittenRule } from './exchange.ts';
import { printHcl, type HclBlock, type HclValue } from './print-hcl.ts';
import { terraformName } from './terraform-names.ts';
import { writeDatadogRule, type DatadogRule } from './write-datadog-rule.ts';

export function writeDatadogTerraform(file: LogRuleFile): WrittenRule {
  const { rule, losses } = writeDatadogRule(file);
  const resource: HclBlock = {
    type: 'resource',
    labels: ['datadog_security_monitoring_rule', labelOf(file.id)],
    ...ruleBlock(rule),
  };
  const composed = normalizedFields(rule).map((field) => ({
    field,
    reason: 'has a letter apart from its accent; Terraform joins the two (NFC)',
  }));
  const nameless = rule.queries.flatMap((query, index) =>
    isNameless(query) && query.name !== defaultQueryName(index)
      ? [{ field: `log.queries[${index}].name`, reason: 'has no place beside new_value' }]
      : [],
  );
  return { text: printHcl(resource), losses: [...losses, ...composed, ...nameless] };
}

/** Names in Terraform begin with a letter; ours may begin with a digit. */
function labelOf(id: string): string {
  const label = id.replaceAll('-', '_');
  return /^[a-z]/.test(label) ? label : `rule_${label}`;
}

function ruleBlock(rule: DatadogRule): Pick<HclBlock, 'attributes' | 'blocks'> {
  const { newValueOptions, ...options } = rule.options;
  return {
    attributes: attributes({
      name: rule.name,
      isEnabled: rule.isEnabled,
      message: rule.message,
      tags: rule.tags,
      hasExtendedTitle: rule.hasExtendedTitle,
    }),
    blocks: [
      ...rule.queries.map(({ metric: _metric, ...query }) =>
        block('query', query, [
          // A younger provider knows it; where it is false, an older one will do.
          ...(query.hasOptionalGroupByFields ? [] : ['hasOptionalGroupByFields']),
          ...(isNameless(query) ? ['name'] : []),
        ]),
      ),
      ...rule.cases.map((one) => block('case', one)),
      {
        ...block('options', options),
        blocks:
          newValueOptions === undefined
            ? []
            : [
                block(
                  'new_value_options',
                  newValueOptions,
                  newValueOptions.instantaneousBaseline ? [] : ['instantaneousBaseline'],
                ),
              ],
      },
      ...rule.filters.map((filter) => block('filter', filter)),
    ],
  };
}

/** The provider takes no name for a query that looks for new values; its cases have no condition. */
function isNameless({ aggregation }: DatadogRule['queries'][number]): boolean {
  return aggregation === 'new_value';
}

type Fields = Readonly<Record<string, HclValue | undefined>>;

function block(type: string, fields: Fields, leftOut: readonly string[] = []): HclBlock {
  const kept = Object.entries(fields).filter(([name]) => !leftOut.includes(name));
  return { type, attributes: attributes(Object.fromEntries(kept)), blocks: [] };
}

/** Empty texts and lists are what the provider takes a missing argument for. */
function attributes(fields: Fields): HclBlock['attributes'] {
  return Object.entries(fields).flatMap(([name, value]) =>
    value === undefined || value === '' || (typeof value === 'object' && value.length === 0)
      ? []
      : [[terraformName(name), value] as const],
  );
}

/** The fields whose texts Terraform would change, as it does all texts that are not in NFC. */
function normalizedFields(value: unknown, path = ''): readonly string[] {
  if (typeof value === 'string') return value === value.normalize('NFC') ? [] : [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    return normalizedFields(inner, at);
  });
}
