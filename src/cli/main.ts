#!/usr/bin/env node
// The command's entry. What it imports at the top is kept light: `--version` answers at once, and a
// command loads only what it needs.

import { keepCompiledCode } from './compile-cache.ts';

keepCompiledCode();

const [first] = process.argv.slice(2);
if (first === '--version' || first === '-V') {
  const { version } = await import('./version.ts');
  process.stdout.write(`${version}\n`);
} else {
  if (first === 'scan') {
    const { startThreadsFor } = await import('./early-threads.ts');
    startThreadsFor(process.argv.slice(3));
  }
  const { run } = await import('./run.ts');
  process.exitCode = await run(process.argv.slice(2));
}
