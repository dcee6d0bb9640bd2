// Mail over SMTP, as plain text and as HTML. Names from a log are text in both: nothing in them makes a
// header, a link or an element. All mails of a signal are one thread, and a mail that is sent again has
// the same id.

import { createHash } from 'node:crypto';
import type { SMTPTransportOptions } from 'nodemailer';
import { z } from 'zod';
import { PortcullisError } from '../errors/portcullis-error.ts';
import type { Notice } from '../model/stored.ts';
import type { SendOutcome } from '../ports.ts';
import { oneLine } from '../render/words.ts';
import { escapeHtml } from '../template/escape.ts';
import { type Channel, forEach, refused, retry, sent } from './channel.ts';
import { commonFields, type Frozen } from './common-fields.ts';
import { fit } from './fit.ts';
import { isLoopback, networkReason } from './http-post.ts';
import { redact, reveal, secret } from './secrets.ts';
import {
  digestMark,
  digestTitle,
  type Fact,
  headline,
  mark,
  type Step,
  type Story,
  storyOf,
} from './story.ts';
import type { Surroundings } from './surroundings.ts';

const addressExpected = 'a mail address, such as oncall@example.com';
const address = z
  .string(addressExpected)
  .max(254, addressExpected)
  .regex(/^[^\s@<>(),;:"[\]\\]+@[^\s@<>(),;:"[\]\\]+$/, addressExpected);

export const emailConfig = z.strictObject({
  ...commonFields,
  type: z.literal('email'),
  host: z
    .string('the name of the mail server')
    .regex(/^[\w.:-]{1,253}$/, 'the name of the mail server')
    .describe('The mail server.'),
  port: z.int('a port').min(1, 'a port').max(65_535, 'a port').default(587).describe('Its port.'),
  security: z
    .enum(['tls', 'starttls', 'none'], 'one of tls, starttls, none')
    .default('starttls')
    .describe('tls from the first byte on, as on port 465; starttls; none on this machine alone.'),
  user: secret('the user, or ${NAME} for an environment variable')
    .optional()
    .describe('Who logs in there.'),
  password: secret('the password, or ${NAME} for an environment variable')
    .optional()
    .describe('With what.'),
  from: address.describe('The sender.'),
  to: z
    .array(address, 'a list of mail addresses')
    .min(1, 'at least one address')
    .max(100, 'at most 100 addresses')
    .describe('The recipients.'),
});

export type EmailConfig = Frozen<z.infer<typeof emailConfig>>;

export type Mail = {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId: string;
  /** The thread; null for a mail that lists several signals. */
  readonly references: string | null;
  /** What receivers may drop repetitions by. */
  readonly keys: string;
};

const SUBJECT = 180;
const VALUE = 1000;

