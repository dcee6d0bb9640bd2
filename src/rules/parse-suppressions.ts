// From the text of a file of suppressions to suppressions. Every error of the file is found in one
// go, each with line and column; a file with an error gives none at all.

import { createHash } from 'node:crypto';
import { z } from 'zod';
import { catalogue } from '../errors/catalogue.ts';
import { PortcullisError } from '../errors/portcullis-error.ts';
import type { Suppression } from '../model/suppression.ts';
import { parseQuery, QueryError } from '../query/index.ts';
import { checkShape, fieldError, pathText } from './check-shape.ts';
import { line, list } from './rule-schema.ts';
import { readYaml, type YamlFile } from './yaml-file.ts';

const timeExpected = 'a day such as 2026-03-06, or a UTC time such as 2026-03-06T17:00:00Z';
const time = z
  .string(timeExpected)
  .refine((text) => readMoment(text, 'start') !== null, timeExpected);
const idExpected = 'letters, digits, dots, hyphens and underscores, such as bastion-ssh';
const ruleExpected = 'the id of a rule, or all';

const suppressionSchema = z.strictObject(
  {
    id: z
      .string(idExpected)
      .regex(/^[A-Za-z0-9][\w.-]{0,99}$/, idExpected)
      .optional(),
    rule: z.string(ruleExpected).regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, ruleExpected),
    query: line('a query of one line, such as @exposures.port:22'),
    reason: line('why this is accepted, in one line'),
    creator: line('who says so, in one line').optional(),
    start: time.optional(),
    end: time.optional(),
  },
  'a mapping with rule, query and reason',
);

const fileSchema = z.strictObject(
  { suppressions: list(suppressionSchema, 'a list of suppressions') },
  'a mapping with a list of suppressions',
);

type Written = z.infer<typeof suppressionSchema>;

/**
 * @param file the path shown in errors
 * @throws PortcullisError `suppression/bad-file`: the first that is wrong
 */
export function parseSuppressions(text: string, file: string): readonly Suppression[] {
  const { suppressions, errors } = read(text, file);
  const [first] = errors;
  if (first !== undefined) throw asSuppressionError(first, errors.length - 1);
  return suppressions;
}

type Reading = {
  readonly suppressions: readonly Suppression[];
  readonly errors: readonly PortcullisError[];
};

function read(text: string, file: string): Reading {
  let yaml: YamlFile;
  try {
    yaml = readYaml(text, file);
  } catch (error) {
    if (error instanceof PortcullisError) return { suppressions: [], errors: [error] };
    throw error;
  }
  const shape = checkShape(fileSchema, yaml);
  if (!shape.ok) return { suppressions: [], errors: shape.errors };
  const suppressions = shape.data.suppressions.map(toSuppression);
  const known = new Set<string>();
  const errors = suppressions.flatMap((suppression, index) => {
    const found = [
      ...queryErrors(suppression, index, yaml),
      ...spanErrors(suppression, index, yaml),
      ...(known.has(suppression.id)
        ? [fieldError(yaml, ['suppressions', index], 'each suppression once', repeated)]
        : []),
    ];
    known.add(suppression.id);
    return found;
  });
  return { suppressions, errors };
}

const repeated = { found: 'is there twice', hint: 'Remove one, or give each an id of its own.' };

function toSuppression(written: Written): Suppression {
  const { rule, query, reason, creator = null, start, end } = written;
  return {
    id: written.id ?? stableSuppressionId(written),
    ruleId: rule === 'all' ? null : rule,
    query,
    reason,
    creator,
    startMs: start === undefined ? null : readMoment(start, 'start'),
    endMs: end === undefined ? null : readMoment(end, 'end'),
  };
}

/** The same as long as what it hides, and when, is the same; wherever it stands in whatever file. */
function stableSuppressionId({ rule, query, start = '', end = '' }: Written): string {
  const text = JSON.stringify([rule, query, start, end]);
  return `sup-${createHash('sha256').update(text).digest('hex').slice(0, 20)}`;
}

/** A day begins with its first moment and ends with its last. Null for what is no time. */
function readMoment(text: string, edge: 'start' | 'end'): number | null {
  const [, day, clock] =
    /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?Z)?$/.exec(text) ?? [];
  if (day === undefined) return null;
  const dayMs = Date.parse(`${day}T00:00:00Z`);
  // `Date.parse` takes February 30 for March 2.
  if (Number.isNaN(dayMs) || !new Date(dayMs).toISOString().startsWith(day)) return null;
  if (clock === undefined) return edge === 'start' ? dayMs : dayMs + 86_400_000 - 1;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}

function queryErrors(
  { query }: Suppression,
  index: number,
  yaml: YamlFile,
): readonly PortcullisError[] {
  const path = ['suppressions', index, 'query'];
  try {
    parseQuery(query);
    return [];
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    const [shown = '', caret = ''] = error.render().split('\n');
    return [
      new PortcullisError(
        'suppression/bad-file',
        `the query ${pathText(path)} does not parse:\n  ${shown}\n  ${caret}`,
        { place: yaml.placeWithin(path, error.position), hint: error.hint, cause: error },
      ),
    ];
  }
}

function spanErrors(
  { startMs, endMs }: Suppression,
  index: number,
  yaml: YamlFile,
): readonly PortcullisError[] {
  if (startMs === null || endMs === null || startMs <= endMs) return [];
  return [fieldError(yaml, ['suppressions', index, 'end'], 'a time that is not before the start')];
}

/** The checks of YAML files speak of rules; here they are about something else. */
function asSuppressionError(error: PortcullisError, more: number): PortcullisError {
  const isDefault = error.hint === catalogue[error.code].nextStep;
  const rest = more === 0 ? '' : ` (and ${more === 1 ? '1 more error' : `${more} more errors`})`;
  return new PortcullisError('suppression/bad-file', `${error.message}${rest}`, {
    ...(error.place === null ? {} : { place: error.place }),
    ...(isDefault ? {} : { hint: error.hint }),
    cause: error,
  });
}
