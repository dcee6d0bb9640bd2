// The part of a record that every API call shares: what, when, where, by whom, and whether it
// succeeded. A record that should count but lacks one of these is rejected by name, never guessed.

import type { CallFacts } from '../model/change.ts';
import { asText, own, type JsonObject } from '../model/json.ts';
import { readActor } from './actor.ts';
import { keepBrief } from './kept-record.ts';

/** A field that is missing or of the wrong type, in words for a person. */
export type Rejection = { readonly reason: string };

const timePattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/;

/**
 * Whether the call did what it was asked to: no `errorCode`, and no `_return` of false.
 * A dry run carries an `errorCode`, and so did nothing.
 */
export function succeeded(record: JsonObject): boolean {
  const errorCode = own(record, 'errorCode');
  if (errorCode !== undefined && errorCode !== null && errorCode !== '') return false;
  const returned = own(own(record, 'responseElements'), '_return');
  return returned !== false && returned !== 'false' && returned !== 'False';
}

export function readCall(record: JsonObject): CallFacts | Rejection {
  const eventId = asText(own(record, 'eventID'));
  if (eventId === undefined) return { reason: 'eventID is missing or not a text' };
  const eventTime = asText(own(record, 'eventTime'));
  const eventTimeMs = eventTime === undefined ? undefined : readTime(eventTime);
  if (eventTime === undefined || eventTimeMs === undefined) {
    return { reason: 'eventTime is missing or not a UTC time such as 2026-03-01T08:00:00Z' };
  }
  const region = asText(own(record, 'awsRegion'));
  if (region === undefined) return { reason: 'awsRegion is missing or not a text' };
  const accountId =
    asAccountId(own(record, 'recipientAccountId')) ??
    asAccountId(own(own(record, 'userIdentity'), 'accountId'));
  if (accountId === undefined) {
    return { reason: 'recipientAccountId and userIdentity.accountId are missing' };
  }
  return {
    eventId,
    eventTime,
    eventTimeMs,
    eventName: asText(own(record, 'eventName')) ?? '',
    accountId,
    region,
    actor: readActor(record),
    sharedEventId: asText(own(record, 'sharedEventID')) ?? null,
    record: keepBrief(record),
  };
}

/** Milliseconds since 1970 of a UTC time as CloudTrail writes it; undefined for anything else. */
export function readTime(text: string): number | undefined {
  if (!timePattern.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Account ids are twelve digits, and some tools write them as numbers, which drops zeros. */
function asAccountId(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) {
    return String(value).padStart(12, '0');
  }
  return asText(value);
}
