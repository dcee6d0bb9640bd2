// The file with what is laid over it: the environment, and over that the flags of a command. Whatever
// is said about a setting later names the place it came from.

import { isObject } from '../model/json.ts';
import type { YamlFile, YamlPath } from '../rules/yaml-file.ts';
import type { SettingPath } from './marked-settings.ts';

/** A setting that does not come from the file. */
export type Override = {
  readonly path: SettingPath;
  readonly value: unknown;
  /** As errors name it: `--store`, `PORTCULLIS_STORE_ADDRESS (environment)`. */
  readonly origin: string;
};

export type MergedSettings = {
  /** Looks like a file, and knows the place of everything in it. */
  readonly yaml: YamlFile;
  /** Whether the setting, or what it stands in, comes from elsewhere than the file. */
  readonly isOverridden: (path: SettingPath) => boolean;
};

/** @param overrides later ones win */
export function mergeSettings(file: YamlFile, overrides: readonly Override[]): MergedSettings {
  // A file of comments alone sets nothing.
  const data = overrides.reduce<unknown>(
    (all, { path, value }) => withValue(all, path, value),
    file.data ?? {},
  );
  const overriding = (path: YamlPath): Override | undefined =>
    overrides.findLast(({ path: set }) => set.every((step, index) => path[index] === step));
  return {
    yaml: {
      file: file.file,
      data,
      place: (path) => overriding(path)?.origin ?? file.place(path),
      placeOfKey: (path) => overriding(path)?.origin ?? file.placeOfKey(path),
      placeWithin: (path, offset) => overriding(path)?.origin ?? file.placeWithin(path, offset),
    },
    isOverridden: (path) => overriding(path) !== undefined,
  };
}

/** What is no mapping where one should be stays, so that it is said. */
function withValue(data: unknown, [step, ...rest]: SettingPath, value: unknown): unknown {
  if (step === undefined) return value;
  if (data !== undefined && !isObject(data)) return data;
  const inner = Object.hasOwn(data ?? {}, step) ? data?.[step] : undefined;
  return { ...data, [step]: withValue(inner, rest, value) };
}
