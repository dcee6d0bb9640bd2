// Where the configuration comes from: one file, the environment over it, and flags over both. A
// configuration with a mistake is none at all.

import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { PortcullisError } from '../errors/portcullis-error.ts';
import { didYouMean } from '../rules/did-you-mean.ts';
import { readText, shownPath } from '../rules/load-rules.ts';
import { configSchema, type Config } from './config-schema.ts';
import { mapMarked, type SettingPath } from './marked-settings.ts';
import type { MergedSettings, Override } from './merged-settings.ts';
import { parseConfig } from './parse-config.ts';
import { referenceIn } from './secret-field.ts';
import { settingsOf, settingVariables } from './setting-variables.ts';

/** The file that is read where none is named, in the folder where the command runs. */
export const defaultFileName = 'portcullis.yaml';
export const fileVariable = 'PORTCULLIS_CONFIG';

export type ConfigOptions = {
  /** From `--config`; else PORTCULLIS_CONFIG's; else `portcullis.yaml`, if it is there. */
  readonly file?: string;
  /** Over everything else; see `flagSettings`. */
  readonly flags?: readonly Override[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where paths of the environment and of flags start; where the command runs, when absent. */
  readonly folder?: string;
};

export type ConfigOutcome = {
  /** The file that was read; null for none. */
  readonly file: string | null;
  /** What may be a mistake and stops nothing. */
  readonly remarks: readonly string[];
} & (
  | { readonly config: Config; readonly errors: readonly [] }
  | { readonly config: null; readonly errors: readonly [PortcullisError, ...PortcullisError[]] }
);

/**
 * What holds, with defaults filled in and paths made absolute. Secrets stay as they were written.
 *
 * @throws PortcullisError `config/not-readable`, or `config/bad-file` for the first mistake
 */
export async function loadConfig(options: ConfigOptions = {}): Promise<Config> {
  const outcome = await readConfig(options);
  if (outcome.config !== null) return outcome.config;
  throw withCount(outcome.errors[0], outcome.errors.length - 1);
}

/** Like `loadConfig`, with all that is wrong and what else is worth a remark. */
export async function readConfig({
  file,
  flags = [],
  env = process.env,
  folder = process.cwd(),
}: ConfigOptions = {}): Promise<ConfigOutcome> {
  const path = await chooseFile(file ?? env[fileVariable], folder);
  let text: string | null = null;
  try {
    if (path !== null) text = await readText(path);
  } catch (error) {
    return { file: path, config: null, errors: [notReadable(path ?? '', error)], remarks: [] };
  }
  const reading = parseConfig(text, path === null ? '' : shownPath(path), [
    ...settingsOf(env),
    ...flags,
  ]);
  const remarks = unknownVariables(env, text ?? '');
  if (!reading.ok) return { file: path, config: null, errors: reading.errors, remarks };
  const fileFolder = path === null ? folder : dirname(path);
  const config = withAbsolutePaths(reading.config, reading.merged, fileFolder, folder);
  return { file: path, config, errors: [], remarks };
}

/** Settings from the flags of a command, as the last layer. A flag that is not given sets nothing. */
export function flagSettings(
  flags: readonly {
    /** As a person writes it, `--store`. */
    readonly flag: string;
    readonly path: SettingPath;
    readonly value: unknown;
  }[],
): readonly Override[] {
  return flags.flatMap(({ flag, path, value }) =>
    value === undefined || (Array.isArray(value) && value.length === 0)
      ? []
      : [{ path, value, origin: flag }],
  );
}

async function chooseFile(named: string | undefined, folder: string): Promise<string | null> {
  if (named !== undefined && named !== '') return resolve(folder, named);
  const usual = resolve(folder, defaultFileName);
  return access(usual).then(
    () => usual,
    () => null,
  );
}

function notReadable(path: string, error: unknown): PortcullisError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  const reason =
    code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code}), or is not UTF-8`;
  return new PortcullisError('config/not-readable', reason, {
    place: shownPath(path),
    cause: error,
  });
}

function withCount(first: PortcullisError, more: number): PortcullisError {
  if (more === 0) return first;
  const rest = `(and ${more === 1 ? '1 more error' : `${more} more errors`}; \`portcullis config check\` lists them)`;
  return new PortcullisError('config/bad-file', `${first.message} ${rest}`, {
    ...(first.place === null ? {} : { place: first.place }),
    hint: first.hint,
    cause: first,
  });
}

/** Paths in the file start at its folder, all others where the command runs. */
function withAbsolutePaths(
  config: Config,
  { isOverridden }: MergedSettings,
  fileFolder: string,
  folder: string,
): Config {
  const absolute = (path: SettingPath, written: string): string =>
    resolve(isOverridden(path) ? folder : fileFolder, written);
  const all = (path: SettingPath, written: readonly string[]): readonly string[] =>
    written.map((each) => absolute(path, each));
  const { rules, suppressions, store, sources, channels } = config;
  const resolved: Config = {
    ...config,
    rules: { ...rules, folders: all(['rules', 'folders'], rules.folders) },
    suppressions: { files: all(['suppressions', 'files'], suppressions.files) },
    store: {
      address: isPath(store.address)
        ? absolute(['store', 'address'], store.address)
        : store.address,
    },
    sources: sources.map((source, index) =>
      source.kind === 'folder'
        ? { ...source, path: absolute(['sources', index, 'path'], source.path) }
        : source,
    ),
    channels: channels.map((channel, index) =>
      channel.type === 'ocsf-file'
        ? { ...channel, path: absolute(['channels', index, 'path'], channel.path) }
        : channel,
    ),
  };
  const withFiles = mapMarked(configSchema, resolved, (written, path) => {
    const reference = referenceIn(written);
    return reference?.kind === 'file' ? `\${file:${absolute(path, reference.path)}}` : written;
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- texts alone are replaced, by texts
  return withFiles as Config;
}

/** Whether the address of a store is the plain path of a file. */
function isPath(address: string): boolean {
  return (
    referenceIn(address) === null && !/^[a-z][a-z0-9+.-]*:/i.test(address) && address !== ':memory:'
  );
}

/** Variables that were probably meant to set something. */
function unknownVariables(
  env: Readonly<Record<string, string | undefined>>,
  text: string,
): readonly string[] {
  const known = [fileVariable, ...settingVariables.map(({ name }) => name)];
  return Object.keys(env)
    .filter((name) => name.startsWith('PORTCULLIS_') && !known.includes(name))
    .filter((name) => !text.includes(`\${${name}}`))
    .flatMap((name) => {
      const meant = didYouMean(name, known);
      return meant === undefined
        ? []
        : [`The environment variable ${name} sets nothing. Did you mean ${meant}?`];
    });
}
