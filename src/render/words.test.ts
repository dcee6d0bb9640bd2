import { describe, expect, test } from 'vitest';
import { anActor, anExposure } from '../../test/support/scan-results.ts';
import {
  actorName,
  addressText,
  bytesText,
  countText,
  coverageText,
  durationText,
  foundText,
  oneLine,
  portText,
  secondsSince,
  serviceName,
  timeText,
  toolName,
} from './words.ts';

describe('how wide', () => {
  test.each([
    [1, 1, 'whole internet (IPv4 and IPv6)'],
    [1, 0, 'whole internet (IPv4)'],
    [0, 1, 'whole internet (IPv6)'],
    [0.5, 0, '50 % of IPv4'],
    [0.5, 1, '50 % of IPv4 and whole internet (IPv6)'],
    [0.3333, 0, '33.3 % of IPv4'],
    [0, 0.25, '25 % of IPv6'],
    [1, 0.000_01, 'whole internet (IPv4) and under 0.1 % of IPv6'],
    [0.9999, 0, 'over 99.9 % of IPv4'],
    [0, 0, 'no public address'],
  ])('IPv4 %d and IPv6 %d is %s', (ipv4, ipv6, text) => {
    expect(coverageText(ipv4, ipv6)).toBe(text);
  });
});

describe('a port', () => {
  test.each([
    [{ port: 22, service: 'SSH' }, '22 SSH'],
    [{ port: 22, service: null }, '22'],
    [{ port: 8000, toPort: 8100, service: null }, '8000-8100'],
    [{ port: 53, toPort: 53, service: null, protocol: 'udp' }, '53/udp'],
    [{ port: 0, toPort: 65_535, service: null }, 'all TCP ports'],
    [{ port: 0, toPort: 65_535, service: null, protocol: 'udp' }, 'all UDP ports'],
    [{ port: 0, toPort: 65_535, service: null, protocol: 'all' }, 'all traffic'],
    [{ port: 81, toPort: 442, service: null, protocol: 'all' }, '81-442'],
    [{ port: 22, service: 'S\u001b[2JSH\r\n' }, '22 S[2JSH'],
  ])('%o is %s', (given, text) => {
    expect(portText(anExposure(given))).toBe(text);
  });
});

describe('a duration', () => {
  test.each([
    [0, '0s'],
    [0.4, '0s'],
    [49, '49s'],
    [60, '1m'],
    [109, '1m 49s'],
    [3600, '1h'],
    [3601, '1h'],
    [11_040, '3h 4m'],
    [86_400 * 412 + 7200, '412d 2h'],
  ])('of %d seconds is %s', (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
  });

  test('up to now is never negative, also when clocks disagree', () => {
    const now = new Date('2026-03-01T08:00:10Z');
    expect(secondsSince('2026-03-01T08:00:00Z', now)).toBe(10);
    expect(secondsSince('2026-03-01T08:00:30Z', now)).toBe(0);
  });
});

test('a time loses what says that it is UTC', () => {
  expect(timeText('2026-03-01T08:00:00Z')).toBe('2026-03-01 08:00:00');
});

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [103_809_024, '99.0 MiB'],
  [1_288_490_188, '1.2 GiB'],
  [150 * 2 ** 20, '150 MiB'],
  [3 * 2 ** 50, '3072 TiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test('counts have their plural and separate thousands', () => {
  expect([0, 1, 1234].map((count) => countText(count, 'signal'))).toEqual([
    '0 signals',
    '1 signal',
    '1,234 signals',
  ]);
});

describe('who', () => {
  test('is the first of session, ARN, key and service that the log has', () => {
    const nobody = anActor({ sessionName: null, arn: null, accessKeyId: null });
    expect(actorName(anActor())).toBe('alice');
    expect(actorName({ ...nobody, arn: 'arn:aws:iam::1:user/bob' })).toBe(
      'arn:aws:iam::1:user/bob',
    );
    expect(actorName({ ...nobody, sessionName: ' \u200b ', accessKeyId: 'AKIA1' })).toBe('AKIA1');
    expect(actorName({ ...nobody, invokedBy: 'eks.amazonaws.com' })).toBe('eks.amazonaws.com');
    expect(actorName(nobody)).toBe('somebody the log does not name');
  });

  test('is put in quotes where a name could pass for more than a name', () => {
    const spoof = anActor({ sessionName: 'bob from 10.0.0.1 with "aws-cli"' });
    expect(actorName(spoof)).toBe(`"bob from 10.0.0.1 with 'aws-cli'"`);
  });
});

describe('from where', () => {
  test('is the address, unless AWS wrote a name of its own there', () => {
    expect(addressText(anActor())).toBe('203.0.113.7');
    expect(addressText(anActor({ sourceIp: 'cloudformation.amazonaws.com' }))).toBeNull();
    expect(addressText(anActor({ sourceIp: 'AWS Internal' }))).toBeNull();
    expect(addressText(anActor({ sourceIp: null }))).toBeNull();
  });

  test.each([
    [{ invokedBy: 'cloudformation.amazonaws.com' }, 'CloudFormation'],
    [{ sourceIp: 'autoscaling.amazonaws.com' }, 'Auto Scaling'],
    [{ userAgent: 'elasticbeanstalk.amazonaws.com' }, 'elasticbeanstalk.amazonaws.com'],
    [{ userAgent: 'console.amazonaws.com' }, null],
    [{ invokedBy: 'constructor.amazonaws.com' }, 'constructor.amazonaws.com'],
    [{}, null],
  ])('through a service: %o is %s', (given, name) => {
    expect(serviceName(anActor(given))).toBe(name);
  });
});

describe('with which tool', () => {
  test.each([
    ['aws-cli/2.15.30 Python/3.11.8 Linux/6.1 exe/x86_64', 'aws-cli/2.15.30'],
    ['[aws-cli/1.29.0 md/Botocore#1.31]', 'aws-cli/1.29.0'],
    ['Boto3/1.34.2 md/Botocore#1.34.2 ua/2.0', 'Boto3/1.34.2'],
    ['APN/1.0 HashiCorp/1.0 Terraform/1.9.2 (+https://www.terraform.io)', 'Terraform/1.9.2'],
    ['console.amazonaws.com', 'the console'],
    ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36', 'a browser'],
    [
      'stratus-red-team_83c9a458-ffab-4d43-8b02-9691311e8c0a',
      'stratus-red-team_83c9a458-ffab-4d43-8b02-9691311e8c0a',
    ],
    ['cloudformation.amazonaws.com', null],
    ['AWS Internal', null],
    ['(odd) agent', null],
    ['', null],
    [null, null],
  ])('%s is %s', (userAgent, name) => {
    expect(toolName(anActor({ userAgent }))).toBe(name);
  });
});

test('text from a log becomes one line that nothing obeys', () => {
  expect(oneLine(' a\r\n\tb\u001b[31m\u202ec\u0085\u009bd ')).toBe('a b[31mc d');
});

describe('what was found at one place', () => {
  test.each([
    [
      'A file holds nothing (no bytes). Fetch the file again if it should hold records.',
      'no bytes',
    ],
    ['A file holds nothing. Fetch the file again if it should hold records.', ''],
    [
      'It ends after 3 bytes. Fetch the file again if it should hold records.',
      'It ends after 3 bytes.',
    ],
    ['7 more problems of kind input/empty', '7 more problems of kind input/empty'],
  ])('%s', (message, found) => {
    expect(foundText({ code: 'input/empty', message })).toBe(found);
  });
});
