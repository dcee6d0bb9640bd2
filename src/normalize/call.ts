// The part of a record that every API call shares: what, when, where, by whom, and whether it
// succeeded. A record that should count but lacks one of these is rejected by name, never guessed.

import type { CallFacts } from '../model/change.ts';
import { asText, own, type JsonObject } from '../model/json.ts';
import { readActor } from './actor.ts';

/** A field that is missing or of the wrong type, in words for a person. */
export type Rejection = { readonly reason: string };

const timePattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/;

/** Records above about this many characters keep only their smaller fields with the change. */
const keptRecordChars = 16_384;
const keptFieldChars = 2_048;
const keptDepth = 64;

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
    record: keepRecord(record),
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

function keepRecord(record: JsonObject): JsonObject {
  if (remaining(record, keptRecordChars, keptDepth) >= 0) return record;
  // Identity and context are what rules, messages and people ask for; bodies are what grows.
  const kept: [string, unknown][] = [];
  for (const [key, value] of Object.entries(record)) {
    if (typeof value === 'string') kept.push([key, value.slice(0, keptFieldChars)]);
    else if (remaining(value, keptFieldChars, keptDepth) >= 0) kept.push([key, value]);
  }
  return Object.fromEntries(kept);
}

/** What is left of a budget of characters after a value; negative when it, or the depth, is spent. */
function remaining(value: unknown, budgetChars: number, depth: number): number {
  if (depth < 0) return -1;
  if (typeof value === 'string') return budgetChars - value.length;
  if (typeof value !== 'object' || value === null) return budgetChars - 4;
  let left = budgetChars;
  for (const [key, item] of Object.entries(value)) {
    left = remaining(item, left - key.length - 4, depth - 1);
    if (left < 0) return -1;
  }
  return left;
}
