// What may be said of every channel that goes to AWS: whose credentials are used, and where.

import { z } from 'zod';
import type { AwsPlace } from './surroundings.ts';

const regionExpected = 'a region, such as eu-west-1';

export const regionField = z
  .string(regionExpected)
  .regex(/^[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}$/, regionExpected);

export const awsFields = {
  profile: z
    .string('a profile of the AWS configuration')
    .min(1, 'a profile')
    .optional()
    .describe('A profile of the shared AWS configuration files; else the usual credential chain.'),
  region: regionField.optional().describe('Its region, where its name does not tell.'),
};

export function placeOf(config: {
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
}): AwsPlace {
  return {
    ...(config.profile === undefined ? {} : { profile: config.profile }),
    ...(config.region === undefined ? {} : { region: config.region }),
  };
}
