// What each format says of signals that suppressions hide: those for people and JSON count them, and
// list them where that is asked for; the lists for programs hold what is told, and nothing else.

import { describe, expect, test } from 'vitest';
import type { ScanResult } from '../../src/model/scan-result.ts';
import { formatNames, loadRenderer, type FormatName } from '../../src/render/formats.ts';
import { aContext, aScanResult, aSignal, anExposure } from '../support/scan-results.ts';

const told = anExposure({ port: 22 });
const hidden = anExposure({ port: 3389, service: 'RDP', groupId: 'sg-hidden' });
const reason = 'known <b>| *bold* =1+1 \u001b[31m';

function resultWith(listed: boolean): ScanResult {
  const suppressed = {
    signals: 1,
    exposures: 1,
    ...(listed
      ? {
          hidden: [
            {
              signal: aSignal([hidden], { title: 'RDP of sg-hidden', groupId: 'sg-hidden' }),
              exposures: [hidden],
              suppressions: [
                { id: 'sup-1', reason },
                { id: 'sup-2', reason: 'second' },
              ],
            },
          ],
        }
      : {}),
  };
  return aScanResult({ signals: [{ exposures: [told] }], suppressed });
}

async function shown(format: FormatName, result: ScanResult): Promise<string> {
  const render = await loadRenderer(format);
  return [...render(result, aContext())].join('');
}

const forPeople = ['table', 'markdown', 'html', 'json'] as const;
/** How each says that one signal, of one exposure, is hidden. */
const counts: Readonly<Record<(typeof forPeople)[number], RegExp>> = {
  table: /1 signal suppressed \(1 exposure\)/,
  markdown: /1 signal suppressed \\?\(1 exposure\\?\)/,
  html: /1 signal suppressed|"suppressed":\{"signals":1,"exposures":1/,
  json: /"suppressed": \{\s*"signals": 1,\s*"exposures": 1/,
};

const lists = ['ndjson', 'csv', 'ocsf'] as const;

test('every format is one or the other', () => {
  expect([...forPeople, ...lists].toSorted()).toEqual([...formatNames].toSorted());
});

describe.each(forPeople)('%s', (format) => {
  test('counts what is hidden', async () => {
    const text = await shown(format, resultWith(false));
    expect(text).toMatch(counts[format]);
    expect(text).not.toContain('sg-hidden');
  });

  test('lists it, with each suppression that hides it, where asked to', async () => {
    const text = await shown(format, resultWith(true));
    for (const said of ['sg-hidden', 'sup-1', 'sup-2', 'second', 'known']) {
      expect(text).toContain(said);
    }
    expect(text).not.toContain('\u001b');
  });

  test('says nothing where nothing is hidden', async () => {
    const text = await shown(format, aScanResult({ signals: [{ exposures: [told] }] }));
    expect(text).not.toMatch(counts[format]);
  });
});

test.each(['markdown', 'html'] as const)('markup in a reason is none in %s', async (format) => {
  expect(await shown(format, resultWith(true))).not.toContain('known <b>');
});

describe.each(lists)('%s', (format) => {
  test('holds what is told, whether or not what is hidden is listed elsewhere', async () => {
    const plain = await shown(format, aScanResult({ signals: [{ exposures: [told] }] }));
    for (const listed of [false, true]) {
      expect(await shown(format, resultWith(listed))).toBe(plain);
    }
    expect(plain).toContain(told.groupId);
  });
});
