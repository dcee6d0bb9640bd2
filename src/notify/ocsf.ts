// OCSF Detection Findings, one for each notice: appended to a file, line by line and on disk before
// they count as sent, or posted to a receiver one by one.

import { open } from 'node:fs/promises';
import { z } from 'zod';
import { asObject, type JsonObject } from '../model/json.ts';
import type { Notice } from '../model/stored.ts';
import type { SendOutcome } from '../ports.ts';
import { safeJson } from '../render/machine-json.ts';
import { detectionFinding } from '../render/ocsf.ts';
import { type Channel, forEach, oneByOne, retry, sent } from './channel.ts';
import { commonFields, type Frozen } from './common-fields.ts';
import { networkReason, post, receiverUrl } from './http-post.ts';
import { reveal, secret } from './secrets.ts';
import type { Surroundings } from './surroundings.ts';

export const ocsfFileConfig = z.strictObject({
  ...commonFields,
  type: z.literal('ocsf-file'),
  path: z
    .string('the path of a file')
    .min(1, 'the path of a file')
    .describe('The file; findings are added at its end.'),
});

export const ocsfWebhookConfig = z.strictObject({
  ...commonFields,
  type: z.literal('ocsf-webhook'),
  url: secret("the receiver's address, or ${NAME} for an environment variable").describe(
    "The receiver's address.",
  ),
  token: secret('the token, or ${NAME} for an environment variable')
    .optional()
    .describe('Sent as Authorization: Bearer.'),
});

export type OcsfFileConfig = Frozen<z.infer<typeof ocsfFileConfig>>;
export type OcsfWebhookConfig = Frozen<z.infer<typeof ocsfWebhookConfig>>;

export function createOcsfFile(config: OcsfFileConfig, surroundings: Surroundings): Channel {
  return {
    name: config.name,
    isForPeople: false,
    maxNotices: 100,
    async send(notices) {
      const lines = notices.map((notice) => `${safeJson(ocsfFinding(notice, surroundings))}\n`);
      return forEach(notices, await append(config.path, lines.join('')));
    },
  };
}

/** The file is opened anew each time, so that it may be moved away meanwhile. */
async function append(path: string, text: string): Promise<SendOutcome> {
  try {
    const file = await open(path, 'a+', 0o600);
    try {
      const { size } = await file.stat();
      const last = Buffer.alloc(1);
      if (size > 0) await file.read(last, 0, 1, size - 1);
      // A crash, or a full disk, may have left half a line.
      const isWhole = size === 0 || last.toString() === '\n';
      await file.appendFile(isWhole ? text : `\n${text}`);
      await file.sync();
    } finally {
      await file.close();
    }
    return sent;
  } catch (error) {
    return retry(`the file cannot be written (${networkReason(error)})`);
  }
}

export function createOcsfWebhook(config: OcsfWebhookConfig, surroundings: Surroundings): Channel {
  const { env, userAgent, timeoutMs } = surroundings;
  const place = `channel ${config.name}`;
  const url = receiverUrl(reveal(config.url, `the url of ${place}`, env), `the url of ${place}`);
  const token =
    config.token === undefined ? null : reveal(config.token, `the token of ${place}`, env);
  return {
    name: config.name,
    isForPeople: false,
    maxNotices: 1,
    send: (notices, signal) =>
      oneByOne(notices, (notice) =>
        post({
          url,
          body: safeJson(ocsfFinding(notice, surroundings)),
          headers: token === null ? {} : { authorization: `Bearer ${token}` },
          secrets: token === null ? [] : [token],
          userAgent,
          timeoutMs,
          signal,
        }),
      ),
  };
}

type OcsfSurroundings = Pick<Surroundings, 'rules' | 'version'>;

/** The finding that `--format ocsf` writes, with what the notice says besides. */
export function ocsfFinding(notice: Notice, { rules, version }: OcsfSurroundings): JsonObject {
  const { kind, signal, exposures, key, correction, replaces, triage } = notice;
  const rule = rules.find(({ id }) => id === signal.ruleId);
  const finding: JsonObject = detectionFinding(signal, exposures, rule, version);
  const metadata = { ...asObject(finding['metadata']), uid: key };
  const unmapped = { kind, correction, replaces, triage: triage ?? null };
  return { ...finding, ...stateOf(notice), metadata, unmapped };
}

/** What the notice's kind says of the finding beyond the state of its signal. */
function stateOf({ kind, correction, triage }: Notice): JsonObject {
  switch (kind) {
    case 'opened':
      return activity(1, 'Create');
    case 'closed':
      return {};
    case 'reopened':
    case 'corrected':
      return { ...activity(2, 'Update'), ...(correction === null ? {} : { comment: correction }) };
    case 'withdrawn':
      return {
        ...activity(3, 'Close'),
        status_id: 3,
        status: 'Suppressed',
        is_alert: false,
        ...(correction === null ? {} : { comment: correction }),
      };
    case 'under_review':
      return {
        ...activity(2, 'Update'),
        status_id: 2,
        status: 'In Progress',
        comment: triage?.reason ?? 'Somebody looks at it.',
      };
    case 'archived':
      return {
        ...activity(3, 'Close'),
        status_id: 5,
        status: 'Archived',
        is_alert: false,
        comment: triage?.reason ?? 'Archived.',
      };
    default:
      return kind satisfies never;
  }
}

function activity(id: number, name: string): JsonObject {
  return {
    activity_id: id,
    activity_name: name,
    type_uid: 200_400 + id,
    type_name: `Detection Finding: ${name}`,
  };
}
