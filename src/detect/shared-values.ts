// One of each: texts and objects that recur, as names and callers do, are held once. What is asked for
// is equal to what was given. Bounded: with more different ones, sharing begins anew.

/** Different ones that are remembered, of texts and of objects. */
const mostRemembered = 20_000;

export class SharedValues {
  readonly #texts = new Map<string, string>();
  readonly #objects = new Map<string, object>();

  text(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size >= mostRemembered) this.#texts.clear();
    this.#texts.set(text, text);
    return text;
  }

  /** @param object plain JSON, which nobody changes */
  object<T extends object>(object: T): T {
    const key = JSON.stringify(object);
    const known = this.#objects.get(key);
    // What is held under a key is what an equal object was.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    if (known !== undefined) return known as T;
    if (this.#objects.size >= mostRemembered) this.#objects.clear();
    this.#objects.set(key, object);
    return object;
  }
}
