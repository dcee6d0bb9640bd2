// Finds the values of an attribute in any object. A path steps through arrays without an index, at
// any level, and a key may hold dots. Own properties alone count: `__proto__` is a key like another.

import { isObject } from '../model/json.ts';
import type { Attribute } from './ast.ts';

/**
 * Offers every value of an attribute to `accept`, in the order of the object, until one is taken;
 * tells whether one was. A value is never an array, null or undefined.
 */
export type Visit = (object: unknown, accept: (value: unknown) => boolean) => boolean;

/** A value that is one in itself. */
export type Scalar = string | number | boolean;

export function isScalar(value: unknown): value is Scalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/**
 * The strings, numbers and booleans of an attribute, in the order of the object. The attribute is
 * named as in a query: `@userIdentity.arn`, or a reserved one such as `service`.
 */
export function attributeValues(object: unknown, attribute: string): readonly Scalar[] {
  return compileAttribute(attribute)(object);
}

/** `attributeValues` for one attribute and many objects. */
export function compileAttribute(attribute: string): (object: unknown) => readonly Scalar[] {
  return valuesOf(compileVisit(attributeNamed(attribute)));
}

/** An attribute as it is named in a query, `@` and all. */
export function attributeNamed(attribute: string): Attribute {
  return attribute.startsWith('@')
    ? { kind: 'path', path: attribute.slice(1) }
    : { kind: 'reserved', name: attribute };
}

/** The strings, numbers and booleans that are visited. */
export function valuesOf(visit: Visit): (object: unknown) => readonly Scalar[] {
  return (object) => {
    const values: Scalar[] = [];
    visit(object, (value) => {
      if (isScalar(value)) values.push(value);
      return false;
    });
    return values;
  };
}

export function compileVisit(attribute: Attribute): Visit {
  switch (attribute.kind) {
    case 'path':
      return visitPath(attribute.path);
    case 'reserved':
      return visitReserved(attribute.name);
    case 'any':
      return visitEverything;
    default:
      return attribute satisfies never;
  }
}

/** One way on from a place of the path: a key, of one part or of several with their dots. */
type Step = { readonly key: string; readonly next: number };

function visitPath(path: string): Visit {
  const parts = path.split('.');
  const steps: readonly (readonly Step[])[] = parts.map((_, from) =>
    parts.slice(from).map((_part, index) => ({
      key: parts.slice(from, from + index + 1).join('.'),
      next: from + index + 1,
    })),
  );

  function visit(value: unknown, place: number, accept: (value: unknown) => boolean): boolean {
    if (Array.isArray(value)) {
      return visitElements(value, (element) => visit(element, place, accept));
    }
    if (value === null || value === undefined) return false;
    const onward = steps[place];
    if (onward === undefined) return accept(value);
    if (!isObject(value)) return false;
    for (const { key, next } of onward) {
      if (Object.hasOwn(value, key) && visit(value[key], next, accept)) return true;
    }
    return false;
  }

  return (object, accept) => visit(object, 0, accept);
}

/** The elements, and the elements of arrays among them, however deep: without recursion. */
function visitElements(list: readonly unknown[], accept: (element: unknown) => boolean): boolean {
  const open = [list.values()];
  for (;;) {
    const current = open.at(-1);
    if (current === undefined) return false;
    const { done, value } = current.next();
    if (done === true) open.pop();
    else if (Array.isArray(value)) open.push(value.values());
    else if (accept(value)) return true;
  }
}

/** An attribute of that name at the top of the object, or a tag `name:value` among its `tags`. */
function visitReserved(name: string): Visit {
  const attribute = visitPath(name);
  const tags = visitPath('tags');
  const prefix = `${name}:`;
  return (object, accept) =>
    attribute(object, accept) ||
    tags(
      object,
      (tag) =>
        typeof tag === 'string' && tag.startsWith(prefix) && accept(tag.slice(prefix.length)),
    );
}

/** Every string, number and boolean, wherever it stands: without recursion. */
const visitEverything: Visit = (object, accept) => {
  const open = [[object].values()];
  for (;;) {
    const current = open.at(-1);
    if (current === undefined) return false;
    const { done, value } = current.next();
    if (done === true) open.pop();
    else if (typeof value === 'object' && value !== null) open.push(Object.values(value).values());
    else if (isScalar(value) && accept(value)) return true;
  }
};
