import * as fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { expect, test } from 'vitest';
import { arbitraryResult, hostileText } from '../../test/support/arbitrary-results.ts';
import {
  aContext,
  aFullResult,
  aLogSignal,
  anExposure,
  aScanResult,
} from '../../test/support/scan-results.ts';
import type { ScanResult } from '../model/scan-result.ts';
import { escapeMarkdown } from '../template/escape.ts';
import { renderMarkdown } from './markdown.ts';

const markdown = (result: ScanResult): string => [...renderMarkdown(result, aContext())].join('');

test('each signal is a section with its exposures and the message of its rule', () => {
  expect(markdown(aFullResult())).toMatchInlineSnapshot(`
    "# 4 signals, 13 exposures, 10 still open

    ## CRITICAL, STILL OPEN: FTP of sg-0fedcba9876543210 open to the world

    - **21 FTP, 22 SSH, 23 Telnet, 445 SMB, 2375 Docker daemon, 3389 RDP, 5900 VNC, 5985 WinRM HTTP, 5986 WinRM HTTPS**, whole internet (IPv4 and IPv6): opened 2026-03-03 22:14:05 UTC, **still open** after 13h 45m
    - Signal \`sig-exp-sg-0fedcba9876543210-21-2026-03-03T22:14:05Z\` of rule \`aws-sg-admin-port-open-to-world\`

    Group **sg-0fedcba9876543210** was opened.

    ### Triage and response

    1. Ask \`alice\`.

    ## HIGH, STILL OPEN: SSH of sg-0a1b2c3d4e5f60718 open to the world

    - **22 SSH**, whole internet (IPv4): opened 2026-03-01 08:00:00 UTC, **still open** after 3d 4h
    - **3389 RDP**, 50 % of IPv4: opened 2026-03-01 08:20:00 UTC, closed 2026-03-01 08:21:49 UTC by alice, after 1m 49s
    - Signal \`sig-exp-sg-0a1b2c3d4e5f60718-22-2026-03-01T08:00:00Z\` of rule \`aws-sg-admin-port-open-to-world\`

    Group **sg-0a1b2c3d4e5f60718** was opened.

    ### Triage and response

    1. Ask \`alice\`.

    ## MEDIUM: PostgreSQL of sg-0123456789abcdef0 open to the world

    - **5432 PostgreSQL**, whole internet (IPv6): opened 2026-02-27 03:00:00 UTC, closed 2026-02-27 16:45:10 UTC by root, after 13h 45m
    - Signal \`sig-exp-sg-0123456789abcdef0-5432-2026-02-27T03:00:00Z\` of rule \`aws-sg-database-port-open-to-world\`

    Group **sg-0123456789abcdef0** was opened.

    ### Triage and response

    1. Ask \`alice\`.

    ## LOW: 8000 of sg-00000000000000042 open to the world

    - **8000-8100**, 75 % of IPv4: opened 2026-02-25 10:00:00 UTC, closed 2026-02-25 10:00:58 UTC by root, after 58s
    - Signal \`sig-exp-sg-00000000000000042-8000-2026-02-25T10:00:00Z\` of rule \`aws-sg-open-to-world\`

    Group **sg-00000000000000042** was opened.

    ### Triage and response

    1. Ask \`alice\`.

    ## Changes that could not be judged

    - 2026-03-02 09:30:00 UTC, \`AuthorizeSecurityGroupIngress\` in \`sg-0a1b2c3d4e5f60718\` \`111122223333\` \`us-east-1\`: the entries of prefix list pl-0123456789abcdef0 are not known (event \`undetermined-1\`)
    - 2026-03-02 09:31:12 UTC, \`AuthorizeSecurityGroupIngress\` in \`sg-0a1b2c3d4e5f60718\` \`111122223333\` \`us-east-1\`: the entries of prefix list pl-0123456789abcdef0 are not known (event \`undetermined-2\`)
    - 2026-03-02 09:30:00 UTC, \`AuthorizeSecurityGroupIngress\` in \`111122223333\` \`us-east-1\`: the request was too large for CloudTrail and left out (event \`undetermined-3\`)

    ## Problems while reading

    - \`AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/01/111122223333_CloudTrail_us-east-1_20260301T0000Z_Xa8kPq2LmN0rTvWz.json.gz\`: A compressed file ends too early; what it holds was read (unexpected end of file). Fetch the file again from its source. (\`input/truncated-compression\`)
    - \`AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/01/111122223333_CloudTrail_us-east-1_20260301T0100Z_Xa8kPq2LmN0rTvWz.json.gz\`: A compressed file ends too early; what it holds was read (unexpected end of file). Fetch the file again from its source. (\`input/truncated-compression\`)
    - \`AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/01/111122223333_CloudTrail_us-east-1_20260301T0200Z_Xa8kPq2LmN0rTvWz.json.gz\`: A compressed file ends too early; what it holds was read (unexpected end of file). Fetch the file again from its source. (\`input/truncated-compression\`)
    - \`AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/01/111122223333_CloudTrail_us-east-1_20260301T0300Z_Xa8kPq2LmN0rTvWz.json.gz\`: A compressed file ends too early; what it holds was read (unexpected end of file). Fetch the file again from its source. (\`input/truncated-compression\`)
    - \`AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/01/111122223333_CloudTrail_us-east-1_20260301T0400Z_Xa8kPq2LmN0rTvWz.json.gz\`: A compressed file ends too early; what it holds was read (unexpected end of file). Fetch the file again from its source. (\`input/truncated-compression\`)
    - \`AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/01/111122223333_CloudTrail_us-east-1_20260301T0500Z_Xa8kPq2LmN0rTvWz.json.gz\`: A compressed file ends too early; what it holds was read (unexpected end of file). Fetch the file again from its source. (\`input/truncated-compression\`)
    - \`AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/01/111122223333_CloudTrail_us-east-1_20260301T0600Z_Xa8kPq2LmN0rTvWz.json.gz\`: A compressed file ends too early; what it holds was read (unexpected end of file). Fetch the file again from its source. (\`input/truncated-compression\`)
    - \`notes.json\`, record 1041: A record that should count lacks a field, or has it with the wrong type (eventTime is missing or not a UTC time). Look at the record; if it is genuine, report it so that its shape can be read. (\`record/bad-field\`)
    "
  `);
});

