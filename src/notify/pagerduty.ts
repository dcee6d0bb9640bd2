// PagerDuty's Events API v2: a signal is an incident. Its id is the deduplication key, so that whatever
// is said of it, and how often, is said of the same incident.
// https://developer.pagerduty.com/docs/events-api-v2-overview

import { z } from 'zod';
import type { Severity } from '../model/exposure.ts';
import type { Notice } from '../model/stored.ts';
import { oneLine } from '../render/words.ts';
import { type Channel, oneByOne, sent } from './channel.ts';
import { commonFields, type Frozen } from './common-fields.ts';
import { fit } from './fit.ts';
import { post, receiverUrl } from './http-post.ts';
import { reveal, secret } from './secrets.ts';
import { headline, storyOf } from './story.ts';
import type { Surroundings } from './surroundings.ts';

export const pagerdutyConfig = z.strictObject({
  ...commonFields,
  type: z.literal('pagerduty'),
  routingKey: secret("the integration's key, or ${NAME} for an environment variable").describe(
    'The key of an Events API v2 integration.',
  ),
  url: z
    .string('an address that begins with https://')
    .default('https://events.pagerduty.com/v2/enqueue')
    .describe('Where events go; for example https://events.eu.pagerduty.com/v2/enqueue.'),
});

export type PagerdutyConfig = Frozen<z.infer<typeof pagerdutyConfig>>;

const severityOf: Readonly<Record<Severity, string>> = {
  critical: 'critical',
  high: 'error',
  medium: 'warning',
  low: 'info',
  info: 'info',
};

/** PagerDuty's own limits, in characters. */
const DEDUP_KEY = 255;
const SUMMARY = 1024;
/** Ours; an event may have 512 KB. */
const DETAIL = 2000;

export function createPagerduty(config: PagerdutyConfig, surroundings: Surroundings): Channel {
  const place = `channel ${config.name}`;
  const routingKey = reveal(config.routingKey, `the routingKey of ${place}`, surroundings.env);
  const url = receiverUrl(config.url, `the url of ${place}`);
  return {
    name: config.name,
    isForPeople: false,
    maxNotices: 1,
    send: (notices, signal) =>
      oneByOne(notices, async (notice) => {
        for (const event of pagerdutyEvents(notice)) {
          const outcome = await post({
            url,
            body: JSON.stringify({ routing_key: routingKey, ...event }),
            secrets: [routingKey],
            userAgent: surroundings.userAgent,
            timeoutMs: surroundings.timeoutMs,
            signal,
          });
          if (outcome.kind !== 'sent') return outcome;
        }
        return sent;
      }),
  };
}

type Action = 'trigger' | 'acknowledge' | 'resolve';

function actionOf({ kind, signal }: Notice): Action {
  switch (kind) {
    case 'opened':
    case 'reopened':
      return 'trigger';
    case 'closed':
    case 'withdrawn':
    case 'archived':
      return 'resolve';
    case 'corrected':
      return signal.status === 'closed' ? 'resolve' : 'trigger';
    case 'under_review':
      return 'acknowledge';
    default:
      return kind satisfies never;
  }
}

/** Without the routing key. An incident that was opened under another id is resolved first. */
export function pagerdutyEvents(notice: Notice): readonly object[] {
  const former =
    notice.replaces === null
      ? []
      : [{ event_action: 'resolve', dedup_key: dedupKey(notice.replaces) }];
  return [...former, eventOf(notice)];
}

function eventOf(notice: Notice): object {
  const { signal, key } = notice;
  const action = actionOf(notice);
  const event = { event_action: action, dedup_key: dedupKey(signal.id) };
  if (action !== 'trigger') return event;
  const story = storyOf(notice);
  const details = story.facts.map(({ name, value }) => [name, fit(value, DETAIL)] as const);
  const steps = story.steps.map((step) =>
    fit(step.command === null ? step.text : `${step.text}: ${step.command}`, DETAIL),
  );
  return {
    ...event,
    client: 'Portcullis',
    ...(story.consoleUrl === null
      ? {}
      : {
          client_url: story.consoleUrl,
          links: [{ href: story.consoleUrl, text: 'Open the group in the AWS console' }],
        }),
    payload: {
      summary: fit(headline(story), SUMMARY),
      source: text(signal.groupId ?? signal.accountId),
      severity: severityOf[signal.severity],
      timestamp: signal.firstSeen,
      component: text(signal.groupId ?? signal.ruleId),
      group: text(signal.accountId),
      class: text(signal.ruleId),
      custom_details: {
        ...Object.fromEntries(details),
        Summary: fit(story.summary, DETAIL),
        'Next steps': steps,
        'Idempotency key': key,
      },
    },
  };
}

function dedupKey(signalId: string): string {
  return fit(oneLine(signalId), DEDUP_KEY) || '-';
}

/** One line that is not empty. */
function text(value: string): string {
  return fit(oneLine(value), DETAIL) || '-';
}
