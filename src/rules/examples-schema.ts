// The fields of an examples.yaml: a base record, patches that turn it into others, and cases that
// say what a rule makes of them. Shapes only; parse-examples.ts checks that names lead somewhere.

import { z } from 'zod';
import { line, list, severity, text } from './rule-schema.ts';

const recordExpected = 'a mapping: a record as CloudTrail writes it, or what is to change in one';

const patch = z.record(z.string(), z.unknown(), recordExpected);

const timeExpected = 'a time as CloudTrail writes it, such as 2026-03-01T08:00:00Z';

const time = z.string(timeExpected).regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/, timeExpected);

const portExpected =
  'a port such as 22, or a text such as "8000-8010", "53/udp", "2000-3000/udp" or "all"';

const ports = list(
  z
    .union([z.number(), z.string()], portExpected)
    .refine((port) => /^(?:\d{1,5}(?:-\d{1,5})?(?:\/udp)?|all)$/.test(String(port)), portExpected)
    .transform(String),
  'a list of ports',
).min(1, 'at least one port');

const coverage = z
  .number('a share from 0 to 1')
  .min(0, 'a share from 0 to 1')
  .max(1, 'a share from 0 to 1');

/** What one signal is expected to say. What is left out is not looked at. */
const firing = z.strictObject(
  {
    /** For exposure rules, which must have them; a signal of a log rule has none. */
    ports: ports.optional(),
    severity,
    openedAt: time.optional(),
    closedAt: time.nullable().optional(),
    sources: list(line('a CIDR'), 'a list of CIDRs').optional(),
    ipv4Coverage: coverage.optional(),
    ipv6Coverage: coverage.optional(),
    actor: line('the name of the session or user').optional(),
    groupId: line('the id of a group').optional(),
    /** How many intervals there are in all; a port opened twice has two. */
    intervals: z.number('a whole number').int('a whole number').optional(),
    /** For log rules: the name of the case, the number of records, the group-by values, new values. */
    case: line('the name of a case').optional(),
    events: z.number('a whole number').int('a whole number').optional(),
    groupBy: list(line('a value').nullable(), 'a list of values').optional(),
    newValues: list(line('a value'), 'a list of values').optional(),
  },
  'a signal, such as { ports: [22], severity: high } or, for a log rule, { severity: high }',
);

const recordOf = z.strictObject(
  {
    like: line('the name of one of the records above').optional(),
    patch: patch.optional(),
  },
  'a record, such as { like: name } or { patch: { … } }',
);

const reason = text('the reason, as a text');

const exampleCase = z.strictObject(
  {
    name: line('what the case shows, in one line'),
    like: line('the name of one of the records above').optional(),
    patch: patch.optional(),
    records: list(recordOf, 'a list of records').min(1, 'at least one record').optional(),
    fires: list(firing, 'a list of the signals expected').min(1, 'at least one signal').optional(),
    quiet: reason.optional(),
    undetermined: reason.optional(),
    rejected: reason.optional(),
  },
  'a case: a name, records, and what is expected of them',
);

export const examplesFileSchema = z.strictObject(
  {
    base: patch,
    records: z.record(z.string(), recordOf, 'a mapping of names to records').default({}),
    cases: list(exampleCase, 'a list of cases').min(1, 'at least one case'),
  },
  'a mapping of base, records and cases',
);

export type ExamplesFile = z.infer<typeof examplesFileSchema>;
export type ExampleCase = ExamplesFile['cases'][number];
export type ExpectedSignal = z.infer<typeof firing>;
