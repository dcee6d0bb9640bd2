// The JSON schema of the file, for editors: what may stand where, with descriptions and defaults.

import { z } from 'zod';
import type { JsonObject } from '../model/json.ts';
import { configSchema } from './config-schema.ts';

const internalKeys = ['isSecret', 'mayHavePassword'] as const;

export function configJsonSchema(): JsonObject {
  const schema = z.toJSONSchema(configSchema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      for (const key of internalKeys) delete jsonSchema[key];
    },
  });
  return { ...schema, title: 'The configuration of Portcullis, portcullis.yaml' };
}
