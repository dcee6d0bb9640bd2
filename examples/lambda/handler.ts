// A Lambda function that writes each signal as one line of JSON into its log, from where CloudWatch
// Logs can alarm or forward. Outside of this project, import from 'portcullis/lambda'.

import { createLambdaHandler } from '../../src/lambda/index.ts';

export const handler = createLambdaHandler({
  sinks: [
    (signals) => {
      for (const signal of signals) process.stdout.write(`${JSON.stringify({ signal })}\n`);
    },
  ],
});
