// The page about the configuration: its example is complete and loads, and its table lists every
// environment variable.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { configJsonSchema } from '../../src/config/config-json-schema.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { settingVariables } from '../../src/config/setting-variables.ts';
import { projectRoot } from '../support/project-copy.ts';

const page = readFileSync(resolve(projectRoot, 'docs/configuration.md'), 'utf8');
const example = /^```yaml\n([^]*?)^```$/m.exec(page)?.[1] ?? '';

test('the example loads', () => {
  const reading = parseConfig(example, 'docs/configuration.md', []);
  expect(reading.ok ? [] : reading.errors).toEqual([]);
});

const node = z.looseObject({
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
  oneOf: z.array(z.unknown()).optional(),
  description: z.string().optional(),
});

type Setting = { readonly path: string; readonly description: string | undefined };

function settingsIn(schema: unknown, path: string): readonly Setting[] {
  const { properties = {}, items, oneOf = [] } = node.parse(schema);
  return [
    ...Object.entries(properties).flatMap(([key, field]) => {
      const inner = path === '' ? key : `${path}.${key}`;
      return [
        { path: inner, description: node.parse(field).description },
        ...settingsIn(field, inner),
      ];
    }),
    ...(items === undefined ? [] : settingsIn(items, `${path}[]`)),
    ...oneOf.flatMap((option) => settingsIn(option, path)),
  ];
}

function pathsIn(value: unknown, path: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => pathsIn(item, `${path}[]`));
  const mapping = z.record(z.string(), z.unknown()).safeParse(value);
  if (!mapping.success) return [];
  return Object.entries(mapping.data).flatMap(([key, inner]) => {
    const at = path === '' ? key : `${path}.${key}`;
    return [at, ...pathsIn(inner, at)];
  });
}

const settings = settingsIn(configJsonSchema(), '');

test('the example has every setting there is', () => {
  const shown = new Set(pathsIn(parse(example), ''));
  const missing = settings.map(({ path }) => path).filter((path) => !shown.has(path));
  expect(missing).toEqual([]);
  expect(settings.length).toBeGreaterThan(40);
});

test('the JSON schema takes the example, refuses a misspelled setting, and holds nothing internal', () => {
  const schema = configJsonSchema();
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);
  expect(validate(parse(example))).toBe(true);
  expect(validate({ sevre: {} })).toBe(false);
  expect(validate({ sources: [{ name: 'a', kind: 'sqss' }] })).toBe(false);
  expect(JSON.stringify(schema)).not.toMatch(/isSecret|mayHavePassword/);
});

test('the table lists every environment variable with its setting', () => {
  const rows = [...page.matchAll(/^\| `(PORTCULLIS_\w+)` +\| `([\w.]+)` +\|$/gm)].map(
    ([, name, path]) => `${name} ${path}`,
  );
  expect(rows).toEqual(settingVariables.map(({ name, path }) => `${name} ${path.join('.')}`));
});
