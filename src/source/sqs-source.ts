// Deliveries from an SQS queue that carries EventBridge events, S3 notifications, records, or SNS
// messages around any of them. A message stays hidden from others while it is worked on, and is
// deleted once it is acknowledged; whatever else becomes of it, it comes again.

import { PortcullisError } from '../errors/portcullis-error.ts';
import type {
  Clock,
  Delivery,
  DeliveryPart,
  DeliverySource,
  MessageQueue,
  ObjectStore,
  QueueMessage,
} from '../ports.ts';
import { boundedBody } from './body-text.ts';
import { gather, type Put } from './gather.ts';
import { readMessage, type MessageContent } from './notified-objects.ts';
import { Backoff, grown, requestBackoff, sleep } from './pause.ts';
import { ReceiptDesk } from './receipt-desk.ts';
import { formatS3Address } from './s3-address.ts';

export type SqsSourceOptions = {
  readonly name: string;
  readonly queue: MessageQueue;
  /** Where the objects are that notifications name. */
  readonly objectStore: ObjectStore;
  /** Told of every request that failed; the source goes on by itself. */
  readonly onFault?: (fault: PortcullisError) => void;
  readonly clock?: Clock;
  /** Requests that wait for messages at the same time; each brings up to 10. */
  readonly receivers?: number;
  /** How long a request waits for a message: up to 20 seconds, SQS's most. */
  readonly waitSeconds?: number;
  /** How long a message is lost from sight when this process dies; renewed while it lives. */
  readonly hideSeconds?: number;
  /** After the end, what is still worked on is kept hidden for so long and no longer. */
  readonly drainSeconds?: number;
  /** What is given back for the first time comes again after so many seconds, later it takes longer. */
  readonly firstReturnSeconds?: number;
  readonly mostReturnSeconds?: number;
};

/** Acknowledged messages that are remembered, because SQS may deliver one again nevertheless. */
const rememberedIds = 10_000;
/** Hiding is renewed this many times before it would end. */
const renewalsPerHide = 3;

export function createSqsSource(options: SqsSourceOptions): DeliverySource {
  const { name, clock = Date.now } = options;
  /** When what was handed out last was sent; null while the queue is empty. */
  let newestMs: number | null = null;
  let hasLooked = false;
  return {
    name,
    deliveries: (signal) =>
      new Reception(options, (sentMs) => {
        hasLooked = true;
        newestMs = sentMs;
      }).deliveries(signal),
    lagSeconds() {
      if (!hasLooked) return null;
      return newestMs === null ? 0 : Math.max(0, (clock() - newestMs) / 1000);
    },
  };
}

/** One run of the source. */
class Reception {
  readonly #options: SqsSourceOptions;
  readonly #onLook: (sentMs: number | null) => void;
  readonly #hideSeconds: number;
  /** The newest receipt of each message that was received and is not settled, by its id. */
  readonly #inHand = new Map<string, string>();
  readonly #acknowledged = new Set<string>();
  readonly #deleting: ReceiptDesk<{ receipt: string }>;
  readonly #hiding: ReceiptDesk<{ receipt: string; seconds: number }>;
  #renewal: NodeJS.Timeout | undefined;
  #drainedAtMs = Infinity;

