// Several loops that find things, and one reader that takes them one at a time. A loop waits until
// what it found is taken, so that nothing piles up; when the reader leaves, the loops end.

/** Resolves to whether the reader took the item; false means that nobody will. */
export type Put<T> = (item: T) => Promise<boolean>;

type Offer<T> = { readonly item: T; readonly answer: (taken: boolean) => void };

/**
 * Yields what `produce` puts, until it ends or `signal` is aborted. `produce` gets a signal that is
 * aborted as well when the reader leaves early, and is waited for. Throws what it throws, unless it
 * does so because it was told to end.
 */
export async function* gather<T>(
  signal: AbortSignal,
  produce: (put: Put<T>, signal: AbortSignal) => Promise<void>,
): AsyncGenerator<T, void, undefined> {
  const stop = new AbortController();
  const offers: Offer<T>[] = [];
  const state = { isOver: false, failure: undefined as { readonly error: unknown } | undefined };
  let wake = (): void => {};

  const end = (): void => {
    stop.abort();
    wake();
  };
  const put: Put<T> = (item) =>
    new Promise((answer) => {
      if (stop.signal.aborted) {
        answer(false);
        return;
      }
      offers.push({ item, answer });
      wake();
    });

  if (signal.aborted) end();
  signal.addEventListener('abort', end);
  const producing = produce(put, stop.signal)
    .catch((error: unknown) => {
      if (!stop.signal.aborted) state.failure = { error };
    })
    .finally(() => {
      state.isOver = true;
      wake();
    });
  try {
    while (!stop.signal.aborted) {
      const offer = offers.shift();
      if (offer !== undefined) {
        offer.answer(true);
        yield offer.item;
      } else if (state.isOver) {
        if (state.failure !== undefined) throw state.failure.error;
        return;
      } else {
        await new Promise<void>((woken) => {
          wake = woken;
        });
      }
    }
  } finally {
    signal.removeEventListener('abort', end);
    stop.abort();
    for (const offer of offers.splice(0)) offer.answer(false);
    await producing;
  }
}
