// A handler for AWS Lambda: takes CloudTrail's records out of whatever event it is given, detects within
// it, and hands the signals on. It remembers nothing from one event to the next. What it cannot read
// it does not swallow: Lambda, or the queue behind it, delivers that again or puts it aside.

import { createS3ObjectStore } from '../aws/s3-object-store.ts';
import { StreamDecoder, type DecodeTotals } from '../decode/decode-stream.ts';
import { RecordScanner } from '../decode/record-scanner.ts';
import { PortcullisError } from '../errors/portcullis-error.ts';
import { asText, own, type JsonObject } from '../model/json.ts';
import type { Problem } from '../model/problem.ts';
import type { Rule } from '../model/rule.ts';
import type { Signal } from '../model/signal.ts';
import type { Suppression } from '../model/suppression.ts';
import { groupChangeEventNames } from '../normalize/normalize.ts';
import { detect, planFor, type Detection, type DetectOptions } from '../pipeline.ts';
import type { DeliveryPart, ObjectStore } from '../ports.ts';
import { builtInRules } from '../rules/built-in-rules.ts';
import { notReadable } from '../source/not-readable.ts';
import { readMessage } from '../source/notified-objects.ts';
import { formatS3Address } from '../source/s3-address.ts';

/**
 * Told of what one event brought; not called where there is nothing to tell. Where it rejects, the
 * event is delivered again, to all sinks.
 */
export type SignalSink = (signals: readonly Signal[], detection: Detection) => void | Promise<void>;

export type LambdaHandlerOptions = {
  readonly sinks: readonly SignalSink[];
  /** The built-in rules when absent. Disabled ones are left out. */
  readonly rules?: readonly Rule[];
  readonly suppressions?: readonly Suppression[];
  /** A query that signals match; all do when absent. */
  readonly query?: string;
  /** Told of everything that could not be read; a line of JSON on standard error when absent. */
  readonly onProblem?: (problem: Problem) => void;
  /** Where the objects are that events name; S3, with the function's own role, when absent. */
  readonly objectStore?: ObjectStore;
};

/** For a queue: the messages that are not done. Lambda takes no notice of it elsewhere. */
export type LambdaAnswer = {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
};

export type LambdaHandler = (event: unknown) => Promise<LambdaAnswer>;

/** Unpacked bytes per packed byte above which an object is a bomb. */
const maxRatio = 1_000;

/**
 * Makes the handler of a function for EventBridge events, S3 notifications (straight from S3, through
 * EventBridge, SNS or SQS), batches from SQS, and subscriptions of CloudWatch Logs.
 *
 * The handler throws PortcullisError `lambda/not-readable` where an event is not as expected or an
 * object cannot be read; of a batch from SQS it names the messages instead, for which the event source
 * must have `ReportBatchItemFailures`.
 *
 * @throws QueryError where `query` does not parse
 */
export function createLambdaHandler(options: LambdaHandlerOptions): LambdaHandler {
  const { rules = builtInRules(), suppressions = [], query = '', sinks } = options;
  const detectOptions: DetectOptions = { rules, suppressions, query };
  const { eventNames } = planFor(detectOptions);
  const names = eventNames === null ? null : new Set([...groupChangeEventNames, ...eventNames]);
  const reader = new EventReader(names, options);

  return async (event) => {
    const records: JsonObject[] = [];
    const batchItemFailures: { itemIdentifier: string }[] = [];
    const messages = queueMessages(event);
    if (messages === null) {
      const reading = await reader.read('event', JSON.stringify(event));
      if (reading.failure !== null) throw notRead(reading.failure);
      records.push(...reading.records);
    } else {
      for (const { id, body } of messages) {
        const reading = await reader.read(`message ${id}`, body);
        if (reading.failure === null) records.push(...reading.records);
        else batchItemFailures.push({ itemIdentifier: id });
      }
    }
    const { problems, ...detection } = detect(records, detectOptions);
    for (const { code, record, message } of problems) {
      reader.tell({ code, file: 'event', record, message });
    }
    if (detection.signals.length > 0 || detection.undetermined.length > 0) {
      await Promise.all(sinks.map(async (sink) => sink(detection.signals, detection)));
    }
    return { batchItemFailures };
  };
}

/** The messages of an event from SQS; null for any other event. */
function queueMessages(
  event: unknown,
): readonly { readonly id: string; readonly body: string }[] | null {
  const records = own(event, 'Records');
  if (!Array.isArray(records) || records.length === 0) return null;
  const messages: { id: string; body: string }[] = [];
  for (const record of records as readonly unknown[]) {
    const id = asText(own(record, 'messageId'));
    if (own(record, 'eventSource') !== 'aws:sqs' || id === undefined) return null;
    messages.push({ id, body: asText(own(record, 'body')) ?? '' });
  }
  return messages;
}

type EventReading = {
  readonly records: readonly JsonObject[];
  /** Why it is not done; null where it is. */
  readonly failure: string | null;
};

class EventReader {
  readonly tell: (problem: Problem) => void;
  readonly #eventNames: ReadonlySet<string> | null;
  /** One for each event that is being read; made once and used again. */
  readonly #idleScanners: RecordScanner[] = [];
  readonly #objectStore: () => ObjectStore;

  constructor(eventNames: ReadonlySet<string> | null, options: LambdaHandlerOptions) {
    this.#eventNames = eventNames;
    this.tell = options.onProblem ?? writeProblem;
    let store = options.objectStore;
    this.#objectStore = () => (store ??= createS3ObjectStore({}));
  }

  async read(name: string, body: string): Promise<EventReading> {
    const { objects, rest } = readMessage(body);
    const parts: DeliveryPart[] = objects.map(({ bucket, key }) => ({
      name: formatS3Address(bucket, key),
      read: (signal) => this.#objectStore().read(bucket, key, signal),
    }));
    if (rest !== null) parts.push({ name, read: textReader(rest) });
    const records: JsonObject[] = [];
    let failure: string | null = null;
    const eventNames = this.#eventNames;
    const scanner = this.#idleScanners.pop() ?? new RecordScanner({ eventNames });
    for (const part of parts) {
      const before = records.length;
      const totals = await this.#readPart(part, scanner, records);
      const wasUnderstood = records.length > before || totals.skippedRecords > 0;
      if (totals.rejected || (totals.rejectedRecords > 0 && !wasUnderstood)) failure ??= part.name;
    }
    this.#idleScanners.push(scanner);
    return { records, failure };
  }

  async #readPart(
    part: DeliveryPart,
    scanner: RecordScanner,
    records: JsonObject[],
  ): Promise<DecodeTotals> {
    const handler = {
      record: (record: JsonObject) => void records.push(record),
      problem: this.tell,
    };
    const decoder = new StreamDecoder(scanner, handler, { file: part.name, maxRatio });
    try {
      for await (const chunk of part.read(never)) {
        const pending = decoder.push(chunk);
        if (pending !== undefined) await pending;
        if (decoder.over) break;
      }
    } catch (error) {
      return decoder.fail(notReadable(part.name, error));
    }
    return decoder.finish();
  }
}

/** Lambda ends a function by itself when its time is up. */
const never = new AbortController().signal;

function textReader(text: string): DeliveryPart['read'] {
  return async function* read() {
    yield Buffer.from(text, 'utf8');
  };
}

function notRead(name: string): PortcullisError {
  return new PortcullisError('lambda/not-readable', `${name} cannot be read, or not to its end.`, {
    place: name,
  });
}

function writeProblem(problem: Problem): void {
  process.stderr.write(`${JSON.stringify(problem)}\n`);
}
