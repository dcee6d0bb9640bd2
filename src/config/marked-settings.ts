// Finds the settings that a schema marks as secrets, wherever they stand in a value of that schema.

import { z } from 'zod';
import { isObject, own } from '../model/json.ts';

export type Mark = 'secret' | 'address';
export type SettingPath = readonly (string | number)[];

/** The value with each marked text replaced by what `change` makes of it. */
export function mapMarked(
  schema: z.core.$ZodType,
  value: unknown,
  change: (written: string, path: SettingPath, mark: Mark) => string,
  path: SettingPath = [],
): unknown {
  const { inner, mark } = unwrapped(schema, value);
  if (typeof value === 'string') return mark === null ? value : change(value, path, mark);
  if (Array.isArray(value) && inner instanceof z.ZodArray) {
    return value.map((item, index) => mapMarked(inner.element, item, change, [...path, index]));
  }
  if (isObject(value) && inner instanceof z.ZodObject) {
    const shape = inner.shape as Readonly<Record<string, z.core.$ZodType>>;
    return Object.fromEntries(
      Object.entries(value).map(([key, field]) => {
        const of = shape[key];
        return [key, of === undefined ? field : mapMarked(of, field, change, [...path, key])];
      }),
    );
  }
  return value;
}

/** The schema that says what the value is, without defaults and the like, and how it is marked. */
function unwrapped(
  schema: z.core.$ZodType,
  value: unknown,
): { readonly inner: z.core.$ZodType; readonly mark: Mark | null } {
  const marked = markOf(schema);
  if (marked !== null) return { inner: schema, mark: marked };
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return unwrapped(schema.unwrap(), value);
  }
  if (schema instanceof z.ZodUnion) {
    const options: readonly z.core.$ZodType[] = schema.options;
    const fitting = options.find((option) => z.safeParse(option, value).success);
    return fitting === undefined ? { inner: schema, mark: null } : unwrapped(fitting, value);
  }
  return { inner: schema, mark: null };
}

function markOf(schema: z.core.$ZodType): Mark | null {
  const meta = z.globalRegistry.get(schema);
  if (own(meta, 'isSecret') === true) return 'secret';
  return own(meta, 'mayHavePassword') === true ? 'address' : null;
}
