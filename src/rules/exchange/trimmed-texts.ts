// Texts that Terraform computes by taking line ends off a heredoc, as in `chomp(<<EOT … EOT)`: the
// usual way to write a text of several lines that does not end in one. These alone are computed.

import { isObject } from '../../model/json.ts';
import { literalOf, templateOf } from './hcl-template.ts';

const call = /^\$\{\s*(chomp|trimspace)\s*\(([^]*)\)\s*\}$/;

type Trimmed = (text: string) => string;

/** https://developer.hashicorp.com/terraform/language/functions/chomp and …/trimspace */
const functions: Readonly<Record<string, Trimmed>> = {
  chomp: (text) => text.replace(/(?:\r?\n|\r)+$/, ''),
  trimspace: (text) => text.trim(),
};

/**
 * The document with these texts in place of their calls.
 *
 * @param parse HCL to plain values; throws where the text is not HCL
 */
export async function withTrimmedTexts(
  document: unknown,
  parse: (text: string) => Promise<unknown>,
): Promise<unknown> {
  const calls = [...new Set(callsIn(document))];
  if (calls.length === 0) return document;
  const texts = new Map<string, string>();
  // All in one go; where one of them is something else, each on its own.
  if (!(await compute(calls, parse, texts))) {
    for (const one of calls) await compute([one], parse, texts);
  }
  return replaced(document, texts);
}

function callsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return call.test(value) ? [value] : [];
  if (Array.isArray(value)) return (value as readonly unknown[]).flatMap(callsIn);
  return isObject(value) ? Object.values(value).flatMap(callsIn) : [];
}

async function compute(
  calls: readonly string[],
  parse: (text: string) => Promise<unknown>,
  texts: Map<string, string>,
): Promise<boolean> {
  const lines = calls.map((one, index) => `v${index} = ${(call.exec(one)?.[2] ?? '').trim()}\n`);
  let values: unknown;
  try {
    values = await parse(lines.join(''));
  } catch {
    return false;
  }
  if (!isObject(values) || Object.keys(values).length !== calls.length) return false;
  calls.forEach((one, index) => {
    const [, name = ''] = call.exec(one) ?? [];
    const value = values[`v${index}`];
    const text = typeof value === 'string' ? literalOf(value) : null;
    if (text !== null) texts.set(one, templateOf(functions[name]?.(text) ?? text));
  });
  return true;
}

function replaced(value: unknown, texts: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return texts.get(value) ?? value;
  if (Array.isArray(value)) {
    return (value as readonly unknown[]).map((element) => replaced(element, texts));
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, replaced(inner, texts)]),
  );
}
