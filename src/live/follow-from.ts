// Groups, each with the time from which on it has to be followed anew.

/** Before every record. */
export const beginningMs = -8_640_000_000_000_000;

export class FollowFrom {
  readonly #fromMs = new Map<string, number>();

  add(groupKey: string, atMs: number): void {
    this.#fromMs.set(groupKey, Math.min(atMs, this.#fromMs.get(groupKey) ?? atMs));
  }

  get groupKeys(): readonly string[] {
    return [...this.#fromMs.keys()];
  }

  /** Milliseconds since 1970, UTC, of a whole second: within one, order is not decided yet. */
  secondOf(groupKey: string): number {
    const fromMs = this.#fromMs.get(groupKey) ?? beginningMs;
    return Math.floor(fromMs / 1000) * 1000;
  }
}
