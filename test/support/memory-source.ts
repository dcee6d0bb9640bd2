// Deliveries from a list, for tests of what takes them: what is given back comes again at the end.

import type { Delivery, DeliverySource } from '../../src/ports.ts';

export type MemoryMessage = { readonly id: string; readonly bytes: Uint8Array };

export class MemorySource implements DeliverySource {
  readonly name: string;
  readonly acknowledged: string[] = [];
  readonly givenBack: string[] = [];
  readonly #waiting: { message: MemoryMessage; attempt: number }[];
  #inHand = 0;
  #changed: () => void = () => undefined;

  constructor(name: string, messages: readonly MemoryMessage[]) {
    this.name = name;
    this.#waiting = messages.map((message) => ({ message, attempt: 1 }));
  }

  lagSeconds(): number | null {
    return null;
  }

  async *deliveries(signal: AbortSignal): AsyncGenerator<Delivery> {
    const wake = (): void => {
      this.#changed();
    };
    signal.addEventListener('abort', wake);
    while (!signal.aborted) {
      const next = this.#waiting.shift();
      if (next !== undefined) {
        this.#inHand += 1;
        yield this.#delivery(next.message, next.attempt);
      } else if (this.#inHand === 0) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#changed = resolve;
        });
      }
    }
  }

  #delivery({ id, bytes }: MemoryMessage, attempt: number): Delivery {
    const done = (): void => {
      this.#inHand -= 1;
      this.#changed();
    };
    return {
      id,
      name: `${this.name}/${id}`,
      attempt,
      receivedMs: 0,
      parts: [
        {
          name: `${this.name}/${id}`,
          async *read() {
            yield bytes;
          },
        },
      ],
      body: () => Buffer.from(bytes).toString('utf8'),
      acknowledge: async () => {
        this.acknowledged.push(id);
        done();
      },
      giveBack: async () => {
        this.givenBack.push(id);
        this.#waiting.push({ message: { id, bytes }, attempt: attempt + 1 });
        done();
      },
    };
  }
}
