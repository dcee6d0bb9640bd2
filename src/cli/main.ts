#!/usr/bin/env node
// The command's entry. Keep what it imports at the top light: `--version` answers at once.

import { readFileSync } from 'node:fs';

const manifest = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { readonly version: string };

process.stdout.write(`${manifest.version}\n`);
