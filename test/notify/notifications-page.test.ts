// docs/notifications.md shows payloads as they are, lists every field, kind and type that there is, and
// its way to check a signature works against what a webhook sends.

import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { channelConfig, channelsConfig, createChannel } from '../../src/notify/notifications.ts';
import { aNotice, kinds, someSurroundings } from '../support/notices.ts';
import { projectRoot } from '../support/project-copy.ts';
import { type Received, startReceiver } from '../support/receiver.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { examples } from './examples.ts';

const page = readFileSync(resolve(projectRoot, 'docs/notifications.md'), 'utf8');

/** What the page shows, by its name; JSON as its value. */
const shown = new Map(
  [...page.matchAll(/<!-- example: (.+) -->\s+```(json|text)\n([^]*?)\n```/g)].map(
    ([, name = '', language, text = '']): [string, unknown] => [
      name,
      language === 'json' ? JSON.parse(text) : text,
    ],
  ),
);

test('every payload is shown', () => {
  expect([...shown.keys()]).toEqual(Object.keys(examples));
});

test.each(Object.entries(examples))('the payload of %s is as it is sent', (name, payload) => {
  const expected: unknown =
    typeof payload === 'string' ? payload.trimEnd() : JSON.parse(JSON.stringify(payload));
  expect(shown.get(name)).toEqual(expected);
});

test('the configuration that is shown is one', () => {
  const text = /```yaml\n([^]*?)```/.exec(page)?.[1] ?? '';
  const { channels } = z.strictObject({ channels: channelsConfig }).parse(parse(text));
  expect(channels.map(({ name }) => name)).toEqual(['on-call', 'security-chat', 'lake']);
});

/** The first cells of the rows of the table that begins with this heading. */
function firstCells(heading: string): readonly string[] {
  const table = page.slice(page.indexOf(`| ${heading} `)).split('\n\n')[0] ?? '';
  return [...table.matchAll(/^\| `([^`]+)`/gm)].map(([, cell = '']) => cell);
}

test('every type, and every kind, is in its table', () => {
  const types = channelConfig.options.map(({ shape }) => shape.type.value);
  expect(firstCells('type ').toSorted()).toEqual(types.toSorted());
  expect(firstCells('kind ')).toEqual(kinds);
});

test('every field of a channel is named', () => {
  for (const { shape } of channelConfig.options) {
    for (const field of Object.keys(shape)) expect(page).toContain(`\`${field}\``);
  }
});

describe('the check of a signature', () => {
  type IsGenuine = (
    headers: Readonly<Record<string, unknown>>,
    body: string,
    secret: string,
    now: number,
  ) => boolean;

  const secret = 'known to both sides';
  const sentMs = Date.parse('2026-03-01T08:00:05Z');
  let isGenuine: IsGenuine;
  let request: Received;

  beforeAll(async () => {
    const receiver = await startReceiver();
    const config = { name: 'hook', type: 'webhook', url: receiver.url, secret };
    const channel = createChannel(
      channelConfig.parse(config),
      someSurroundings({ clock: () => sentMs }),
    );
    await channel.send([aNotice()], new AbortController().signal);
    await receiver.stop();
    const [received] = receiver.received;
    if (received === undefined) throw new Error('nothing was sent');
    request = received;
  });

  test('takes what was sent, within five minutes, and nothing else', async () => {
    const code = /```js\n([^]*?)```/.exec(page)?.[1] ?? '';
    const file = join(await scratchFolder(), 'check.mjs');
    await writeFile(file, code);
    ({ isGenuine } = (await import(pathToFileURL(file).href)) as { isGenuine: IsGenuine });
    const { headers, body } = request;

    expect(isGenuine(headers, body, secret, sentMs)).toBe(true);
    expect(isGenuine(headers, body, secret, sentMs + 299_000)).toBe(true);
    expect(isGenuine(headers, body, secret, sentMs + 301_000)).toBe(false);
    expect(isGenuine(headers, body, secret, sentMs - 301_000)).toBe(false);
    expect(isGenuine(headers, `${body} `, secret, sentMs)).toBe(false);
    expect(isGenuine(headers, body, `${secret}!`, sentMs)).toBe(false);
    const later = { ...headers, 'portcullis-timestamp': String(sentMs / 1000 + 60) };
    expect(isGenuine(later, body, secret, sentMs)).toBe(false);
    const unsigned = { ...headers, 'portcullis-signature': undefined };
    expect(isGenuine(unsigned, body, secret, sentMs)).toBe(false);
    expect(isGenuine({}, body, secret, sentMs)).toBe(false);
  });
});
