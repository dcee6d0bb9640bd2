// Reads the examples.yaml beside a rule. Scans never need it; validating and testing rules does.

import { join } from 'node:path';
import { PortcullisError } from '../errors/portcullis-error.ts';
import { readText, shownPath } from './load-rules.ts';
import { parseExamples, type Example } from './parse-examples.ts';

export type ExamplesReading = {
  /** The path of examples.yaml as a person sees it. */
  readonly file: string;
  /** The cases; null where there is no examples.yaml. */
  readonly examples: readonly Example[] | null;
  readonly errors: readonly PortcullisError[];
};

export async function loadExamples(folder: string): Promise<ExamplesReading> {
  const path = join(folder, 'examples.yaml');
  const file = shownPath(path);
  try {
    const result = parseExamples(await readText(path), file);
    return result.ok
      ? { file, examples: result.examples, errors: [] }
      : { file, examples: [], errors: result.errors };
  } catch (error) {
    if (error instanceof PortcullisError) return { file, examples: [], errors: [error] };
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return { file, examples: null, errors: [] };
    }
    const failure = new PortcullisError('rule/not-readable', 'reading it failed', {
      place: file,
      cause: error,
    });
    return { file, examples: [], errors: [failure] };
  }
}
