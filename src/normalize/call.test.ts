import { describe, expect, it } from 'vitest';

import { readCall, readTime, succeeded } from './call.ts';

const record = {
  eventID: 'event-1',
  eventTime: '2026-03-01T08:00:00Z',
  eventName: 'DeleteSecurityGroup',
  awsRegion: 'us-east-1',
  recipientAccountId: '111122223333',
  sourceIPAddress: '198.51.100.7',
  userAgent: 'aws-cli',
  userIdentity: { type: 'Root', accountId: '444455556666', arn: 'arn:aws:iam::444455556666:root' },
  sharedEventID: 'shared-1',
  requestParameters: { groupId: 'sg-1' },
};

describe('a call', () => {
  it('has what every call has', () => {
    expect(readCall(record)).toEqual({
      eventId: 'event-1',
      eventTime: '2026-03-01T08:00:00Z',
      eventTimeMs: Date.UTC(2026, 2, 1, 8),
      eventName: 'DeleteSecurityGroup',
      accountId: '111122223333',
      region: 'us-east-1',
      actor: {
        type: 'Root',
        arn: 'arn:aws:iam::444455556666:root',
        sessionName: 'root',
        accessKeyId: null,
        sourceIp: '198.51.100.7',
        userAgent: 'aws-cli',
        invokedBy: null,
      },
      sharedEventId: 'shared-1',
      record: {
        eventID: 'event-1',
        eventTime: '2026-03-01T08:00:00Z',
        eventName: 'DeleteSecurityGroup',
        awsRegion: 'us-east-1',
        recipientAccountId: '111122223333',
        sourceIPAddress: '198.51.100.7',
        userAgent: 'aws-cli',
        userIdentity: {
          type: 'Root',
          accountId: '444455556666',
          arn: 'arn:aws:iam::444455556666:root',
        },
      },
    });
  });

  it('needs no shared id and no name', () => {
    const { sharedEventID: _, eventName: __, ...rest } = record;
    expect(readCall(rest)).toMatchObject({ sharedEventId: null, eventName: '' });
  });

  it('belongs to the account of its recipient, else of its caller', () => {
    expect(readCall({ ...record, recipientAccountId: undefined })).toMatchObject({
      accountId: '444455556666',
    });
    expect(readCall({ ...record, recipientAccountId: 11_122_223_333 })).toMatchObject({
      accountId: '011122223333',
    });
    expect(readCall({ ...record, recipientAccountId: '' })).toMatchObject({
      accountId: '444455556666',
    });
  });

  it.each([0, -5, 1.5, 2 ** 60])('does not belong to account %j', (recipientAccountId) => {
    expect(readCall({ ...record, recipientAccountId })).toMatchObject({
      accountId: '444455556666',
    });
  });

  it.each([
    [{ eventID: undefined }, 'eventID is missing or not a text'],
    [{ eventID: 7 }, 'eventID is missing or not a text'],
    [
      { eventTime: undefined },
      'eventTime is missing or not a UTC time such as 2026-03-01T08:00:00Z',
    ],
    [
      { eventTime: 'yesterday' },
      'eventTime is missing or not a UTC time such as 2026-03-01T08:00:00Z',
    ],
    [{ awsRegion: '' }, 'awsRegion is missing or not a text'],
    [
      { recipientAccountId: undefined, userIdentity: {} },
      'recipientAccountId and userIdentity.accountId are missing',
    ],
  ])('with %j is rejected by name', (more, reason) => {
    expect(readCall({ ...record, ...more })).toEqual({ reason });
  });
});

describe('success', () => {
  it.each([
    {},
    { errorCode: null },
    { errorCode: '' },
    { responseElements: null },
    { responseElements: { _return: true } },
    { responseElements: { _return: 'true' } },
  ])('is %j', (more) => {
    expect(succeeded({ ...record, ...more })).toBe(true);
  });

  it.each([
    { errorCode: 'Client.UnauthorizedOperation' },
    { errorCode: 'Client.DryRunOperation' },
    { errorCode: 7 },
    { responseElements: { _return: false } },
    { responseElements: { _return: 'false' } },
    { responseElements: { _return: 'False' } },
  ])('is not %j', (more) => {
    expect(succeeded({ ...record, ...more })).toBe(false);
  });
});

describe('a time', () => {
  it.each([
    ['2026-03-01T08:00:00Z', Date.UTC(2026, 2, 1, 8)],
    ['2026-03-01T08:00:00.5Z', Date.UTC(2026, 2, 1, 8, 0, 0, 500)],
    ['2026-03-01T08:00:00.123456789Z', Date.UTC(2026, 2, 1, 8, 0, 0, 123)],
  ])('%s is read', (text, ms) => {
    expect(readTime(text)).toBe(ms);
  });

  it.each([
    '2026-03-01T08:00:00',
    '2026-03-01T08:00:00+01:00',
    '2026-03-01 08:00:00Z',
    'x2026-03-01T08:00:00Z',
    '2026-03-01T08:00:00Zx',
    '2026-03-01T08:00:00.Z',
    '2026-03-01T08:00:00.1234567890Z',
    '2026-13-01T08:00:00Z',
    '1772352000',
    '',
  ])('%j is not', (text) => {
    expect(readTime(text)).toBeUndefined();
  });
});
