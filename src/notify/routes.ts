// Which channels are told of a notice. Pure, so that it can be asked in the transaction that makes the
// notice; when it is sent is decided later.

import { severities, type Severity } from '../model/exposure.ts';
import type { Notice } from '../model/stored.ts';
import { compileQuery } from '../query/index.ts';
import { signalObject } from '../track/signal-object.ts';

export type Route = {
  /** Name of the channel. */
  readonly name: string;
  /** A query on the signal; absent for all. docs/signal-attributes.md lists what it can ask for. */
  readonly query?: string | undefined;
  readonly minimumSeverity: Severity;
  readonly kinds: readonly Notice['kind'][];
};

/** Throws a QueryError for a query that does not parse. */
export function compileRoutes(routes: readonly Route[]): (notice: Notice) => readonly string[] {
  const compiled = routes.map(({ name, query, minimumSeverity, kinds }) => ({
    name,
    matches: query === undefined ? null : compileQuery(query),
    least: severities.indexOf(minimumSeverity),
    kinds: new Set(kinds),
  }));
  return ({ kind, signal, exposures }) => {
    const severity = severities.indexOf(signal.severity);
    const wanted = compiled.filter(({ kinds, least }) => kinds.has(kind) && severity >= least);
    if (wanted.every(({ matches }) => matches === null)) return wanted.map(({ name }) => name);
    const object = signalObject(signal, exposures, {});
    return wanted
      .filter(({ matches }) => matches === null || matches(object))
      .map(({ name }) => name);
  };
}
