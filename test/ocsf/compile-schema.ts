// The published OCSF schema, compiled from its source by the OCSF project's own compiler. That needs
// Python 3.14, which few systems have, so it runs in the Python that the package pyodide carries.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadPyodide } from 'pyodide';
import { z } from 'zod';

const root = resolve(import.meta.dirname, '../..');

/** Source of OCSF 1.8.0, which is not part of the project; tests that need it are skipped without. */
export const schemaSource = resolve(root, '../shared/corpus/ocsf-1.8.0');

const compiler = resolve(root, '.portcullis/venv/ocsf');

const attribute = z.object({
  type: z.string(),
  object_type: z.string().optional(),
  is_array: z.boolean().optional(),
  requirement: z.enum(['required', 'recommended', 'optional']),
  /** The attribute exists in events that apply one of these; absent or null: always. */
  profiles: z.array(z.string()).nullish(),
  enum: z.record(z.string(), z.object({ caption: z.string() })).optional(),
  /** The attribute that holds the caption of this enumeration's value. */
  sibling: z.string().optional(),
  '@deprecated': z.object({ message: z.string() }).optional(),
});

const item = z.object({
  name: z.string(),
  attributes: z.record(z.string(), attribute),
  constraints: z.partialRecord(z.enum(['at_least_one', 'just_one']), z.array(z.string())).nullish(),
});

const compiled = z.object({
  version: z.string(),
  classes: z.record(z.string(), item.extend({ uid: z.number(), profiles: z.array(z.string()) })),
  objects: z.record(z.string(), item),
  dictionary: z.object({
    types: z.object({
      attributes: z.record(
        z.string(),
        z.object({
          type: z.string().optional(),
          regex: z.string().optional(),
          max_len: z.number().optional(),
          range: z.tuple([z.number(), z.number()]).optional(),
        }),
      ),
    }),
  }),
});

export type OcsfAttribute = z.infer<typeof attribute>;
export type OcsfItem = z.infer<typeof item>;
export type OcsfSchema = z.infer<typeof compiled>;

const program = `
import json, sys
sys.path.insert(0, '/compiler')
from pathlib import Path
from ocsf_schema_compiler.compiler import SchemaCompiler
json.dumps(SchemaCompiler(Path('/schema')).compile())
`;

export async function compileSchema(): Promise<OcsfSchema> {
  if (!existsSync(compiler)) throw new Error(`There is no ${compiler}: \`npm test\` sets it up.`);
  const python = await loadPyodide();
  python.mountNodeFS('/schema', schemaSource);
  python.mountNodeFS('/compiler', compiler);
  return compiled.parse(JSON.parse(String(python.runPython(program))));
}
