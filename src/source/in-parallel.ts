// Works on many things, a few at a time.

/** Rejects with the first error, once what was begun has ended; begins nothing after it. */
export async function inParallel<T>(
  items: Iterable<T>,
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = items[Symbol.iterator]();
  const errors: unknown[] = [];
  const lane = async (): Promise<void> => {
    for (let next = waiting.next(); next.done !== true && errors.length === 0;) {
      try {
        await work(next.value);
      } catch (error) {
        errors.push(error);
        return;
      }
      next = waiting.next();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  if (errors.length > 0) throw errors[0];
}