  constructor(options: SqsSourceOptions, onLook: (sentMs: number | null) => void) {
    const { queue, hideSeconds = 120, onFault = () => {} } = options;
    this.#options = options;
    this.#onLook = onLook;
    this.#hideSeconds = hideSeconds;
    this.#deleting = new ReceiptDesk({
      send: (entries) => queue.delete(entries.map(({ receipt }) => receipt)),
      onFault,
      verb: 'deleted',
    });
    this.#hiding = new ReceiptDesk({
      send: (entries) => queue.hide(entries),
      onFault,
      verb: 'hidden from others',
    });
  }

  async *deliveries(signal: AbortSignal): AsyncGenerator<Delivery, void, undefined> {
    const { receivers = 2, drainSeconds = 30 } = this.#options;
    this.#renewal = setInterval(() => this.#renew(), (this.#hideSeconds * 1000) / renewalsPerHide);
    // Work that is under way keeps the process alive, not this.
    this.#renewal.unref();
    try {
      yield* gather<Delivery>(signal, async (put, stopping) => {
        await Promise.all(Array.from({ length: receivers }, () => this.#receive(put, stopping)));
      });
    } finally {
      this.#drainedAtMs = performance.now() + drainSeconds * 1000;
      this.#stopWhenDone();
    }
  }

  async #receive(put: Put<Delivery>, signal: AbortSignal): Promise<void> {
    const { queue, waitSeconds = 20, onFault = () => {} } = this.#options;
    const backoff = new Backoff(requestBackoff);
    const hideSeconds = this.#hideSeconds;
    while (!signal.aborted) {
      try {
        const request = { maxMessages: 10, waitSeconds, hideSeconds, signal };
        const messages = await queue.receive(request);
        backoff.reset();
        if (messages.length === 0) this.#onLook(null);
        await Promise.all(messages.map((message) => this.#offer(message, put)));
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof PortcullisError)) throw error;
        onFault(error);
        await sleep(backoff.next(), signal);
      }
    }
  }

  async #offer(message: QueueMessage, put: Put<Delivery>): Promise<void> {
    const { id, receipt } = message;
    if (this.#acknowledged.has(id)) {
      await this.#deleting.file({ receipt });
      return;
    }
    const isAgain = this.#inHand.has(id);
    this.#inHand.set(id, receipt);
    // It was lost from sight and is still worked on: from now on this receipt is the one that counts.
    if (isAgain) return;
    const content = readMessage(message.body);
    if (content.objects.length === 0 && content.rest === null) {
      await this.#acknowledge(id);
      return;
    }
    this.#onLook(message.sentMs);
    if (!(await put(this.#delivery(message, content)))) await this.#return(id, 0);
  }

  #delivery(message: QueueMessage, content: MessageContent): Delivery {
    const { id, attempt, sentMs, body } = message;
    const { objectStore, firstReturnSeconds = 5, mostReturnSeconds = 900 } = this.#options;
    const name = `${this.#options.name}/${id}`;
    const parts: DeliveryPart[] = content.objects.map(({ bucket, key }) => ({
      name: formatS3Address(bucket, key),
      read: (signal) => objectStore.read(bucket, key, signal),
    }));
    if (content.rest !== null) parts.push({ name, read: bytesOf(content.rest) });
    return {
      id,
      name,
      attempt,
      receivedMs: sentMs,
      parts,
      body: () => boundedBody(body),
      acknowledge: () => this.#acknowledge(id),
      giveBack: () => this.#return(id, grown(firstReturnSeconds, mostReturnSeconds, attempt - 1)),
    };
  }

  async #acknowledge(id: string): Promise<void> {
    const receipt = this.#inHand.get(id);
    if (receipt === undefined) return;
    this.#inHand.delete(id);
    this.#acknowledged.add(id);
    if (this.#acknowledged.size > rememberedIds) {
      const [oldest = ''] = this.#acknowledged;
      this.#acknowledged.delete(oldest);
    }
    this.#stopWhenDone();
    await this.#deleting.file({ receipt });
  }

  async #return(id: string, seconds: number): Promise<void> {
    const receipt = this.#inHand.get(id);
    if (receipt === undefined) return;
    this.#inHand.delete(id);
    this.#stopWhenDone();
    await this.#hiding.file({ receipt, seconds: Math.round(seconds) });
  }

  #renew(): void {
    if (performance.now() >= this.#drainedAtMs) {
      this.#inHand.clear();
      this.#stopWhenDone();
      return;
    }
    for (const receipt of this.#inHand.values()) {
      void this.#hiding.file({ receipt, seconds: this.#hideSeconds });
    }
  }

  #stopWhenDone(): void {
    if (this.#drainedAtMs < Infinity && this.#inHand.size === 0) clearInterval(this.#renewal);
  }
}

function bytesOf(text: string): DeliveryPart['read'] {
  return async function* read() {
    yield Buffer.from(text, 'utf8');
  };
}
