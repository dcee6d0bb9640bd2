// One object of a foreign document, read field by field. A field of the wrong type is named and read
// as missing; a field that nobody asked for is named at the end, unless it says nothing.

import { isObject, type JsonObject } from '../../model/json.ts';
import type { Losses } from './exchange.ts';

export class ForeignObject {
  readonly #value: JsonObject;
  readonly #path: string;
  readonly #losses: Losses;
  readonly #asked = new Set<string>();

  /** @param path where the object stands; empty for the top of the rule */
  constructor(value: JsonObject, path: string, losses: Losses) {
    this.#value = value;
    this.#path = path;
    this.#losses = losses;
  }

  /** Where a field of the object stands in the rule. */
  pathOf(key: string): string {
    return this.#path === '' ? key : `${this.#path}.${key}`;
  }

  /** The value as it is; null counts as missing. */
  any(key: string): unknown {
    this.#asked.add(key);
    return Object.hasOwn(this.#value, key) ? (this.#value[key] ?? undefined) : undefined;
  }

  text(key: string): string | undefined {
    const text = this.#typed(key, 'a text', (value) => typeof value === 'string');
    if (text === undefined || text.isWellFormed()) return text;
    this.#losses.add(this.pathOf(key), 'holds half a character, which was replaced');
    return text.toWellFormed();
  }

  boolean(key: string): boolean | undefined {
    return this.#typed(key, 'true or false', (value) => typeof value === 'boolean');
  }

  number(key: string): number | undefined {
    return this.#typed(key, 'a number', (value) => typeof value === 'number');
  }

  texts(key: string): readonly string[] | undefined {
    return this.#typed(
      key,
      'a list of texts',
      (value): value is readonly string[] =>
        Array.isArray(value) && value.every((element) => typeof element === 'string'),
    );
  }

  object(key: string): ForeignObject | undefined {
    const value = this.#typed(key, 'an object', isObject);
    return value && new ForeignObject(value, this.pathOf(key), this.#losses);
  }

  objects(key: string): readonly ForeignObject[] {
    const list = this.#typed(
      key,
      'a list of objects',
      (value): value is readonly JsonObject[] => Array.isArray(value) && value.every(isObject),
    );
    return (list ?? []).map(
      (value, index) => new ForeignObject(value, `${this.pathOf(key)}[${index}]`, this.#losses),
    );
  }

  /** Whether a field is there and says something. Counts as asking for it. */
  has(key: string): boolean {
    return saysSomething(this.any(key));
  }

  /** Fields that are about the tool the rule comes from, not about the rule. */
  passOver(keys: readonly string[]): void {
    for (const key of keys) this.#asked.add(key);
  }

  /** Names every field that was neither read nor passed over and says something. */
  nameOthers(reason: string): void {
    for (const key of Object.keys(this.#value)) {
      if (!this.#asked.has(key) && saysSomething(this.#value[key])) {
        this.#losses.add(this.pathOf(key), reason);
      }
    }
  }

  #typed<T>(key: string, expected: string, isRight: (value: unknown) => value is T): T | undefined {
    const value = this.any(key);
    if (value === undefined || isRight(value)) return value;
    this.#losses.refuse(this.pathOf(key), `is not ${expected}`);
    return undefined;
  }
}

/** Null, false, and what is empty leave a field at its default. */
function saysSomething(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isObject(value)) return Object.keys(value).length > 0;
  return value !== null && value !== undefined && value !== false && value !== '';
}
