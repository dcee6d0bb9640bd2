// A mail server on this machine that remembers what came and answers as a test says.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export type ReceivedMail = {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and body, as sent. */
  readonly text: string;
  readonly isEncrypted: boolean;
  readonly user: string | null;
};

export type MailServer = {
  readonly port: number;
  readonly received: readonly ReceivedMail[];
  stop(): Promise<void>;
};

export type MailServerOptions = Pick<SMTPServerOptions, 'key' | 'cert' | 'secure'> & {
  /** Asked at each stage; an answer refuses with its code. */
  readonly refuse?: (
    stage: 'from' | 'to' | 'data' | 'auth',
  ) => { code: number; text: string } | null;
  /** Whether the connection may be encrypted. */
  readonly hasTls?: boolean;
  /** Takes a mail and never says so. */
  readonly hangs?: boolean;
};

export async function startMailServer({
  refuse = () => null,
  hasTls = false,
  hangs = false,
  ...tls
}: MailServerOptions = {}): Promise<MailServer> {
  const received: ReceivedMail[] = [];
  const refusal = (stage: 'from' | 'to' | 'data' | 'auth'): Error | null => {
    const answer = refuse(stage);
    return answer === null
      ? null
      : Object.assign(new Error(answer.text), { responseCode: answer.code });
  };
  const server = new SMTPServer({
    ...tls,
    authOptional: true,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    disabledCommands: hasTls ? [] : ['STARTTLS'],
    onMailFrom: (_, __, callback) => callback(refusal('from')),
    onRcptTo: (_, __, callback) => callback(refusal('to')),
    onAuth({ username }, _, callback) {
      const error = refusal('auth');
      if (error === null) callback(null, { user: username });
      else callback(error);
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom === false || mailFrom === undefined ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          text: Buffer.concat(chunks).toString('utf8'),
          isEncrypted: session.secure,
          user: session.user === undefined ? null : String(session.user),
        });
        if (!hangs) callback(refusal('data'));
      });
    },
  });
  server.on('error', () => {});
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const address = server.server.address() as AddressInfo;
  return {
    port: address.port,
    received,
    stop: () => new Promise((done) => server.close(() => done())),
  };
}

/** A key and a certificate for `localhost`; null where there is no openssl to make them. */
export function makeCertificate(folder: string): { key: string; cert: string } | null {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  try {
    execFileSync(
      'openssl',
      `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost`
        .split(' ')
        .concat('-keyout', key, '-out', cert),
      { stdio: 'ignore' },
    );
  } catch {
    return null;
  }
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}
