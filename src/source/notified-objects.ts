// What a message holds: objects in S3 that it names, or records of its own. S3 notifications come
// raw, inside SNS envelopes and as EventBridge events; whatever else is in a message is kept.

import { asText, isObject, own, type JsonObject } from '../model/json.ts';
import { keyVerdict, wantEverything } from './aws-layout.ts';

export type NamedObject = { readonly bucket: string; readonly key: string };

export type MessageContent = {
  /** In the order in which they are named, each once; digests and folders' markers left out. */
  readonly objects: readonly NamedObject[];
  /** The message, or what of it is no notification, in a layout that decoding knows; null: nothing. */
  readonly rest: string | null;
};

/** What is found on the way; `isMixed` once something in the message is a notification. */
type Finding = { readonly objects: NamedObject[]; readonly rest: unknown[]; isMixed: boolean };

/** SNS in SNS is as deep as it gets; deeper is nobody's notification. */
const maxDepth = 6;

/** @param body of a message, or an event as Lambda gives it, as JSON text */
export function readMessage(body: string): MessageContent {
  const finding: Finding = { objects: [], rest: [], isMixed: false };
  const value = parse(body);
  if (value !== undefined) look(value, finding, 0);
  if (!finding.isMixed) return { objects: [], rest: body };
  const rest = finding.rest.length === 0 ? null : JSON.stringify(finding.rest);
  return { objects: distinct(finding.objects), rest };
}

function look(value: unknown, finding: Finding, depth: number): void {
  if (!isObject(value) || depth > maxDepth) {
    finding.rest.push(value);
    return;
  }
  if (own(value, 'Event') === 's3:TestEvent') {
    finding.isMixed = true;
    return;
  }
  if (own(value, 'eventSource') === 'aws:s3' && isObject(own(value, 's3'))) {
    finding.isMixed = true;
    // Only what came to be can be read: `ObjectRemoved:…` and the like name nothing that is there.
    const what = asText(own(value, 'eventName')) ?? '';
    if (what.startsWith('ObjectCreated:') || what.startsWith('s3:ObjectCreated:')) {
      name(own(value, 's3'), decodedKey, finding);
    }
    return;
  }
  if (own(value, 'source') === 'aws.s3' && asText(own(value, 'detail-type')) !== undefined) {
    finding.isMixed = true;
    // Unlike in S3's own notifications, keys stand here as they are.
    if (own(value, 'detail-type') === 'Object Created') name(own(value, 'detail'), String, finding);
    return;
  }
  const records = own(value, 'Records');
  if (Array.isArray(records)) {
    for (const record of records as readonly unknown[]) look(record, finding, depth + 1);
    return;
  }
  const inner = innerText(value);
  if (inner === undefined) finding.rest.push(value);
  else look(inner, finding, depth + 1);
}

/** What SNS carries, in its own envelope or in the one that Lambda gets. */
function innerText(value: JsonObject): unknown {
  const text = asText(own(value, 'Message')) ?? asText(own(own(value, 'Sns'), 'Message'));
  return text === undefined ? undefined : parse(text);
}

function name(s3: unknown, keyOf: (text: string) => string | undefined, finding: Finding): void {
  const bucket = asText(own(own(s3, 'bucket'), 'name'));
  const text = asText(own(own(s3, 'object'), 'key'));
  const key = text === undefined ? undefined : keyOf(text);
  if (bucket === undefined || key === undefined) {
    // Decoding says what is wrong with it.
    finding.rest.push(s3);
    return;
  }
  // Consoles write an empty object whose key ends in `/` to show an empty folder.
  if (key.endsWith('/') || keyVerdict(wantEverything, key) !== 'take') return;
  finding.objects.push({ bucket, key });
}

/**
 * Undoes the URL encoding of S3's notifications, in which a space is a plus sign.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
function decodedKey(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

function distinct(objects: readonly NamedObject[]): readonly NamedObject[] {
  const byName = new Map(objects.map((object) => [JSON.stringify(object), object]));
  return [...byName.values()];
}

/** Parsed JSON; undefined where it is none, which is decoding's to say. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
