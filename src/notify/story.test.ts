import { describe, expect, test } from 'vitest';
import { aNotice, kinds, noticeOf } from '../../test/support/notices.ts';
import { aLogSignal, allAdminPorts, anActor, aSignal } from '../../test/support/scan-results.ts';
import { digestTitle, headline, mark, storyOf } from './story.ts';

function fact(notice: Parameters<typeof storyOf>[0], name: string): string | undefined {
  return storyOf(notice).facts.find((each) => each.name === name)?.value;
}

describe('a story says', () => {
  test.each([
    ['opened', 'Opened', true],
    ['reopened', 'Opened again', true],
    ['closed', 'Closed after 3h 4m', false],
    ['corrected', 'Corrected', true],
    ['withdrawn', 'Withdrawn', false],
    ['under_review', 'Under review by carol', true],
    ['archived', 'Archived by carol', false],
  ] as const)('of what is %s: %s', (kind, what, isOpen) => {
    const story = storyOf(noticeOf(kind));
    expect(story.what).toBe(what);
    expect(story.isOpen).toBe(isOpen);
    expect(headline(story)).toBe(`HIGH · ${what}: SSH of sg-0a1b2c3d4e5f60000 open to the world`);
  });

  test('who opened what, from where, how wide, and that it is still open', () => {
    expect(storyOf(aNotice()).summary).toBe(
      'alice from 203.0.113.7 opened 22 SSH on sg-0a1b2c3d4e5f60000 (bastion-temp) to the whole internet (IPv4). Still open.',
    );
  });

  test('who closed it, and after how long', () => {
    expect(storyOf(noticeOf('closed')).summary).toBe(
      'sg-0a1b2c3d4e5f60000 (bastion-temp) is closed again by bob, after 3h 4m.',
    );
  });

  test('what was not so', () => {
    expect(storyOf(noticeOf('corrected')).summary).toBe(
      'What was told before was not quite so: high, not medium. Still open.',
    );
    expect(storyOf(noticeOf('withdrawn')).summary).toBe(
      'What was told of sg-0a1b2c3d4e5f60000 (bastion-temp) no longer counts: records that came later show that this was not so.',
    );
  });

  test('every port in its order, and the tool', () => {
    const exposures = allAdminPorts();
    const notice = aNotice({ exposures, signal: aSignal(exposures) });
    expect(fact(notice, 'Ports')).toBe(
      '21 FTP, 22 SSH, 23 Telnet, 445 SMB, 2375 Docker daemon, 3389 RDP, 5900 VNC, 5985 WinRM HTTP, 5986 WinRM HTTPS',
    );
    expect(fact(notice, 'With')).toBe('aws-cli/2.15.30');
    expect(fact(notice, 'Sources')).toBe('0.0.0.0/0');
  });

  test('which service acted for the caller, in place of an address', () => {
    const actor = anActor({
      sourceIp: 'cloudformation.amazonaws.com',
      userAgent: 'cloudformation.amazonaws.com',
      invokedBy: 'cloudformation.amazonaws.com',
    });
    const notice = aNotice();
    const through = { ...notice, signal: { ...notice.signal, actor } };
    expect(fact(through, 'With')).toBe('through CloudFormation');
    expect(fact(through, 'From')).toBeUndefined();
  });

  test('what records of a log rule have in common', () => {
    const story = storyOf(aNotice({ signal: aLogSignal(), exposures: [] }));
    expect(story.summary).toBe('140 records of alice from 203.0.113.7.');
    expect(story.consoleUrl).toBeNull();
    expect(story.steps.map(({ command }) => command)).toEqual([
      'portcullis investigate sig-keys-of-alice',
    ]);
  });

  test('what to do, as long as there is something to do', () => {
    expect(storyOf(aNotice()).steps.map(({ command }) => command)).toEqual([
      'portcullis respond sig-00000000000000000000',
      'portcullis investigate sig-00000000000000000000',
    ]);
    expect(storyOf(noticeOf('closed')).steps).toEqual([]);
  });

  test('no fact that is empty', () => {
    for (const kind of kinds) {
      for (const { value } of storyOf(noticeOf(kind)).facts) expect(value).not.toBe('');
    }
  });
});

describe('the link', () => {
  function link(region: string, groupId = 'sg-0a1b2c3d'): string | null {
    const { signal } = aNotice();
    return storyOf(
      aNotice({ signal: signal.groupId === null ? signal : { ...signal, region, groupId } }),
    ).consoleUrl;
  }

  test.each([
    ['eu-west-1', 'https://eu-west-1.console.aws.amazon.com/'],
    ['cn-north-1', 'https://cn-north-1.console.amazonaws.cn/'],
    ['us-gov-west-1', 'https://us-gov-west-1.console.amazonaws-us-gov.com/'],
  ])('leads to the console of %s', (region, start) => {
    expect(link(region)).toBe(
      `${start}ec2/home?region=${region}#SecurityGroup:groupId=sg-0a1b2c3d`,
    );
  });

  test.each([['evil.example/x-1'], ['us-east-1.evil.example'], ['US-EAST-1'], ['']])(
    'is not made of %j in place of a region',
    (region) => {
      expect(link(region)).toBeNull();
    },
  );

  test.each([['sg-0a1b2c3d&x=1'], ['sg-'], ['sg-xyz'], ['x']])(
    'is not made of %j in place of a group',
    (groupId) => {
      expect(link('us-east-1', groupId)).toBeNull();
    },
  );
});

test('a list is counted, and marked by what is in it', () => {
  const stories = [noticeOf('opened'), noticeOf('reopened', 1), noticeOf('closed', 2)].map(storyOf);
  expect(digestTitle(stories)).toBe('3 notices: 2 open, 1 closed or withdrawn');
  expect(stories.map(mark)).toEqual(['🔴', '🔴', '🟢']);
});
