// OCSF findings of notices: in a file that survives a crash, and valid by the published schema.

import { appendFile, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Channel } from '../../src/notify/channel.ts';
import { channelConfig, createChannel } from '../../src/notify/notifications.ts';
import { ocsfFinding } from '../../src/notify/ocsf.ts';
import type { SendOutcome } from '../../src/ports.ts';
import { hostileNotices, kinds, noticeOf, someSurroundings } from '../support/notices.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { compileSchema, type OcsfSchema, schemaSource } from '../ocsf/compile-schema.ts';
import { validateEvent } from '../ocsf/ocsf-validator.ts';

function fileChannel(path: string): Channel {
  return createChannel(
    channelConfig.parse({ name: 'lake', type: 'ocsf-file', path }),
    someSurroundings(),
  );
}

function send(
  channel: Channel,
  ...given: readonly (typeof kinds)[number][]
): Promise<readonly SendOutcome[]> {
  return channel.send(
    given.map((kind) => noticeOf(kind)),
    new AbortController().signal,
  );
}

const line = z.object({ metadata: z.object({ uid: z.string() }), activity_name: z.string() });

async function linesOf(path: string): Promise<readonly z.infer<typeof line>[]> {
  const text = await readFile(path, 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  return text
    .trimEnd()
    .split('\n')
    .map((each) => line.parse(JSON.parse(each)));
}

describe('a file of findings', () => {
  test('grows by a line for each notice, with the key of the notice', async () => {
    const path = join(await scratchFolder(), 'findings.ndjson');
    const channel = fileChannel(path);
    expect(await send(channel, 'opened', 'closed')).toEqual([{ kind: 'sent' }, { kind: 'sent' }]);
    expect(await send(channel, 'reopened')).toEqual([{ kind: 'sent' }]);
    expect(await linesOf(path)).toMatchObject([
      { metadata: { uid: noticeOf('opened').key }, activity_name: 'Create' },
      { metadata: { uid: noticeOf('closed').key }, activity_name: 'Close' },
      { metadata: { uid: noticeOf('reopened').key }, activity_name: 'Update' },
    ]);
  });

  test('is for its owner alone', async () => {
    const path = join(await scratchFolder(), 'findings.ndjson');
    await send(fileChannel(path), 'opened');
    expect((await stat(path)).mode & 0o077).toBe(0);
  });

  test('begins anew where it was moved away', async () => {
    const path = join(await scratchFolder(), 'findings.ndjson');
    const channel = fileChannel(path);
    await send(channel, 'opened');
    await rename(path, `${path}.1`);
    await send(channel, 'closed');
    expect(await linesOf(path)).toHaveLength(1);
  });

  test('that a crash left with half a line goes on with a line of its own', async () => {
    const path = join(await scratchFolder(), 'findings.ndjson');
    const channel = fileChannel(path);
    await send(channel, 'opened');
    await appendFile(path, '{"half":');
    await send(channel, 'closed');
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(line.parse(JSON.parse(lines[2] ?? '')).metadata.uid).toBe(noticeOf('closed').key);
  });

  test('that cannot be written is tried again, and written once it can be', async () => {
    const folder = await scratchFolder();
    const path = join(folder, 'gone', 'findings.ndjson');
    const channel = fileChannel(path);
    expect(await send(channel, 'opened')).toEqual([
      { kind: 'retry', reason: 'the file cannot be written (ENOENT)', afterSeconds: null },
    ]);
    await mkdir(join(folder, 'gone'));
    expect(await send(channel, 'opened')).toEqual([{ kind: 'sent' }]);
    await rm(path);
    await mkdir(path);
    expect(await send(channel, 'opened')).toMatchObject([{ kind: 'retry' }]);
  });

  test('on a full disk is tried again', async (context) => {
    if (!existsSync('/dev/full')) context.skip();
    expect(await send(fileChannel('/dev/full'), 'opened')).toMatchObject([
      { kind: 'retry', reason: 'the file cannot be written (ENOSPC)' },
    ]);
  });

  test('keeps what is there', async () => {
    const path = join(await scratchFolder(), 'findings.ndjson');
    await writeFile(path, '{"mine":1}\n');
    await send(fileChannel(path), 'opened');
    expect((await readFile(path, 'utf8')).startsWith('{"mine":1}\n{')).toBe(true);
  });
});

describe.skipIf(!existsSync(schemaSource))('by the published schema', () => {
  let schema: OcsfSchema;

  beforeAll(async () => {
    schema = await compileSchema();
  });

  test.each(kinds)('the finding of what is %s is valid', (kind) => {
    const finding: unknown = JSON.parse(
      JSON.stringify(ocsfFinding(noticeOf(kind), someSurroundings())),
    );
    expect(validateEvent(schema, finding).errors).toEqual([]);
  });

  test('a finding is valid whatever a record holds', () => {
    fc.assert(
      fc.property(hostileNotices(), (notices) => {
        for (const notice of notices) {
          const finding: unknown = JSON.parse(
            JSON.stringify(ocsfFinding(notice, someSurroundings())),
          );
          expect(validateEvent(schema, finding).errors).toEqual([]);
        }
      }),
      { numRuns: 40 },
    );
  });
});
