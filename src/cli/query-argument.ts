// A query on the command line: checked before anything is read, so that a slip costs no scan.

import { PortcullisError } from '../errors/portcullis-error.ts';
import { parseQuery, QueryError } from '../query/index.ts';

/** @throws PortcullisError `usage/bad-option` with a caret under the place */
export function readQueryArgument(option: string, text: string): string {
  try {
    parseQuery(text);
    return text;
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    const [line = '', caret = ''] = error.render().split('\n');
    throw new PortcullisError(
      'usage/bad-option',
      `the query of ${option} does not parse:\n  ${line}\n  ${caret}`,
      { hint: error.hint, cause: error },
    );
  }
}
