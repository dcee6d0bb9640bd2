// The configuration as text: YAML that could be a file of its own, or JSON. Secrets are masked.

import { stringify } from 'yaml';
import type { Config } from './config-schema.ts';
import { maskConfig } from './secrets.ts';

export function printConfig(config: Config, format: 'yaml' | 'json' = 'yaml'): string {
  const masked = maskConfig(config);
  return format === 'json'
    ? `${JSON.stringify(masked, null, 2)}\n`
    : stringify(masked, { lineWidth: 0, aliasDuplicateObjects: false });
}