export function createEmail(config: EmailConfig, surroundings: Surroundings): Channel {
  const place = `channel ${config.name}`;
  const { env, timeoutMs } = surroundings;
  if (config.security === 'none' && !isLoopback(config.host)) {
    throw new PortcullisError(
      'notify/bad-channel',
      `${place} would not be encrypted; security none is for a mail server on this machine alone`,
      { hint: 'Set security to starttls or tls.' },
    );
  }
  const user = revealed(config.user, `the user of ${place}`, env);
  const password = revealed(config.password, `the password of ${place}`, env);
  const options: SMTPTransportOptions = {
    host: config.host,
    port: config.port,
    secure: config.security === 'tls',
    requireTLS: config.security === 'starttls',
    ignoreTLS: config.security === 'none',
    ...(user === null ? {} : { auth: { user, pass: password ?? '' } }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
  const secrets = [user ?? '', password ?? ''];
  return {
    name: config.name,
    isForPeople: true,
    maxNotices: 100,
    async send(notices, signal) {
      const mail = mailOf(notices, domainOf(config.from));
      return forEach(notices, await deliver(config, options, mail, secrets, timeoutMs, signal));
    },
  };
}

function revealed(
  written: string | undefined,
  place: string,
  env: Surroundings['env'],
): string | null {
  return written === undefined ? null : reveal(written, place, env);
}

async function deliver(
  { from, to }: EmailConfig,
  options: SMTPTransportOptions,
  mail: Mail,
  secrets: readonly string[],
  timeoutMs: number,
  given: AbortSignal,
): Promise<SendOutcome> {
  const { createTransport } = await import('nodemailer');
  const limit = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([given, limit]);
  const transport = createTransport(options);
  const close = (): void => transport.close();
  try {
    signal.throwIfAborted();
    const ended = new Promise<never>((_, fail) => {
      signal.addEventListener('abort', () => fail(new Error('aborted')), { once: true });
    });
    await Promise.race([
      transport.sendMail({
        from,
        to: [...to],
        subject: mail.subject,
        text: mail.text,
        html: mail.html,
        messageId: mail.messageId,
        ...(mail.references === null ? {} : { references: [mail.references] }),
        headers: { 'X-Portcullis-Idempotency-Key': mail.keys, 'Auto-Submitted': 'auto-generated' },
        signal,
      }),
      ended,
    ]);
    return sent;
  } catch (error) {
    if (given.aborted) return retry('sending was interrupted');
    if (limit.aborted) return retry(`no answer within ${Math.ceil(timeoutMs / 1000)} seconds`);
    return outcomeOf(error, secrets);
  } finally {
    close();
  }
}

/** Answers that begin with 5 are final, and so is a password that is not taken. */
function outcomeOf(error: unknown, secrets: readonly string[]): SendOutcome {
  const code = numberAt(error, 'responseCode');
  if (code === null) return retry(`no connection (${networkReason(error)})`);
  const answer = error instanceof Error && 'response' in error ? String(error.response) : '';
  const said = oneLine(redact(answer, secrets)).slice(0, 200);
  return code >= 500 ? refused(`SMTP ${said}`) : retry(`SMTP ${said}`);
}

function numberAt(error: unknown, key: string): number | null {
  const value: unknown = error instanceof Error ? Reflect.get(error, key) : null;
  return typeof value === 'number' ? value : null;
}

/** One notice in full, several as a list. @param domain of the sender, for ids */
export function mailOf(notices: readonly Notice[], domain: string): Mail {
  const stories = notices.map(storyOf);
  const [notice] = notices;
  const [story] = stories;
  const keys = notices.map(({ key }) => key);
  const ids = {
    messageId: `<${digestOf(keys)}@${domain}>`,
    keys: keys.length === 1 ? asciiText(keys.join('')) : digestOf(keys),
  };
  if (notice !== undefined && story !== undefined && notices.length === 1) {
    return {
      ...ids,
      references: `<${digestOf([notice.signal.id])}.signal@${domain}>`,
      subject: fit(`[Portcullis] ${headline(story)}`, SUBJECT),
      text: plainText(story),
      html: page(htmlOf(story), colorOf(story)),
    };
  }
  const title = digestTitle(stories);
  return {
    ...ids,
    references: null,
    subject: `[Portcullis] ${title}`,
    text: `${digestMark(stories)} ${title}\n\n${stories.map(plainLine).join('\n')}\n`,
    html: page(
      `<h1 style="${styles.title}">${escapeHtml(title)}</h1><ul style="${styles.list}">${stories
        .map((each) => `<li>${escapeHtml(plainLine(each))}</li>`)
        .join('')}</ul>`,
      '#1d2733',
    ),
  };
}

function plainLine(story: Story): string {
  return `${mark(story)} ${fit(headline(story), VALUE)}`;
}

/** A notice in words, as the plain part of a mail has it. */
export function mailText(notice: Notice): string {
  return plainText(storyOf(notice));
}

function plainText(story: Story): string {
  const width = Math.max(...story.facts.map(({ name }) => name.length)) + 2;
  return [
    plainLine(story),
    '',
    fit(story.summary, VALUE),
    '',
    ...story.facts.map(({ name, value }) => `${`${name}:`.padEnd(width)}${fit(value, VALUE)}`),
    ...(story.steps.length === 0 ? [] : ['', 'What to do now:']),
    ...story.steps.flatMap(({ text, command }) => [
      `- ${fit(text, VALUE)}`,
      ...(command === null ? [] : [`    ${fit(command, VALUE)}`]),
    ]),
    ...(story.consoleUrl === null ? [] : ['', `The group: ${story.consoleUrl}`]),
    '',
  ].join('\n');
}

const styles = {
  body: 'margin:0;padding:24px;background:#f4f5f7;font:14px/1.5 -apple-system,Segoe UI,Roboto,Arial,sans-serif;color:#1d2733',
  card: 'max-width:640px;margin:0 auto;background:#ffffff;border-radius:8px;padding:24px;border-top:4px solid ',
  title: 'font-size:18px;line-height:1.35;margin:0 0 12px',
  badge:
    'display:inline-block;padding:1px 8px;border-radius:10px;color:#ffffff;font-size:12px;font-weight:600;background:',
  name: 'padding:3px 16px 3px 0;color:#5b6776;vertical-align:top;white-space:nowrap',
  value: 'padding:3px 0;word-break:break-word',
  code: 'display:block;margin:4px 0 0;padding:6px 10px;background:#f4f5f7;border-radius:4px;font:13px Menlo,Consolas,monospace',
  list: 'padding-left:20px;margin:0',
  button:
    'display:inline-block;margin-top:16px;padding:8px 16px;border-radius:4px;background:#1f5fbf;color:#ffffff;text-decoration:none',
} as const;

const colors = {
  critical: '#7a1fa2',
  high: '#c62828',
  medium: '#c75300',
  low: '#8a6d00',
  info: '#1f5fbf',
} as const;

function htmlOf(story: Story): string {
  const { severity, what, title, summary, facts, steps, consoleUrl } = story;
  return [
    `<p style="margin:0 0 8px"><span style="${styles.badge}${colorOf(story)}">${severity.toUpperCase()}</span> ${escaped(what)}</p>`,
    `<h1 style="${styles.title}">${escaped(title)}</h1>`,
    `<p>${escaped(summary)}</p>`,
    `<table role="presentation" style="border-collapse:collapse">${facts.map(rowHtml).join('')}</table>`,
    steps.length === 0
      ? ''
      : `<h2 style="font-size:15px;margin:20px 0 8px">What to do now</h2><ol style="${styles.list}">${steps.map(stepHtml).join('')}</ol>`,
    consoleUrl === null
      ? ''
      : `<a href="${escapeHtml(consoleUrl)}" style="${styles.button}">Open the group in the AWS console</a>`,
  ].join('\n');
}

function colorOf({ isOpen, severity }: Story): string {
  return isOpen ? colors[severity] : '#2e7d32';
}

function rowHtml({ name, value }: Fact): string {
  return `<tr><td style="${styles.name}">${name}</td><td style="${styles.value}">${escaped(value)}</td></tr>\n`;
}

function stepHtml({ text, command }: Step): string {
  const code = command === null ? '' : `<code style="${styles.code}">${escaped(command)}</code>`;
  return `<li style="margin-bottom:8px">${escaped(text)}${code}</li>`;
}

function escaped(text: string): string {
  return escapeHtml(fit(text, VALUE));
}

function page(content: string, color: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="format-detection" content="telephone=no,address=no,email=no,url=no"></head>
<body style="${styles.body}"><div style="${styles.card}${color}">
${content}
</div></body></html>
`;
}

function domainOf(address_: string): string {
  return address_.slice(address_.lastIndexOf('@') + 1);
}

function digestOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 40);
}

function asciiText(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll('%2F', '/').slice(0, 500);
}
