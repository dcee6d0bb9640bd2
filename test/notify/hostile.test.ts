// Whatever a record holds, a message does nothing but show it: in every channel's own markup, within
// the room that every channel has, and for every kind of notice.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { asObject } from '../../src/model/json.ts';
import type { Notice } from '../../src/model/stored.ts';
import { mailOf } from '../../src/notify/email.ts';
import { busEvent } from '../../src/notify/event-bridge.ts';
import { noticeText } from '../../src/notify/notice-json.ts';
import { ocsfFinding } from '../../src/notify/ocsf.ts';
import { pagerdutyEvents } from '../../src/notify/pagerduty.ts';
import { findingOf } from '../../src/notify/security-hub.ts';
import { slackMessage } from '../../src/notify/slack.ts';
import { topicMessage } from '../../src/notify/sns.ts';
import { teamsMessage } from '../../src/notify/teams.ts';
import { safeJson } from '../../src/render/machine-json.ts';
import { hostileText } from '../support/arbitrary-results.ts';
import { aNotice, hostileNotices, someSurroundings } from '../support/notices.ts';

const runs = { numRuns: 100 };

/** What does something in chat rooms and mails, beside what does something elsewhere. */
const chatText = fc.oneof(
  hostileText,
  fc.constantFrom(
    '<!channel> <!here> <!everyone>',
    '<@U0123456789> <#C0123456789>',
    '<https://evil.example|Open the group in the AWS console>',
    '<mailto:evil@evil.example|mail>',
    '&lt;!channel&gt;',
    '*bold* _it_ ~gone~ `code` ```block```',
    'a`<!channel>`b',
    '@channel @here @everyone',
    'https://evil.example www.evil.example evil.example',
    '<at>everyone</at>',
    '[link](https://evil.example)',
    'x\r\nBcc: evil@evil.example',
    '<img src=https://evil.example/a.png>',
    '"onmouseover="alert(1)',
  ),
);

/** Every text in a value, with the names that lead to it. */
function texts(
  value: unknown,
  path: readonly string[] = [],
): readonly (readonly [string, string])[] {
  if (typeof value === 'string') return [[path.join('.'), value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, each]: [string, unknown]) =>
    texts(each, [...path, name]),
  );
}

const invisible = /[\p{Cc}\u202a-\u202e\u2066-\u2069\u200b\u2028\u2029\ufeff]/u;

function expectOfEach(check: (notices: readonly [Notice, ...Notice[]]) => void): void {
  fc.assert(fc.property(hostileNotices(chatText), check), runs);
}

const block = z.object({
  type: z.string(),
  text: z
    .object({ type: z.string(), text: z.string(), verbatim: z.boolean().optional() })
    .optional(),
  fields: z
    .array(z.object({ type: z.string(), text: z.string(), verbatim: z.boolean() }))
    .optional(),
});
const slack = z.object({ text: z.string(), blocks: z.array(block) });

describe('Slack', () => {
  const ownLink =
    /<https:\/\/[a-z0-9-]+\.console\.(?:aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com)\/ec2\/home\?region=[a-z0-9-]+#SecurityGroup:groupId=sg-[0-9a-f]+\|Open the group in the AWS console>/g;

  function messagesOf(notices: readonly Notice[]) {
    return [slackMessage(notices), ...notices.map((notice) => slackMessage([notice]))].map(
      (message) => slack.parse(message),
    );
  }

  test('mentions nobody and links nowhere but to the console', () => {
    expectOfEach((notices) => {
      for (const { text, blocks } of messagesOf(notices)) {
        const shown = [
          text,
          ...blocks.flatMap((each) => [
            each.text?.text ?? '',
            ...(each.fields ?? []).map((field) => field.text),
          ]),
        ];
        for (const each of shown) expect(each.replace(ownLink, '')).not.toMatch(/[<>]/);
        // Nothing is an entity by accident, and what looks like one is shown as it was.
        for (const each of shown) expect(each).not.toMatch(/&(?!amp;|lt;|gt;)/);
      }
    });
  });

  test('turns no bare address into a link: every text is plain or verbatim', () => {
    expectOfEach((notices) => {
      for (const { blocks } of messagesOf(notices)) {
        const objects = blocks.flatMap((each) => [
          ...(each.text === undefined ? [] : [each.text]),
          ...(each.fields ?? []),
        ]);
        for (const { type, verbatim } of objects) {
          if (type !== 'plain_text') expect(verbatim).toBe(true);
        }
      }
    });
  });

  test('keeps to the limits of blocks', () => {
    expectOfEach((notices) => {
      for (const { text, blocks } of messagesOf(notices)) {
        expect(text.length).toBeLessThanOrEqual(4000);
        expect(blocks.length).toBeLessThanOrEqual(50);
        for (const { type, text: shown, fields = [] } of blocks) {
          const length = shown?.text.length ?? 0;
          if (shown !== undefined) expect(length).toBeGreaterThan(0);
          expect(length).toBeLessThanOrEqual(type === 'header' ? 150 : 3000);
          expect(fields.length).toBeLessThanOrEqual(10);
          for (const field of fields) expect(field.text.length).toBeLessThanOrEqual(2000);
        }
      }
    });
  });

  test('has room for a hundred notices', () => {
    const notices = Array.from({ length: 100 }, (_, index) => aNotice({}, index));
    const { blocks } = slack.parse(slackMessage(notices));
    expect(blocks.length).toBeLessThanOrEqual(50);
    const shown = blocks.map(({ text }) => text?.text ?? '').join('\n');
    for (const { signal } of notices) expect(shown).toContain(String(signal.groupId));
  });

  test('shows no character that steers', () => {
    expectOfEach((notices) => {
      for (const message of messagesOf(notices)) {
        for (const [, text] of texts(message))
          expect(text.replaceAll('\n', '')).not.toMatch(invisible);
      }
    });
  });
});

