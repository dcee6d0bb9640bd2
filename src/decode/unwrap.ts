// From one parsed unit to the CloudTrail records in it, through every envelope AWS puts around them:
// EventBridge, SNS, SQS, CloudWatch Logs subscriptions, Kinesis, LookupEvents, lists in lists.
// Depth and size of what is unpacked on the way are bounded.

import { gunzipSync } from 'node:zlib';
import { asText, isObject, own, type JsonObject } from '../model/json.ts';

export type Unwrapped =
  | { readonly kind: 'record'; readonly record: JsonObject }
  /** A notification that names an object in S3, not its contents. */
  | { readonly kind: 'object'; readonly bucket: string; readonly key: string }
  /** Known to hold no records: digests, Insights events, control messages, test events. */
  | { readonly kind: 'nothing' }
  /** Text inside an envelope that should be JSON and is not. */
  | { readonly kind: 'broken'; readonly reason: string }
  /** Something that CloudTrail does not write. */
  | { readonly kind: 'foreign' };

const maxDepth = 8;
const maxInnerBytes = 33_554_432;

/** Yields at least one item for every value. */
export function* unwrap(value: unknown, depth = 0): Generator<Unwrapped> {
  if (Array.isArray(value)) {
    if (value.length === 0) yield { kind: 'nothing' };
    if (depth >= maxDepth) yield { kind: 'foreign' };
    else for (const item of value as readonly unknown[]) yield* unwrap(item, depth + 1);
    return;
  }
  if (!isObject(value) || depth >= maxDepth) {
    yield { kind: 'foreign' };
    return;
  }
  yield* unwrapObject(value, depth);
}

function* unwrapObject(value: JsonObject, depth: number): Generator<Unwrapped> {
  // EventBridge, whose `detail` is the record; its other events (S3, …) carry no eventName.
  const detail = own(value, 'detail');
  if (isObject(detail) && asText(own(value, 'detail-type')) !== undefined) {
    yield* unwrapEventBridge(value, detail, depth);
    return;
  }
  const eventSource = own(value, 'eventSource');
  if (eventSource === 'aws:s3' && isObject(own(value, 's3'))) {
    yield s3Object(own(value, 's3'));
    return;
  }
  if (isRecord(value)) {
    yield { kind: 'record', record: value };
    return;
  }
  for (const key of ['Records', 'records', 'Events', 'logEvents', 'Messages']) {
    const list = own(value, key);
    if (Array.isArray(list)) {
      yield* unwrap(list, depth + 1);
      return;
    }
  }
  if (isKnownEmpty(value)) {
    yield { kind: 'nothing' };
    return;
  }
  // SNS says `Message`, SQS `Body` or `body`, LookupEvents `CloudTrailEvent`, Logs `message`.
  const text = firstText(value, ['CloudTrailEvent', 'Message', 'Body', 'body', 'message']);
  if (text !== undefined) {
    yield* unwrapText(text, depth);
    return;
  }
  const sns = own(value, 'Sns');
  if (isObject(sns)) {
    yield* unwrap(sns, depth + 1);
    return;
  }
  const packed =
    asText(own(own(value, 'awslogs'), 'data')) ??
    asText(own(own(value, 'kinesis'), 'data')) ??
    asText(own(value, 'data')) ??
    asText(own(value, 'Data'));
  if (packed !== undefined) {
    yield* unwrapPacked(packed, depth);
    return;
  }
  yield { kind: 'foreign' };
}

/** What makes an object a CloudTrail record: the two names that every API call event has. */
function isRecord(value: JsonObject): boolean {
  return own(value, 'eventName') !== undefined && own(value, 'eventSource') !== undefined
    ? true
    : own(value, 'eventName') !== undefined && own(value, 'eventVersion') !== undefined;
}

function* unwrapEventBridge(
  envelope: JsonObject,
  detail: JsonObject,
  depth: number,
): Generator<Unwrapped> {
  if (own(envelope, 'source') === 'aws.s3') {
    yield s3Object(detail);
    return;
  }
  if (isRecord(detail)) {
    // The envelope knows account and region where a rewritten record may have lost them.
    const region = asText(own(envelope, 'region'));
    const account = asText(own(envelope, 'account'));
    yield {
      kind: 'record',
      record: {
        ...(region === undefined ? {} : { awsRegion: region }),
        ...(account === undefined ? {} : { recipientAccountId: account }),
        ...detail,
      },
    };
    return;
  }
  if (isKnownEmpty(detail)) yield { kind: 'nothing' };
  else yield* unwrap(detail, depth + 1);
}

function s3Object(s3: unknown): Unwrapped {
  const bucket = asText(own(own(s3, 'bucket'), 'name'));
  const key = asText(own(own(s3, 'object'), 'key'));
  return bucket === undefined || key === undefined
    ? { kind: 'foreign' }
    : { kind: 'object', bucket, key };
}

function isKnownEmpty(value: JsonObject): boolean {
  const message = own(value, 'message');
  return (
    // CloudWatch Logs tests a destination with such a message.
    message === '' ||
    (typeof message === 'string' && message.startsWith('CWL CONTROL MESSAGE')) ||
    own(value, 'eventCategory') === 'Insight' ||
    own(value, 'messageType') === 'CONTROL_MESSAGE' ||
    own(value, 'Event') === 's3:TestEvent' ||
    own(value, 'digestS3Object') !== undefined ||
    own(value, 'digestStartTime') !== undefined
  );
}

function firstText(value: JsonObject, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const text = asText(own(value, key));
    if (text !== undefined) return text;
  }
  return undefined;
}

function* unwrapText(text: string, depth: number): Generator<Unwrapped> {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{') && !trimmed.startsWith('[')) {
    yield* looksPacked(trimmed) ? unwrapPacked(trimmed, depth) : [{ kind: 'foreign' } as const];
    return;
  }
  let inner: unknown;
  try {
    inner = JSON.parse(trimmed);
  } catch {
    yield { kind: 'broken', reason: 'the text in an envelope is not JSON' };
    return;
  }
  yield* unwrap(inner, depth + 1);
}

/** gzip in base64 begins with these four characters. */
export function looksPacked(text: string): boolean {
  return text.startsWith('H4sI');
}

function* unwrapPacked(base64: string, depth: number): Generator<Unwrapped> {
  const bytes = Buffer.from(base64, 'base64');
  let text: string;
  try {
    text = looksPacked(base64)
      ? gunzipSync(bytes, { maxOutputLength: maxInnerBytes }).toString('utf8')
      : bytes.toString('utf8');
  } catch {
    yield { kind: 'broken', reason: 'the packed data in an envelope cannot be unpacked' };
    return;
  }
  if (!text.trim().startsWith('{')) {
    yield { kind: 'foreign' };
    return;
  }
  yield* unwrapText(text, depth + 1);
}
