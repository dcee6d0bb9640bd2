// `npm run docs`: writes the files that are made from others, where they differ from what is there.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { generatedFiles, projectRoot } from './generated-files.ts';

for (const [path, text] of await generatedFiles()) {
  const file = resolve(projectRoot, path);
  const present = await readFile(file, 'utf8').catch(() => null);
  if (present === text) continue;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  console.log(`wrote ${path}`);
}
