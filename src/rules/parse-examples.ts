// From the text of an examples.yaml to cases with whole records: patches are merged, names are
// followed. Every error of the file is found in one go, each with line and column.

import type { PortcullisError } from '../errors/portcullis-error.ts';
import { asText, isObject, type JsonObject } from '../model/json.ts';
import { checkShape, fieldError } from './check-shape.ts';
import { didYouMean } from './did-you-mean.ts';
import {
  examplesFileSchema,
  type ExampleCase,
  type ExamplesFile,
  type ExpectedSignal,
} from './examples-schema.ts';
import { readYaml, type YamlFile, type YamlPath } from './yaml-file.ts';
import { utcTime } from '../model/utc-time.ts';

export type { ExpectedSignal };

export type Example = {
  readonly name: string;
  /** `file:line:column` of the case. */
  readonly place: string;
  readonly records: readonly JsonObject[];
  readonly expected: Expectation;
};

export type Expectation = {
  /** The signals, in order of their opening; empty for a case that gives none. */
  readonly signals: readonly ExpectedSignal[];
  /** Why the rule stays quiet; null where it fires. */
  readonly quiet: string | null;
  /** Why a change cannot be told in full; null where all can. */
  readonly undetermined: string | null;
  /** Why a record cannot be read; null where all can. */
  readonly rejected: string | null;
};

/**
 * @returns the cases, or every error of the file
 * @throws PortcullisError `rule/bad-yaml`
 */
export function parseExamples(
  text: string,
  file: string,
):
  | { readonly ok: true; readonly examples: readonly Example[] }
  | { readonly ok: false; readonly errors: readonly PortcullisError[] } {
  const yaml = readYaml(text, file);
  const shape = checkShape(examplesFileSchema, yaml);
  if (!shape.ok) return shape;
  const errors = [...nameErrors(shape.data, yaml), ...caseErrors(shape.data, yaml)];
  if (errors.length > 0) return { ok: false, errors };
  const examples = shape.data.cases.map((example, index) => ({
    name: example.name,
    place: yaml.place(['cases', index]),
    records: recordsOf(example, shape.data),
    expected: {
      signals: example.fires ?? [],
      quiet: example.quiet ?? null,
      undetermined: example.undetermined ?? null,
      rejected: example.rejected ?? null,
    },
  }));
  return { ok: true, examples };
}

type RecordOf = ExamplesFile['records'][string];

function recordsOf(example: ExampleCase, file: ExamplesFile): readonly JsonObject[] {
  const parts: readonly RecordOf[] = example.records ?? [
    { like: example.like, patch: example.patch },
  ];
  return parts.map((part, index) => {
    const changes = patchesOf(part, file);
    let record: unknown = index === 0 ? file.base : later(file.base, index);
    for (const change of changes) record = mergePatch(record, change);
    return isObject(record) ? record : {};
  });
}

/** The patches on the base, the named record's own chain first. */
function patchesOf(part: RecordOf, file: ExamplesFile): readonly JsonObject[] {
  const named = part.like === undefined ? undefined : file.records[part.like];
  const inherited = named === undefined ? [] : patchesOf(named, file);
  return part.patch === undefined ? inherited : [...inherited, part.patch];
}

/**
 * The base as the record at `index` of a sequence: an event of its own, so many minutes later.
 * Without this each record would have to say both, and a forgotten one would count as a repetition.
 */
function later(base: JsonObject, index: number): JsonObject {
  const eventId = asText(base['eventID']);
  const eventTime = Date.parse(asText(base['eventTime']) ?? '');
  return {
    ...base,
    ...(eventId === undefined ? {} : { eventID: `${eventId}-${index + 1}` }),
    ...(Number.isNaN(eventTime) ? {} : { eventTime: utcTime(eventTime + index * 60_000) }),
  };
}

/** RFC 7396: objects merge, null removes, everything else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged = new Map<string, unknown>(isObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

function nameErrors(file: ExamplesFile, yaml: YamlFile): readonly PortcullisError[] {
  const uses: { readonly path: YamlPath; readonly name: string }[] = [];
  const use = (path: YamlPath, name: string | undefined): void => {
    if (name !== undefined) uses.push({ path: [...path, 'like'], name });
  };
  for (const [name, record] of Object.entries(file.records)) use(['records', name], record.like);
  for (const [index, example] of file.cases.entries()) {
    use(['cases', index], example.like);
    for (const [at, record] of (example.records ?? []).entries()) {
      use(['cases', index, 'records', at], record.like);
    }
  }
  const names = Object.keys(file.records);
  return uses.flatMap(({ path, name }) => {
    if (!Object.hasOwn(file.records, name)) {
      const meant = didYouMean(name, names);
      const expected = names.length === 0 ? 'no name: there are no records' : names.join(', ');
      return [
        fieldError(yaml, path, expected, meant ? { hint: `Did you mean \`${meant}\`?` } : {}),
      ];
    }
    return leadsBack(name, file)
      ? [fieldError(yaml, path, 'the name of a record that is not, in the end, like itself')]
      : [];
  });
}

function leadsBack(name: string, file: ExamplesFile): boolean {
  const seen = new Set<string>();
  let at: string | undefined = name;
  while (at !== undefined && Object.hasOwn(file.records, at)) {
    if (seen.has(at)) return true;
    seen.add(at);
    at = file.records[at]?.like;
  }
  return false;
}

function caseErrors(file: ExamplesFile, yaml: YamlFile): readonly PortcullisError[] {
  const errors: PortcullisError[] = [];
  const names = new Set<string>();
  for (const [index, example] of file.cases.entries()) {
    const { name, fires, quiet, undetermined, rejected } = example;
    if (names.has(name)) {
      errors.push(fieldError(yaml, ['cases', index, 'name'], 'a name that no other case has'));
    }
    names.add(name);
    const said = [fires, quiet, undetermined, rejected].filter((outcome) => outcome !== undefined);
    if (said.length === 0) {
      const found = 'does not say what to expect';
      errors.push(
        fieldError(yaml, ['cases', index], 'fires, quiet, undetermined or rejected', { found }),
      );
    }
    if (quiet !== undefined && said.length > 1) {
      const found = 'stands beside another outcome';
      errors.push(fieldError(yaml, ['cases', index, 'quiet'], 'quiet alone', { found }));
    }
    if (example.records !== undefined && (example.like ?? example.patch) !== undefined) {
      const found = 'stands beside like or patch';
      errors.push(
        fieldError(yaml, ['cases', index, 'records'], 'one of the two ways to write records', {
          found,
        }),
      );
    }
  }
  return errors;
}
