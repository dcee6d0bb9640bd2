// Where the example estate's CloudTrail files are.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PortcullisError } from '../errors/portcullis-error.ts';

/** From the sources and from an installed package alike. */
export function exampleEstate(): string {
  const folder = join(import.meta.dirname, '../../examples/cloudtrail');
  if (existsSync(folder)) return folder;
  throw new PortcullisError('usage/no-input', 'the example estate is not there', { place: folder });
}
