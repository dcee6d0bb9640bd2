// Checks one event against the compiled OCSF schema: attributes known and of the right type, required
// ones there, enumerations and their captions, constraints, profiles. It knows nothing of Portcullis.

import type { OcsfAttribute, OcsfItem, OcsfSchema } from './compile-schema.ts';

export type Finding = { readonly path: string; readonly problem: string };

export type Report = {
  /** What makes the event invalid. */
  readonly errors: readonly Finding[];
  /** Recommended attributes that are not there, as paths without array indexes. */
  readonly missingRecommended: readonly string[];
};

type Json = Readonly<Record<string, unknown>>;

export function validateEvent(schema: OcsfSchema, event: unknown): Report {
  const errors: Finding[] = [];
  const missing = new Set<string>();
  const fail = (path: string, problem: string): void => void errors.push({ path, problem });
  const done = (): Report => ({ errors, missingRecommended: [...missing].toSorted() });

  if (!isObject(event)) {
    fail('', 'is not an object');
    return done();
  }
  const eventClass = Object.values(schema.classes).find(({ uid }) => uid === event['class_uid']);
  if (eventClass === undefined) {
    fail('class_uid', `names no class: ${show(event['class_uid'])}`);
    return done();
  }
  const metadata = isObject(event['metadata']) ? event['metadata'] : {};
  if (metadata['version'] !== schema.version) {
    fail('metadata.version', `is not ${schema.version}: ${show(metadata['version'])}`);
  }
  const applied = Array.isArray(metadata['profiles']) ? metadata['profiles'].map(String) : [];
  for (const profile of applied.filter((name) => !eventClass.profiles.includes(name))) {
    fail('metadata.profiles', `is not a profile of the class: ${show(profile)}`);
  }
  if (event['type_uid'] !== eventClass.uid * 100 + Number(event['activity_id'])) {
    fail('type_uid', 'is not class_uid * 100 + activity_id');
  }
  checkItem(event, eventClass, '');
  return done();

  function checkItem(value: Json, item: OcsfItem, path: string): void {
    const at = (name: string): string => (path === '' ? name : `${path}.${name}`);
    for (const [name, attribute] of Object.entries(item.attributes)) {
      const applies = attribute.profiles?.some((profile) => applied.includes(profile)) ?? true;
      const present = Object.hasOwn(value, name);
      if (present && !applies) {
        fail(at(name), `belongs to a profile that is not applied: ${attribute.profiles?.join()}`);
      } else if (present) {
        checkAttribute(value, name, attribute, at(name));
      } else if (applies && attribute.requirement === 'required') {
        fail(at(name), 'is required');
      } else if (applies && attribute.requirement === 'recommended') {
        missing.add(at(name).replace(/\[\d+\]/g, '[]'));
      }
    }
    for (const name of Object.keys(value).filter((key) => !Object.hasOwn(item.attributes, key))) {
      fail(at(name), 'is not in the schema');
    }
    for (const [kind, names] of Object.entries(item.constraints ?? {})) {
      const count = names.filter((name) => Object.hasOwn(value, name)).length;
      const holds = kind === 'just_one' ? count === 1 : count >= 1;
      if (!holds) fail(path, `needs ${kind} of ${names.join(', ')}`);
    }
  }

  function checkAttribute(holder: Json, name: string, attribute: OcsfAttribute, at: string): void {
    const value = holder[name];
    if (attribute['@deprecated'] !== undefined) fail(at, 'is deprecated');
    if (attribute.is_array === true) {
      if (!Array.isArray(value)) fail(at, 'is not an array');
      else
        for (const [index, each] of value.entries()) checkValue(each, attribute, `${at}[${index}]`);
    } else {
      checkValue(value, attribute, at);
      checkSibling(holder, value, attribute, at);
    }
  }

  function checkValue(value: unknown, attribute: OcsfAttribute, at: string): void {
    if (attribute.type === 'object_t') {
      const object = schema.objects[attribute.object_type ?? ''];
      if (!isObject(value)) fail(at, 'is not an object');
      else if (object === undefined) fail(at, `is of an unknown type ${attribute.object_type}`);
      else if (object.name !== 'object') checkItem(value, object, at);
      return;
    }
    const wrong = problemOfType(value, attribute.type);
    if (wrong !== null) fail(at, wrong);
    else if (attribute.enum !== undefined && !Object.hasOwn(attribute.enum, String(value))) {
      fail(at, `is not in the enumeration: ${show(value)}`);
    }
  }

  /** The caption beside an enumerated number must be its own; 99 stands for a caption of one's own. */
  function checkSibling(holder: Json, value: unknown, attribute: OcsfAttribute, at: string): void {
    const { sibling } = attribute;
    if (sibling === undefined || !Object.hasOwn(holder, sibling)) return;
    const caption = attribute.enum?.[String(value)]?.caption;
    if (value !== 99 && caption !== undefined && holder[sibling] !== caption) {
      fail(at, `is ${show(caption)}, but ${sibling} is ${show(holder[sibling])}`);
    }
  }

  /** What is wrong with a value of a scalar type, or null. A type may narrow another one. */
  function problemOfType(value: unknown, type: string): string | null {
    const definition = schema.dictionary.types.attributes[type];
    if (definition === undefined) return `is of an unknown type ${type}`;
    if (definition.type !== undefined) {
      const wrong = problemOfType(value, definition.type);
      if (wrong !== null) return wrong;
    } else if (!isOfBaseType(value, type)) {
      return `is not of type ${type}: ${show(value)}`;
    }
    const { regex, max_len: longest, range } = definition;
    if (regex !== undefined && !new RegExp(regex).test(String(value))) {
      return `does not look like ${type}: ${show(value)}`;
    }
    if (longest !== undefined && String(value).length > longest) return `is too long for ${type}`;
    if (range !== undefined && (Number(value) < range[0] || Number(value) > range[1])) {
      return `is out of range for ${type}: ${show(value)}`;
    }
    return null;
  }
}

function isOfBaseType(value: unknown, type: string): boolean {
  switch (type) {
    case 'string_t':
      return typeof value === 'string';
    case 'integer_t':
    case 'long_t':
      return Number.isSafeInteger(value);
    case 'float_t':
      return typeof value === 'number';
    case 'boolean_t':
      return typeof value === 'boolean';
    case 'json_t':
      return value !== undefined;
    default:
      return false;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? 'undefined';
}
