// The version, as package.json has it: beside `src` and beside `dist` alike.

import { readFileSync } from 'node:fs';
import { asText, own } from '../model/json.ts';

const manifest: unknown = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
);

export const version = asText(own(manifest, 'version')) ?? 'unknown';
