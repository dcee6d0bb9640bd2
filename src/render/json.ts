// The machine-readable document, described in docs/json.md. It is valid JSON of one shape whatever
// was found, in chunks of one item each.

import type { ScanResult } from '../model/scan-result.ts';
import {
  exposureJson,
  notRunJson,
  problemJson,
  safeJson,
  signalJson,
  statsJson,
  suppressedJson,
  undeterminedJson,
} from './machine-json.ts';

export function* renderJson(result: ScanResult): Generator<string> {
  yield `{\n  "schemaVersion": ${result.schemaVersion},\n`;
  yield `  "stats": ${indented(statsJson(result.stats), '  ')},\n`;
  yield* list('signals', result.signals, signalJson);
  yield ',\n';
  yield* list('exposures', result.exposures, exposureJson);
  yield ',\n';
  yield* list('undetermined', result.undetermined, undeterminedJson);
  yield ',\n';
  yield* list('problems', result.problems, problemJson);
  if (result.notRun !== undefined) {
    yield ',\n';
    yield* list('notRun', result.notRun, notRunJson);
  }
  if (result.suppressed !== undefined) {
    yield `,\n  "suppressed": ${indented(suppressedJson(result.suppressed), '  ')}`;
  }
  yield '\n}\n';
}

function* list<T>(
  name: string,
  items: readonly T[],
  shape: (item: T) => unknown,
): Generator<string> {
  yield `  "${name}": [`;
  for (const [index, item] of items.entries()) {
    yield `${index === 0 ? '' : ','}\n    ${indented(shape(item), '    ')}`;
  }
  yield items.length === 0 ? ']' : '\n  ]';
}

function indented(value: unknown, indent: string): string {
  return safeJson(value, 2).replaceAll('\n', `\n${indent}`);
}
