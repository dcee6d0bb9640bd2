import { expect, test } from 'vitest';

import { aNotice } from '../../test/support/notices.ts';
import { noticeJsonLine, noticeLine } from './notice-line.ts';

test('a notice is one line: when, what became of it, how severe, and what', () => {
  const notice = aNotice();
  const line = noticeLine(notice);
  expect(line.split('\n')).toHaveLength(2);
  expect(line).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}OPENED {5}/);
  expect(line).toContain(notice.signal.title);
  expect(line.trimEnd().endsWith(notice.signal.id)).toBe(true);
});

test('a closing says when it closed and how long it was open', () => {
  const { signal, ...facts } = aNotice();
  const line = noticeLine({
    ...facts,
    kind: 'closed',
    signal: {
      ...signal,
      status: 'closed',
      closedAt: '2026-03-01T09:30:00Z',
      durationSeconds: 5400,
    },
  });
  expect(line).toMatch(/^2026-03-01 09:30:00 {2}CLOSED {5}.* {2}after 1h 30m {2}/);
});

test('a correction says what was wrong', () => {
  expect(noticeLine({ ...aNotice(), kind: 'corrected', correction: 'still open' })).toContain(
    '  (still open)  ',
  );
});

test('nothing from a log reaches the terminal as a command, or begins a line', () => {
  const { signal, ...facts } = aNotice();
  const title = 'a\u001b[2J\u009bb\r\nOPENED c';
  const line = noticeLine({ ...facts, signal: { ...signal, title } });
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  const json = noticeJsonLine({ ...facts, signal: { ...signal, title } });
  expect(json.split('\n')).toHaveLength(2);
  expect(JSON.parse(json)).toMatchObject({ kind: 'opened', signal: { title } });
});
