// A queue in memory that hides and shows messages as SQS does, on a clock that the test sets.

import type { MessageQueue, QueueMessage, RefusedReceipt } from '../../src/ports.ts';

export type MemoryQueue = MessageQueue & {
  send(id: string, body: string): void;
  /** Every request: what was asked, and for how many messages. */
  readonly asked: readonly { readonly what: string; readonly count: number }[];
  readonly size: () => number;
  /** When a message can be received again, in milliseconds of the test's clock. */
  shownAtMs(id: string): number;
};

type Kept = {
  readonly id: string;
  readonly body: string;
  receipt: string;
  attempt: number;
  hiddenUntilMs: number;
};

export type MemoryQueueOptions = {
  readonly now: () => number;
  /** Called before each request; may throw. */
  readonly fault?: (what: string) => void;
  /** Receipts that are refused once, and not for good. */
  readonly refuse?: (receipt: string) => boolean;
};

export function memoryQueue({
  now,
  fault = () => {},
  refuse = () => false,
}: MemoryQueueOptions): MemoryQueue {
  const kept = new Map<string, Kept>();
  const asked: { what: string; count: number }[] = [];
  let receipts = 0;

  function ask(what: string, count: number): void {
    asked.push({ what, count });
    fault(what);
  }

  function settle(receipt: string, settleOne: (message: Kept) => void): readonly RefusedReceipt[] {
    if (refuse(receipt)) return [{ receipt, forGood: false, reason: 'not now' }];
    const message = [...kept.values()].find((one) => one.receipt === receipt);
    if (message === undefined) return [{ receipt, forGood: true, reason: 'it is not there' }];
    settleOne(message);
    return [];
  }

  return {
    asked,
    size: () => kept.size,
    shownAtMs: (id) => kept.get(id)?.hiddenUntilMs ?? NaN,
    send(id, body) {
      kept.set(id, { id, body, receipt: '', attempt: 0, hiddenUntilMs: 0 });
    },
    async receive({ maxMessages, hideSeconds, signal }) {
      ask('receive', maxMessages);
      const messages: QueueMessage[] = [];
      for (const message of kept.values()) {
        if (messages.length === maxMessages) break;
        if (message.hiddenUntilMs > now()) continue;
        receipts += 1;
        message.receipt = `receipt-${receipts}`;
        message.attempt += 1;
        message.hiddenUntilMs = now() + hideSeconds * 1000;
        const { id, receipt, body, attempt } = message;
        messages.push({ id, receipt, body, attempt, sentMs: 0 });
      }
      if (messages.length === 0) await shortly(signal);
      return messages;
    },
    async delete(wanted) {
      ask('delete', wanted.length);
      return wanted.flatMap((receipt) => settle(receipt, ({ id }) => kept.delete(id)));
    },
    async hide(wanted) {
      ask('hide', wanted.length);
      return wanted.flatMap(({ receipt, seconds }) =>
        settle(receipt, (message) => {
          message.hiddenUntilMs = now() + seconds * 1000;
        }),
      );
    },
  };
}

/** Waits a moment for messages, or until nobody wants them any more. */
function shortly(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      done();
    };
    const timer = setTimeout(end, 2);
    signal.addEventListener('abort', end);
  });
}
