// Compiles the structural scan (AssemblyScript) and writes it as a TypeScript module, so that the
// package and a Lambda bundle need no file beside their code. A test fails when it is stale.

import { readFileSync, writeFileSync } from 'node:fs';
import { main } from 'assemblyscript/asc';

const source = new URL('../src/decode/kernel/structure.ts', import.meta.url);
const target = new URL('../src/decode/structure-wasm.ts', import.meta.url);

/** The module's text as it should stand in `src/decode/structure-wasm.ts`. */
export async function compileKernel(): Promise<string> {
  let binary: Uint8Array | undefined;
  const { error } = await main(
    [
      'structure.ts',
      '-O3',
      '--noAssert',
      '--runtime',
      'stub',
      '--enable',
      'simd',
      '--initialMemory',
      '8',
      '--outFile',
      'structure.wasm',
    ],
    {
      readFile: (name) => (name === 'structure.ts' ? readFileSync(source, 'utf8') : null),
      writeFile: (name, contents) => {
        if (name === 'structure.wasm' && typeof contents !== 'string') binary = contents;
      },
      listFiles: () => [],
    },
  );
  if (error !== null || binary === undefined) {
    throw new Error(`the kernel does not compile\n${String(error)}`, { cause: error });
  }
  const base64 = Buffer.from(binary).toString('base64');
  return [
    '// Made from kernel/structure.ts by `npm run build:kernel`. Do not edit.',
    '',
    '/** The structural scan as a WebAssembly module, in base64. */',
    'export const structureWasm =',
    `  '${base64}';`,
    '',
  ].join('\n');
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(target, await compileKernel());
}
