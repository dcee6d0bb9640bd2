// One signal a line, with its exposures inside it, for tools that read line by line.

import type { ScanResult } from '../model/scan-result.ts';
import { exposureJson, safeJson, signalJson } from './machine-json.ts';

export function* renderNdjson(result: ScanResult): Generator<string> {
  const byId = new Map(result.exposures.map((exposure) => [exposure.id, exposure]));
  for (const signal of result.signals) {
    const exposures = signal.exposures.flatMap((id) => byId.get(id) ?? []);
    const line = { ...signalJson(signal), exposures: exposures.map(exposureJson) };
    yield `${safeJson(line)}\n`;
  }
}
