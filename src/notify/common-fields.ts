// What may be said of every channel in the configuration: its name, what it is told of, and when.

import { z } from 'zod';
import { severities, type Severity } from '../model/exposure.ts';
import { parseQuery, QueryError } from '../query/index.ts';
import { isAlwaysQuiet } from './quiet-hours.ts';

const nameExpected = 'lower-case letters, digits and hyphens, such as on-call';
export const channelName = z.string(nameExpected).regex(/^[a-z0-9][a-z0-9-]{0,62}$/, nameExpected);

export const severityField: z.ZodType<Severity> = z.enum(
  ['info', 'low', 'medium', 'high', 'critical'] as const satisfies typeof severities,
  `one of ${severities.join(', ')}`,
);

export const noticeKinds = [
  'opened',
  'reopened',
  'closed',
  'corrected',
  'withdrawn',
  'under_review',
  'archived',
] as const;

const queryField = z
  .string('a query, such as @accountId:111122223333')
  .superRefine((text, context) => {
    try {
      parseQuery(text);
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      context.addIssue({
        code: 'custom',
        message: `a query that parses (${error.message}): ${error.hint}`,
      });
    }
  });

const clockExpected = 'a time of day in quotes, such as "22:00"';
const timeOfDay = z.string(clockExpected).regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, clockExpected);

const zoneExpected = 'a time zone such as Europe/Berlin or UTC';
const timeZone = z.string(zoneExpected).refine((name) => {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}, zoneExpected);

const weekday = z.enum(
  ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
  'one of mon, tue, wed, thu, fri, sat, sun',
);

export const quietHoursConfig = z
  .strictObject({
    timeZone: timeZone.default('UTC').describe('Whose clocks are meant.'),
    spans: z
      .array(
        z.strictObject({
          days: z
            .array(weekday)
            .min(1, 'at least one day')
            .optional()
            .describe('Days on which it begins; every day where there are none.'),
          from: timeOfDay.describe('The first minute.'),
          to: timeOfDay.describe(
            'The minute after the last; on the next day where it is not later than from.',
          ),
        }),
        'a list of spans',
      )
      .min(1, 'at least one span'),
    passSeverity: z
      .union([severityField, z.literal('none')])
      .default('critical')
      .describe('What is at least so severe is sent all the same; none holds everything back.'),
  })
  .refine((hours) => !isAlwaysQuiet(hours), 'spans that leave some time of the week');

export const commonFields = {
  name: channelName.describe('What the outbox, logs and metrics call it.'),
  query: queryField
    .optional()
    .describe('A query on the signals it is told of; all where there is none.'),
  minimumSeverity: severityField.default('info').describe('The least severity that it is told of.'),
  kinds: z
    .array(z.enum(noticeKinds, `one of ${noticeKinds.join(', ')}`))
    .min(1, 'at least one kind')
    .optional()
    .describe('What it is told of a signal.'),
  quietHours: quietHoursConfig.optional().describe('When messages are held back.'),
  digestOver: z
    .int()
    .min(1, 'a whole number from 1 on')
    .max(1000, 'at most 1000')
    .default(10)
    .describe('Messages to people in any minute; what is more is gathered in one.'),
};

/** A configuration as it is handed around: nobody changes it. */
export type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Name in keyof T]: Frozen<T[Name]> }
    : T;
