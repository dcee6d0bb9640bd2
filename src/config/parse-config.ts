// From settings to a configuration, or to everything that is wrong with them, each with its place.

import { catalogue } from '../errors/catalogue.ts';
import { PortcullisError } from '../errors/portcullis-error.ts';
import { checkShape, fieldError } from '../rules/check-shape.ts';
import { readYaml, type YamlFile } from '../rules/yaml-file.ts';
import { configSchema, rolePattern, type Config } from './config-schema.ts';
import { mergeSettings, type MergedSettings, type Override } from './merged-settings.ts';

export type ConfigReading =
  | { readonly ok: true; readonly config: Config; readonly merged: MergedSettings }
  | { readonly ok: false; readonly errors: readonly [PortcullisError, ...PortcullisError[]] };

/**
 * Paths are as they were written.
 *
 * @param text of the file; null where there is none
 * @param file the path shown in errors
 */
export function parseConfig(
  text: string | null,
  file: string,
  overrides: readonly Override[],
): ConfigReading {
  let merged: MergedSettings;
  try {
    merged = mergeSettings(text === null ? noFile : readYaml(text, file), overrides);
  } catch (error) {
    if (!(error instanceof PortcullisError)) throw error;
    return { ok: false, errors: [asConfigError(error)] };
  }
  const shape = checkShape(configSchema, merged.yaml);
  const errors = shape.ok ? contradictions(shape.data, merged.yaml) : shape.errors;
  const [first, ...more] = errors.map(asConfigError);
  if (first !== undefined) return { ok: false, errors: [first, ...more] };
  if (!shape.ok) throw new Error('a shape that is not right has an error');
  return { ok: true, config: shape.data, merged };
}

const noFile: YamlFile = {
  file: 'the settings',
  data: {},
  place: () => 'the settings',
  placeOfKey: () => 'the settings',
  placeWithin: () => 'the settings',
};

/** What no field can tell by itself. */
function contradictions(config: Config, yaml: YamlFile): readonly PortcullisError[] {
  const { sources, aws, rules, serve } = config;
  const sourceNames = sources.map(({ name }) => name);
  const accountIds = aws.accounts.map(({ id }) => id);
  return [
    ...repeated(sourceNames).map((index) =>
      fieldError(yaml, ['sources', index, 'name'], 'a name that no other source has'),
    ),
    ...repeated(accountIds).map((index) =>
      fieldError(yaml, ['aws', 'accounts', index, 'id'], 'each account once'),
    ),
    ...aws.accounts.flatMap(({ id, roleArn, externalId }, index) => {
      const path = ['aws', 'accounts', index];
      const roleAccount = rolePattern.exec(roleArn ?? '')?.groups?.['accountId'];
      if (roleAccount !== undefined && roleAccount !== id) {
        return [fieldError(yaml, [...path, 'roleArn'], `a role in the account ${id}`)];
      }
      return roleArn === undefined && externalId !== undefined
        ? [
            fieldError(yaml, [...path, 'externalId'], 'a roleArn beside it', {
              found: 'is there without a role',
            }),
          ]
        : [];
    }),
    ...rules.disable.flatMap((id, index) =>
      rules.enable.includes(id)
        ? [
            fieldError(yaml, ['rules', 'disable', index], 'a rule to be run or not, not both', {
              hint: 'Remove it from rules.enable or from rules.disable.',
            }),
          ]
        : [],
    ),
    ...(serve.oidc !== undefined && serve.publicUrl === undefined
      ? [
          fieldError(
            yaml,
            ['serve', 'oidc'],
            'serve.publicUrl beside it, where logins come back to',
            {
              found: 'is there alone',
            },
          ),
        ]
      : []),
  ];
}

/** Indexes of those that were there before. */
function repeated(names: readonly string[]): readonly number[] {
  return names.flatMap((name, index) => (names.indexOf(name) < index ? [index] : []));
}

/** The checks of YAML files speak of rules; here they are about something else. */
function asConfigError(error: PortcullisError): PortcullisError {
  const isDefault = error.hint === catalogue[error.code].nextStep;
  return new PortcullisError('config/bad-file', error.message, {
    ...(error.place === null ? {} : { place: error.place }),
    ...(isDefault ? {} : { hint: error.hint }),
    cause: error,
  });
}
