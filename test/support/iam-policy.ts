// The policies in deploy/iam, as far as tests look into them.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { projectRoot } from './project-copy.ts';

const policy = z.strictObject({
  Version: z.literal('2012-10-17'),
  Statement: z.array(
    z.strictObject({
      Sid: z.string(),
      Effect: z.literal('Allow'),
      Action: z.array(z.string()),
      Resource: z.union([z.string(), z.array(z.string())]),
      Condition: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
});

/** Every action that `deploy/iam/NAME.json` allows, sorted. */
export function allowedActions(name: string): readonly string[] {
  const file = resolve(projectRoot, 'deploy/iam', `${name}.json`);
  const { Statement } = policy.parse(JSON.parse(readFileSync(file, 'utf8')));
  return Statement.flatMap(({ Action }) => Action).toSorted();
}
