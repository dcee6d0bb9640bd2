// Secrets of a configuration: hidden where it is shown, and looked up only by what uses them.

import { readFile } from 'node:fs/promises';
import { PortcullisError } from '../errors/portcullis-error.ts';
import { configSchema, type Config } from './config-schema.ts';
import { mapMarked } from './marked-settings.ts';
import { maskPassword, maskSecret, referenceIn, type SecretReference } from './secret-field.ts';
import { pathText } from '../rules/check-shape.ts';

/** Where references lead. */
export type SecretPlaces = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readText: (path: string) => Promise<string>;
};

const thisMachine: SecretPlaces = {
  env: process.env,
  readText: (path) => readFile(path, 'utf8'),
};

/** The configuration as it may be shown to anybody. */
export function maskConfig(config: Config): Config {
  const masked = mapMarked(configSchema, config, (written, _, mark) =>
    mark === 'secret' ? maskSecret(written) : maskPassword(written),
  );
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- texts alone are replaced, by texts
  return masked as Config;
}

/** Paths of secrets that the configuration holds in plain instead of referring to them. */
export function plainSecrets(config: Config): readonly string[] {
  const found: string[] = [];
  mapMarked(configSchema, config, (written, path, mark) => {
    const isPlain =
      mark === 'secret'
        ? maskSecret(written) === '***'
        : maskPassword(written) !== written && /:\/\/[^@/]*:[^@/]+@/.test(written);
    if (isPlain) found.push(pathText(path));
    return written;
  });
  return found;
}

/**
 * One section with its secrets themselves instead of references to them.
 *
 * @throws PortcullisError `config/no-secret` where a reference leads nowhere
 */
export async function revealSection<Name extends keyof Config>(
  config: Config,
  name: Name,
  places: SecretPlaces = thisMachine,
): Promise<Config[Name]> {
  const schema = configSchema.shape[name];
  const waiting = new Map<string, Promise<string>>();
  mapMarked(schema, config[name], (written, path) => {
    const reference = referenceIn(written);
    if (reference !== null) {
      const place = pathText([name, ...path]);
      waiting.set(place, lookUp(reference, place, places));
    }
    return written;
  });
  const found = new Map(
    await Promise.all([...waiting].map(async ([place, text]) => [place, await text] as const)),
  );
  const revealed = mapMarked(
    schema,
    config[name],
    (written, path) => found.get(pathText([name, ...path])) ?? written,
  );
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- texts alone are replaced, by texts
  return revealed as Config[Name];
}

async function lookUp(
  reference: SecretReference,
  place: string,
  { env, readText }: SecretPlaces,
): Promise<string> {
  if (reference.kind === 'variable') {
    const value = env[reference.name];
    if (value !== undefined && value !== '') return value;
    throw new PortcullisError(
      'config/no-secret',
      `${place} is taken from the environment variable ${reference.name}, which is not set`,
      { place, hint: `Set ${reference.name} where Portcullis runs, or correct its name.` },
    );
  }
  let text: string;
  try {
    text = await readText(reference.path);
  } catch (error) {
    throw new PortcullisError(
      'config/no-secret',
      `${place} is taken from the file ${reference.path}, which cannot be read`,
      { place, hint: 'Check the path, and that Portcullis may read the file.', cause: error },
    );
  }
  // Editors and `echo` put a line end after a secret.
  const value = text.replace(/\r?\n$/, '');
  if (value !== '') return value;
  throw new PortcullisError(
    'config/no-secret',
    `${place} is taken from the file ${reference.path}, which is empty`,
    { place },
  );
}
