import { describe, expect, it } from 'vitest';

import { row } from '../../test/support/changes.ts';
import { keepAsked, keepBrief, keepRecord, mayOpen } from './kept-record.ts';

describe('a record that opened something', () => {
  it('is kept as it is', () => {
    const record = { eventName: 'x', requestParameters: { a: [1, 'two', null, true] } };
    expect(keepRecord(record)).toBe(record);
  });

  it('keeps its smaller fields where it is huge', () => {
    const record = {
      eventName: 'x',
      userAgent: 'u'.repeat(30_000),
      requestParameters: { a: 'b' },
      responseElements: { text: 't'.repeat(3000) },
      tlsDetails: null,
    };
    expect(keepRecord(record)).toEqual({
      eventName: 'x',
      userAgent: 'u'.repeat(2048),
      requestParameters: { a: 'b' },
      tlsDetails: null,
    });
  });

  it('is huge above 16,384 characters of keys and values', () => {
    // A key counts for its length and four more, for quotes, colon and comma.
    const full = { a: 'x'.repeat(16_384 - 5) };
    expect(keepRecord(full)).toBe(full);
    expect(keepRecord({ a: 'x'.repeat(16_384 - 4) })).toEqual({ a: 'x'.repeat(2048) });
  });

  it('counts numbers, booleans and null as four characters', () => {
    const full = { a: 'x'.repeat(16_384 - 5 - 5 - 4), b: 7 };
    expect(keepRecord(full)).toBe(full);
    expect(keepRecord({ a: 'x'.repeat(16_384 - 5 - 5 - 3), b: 7 })).not.toHaveProperty('x');
    expect(keepRecord({ a: 'x'.repeat(16_384 - 5 - 5 - 3), b: 7 })).toEqual({
      a: 'x'.repeat(2048),
      b: 7,
    });
  });

  it('keeps of its fields those of up to 2,048 characters', () => {
    const filler = 'f'.repeat(20_000);
    const field = { text: 'x'.repeat(2048 - 8) };
    expect(keepRecord({ filler, field })).toHaveProperty('field', field);
    expect(keepRecord({ filler, field: { text: 'x'.repeat(2048 - 7) } })).not.toHaveProperty(
      'field',
    );
  });

  it('leaves out what is nested deeper than 64 levels, however deep', () => {
    const nested = (depth: number): unknown => {
      let value: unknown = 1;
      for (let level = 0; level < depth; level += 1) value = [value];
      return value;
    };
    const shallow = { a: nested(63) };
    expect(keepRecord(shallow)).toBe(shallow);
    expect(keepRecord({ a: nested(65), b: 1 })).toEqual({ b: 1 });
    expect(keepRecord({ a: nested(1_000_000), b: 1 })).toEqual({ b: 1 });
  });
});

describe('a record that can open nothing', () => {
  it('keeps who, what, when and from where', () => {
    expect(
      keepBrief({
        eventVersion: '1.09',
        eventID: 'event-1',
        eventTime: '2026-03-01T08:00:00Z',
        eventName: 'DeleteSecurityGroup',
        eventSource: 'ec2.amazonaws.com',
        awsRegion: 'us-east-1',
        recipientAccountId: '111122223333',
        sourceIPAddress: '198.51.100.7',
        userAgent: 'u'.repeat(3000),
        requestID: 'r',
        requestParameters: { groupId: 'sg-1' },
        userIdentity: {
          type: 'IAMUser',
          arn: 'arn',
          principalId: 'AIDA',
          accountId: '111122223333',
          userName: 'alice',
          accessKeyId: 'AKIA',
          invokedBy: 'x.amazonaws.com',
          sessionContext: { attributes: {} },
        },
      }),
    ).toEqual({
      eventVersion: '1.09',
      eventID: 'event-1',
      eventTime: '2026-03-01T08:00:00Z',
      eventName: 'DeleteSecurityGroup',
      eventSource: 'ec2.amazonaws.com',
      awsRegion: 'us-east-1',
      recipientAccountId: '111122223333',
      sourceIPAddress: '198.51.100.7',
      userAgent: 'u'.repeat(2048),
      userIdentity: {
        type: 'IAMUser',
        arn: 'arn',
        principalId: 'AIDA',
        accountId: '111122223333',
        userName: 'alice',
        accessKeyId: 'AKIA',
        invokedBy: 'x.amazonaws.com',
      },
    });
  });

  it('keeps nothing that is not text', () => {
    expect(keepBrief({ eventID: 7, userIdentity: 'x' })).toEqual({ userIdentity: {} });
  });
});

describe('rows', () => {
  it.each([
    ['tcp 22 0.0.0.0/0', true],
    ['tcp 22 10.0.0.0/12', true],
    ['tcp 22 10.0.0.0/13', false],
    ['tcp 22 ::/0', true],
    ['tcp 22 2001::/15', true],
    ['tcp 22 2001::/16', false],
    ['tcp 22 pl-1', true],
    ['tcp 22 sg-2', false],
  ])('such as %s may open a port: %j', (text, expected) => {
    expect(mayOpen([row(text)])).toBe(expected);
  });

  it('may open a port when one of them may', () => {
    expect(mayOpen([row('tcp 22 sg-2'), row('tcp 22 0.0.0.0/0')])).toBe(true);
    expect(mayOpen([])).toBe(false);
  });
});

describe('a record of which it is known what will be asked', () => {
  const who = {
    eventID: 'e',
    eventName: 'x',
    userIdentity: { type: 'Root', sessionContext: {} },
    errorCode: '',
    errorMessage: 'm',
    sourceIPAddress: '198.51.100.7',
    recipientAccountId: '111122223333',
  };
  const bodies = {
    requestParameters: { a: { b: 1 } },
    responseElements: {},
    'dotted.key': { c: 2 },
  };

  it('keeps who did what from where, and the fields that hold what is asked', () => {
    const record = { ...who, ...bodies };
    expect(keepAsked(record, [])).toEqual(who);
    expect(keepAsked(record, ['requestParameters.a.b'])).toEqual({
      ...who,
      requestParameters: bodies.requestParameters,
    });
    expect(keepAsked(record, ['responseElements', 'dotted.key.c'])).toEqual({
      ...who,
      responseElements: {},
      'dotted.key': { c: 2 },
    });
    expect(keepAsked(record, ['requestParametersOf', 'response'])).toEqual(who);
  });

  it('is the record itself where all of it is kept', () => {
    expect(keepAsked(who, [])).toBe(who);
  });
});
