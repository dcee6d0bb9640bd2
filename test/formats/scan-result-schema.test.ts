// docs/scan-result.schema.json is true: what is printed is valid by it, nothing is printed that it
// does not name, and docs/json.md says the same in tables.

import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { ScanResult } from '../../src/model/scan-result.ts';
import { renderJson } from '../../src/render/json.ts';
import { builtInRulesDirectory, loadRules } from '../../src/rules/load-rules.ts';
import { scan } from '../../src/scan.ts';
import { arbitraryResult } from '../support/arbitrary-results.ts';
import { aFullResult } from '../support/scan-results.ts';

const root = resolve(import.meta.dirname, '../..');
const corpus = resolve(root, '../shared/corpus/invictus');

const field = z.looseObject({
  description: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  $ref: z.string().optional(),
  const: z.number().optional(),
  enum: z.array(z.string()).optional(),
  items: z.looseObject({ $ref: z.string().optional(), type: z.string().optional() }).optional(),
  anyOf: z.array(z.looseObject({ $ref: z.string().optional() })).optional(),
});
type Field = z.infer<typeof field>;
const shape = z.looseObject({
  description: z.string(),
  required: z.array(z.string()).optional(),
  properties: z.record(z.string(), field).optional(),
});
const document = shape.extend({ $defs: z.record(z.string(), shape) });

const text = readFileSync(resolve(root, 'docs/scan-result.schema.json'), 'utf8');
const schema = document.parse(JSON.parse(text));
const page = readFileSync(resolve(root, 'docs/json.md'), 'utf8');

/** The schema lets unknown fields pass, for those of later versions; here each must be named. */
const closed = z
  .record(z.string(), z.unknown())
  .parse(
    JSON.parse(text, (_, value: unknown) =>
      shape.safeParse(value).data?.properties === undefined
        ? value
        : { ...z.looseObject({}).parse(value), additionalProperties: false },
    ),
  );
const isNamed = validator(closed);
const isValid = validator(schema);

function validator(of: object): ValidateFunction {
  return new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }).compile(of);
}

function printed(result: ScanResult): unknown {
  return JSON.parse([...renderJson(result)].join(''));
}

function errorsOf(value: unknown, validate = isNamed): string[] {
  validate(value);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

describe('what is printed is valid, and named to the last field', () => {
  test('for a little of everything', () => {
    expect(errorsOf(printed(aFullResult()))).toEqual([]);
  });

  test('whatever a record holds', () => {
    fc.assert(
      fc.property(arbitraryResult(), (result) => {
        expect(errorsOf(printed(result))).toEqual([]);
      }),
    );
  });

  test.skipIf(!existsSync(corpus))(`for the real files in ${corpus}`, async () => {
    const result = await scan([corpus], { rules: loadRules([builtInRulesDirectory()]) });
    expect(result.exposures).toHaveLength(1);
    expect(errorsOf(printed(result))).toEqual([]);
  });
});

describe('what is not as described is not valid', () => {
  const full = z.record(z.string(), z.unknown());

  test.each([
    ['a missing list', { problems: undefined }, " must have required property 'problems'"],
    ['another version', { schemaVersion: 2 }, '/schemaVersion must be equal to constant'],
    ['a field that is not named', { extra: 1 }, ' must NOT have additional properties'],
    ['a wrong type', { signals: {} }, '/signals must be array'],
    [
      'a wrong item',
      { problems: [{ file: 1, code: 'a', message: 'b' }] },
      '/problems/0/file must be string',
    ],
  ])('%s', (_, change, error) => {
    const changed: unknown = JSON.parse(
      JSON.stringify({ ...full.parse(printed(aFullResult())), ...change }),
    );
    expect(errorsOf(changed)).toContain(error);
  });

  test('but a field that is not named passes the schema as published', () => {
    const later = { ...full.parse(printed(aFullResult())), later: true };
    expect(errorsOf(later, isValid)).toEqual([]);
  });
});

describe('docs/json.md', () => {
  const shapes = [['document', schema], ...Object.entries(schema.$defs)] as const;

  test.each(shapes.filter(([, { properties }]) => properties !== undefined))(
    'has every field of %s, with type and meaning',
    (name, { properties = {}, required = [] }) => {
      const rows = Object.entries(properties).map(
        ([key, value]) =>
          `| \`${key}\` | ${typeText(value)} | ${meaning(value)}${required.includes(key) ? '' : ' _Optional._'} |`,
      );
      expect(tableOf(name)).toEqual(rows);
    },
  );
});

/** The rows of the table in the section of that name, blanks for alignment left out. */
function tableOf(section: string): string[] {
  const title = section === 'document' ? 'The document' : section;
  const [, body = ''] = page.split(new RegExp(`^## ${title}$`, 'im'));
  const [own = ''] = body.split(/^## /m);
  return own
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.replace(/ +/g, ' '));
}

function typeText({ type, $ref, const: constant, enum: values, items, anyOf }: Field): string {
  if (constant !== undefined) return `\`${constant}\``;
  if (values !== undefined) return values.map((value) => `\`"${value}"\``).join(', ');
  if ($ref !== undefined) return refText($ref);
  if (anyOf !== undefined) return anyOf.map((each) => refText(each.$ref)).join(' or ');
  if (items !== undefined)
    return `list of ${items.$ref === undefined ? items.type : refText(items.$ref)}`;
  return [type].flat().join(' or ');
}

function refText($ref: string | undefined): string {
  if ($ref === undefined) return 'null';
  const name = $ref.replace('#/$defs/', '');
  const values = schema.$defs[name]?.['enum'];
  return Array.isArray(values)
    ? values.map((value) => `\`"${value}"\``).join(', ')
    : `[${name}](#${name})`;
}

function meaning({ description, $ref }: Field): string {
  return description ?? schema.$defs[($ref ?? '').replace('#/$defs/', '')]?.description ?? '';
}
