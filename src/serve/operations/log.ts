// The server's own log: a line of JSON for each thing. What may hold a secret is not logged in the first
// place; should it come along inside something else, it is taken out.

import { pino, stdTimeFunctions, type Logger } from 'pino';

export type LogOptions = {
  /** From `fatal` to `trace`; `silent` for nothing. */
  readonly level?: string;
  readonly destination?: { write(line: string): void };
};

const secrets = [
  'authorization',
  'cookie',
  'token',
  'secret',
  'clientSecret',
  'password',
  'code',
  'state',
  'access_token',
  'id_token',
  'refresh_token',
];

export function createLog({ level = 'info', destination }: LogOptions = {}): Logger {
  const options = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    messageKey: 'message',
    formatters: { level: (label: string) => ({ level: label }) },
    redact: {
      paths: secrets
        .flatMap((name) =>
          name === 'code' || name === 'state' ? [] : [name, `*.${name}`, `*.*.${name}`],
        )
        .concat(['headers.code', 'query.code', 'query.state']),
      censor: '[redacted]',
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
