// What a query on a signal is asked of: the signal's own fields, with its exposures in full, beside
// the attributes of a record that made it. docs/signal-attributes.md lists them.

import type { Exposure } from '../model/exposure.ts';
import type { JsonObject } from '../model/json.ts';
import type { Signal } from '../model/signal.ts';
import { deriveAttributes } from '../normalize/derive-attributes.ts';

/** Where a field of the signal and an attribute of the record have one name, the signal's counts. */
export function signalObject(
  signal: Signal,
  exposures: readonly Exposure[],
  record: JsonObject,
): JsonObject {
  return { ...deriveAttributes(record), ...signal, exposures };
}
