// Writes the example: `cloudtrail/`, the files of a trail, and `expected.json`, what a scan of them
// must find. Run it after a change to the estate or a story:
//
//   node examples/generate.ts

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { makeExample } from './estate/delivery.ts';

const here = dirname(fileURLToPath(import.meta.url));
const { files, expected } = makeExample();

rmSync(join(here, 'cloudtrail'), { recursive: true, force: true });
for (const { path, packed } of files) {
  const target = join(here, 'cloudtrail', path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, packed);
}
writeFileSync(join(here, 'expected.json'), `${JSON.stringify(expected, null, 2)}\n`);

const packedBytes = files.reduce((sum, { packed }) => sum + packed.length, 0);
console.log(
  `${files.length} files, ${packedBytes} bytes packed; ${expected.exposures.length} exposures expected`,
);