test('a signal about records is a section with its message', () => {
  expect(markdown(aScanResult({ logSignals: [aLogSignal()] }))).toMatchInlineSnapshot(`
    "# 1 signal, 0 exposures

    ## MEDIUM: Keys made by alice

    - Signal \`sig-keys-of-alice\` of rule \`access-keys-made\`

    Keys were made for \`alice\`.
    "
  `);
});

test('nothing found is said', () => {
  expect(markdown(aScanResult())).toBe('# No exposure to report\n');
});

test('whatever a record holds adds no heading, link, image or HTML', () => {
  const reader = new MarkdownIt({ html: true, linkify: true });
  // As on code hosts, only what begins with a scheme or www. becomes a link.
  reader.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
  const message = hostileText.map((text) => `Opened by ${escapeMarkdown(text)}.`);
  fc.assert(
    fc.property(arbitraryResult({ message }), (result) => {
      const tokens = reader
        .parse(markdown(result), {})
        .flatMap((token) => [token].concat(token.children ?? []));
      const count = (type: string): number => tokens.filter((token) => token.type === type).length;
      const { undetermined, problems, notRun = [] } = result;
      const sections = [undetermined, problems, notRun].filter(({ length }) => length > 0);
      expect(count('heading_open')).toBe(1 + result.signals.length + sections.length);
      for (const type of [
        'link_open',
        'image',
        'html_inline',
        'html_block',
        'fence',
        'table_open',
      ]) {
        expect([type, count(type)]).toEqual([type, 0]);
      }
    }),
  );
});

test('what an audit found open has no beginning, and how long it was open is the least', () => {
  const found = anExposure({ openedByEventName: 'Audit' });
  const closed = anExposure({
    openedByEventName: 'Audit',
    port: 3389,
    closedAt: '2026-03-01T09:00:00Z',
    durationSeconds: 3600,
  });
  const text = markdown(aScanResult({ signals: [{ exposures: [found, closed] }] }));
  expect(text).toContain('found open 2026-03-01 08:00:00 UTC, **still open**\n');
  expect(text).toMatch(/found open .* closed 2026-03-01 09:00:00 UTC.*, after 1h or more/);
});
