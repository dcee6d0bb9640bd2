// The environment variables that set what the file may set: `PORTCULLIS_` and the setting's path in
// capitals, as in PORTCULLIS_SERVE_PUBLIC_URL. Lists of texts are separated by commas; lists of
// mappings are for the file alone.

import { z } from 'zod';
import { configSchema } from './config-schema.ts';
import type { Override } from './merged-settings.ts';
import type { SettingPath } from './marked-settings.ts';

export type SettingVariable = {
  readonly name: string;
  readonly path: SettingPath;
  readonly kind: 'text' | 'number' | 'list';
};

export const settingVariables: readonly SettingVariable[] = variablesOf(configSchema, []);

function variablesOf(schema: z.core.$ZodType, path: SettingPath): readonly SettingVariable[] {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return variablesOf(schema.unwrap(), path);
  }
  if (schema instanceof z.ZodObject) {
    const shape = schema.shape as Readonly<Record<string, z.core.$ZodType>>;
    return Object.entries(shape).flatMap(([key, field]) => variablesOf(field, [...path, key]));
  }
  const name = variableName(path);
  if (schema instanceof z.ZodString) return [{ name, path, kind: 'text' }];
  if (schema instanceof z.ZodNumber) return [{ name, path, kind: 'number' }];
  const isList = schema instanceof z.ZodArray && schema.element instanceof z.ZodString;
  return isList ? [{ name, path, kind: 'list' }] : [];
}

function variableName(path: SettingPath): string {
  const words = path.map((step) => String(step).replaceAll(/[A-Z]/g, (letter) => `_${letter}`));
  return `PORTCULLIS_${words.join('_').toUpperCase()}`;
}

/** What the environment sets. An empty variable sets nothing. */
export function settingsOf(env: Readonly<Record<string, string | undefined>>): readonly Override[] {
  return settingVariables.flatMap(({ name, path, kind }) => {
    const text = env[name];
    return text === undefined || text === ''
      ? []
      : [{ path, value: valueOf(text, kind), origin: `${name} (environment)` }];
  });
}

/** A text that is no number stays one, so that the error shows what was written. */
function valueOf(text: string, kind: SettingVariable['kind']): unknown {
  if (kind === 'list')
    return text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  return kind === 'number' && /^-?\d+$/.test(text) ? Number(text) : text;
}