describe('Teams', () => {
  const ownTexts =
    /\.(?:\$schema|contentType|type|version|url|title|width|size|weight|color|fontType|spacing)$|^type$/;

  test('shows text from a log in text runs alone, which know no markup', () => {
    expectOfEach((notices) => {
      for (const shown of [notices, [notices[0]]]) {
        for (const [path, text] of texts(teamsMessage(shown))) {
          if (ownTexts.test(path)) continue;
          const isLabel = path.endsWith('.columns.0.items.0.text');
          if (isLabel) expect(text).toMatch(/^[A-Z][A-Za-z ]+$/);
          else expect(path).toMatch(/\.inlines\.0\.text$/);
          expect(text).not.toMatch(invisible);
        }
      }
    });
  });

  test('leads nowhere but to the console', () => {
    expectOfEach((notices) => {
      for (const [path, text] of texts(teamsMessage([notices[0]]))) {
        if (path.endsWith('.url')) expect(text).toMatch(/^https:\/\/[a-z0-9-]+\.console\./);
      }
    });
  });

  test('stays below 28 KB, also with fifty notices', () => {
    expectOfEach((notices) => {
      const many = Array.from(
        { length: 50 },
        (_, index) => notices[index % notices.length] ?? notices[0],
      );
      for (const shown of [...notices.map((notice) => [notice]), many]) {
        expect(Buffer.byteLength(JSON.stringify(teamsMessage(shown)))).toBeLessThan(28_000);
      }
    });
  });
});

describe('PagerDuty', () => {
  const event = z.object({
    dedup_key: z.string().min(1).max(255),
    payload: z
      .object({ summary: z.string().min(1).max(1024), source: z.string().min(1) })
      .optional(),
  });

  test('keeps to the limits of events', () => {
    expectOfEach((notices) => {
      for (const each of notices.flatMap(pagerdutyEvents)) {
        event.parse(each);
        expect(Buffer.byteLength(JSON.stringify(each))).toBeLessThan(512_000);
        for (const [, text] of texts(each)) expect(text.isWellFormed()).toBe(true);
      }
    });
  });
});

