// Microsoft Teams: a workflow's webhook that takes an Adaptive Card. Text from a log stands in text
// runs alone, which know neither Markdown nor links nor mentions.
// https://adaptivecards.microsoft.com/?topic=RichTextBlock

import { z } from 'zod';
import type { Notice } from '../model/stored.ts';
import type { Channel } from './channel.ts';
import { createChatChannel } from './chat-channel.ts';
import { commonFields, type Frozen } from './common-fields.ts';
import { byteLength, fit } from './fit.ts';
import { secret } from './secrets.ts';
import { digestMark, digestTitle, headline, mark, type Story, storyOf } from './story.ts';
import type { Surroundings } from './surroundings.ts';

export const teamsConfig = z.strictObject({
  ...commonFields,
  type: z.literal('teams'),
  url: secret("the workflow's address, or ${NAME} for an environment variable").describe(
    'The address of the workflow.',
  ),
});

export type TeamsConfig = Frozen<z.infer<typeof teamsConfig>>;

/** Teams takes 28 KB; the envelope around the card's body needs little. */
const MAX_BODY_BYTES = 24_000;
/** Of one text as JSON, in bytes. */
const TITLE = 600;
const SUMMARY = 2000;
const VALUE = 700;
const DIGEST_LINE = 400;

type Element = Readonly<Record<string, unknown>>;

export function createTeams(config: TeamsConfig, surroundings: Surroundings): Channel {
  return createChatChannel(config, surroundings, { maxNotices: 50, bodyOf: teamsMessage });
}

/** The body of the request; one notice in full, several as a list. */
export function teamsMessage(notices: readonly Notice[]): object {
  const stories = notices.map(storyOf);
  const [story] = stories;
  return story !== undefined && stories.length === 1
    ? envelope(cardBody(story), story.consoleUrl)
    : envelope(digestBody(stories), null);
}

function envelope(body: readonly Element[], url: string | null): object {
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.5',
          msteams: { width: 'Full' },
          body,
          ...(url === null
            ? {}
            : { actions: [{ type: 'Action.OpenUrl', title: 'Open in the AWS console', url }] }),
        },
      },
    ],
  };
}

function cardBody(story: Story): readonly Element[] {
  return [
    titleBlock(`${mark(story)} ${headline(story)}`, story.isOpen ? 'attention' : 'good'),
    text(story.summary, SUMMARY),
    ...story.facts.map(({ name, value }, index) => ({
      type: 'ColumnSet',
      spacing: index === 0 ? 'Medium' : 'Small',
      columns: [
        {
          type: 'Column',
          width: '110px',
          items: [{ type: 'TextBlock', text: name, weight: 'Bolder', wrap: true }],
        },
        { type: 'Column', width: 'stretch', items: [text(value, VALUE)] },
      ],
    })),
    ...story.steps.flatMap((step) => [
      { ...text(step.text, VALUE), spacing: 'Medium' },
      ...(step.command === null
        ? []
        : [{ ...text(step.command, VALUE, { fontType: 'Monospace' }), spacing: 'Small' }]),
    ]),
  ];
}

function digestBody(stories: readonly Story[]): readonly Element[] {
  const title = titleBlock(`${digestMark(stories)} ${digestTitle(stories)}`, 'default');
  const lines: Element[] = [];
  let sizeBytes = 0;
  for (const story of stories) {
    const line = text(
      `${mark(story)} ${story.severity} · ${story.what}: ${story.title}`,
      DIGEST_LINE,
    );
    sizeBytes += byteLength(JSON.stringify(line)) + 1;
    if (sizeBytes > MAX_BODY_BYTES) break;
    lines.push(line);
  }
  const left = stories.length - lines.length;
  return [title, ...lines, ...(left === 0 ? [] : [text(`and ${left} more`, VALUE)])];
}

function titleBlock(title: string, color: string): Element {
  return text(title, TITLE, { size: 'Large', weight: 'Bolder', color });
}

function text(shown: string, maxBytes: number, look: Element = {}): Element {
  const fitting = fit(shown, maxBytes, String, (cut) => byteLength(JSON.stringify(cut)));
  return { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: fitting, ...look }] };
}
