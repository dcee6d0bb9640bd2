// Checks a YAML file against a schema and says, for each field that is wrong, where it stands, what
// was found and what was expected. The schema's own messages are those expectations.

import { z } from 'zod';
import { PortcullisError } from '../errors/portcullis-error.ts';
import { isObject, own } from '../model/json.ts';
import { didYouMean } from './did-you-mean.ts';
import type { YamlFile, YamlPath } from './yaml-file.ts';

export type Shape<T> =
  | { readonly ok: true; readonly data: T }
  | { readonly ok: false; readonly errors: readonly PortcullisError[] };

/** The data of the file with defaults filled in, or everything that is wrong with its shape. */
export function checkShape<T extends z.ZodType>(schema: T, yaml: YamlFile): Shape<z.infer<T>> {
  const result = schema.safeParse(yaml.data);
  if (result.success) return { ok: true, data: result.data };
  // A misspelled field is also a missing one; what was misspelled is the better thing to say first.
  const issues = result.error.issues.toSorted(
    (a, b) => Number(isUnknown(b)) - Number(isUnknown(a)),
  );
  return { ok: false, errors: issues.flatMap((issue) => issueErrors(issue, schema, yaml)) };
}

/** One field's error, for checks that go beyond the schema. `found` replaces the value shown. */
export function fieldError(
  yaml: YamlFile,
  path: YamlPath,
  expected: string,
  details: { readonly found?: string; readonly hint?: string } = {},
): PortcullisError {
  const found = details.found ?? `is ${shown(valueAt(yaml.data, path))}`;
  return new PortcullisError('rule/bad-field', `${pathText(path)} ${found}; expected ${expected}`, {
    place: yaml.place(path),
    ...(details.hint === undefined ? {} : { hint: details.hint }),
  });
}

function isUnknown(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'unrecognized_keys';
}

function issueErrors(
  issue: z.core.$ZodIssue,
  schema: z.ZodType,
  yaml: YamlFile,
): readonly PortcullisError[] {
  const path = issue.path.filter((step) => typeof step !== 'symbol');
  if (issue.code === 'unrecognized_keys') {
    const known = fieldsAt(schemaAt(schema, path, yaml.data));
    return issue.keys.map((key) => unknownField(yaml, path, key, known));
  }
  if (isMissing(yaml.data, path)) {
    const parent = path.slice(0, -1);
    return [
      new PortcullisError(
        'rule/bad-field',
        `${pathText(path)} is missing; expected ${issue.message}`,
        { place: yaml.place(parent), hint: `Add the field \`${String(path.at(-1))}\`.` },
      ),
    ];
  }
  // What may be a secret is not shown, whatever it is instead.
  const marks = z.globalRegistry.get(schemaAt(schema, path, yaml.data) ?? schema);
  const isHidden = own(marks, 'isSecret') === true || own(marks, 'mayHavePassword') === true;
  const details = isHidden ? { found: 'is of another kind' } : mistakenWord(issue, yaml, path);
  return [fieldError(yaml, path, issue.message, details)];
}

function unknownField(
  yaml: YamlFile,
  path: YamlPath,
  key: string,
  known: readonly string[],
): PortcullisError {
  const meant = didYouMean(key, known);
  const expected = path.length === 0 ? 'one of' : `${pathText(path)} to have only`;
  return new PortcullisError(
    'rule/bad-field',
    `unknown field ${shown(key)}; expected ${expected} ${known.join(', ')}`,
    {
      place: yaml.placeOfKey([...path, key]),
      hint:
        meant === undefined ? 'Remove it, or correct its spelling.' : `Did you mean \`${meant}\`?`,
    },
  );
}

/** A hint for a value that is a misspelled choice, such as `hgih` for a severity. */
function mistakenWord(
  issue: z.core.$ZodIssue,
  yaml: YamlFile,
  path: YamlPath,
): { readonly hint?: string } {
  const value = valueAt(yaml.data, path);
  // The kinds of a union of objects, which zod's types do not mention.
  const kinds = own(issue, 'options');
  const choices = issue.code === 'invalid_value' ? issue.values : Array.isArray(kinds) ? kinds : [];
  const meant = typeof value === 'string' ? didYouMean(value, choices.map(String)) : undefined;
  return meant === undefined ? {} : { hint: `Did you mean \`${meant}\`?` };
}

/** What is expected at the path; undefined where the schema says nothing of it. */
function schemaAt(
  schema: z.core.$ZodType,
  path: YamlPath,
  data: unknown,
): z.core.$ZodType | undefined {
  let at: z.core.$ZodType = unwrap(schema, data);
  for (const [index, step] of path.entries()) {
    const value = valueAt(data, path.slice(0, index + 1));
    if (at instanceof z.ZodObject) {
      const shape = at.shape as Readonly<Record<string, z.core.$ZodType>>;
      const field = shape[step];
      if (field === undefined) return undefined;
      at = unwrap(field, value);
    } else if (at instanceof z.ZodArray) at = unwrap(at.element, value);
    else if (at instanceof z.ZodRecord) at = unwrap(at.valueType, value);
    else return undefined;
  }
  return at;
}

/** The names that the object may have. */
function fieldsAt(schema: z.core.$ZodType | undefined): readonly string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** Without defaults and the like; of kinds of objects, the one that the value says it is. */
function unwrap(schema: z.core.$ZodType, value: unknown): z.core.$ZodType {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return unwrap(schema.unwrap(), value);
  }
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return schema;
  const { discriminator } = schema.def;
  const kind = valueAt(value, [discriminator]);
  const options: readonly z.core.$ZodType[] = schema.options;
  const named = options.find(
    (option) =>
      option instanceof z.ZodObject &&
      z.safeParse(
        (option.shape as Readonly<Record<string, z.core.$ZodType>>)[discriminator] ?? z.never(),
        kind,
      ).success,
  );
  return named ?? schema;
}

function isMissing(data: unknown, path: YamlPath): boolean {
  const key = path.at(-1);
  const parent = valueAt(data, path.slice(0, -1));
  return typeof key === 'string' && isObject(parent) && !Object.hasOwn(parent, key);
}

function valueAt(data: unknown, path: YamlPath): unknown {
  let value = data;
  for (const step of path) {
    if (Array.isArray(value) && typeof step === 'number') value = (value as unknown[])[step];
    else if (isObject(value) && Object.hasOwn(value, step)) value = value[step];
    else return undefined;
  }
  return value;
}

/** `exposure.ports[2].port`; the top of the file is "the file". */
export function pathText(path: YamlPath): string {
  if (path.length === 0) return 'the file';
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}

/** A value for an error text: short, on one line, without control characters. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return 'empty';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a mapping';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