describe('mail', () => {
  test('has a subject of one line, and ids of harmless characters', () => {
    expectOfEach((notices) => {
      for (const some of [notices, [notices[0]]]) {
        const mail = mailOf(some, 'example.com');
        expect(mail.subject).not.toMatch(invisible);
        expect(mail.subject.length).toBeLessThan(250);
        expect(mail.messageId).toMatch(/^<[0-9a-f]{40}@example\.com>$/);
        expect(mail.keys).toMatch(/^[\x21-\x7e]+$/);
      }
    });
  });

  test('has no element, attribute or address that a log wrote into its HTML', () => {
    expectOfEach((notices) => {
      for (const some of [notices, [notices[0]]]) {
        const { html } = mailOf(some, 'example.com');
        const tags = [...html.matchAll(/<\/?([a-z0-9!]+)/gi)].map(([, name = '']) =>
          name.toLowerCase(),
        );
        const known = ['!doctype', 'html', 'head', 'meta', 'body', 'div', 'p', 'span', 'h1', 'h2'];
        for (const name of tags) {
          expect([...known, 'table', 'tr', 'td', 'ol', 'ul', 'li', 'code', 'a']).toContain(name);
        }
        for (const [, address = ''] of html.matchAll(/(?:href|src)="([^"]*)"/g)) {
          expect(address).toMatch(/^https:\/\/[a-z0-9-]+\.console\./);
        }
        // Between tags, and in attributes, every sign of markup is an entity.
        const between = html.replace(/<[^<>]*>/g, '');
        expect(between).not.toMatch(/[<>"`]/);
      }
    });
  });

  test('has plain text in which no line was made by a log', () => {
    expectOfEach((notices) => {
      const [notice] = notices;
      const lines = mailOf([notice], 'example.com').text.split('\n');
      expect(lines.length).toBeLessThan(40);
      for (const line of lines) expect(line).not.toMatch(invisible);
    });
  });
});

describe('SNS', () => {
  test('has a subject and attributes as SNS takes them, and fits in 256 KB', () => {
    expectOfEach((notices) => {
      for (const notice of notices) {
        const { subject, json, text, attributes, groupId, deduplicationId } = topicMessage(notice);
        expect(subject).toMatch(/^[\x21-\x7e][\x20-\x7e]{0,98}$/);
        expect(Object.keys(attributes).length).toBeLessThanOrEqual(10);
        for (const value of Object.values(attributes)) {
          expect(value).not.toBe('');
          expect(value).not.toMatch(invisible);
          expect(Buffer.byteLength(value)).toBeLessThanOrEqual(256);
        }
        expect(groupId).toMatch(/^[0-9a-f]{64}$/);
        expect(deduplicationId).toMatch(/^[0-9a-f]{64}$/);
        expect(Buffer.byteLength(JSON.stringify({ default: json, email: text }))).toBeLessThan(
          250_000,
        );
      }
    });
  });
});

describe('EventBridge', () => {
  test('takes ten events in 256 KB', () => {
    expectOfEach((notices) => {
      for (const notice of notices) {
        const { detail, resources } = busEvent(notice);
        expect(Buffer.byteLength(JSON.stringify(detail))).toBeLessThan(25_000);
        for (const arn of resources) expect(arn).toMatch(/^arn:aws[\w-]*:ec2:[a-z0-9-]+:\d{12}:/);
      }
    });
  });
});

describe('Security Hub', () => {
  const finding = z.object({
    Id: z.string().min(1).max(512),
    GeneratorId: z.string().min(1).max(512),
    Title: z.string().min(1).max(256),
    Description: z.string().min(1).max(1024),
    CreatedAt: z.iso.datetime(),
    UpdatedAt: z.iso.datetime(),
    FirstObservedAt: z.iso.datetime(),
    LastObservedAt: z.iso.datetime(),
    Remediation: z.object({ Recommendation: z.object({ Text: z.string().min(1).max(512) }) }),
    ProductFields: z.record(z.string().max(128), z.string().min(1).max(2048)),
    Resources: z.array(z.object({ Type: z.string(), Id: z.string().min(1).max(512) })).length(1),
  });

  test('takes every finding, of less than 240 KB', () => {
    expectOfEach((notices) => {
      for (const notice of notices) {
        const found = findingOf(notice, { accountId: '111122223333', region: 'us-east-1' });
        finding.parse(found);
        expect(Object.keys(asObject(found['ProductFields']) ?? {}).length).toBeLessThanOrEqual(50);
        expect(Buffer.byteLength(JSON.stringify(found))).toBeLessThan(240_000);
      }
    });
  });
});

describe('JSON', () => {
  test('has all of a notice, and of a huge one who, what and where', () => {
    expectOfEach((notices) => {
      for (const notice of notices) {
        const whole = z.looseObject({ isCut: z.boolean() }).parse(JSON.parse(noticeText(notice)));
        expect(whole.isCut).toBe(false);
        const small = noticeText(notice, 4000);
        const { key, kind, signal } = z
          .looseObject({
            key: z.string(),
            kind: z.string(),
            signal: z.looseObject({ severity: z.string(), firstSeen: z.string() }),
          })
          .parse(JSON.parse(small));
        expect({ key, kind }).toEqual({ key: notice.key, kind: notice.kind });
        expect(signal.severity).toBe(notice.signal.severity);
      }
    });
  });

  test('is one line without a character that steers, also as an OCSF finding', () => {
    expectOfEach((notices) => {
      for (const notice of notices) {
        expect(noticeText(notice)).not.toMatch(invisible);
        expect(safeJson(ocsfFinding(notice, someSurroundings()))).not.toMatch(invisible);
      }
    });
  });

  test('of ten thousand exposures fits where it must', () => {
    const notice = aNotice();
    const many = Array.from({ length: 10_000 }, () => notice.exposures[0]).filter(
      (exposure) => exposure !== undefined,
    );
    const huge: Notice = {
      ...notice,
      exposures: many,
      signal: {
        ...notice.signal,
        message: 'm'.repeat(500_000),
        eventIds: many.map(({ id }, index) => `${id}${index}`),
        exposures: many.map(({ id }, index) => `${id}${index}`),
      },
    };
    for (const maxBytes of [1_000_000, 64_000, 24_000]) {
      const text = noticeText(huge, maxBytes);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxBytes);
      expect(z.looseObject({ isCut: z.boolean() }).parse(JSON.parse(text)).isCut).toBe(true);
    }
  });
});
