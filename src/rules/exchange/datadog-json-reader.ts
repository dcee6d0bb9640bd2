// Datadog rules as JSON: one rule, a list, or an answer of the API with `data`, in the flat form of
// the rules' own endpoints and in that of JSON:API, where a rule's fields are its `attributes`.

import { PortcullisError } from '../../errors/portcullis-error.ts';
import { isObject, own } from '../../model/json.ts';
import type { ForeignRule } from './exchange.ts';
import { readDatadogRule } from './read-datadog-rule.ts';

/**
 * The rules of a JSON document, in its order.
 *
 * @param file the path shown in errors
 * @param today the day of the import, `YYYY-MM-DD`
 * @throws PortcullisError `rule/bad-import` where the text is not JSON or holds no rule
 */
export function readDatadogJson(text: string, file: string, today: string): readonly ForeignRule[] {
  const rules = rulesOf(parseJson(text, file));
  if (rules.length > 0) return rules.map((rule) => readDatadogRule(rule, today));
  throw new PortcullisError('rule/bad-import', 'the file holds no Datadog rule', {
    place: file,
    hint: 'Give one rule, a list of rules, or an answer of the API as {"data": […]}.',
  });
}

function rulesOf(document: unknown): readonly unknown[] {
  if (Array.isArray(document)) return (document as readonly unknown[]).flatMap(rulesOf);
  if (!isObject(document)) return [document];
  if (Array.isArray(document['data']) || isObject(document['data']))
    return rulesOf(document['data']);
  const attributes = own(document, 'attributes');
  if (isObject(attributes)) return rulesOf(attributes);
  return 'name' in document || 'queries' in document ? [document] : [];
}

/** @throws PortcullisError `rule/bad-import` with the place */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    const [, line, column] = /line (\d+) column (\d+)/.exec(message) ?? [];
    throw new PortcullisError('rule/bad-import', 'not JSON', {
      place: line === undefined ? file : `${file}:${line}:${column}`,
      cause: error,
    });
  }
}
