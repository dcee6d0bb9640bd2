// Datadog rules as Terraform has them: every `datadog_security_monitoring_rule` of a file in HCL or in
// Terraform's JSON. Values that Terraform would compute are named: nothing is evaluated here.
// https://registry.terraform.io/providers/DataDog/datadog/latest/docs/resources/security_monitoring_rule

import { PortcullisError } from '../../errors/portcullis-error.ts';
import { isObject, own, type JsonObject } from '../../model/json.ts';
import { parseJson } from './datadog-json-reader.ts';
import { Losses, type ForeignRule } from './exchange.ts';
import { literalOf } from './hcl-template.ts';
import { parseHcl } from './parse-hcl.ts';
import { readDatadogRule } from './read-datadog-rule.ts';
import { apiName, terraformPath } from './terraform-names.ts';
import { withTrimmedTexts } from './trimmed-texts.ts';

const resourceType = 'datadog_security_monitoring_rule';

/**
 * The rules of a Terraform file, sorted by the names of their blocks.
 *
 * @param file the path shown in errors; one that ends in `.json` is Terraform's JSON
 * @param today the day of the import, `YYYY-MM-DD`
 * @throws PortcullisError `rule/bad-import` where the text is not Terraform's or holds no rule
 */
export async function readDatadogTerraform(
  text: string,
  file: string,
  today: string,
): Promise<readonly ForeignRule[]> {
  const parsed = /\.json$/i.test(file) ? parseJson(text, file) : await parseHcl(text, file);
  const document = await withTrimmedTexts(parsed, (part) => parseHcl(part, file));
  const rules = blocksOf(own(document, 'resource')).flatMap((resources) =>
    blocksOf(own(resources, resourceType)).flatMap((byLabel) =>
      Object.entries(byLabel).flatMap(([label, blocks]) =>
        blocksOf(blocks).map((block) => readResource(label, block, today)),
      ),
    ),
  );
  if (rules.length > 0) return rules;
  throw new PortcullisError('rule/bad-import', `the file holds no resource ${resourceType}`, {
    place: file,
    hint: 'Give the .tf file in which the rules themselves stand.',
  });
}

/** Several blocks of one name, or in Terraform's JSON the only one as it is. */
function blocksOf(value: unknown): readonly JsonObject[] {
  return (Array.isArray(value) ? (value as readonly unknown[]) : [value]).filter(isObject);
}

/** What Terraform asks of a resource of any kind, and what says nothing about the rule. */
const metaArguments = new Set(['lifecycle', 'depends_on', 'provider', 'validate', 'id']);

function readResource(label: string, block: JsonObject, today: string): ForeignRule {
  const losses = new Losses();
  for (const key of ['count', 'for_each']) {
    if (Object.hasOwn(block, key)) {
      losses.refuse(key, 'makes many rules of one block; write the rules out');
    }
  }
  const skipped = new Set([...metaArguments, 'count', 'for_each']);
  const json = readBlock(
    Object.fromEntries(Object.entries(block).filter(([key]) => !skipped.has(key))),
    '',
    losses,
  );
  const rule = readDatadogRule(json, today);
  return {
    name: rule.name === '' ? label : rule.name,
    draft: losses.isFatal ? null : rule.draft,
    losses: [
      ...losses.found,
      ...rule.losses.map(({ field, reason }) => ({ field: terraformPath(field), reason })),
    ],
  };
}

/** Blocks of which there is one at most, so that it is no list. */
function isSingle(name: string): boolean {
  return name === 'options' || name.endsWith('_options');
}

function readBlock(block: JsonObject, path: string, losses: Losses): JsonObject {
  const fields = new Map<string, unknown>();
  for (const [key, value] of Object.entries(block)) {
    const at = path === '' ? key : `${path}.${key}`;
    if (key === 'dynamic') {
      losses.refuse(at, 'makes blocks that Terraform computes; write the blocks out');
      continue;
    }
    const blocks = Array.isArray(value) ? (value as readonly unknown[]) : [value];
    if (blocks.length > 0 && blocks.every(isObject)) {
      const read = blocks.map((one, index) =>
        readBlock(one, isSingle(key) ? at : `${at}[${index}]`, losses),
      );
      fields.set(apiName(key, true), isSingle(key) ? read[0] : read);
      continue;
    }
    const read = readValue(value, at, losses);
    if (read !== undefined) fields.set(apiName(key, false), read);
  }
  // The provider's default, where the API's own would be another.
  if (/(?:^|\.)new_value_options$/.test(path) && !fields.has('learningDuration')) {
    fields.set('learningDuration', 1);
  }
  return Object.fromEntries(fields);
}

/** Fields without which a rule still detects what it detected. */
const dispensable = /^(?:message|tags(?:\[\d+\])?|case\[\d+\]\.notifications(?:\[\d+\])?)$/;

function readValue(value: unknown, path: string, losses: Losses): unknown {
  if (typeof value === 'string') {
    const literal = literalOf(value);
    if (literal !== null) return literal;
    const reason = `is computed by Terraform (${value.replaceAll(/\s+/g, ' ').slice(0, 60)})`;
    if (dispensable.test(path)) losses.add(path, `${reason}; it is left out`);
    else losses.refuse(path, `${reason}; write the value out`);
    return undefined;
  }
  if (!Array.isArray(value)) return value;
  return (value as readonly unknown[])
    .map((element, index) => readValue(element, `${path}[${index}]`, losses))
    .filter((element) => element !== undefined);
}
