// Slack's incoming webhooks, with Block Kit. Text from a log is escaped and stands between backticks or
// in plain text, and every mrkdwn object is verbatim: nothing in it becomes a mention or a link.
// https://docs.slack.dev/reference/block-kit/blocks
// https://docs.slack.dev/messaging/formatting-message-text

import { z } from 'zod';
import type { Notice } from '../model/stored.ts';
import { escapeSlack, escapeSlackCode } from '../template/escape.ts';
import type { Channel } from './channel.ts';
import { createChatChannel } from './chat-channel.ts';
import { commonFields, type Frozen } from './common-fields.ts';
import { fit, fitLines } from './fit.ts';
import { secret } from './secrets.ts';
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

export const slackConfig = z.strictObject({
  ...commonFields,
  type: z.literal('slack'),
  url: secret("the webhook's address, or ${NAME} for an environment variable").describe(
    'The address of the incoming webhook.',
  ),
});

export type SlackConfig = Frozen<z.infer<typeof slackConfig>>;

/** Slack's own limits, in characters. */
const HEADER = 150;
const SECTION = 3000;
/** Ours, so that a message stays readable; Slack's own for a field is 2000. */
const VALUE = 300;
const FALLBACK = 500;
const DIGEST_LINE = 300;
/** Fields in one section. */
const FIELDS = 10;

export function createSlack(config: SlackConfig, surroundings: Surroundings): Channel {
  return createChatChannel(config, surroundings, { maxNotices: 100, bodyOf: slackMessage });
}

/** The body of the request; one notice in full, several as a list. */
export function slackMessage(notices: readonly Notice[]): object {
  const stories = notices.map(storyOf);
  const [story] = stories;
  if (story !== undefined && stories.length === 1) return message(story);
  const title = digestTitle(stories);
  return {
    text: escapeSlack(title),
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      header(`${digestMark(stories)} ${title}`),
      ...chunks(stories, 8).map((some) => section(fitLines(some.map(digestLine), SECTION))),
    ],
  };
}

function message(story: Story): object {
  const title = `${mark(story)} ${headline(story)}`;
  return {
    text: fit(title, FALLBACK, escapeSlack),
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      header(title),
      section(fit(story.summary, SECTION, escapeSlack)),
      ...chunks(story.facts, FIELDS).map((facts) => ({
        type: 'section',
        fields: facts.map((fact) => mrkdwn(fit(fact.value, VALUE, fieldOf(fact)))),
      })),
      ...(story.steps.length === 0 && story.consoleUrl === null
        ? []
        : [{ type: 'divider' }, section(fitLines(nextLines(story), SECTION))]),
    ],
  };
}

function fieldOf({ name }: Fact): (value: string) => string {
  return (value) => `*${name}*\n${code(value)}`;
}

function nextLines({ steps, consoleUrl }: Story): readonly string[] {
  return [
    ...steps.map(stepLine),
    ...(consoleUrl === null
      ? []
      : [`<${consoleUrl.replaceAll('&', '&amp;')}|Open the group in the AWS console>`]),
  ];
}

function stepLine({ text, command }: Step): string {
  const said = fit(text, VALUE, escapeSlack);
  return command === null ? `• ${said}` : `• ${said}\n   ${fit(command, VALUE, code)}`;
}

function digestLine(story: Story): string {
  return fit(
    `${story.what}: ${story.title}`,
    DIGEST_LINE,
    (text) => `${mark(story)} *${story.severity}* ${code(text)}`,
  );
}

/** Text between backticks; such that are empty would show as they are. */
function code(text: string): string {
  const escaped = escapeSlackCode(text).trim();
  return escaped === '' ? '–' : `\`${escaped}\``;
}

function header(text: string): object {
  return {
    type: 'header',
    text: { type: 'plain_text', text: fit(text, HEADER, escapeSlackCode), emoji: false },
  };
}

function section(text: string): object {
  return { type: 'section', text: mrkdwn(text) };
}

function mrkdwn(text: string): object {
  return { type: 'mrkdwn', text, verbatim: true };
}

function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
