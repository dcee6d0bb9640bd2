// Bundles a Lambda function into one file that needs nothing beside it: `index.mjs`, with the AWS SDK
// left out, which Lambda's own Node brings.
//
//   npm run build:lambda -- [HANDLER.ts [FOLDER]]

import { resolve } from 'node:path';
import { build } from 'rolldown';

const root = resolve(import.meta.dirname, '..');
const [handler = 'examples/lambda/handler.ts', folder = '.portcullis/lambda'] =
  process.argv.slice(2);

const { output } = await build({
  input: resolve(root, handler),
  platform: 'node',
  external: /^@aws-sdk\//,
  logLevel: 'warn',
  output: {
    dir: resolve(root, folder),
    entryFileNames: 'index.mjs',
    format: 'esm',
    minify: true,
    codeSplitting: false,
  },
});

const [bundle] = output;
console.log(`${resolve(root, folder, bundle.fileName)}: ${Buffer.byteLength(bundle.code)} bytes`);
