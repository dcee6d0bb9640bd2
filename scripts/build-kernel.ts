// Compiles the kernel of decoding (AssemblyScript) and writes it as a TypeScript module, so that the
// package and a Lambda bundle need no file beside their code. A test fails when it is stale.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { main } from 'assemblyscript/asc';

const folder = new URL('../src/decode/kernel/', import.meta.url);
const target = new URL('../src/decode/kernel-wasm.ts', import.meta.url);

/** The module's text as it should stand in `src/decode/kernel-wasm.ts`. */
export async function compileKernel(): Promise<string> {
  let binary: Uint8Array | undefined;
  let complaints = '';
  const { error } = await main(
    [
      'structure.ts',
      'inflate.ts',
      'checksum.ts',
      '-O3',
      '--noAssert',
      '--runtime',
      'stub',
      '--enable',
      'simd',
      '--initialMemory',
      '10',
      '--outFile',
      'kernel.wasm',
    ],
    {
      readFile: (name) => {
        const file = new URL(name, folder);
        return existsSync(file) ? readFileSync(file, 'utf8') : null;
      },
      writeFile: (name, contents) => {
        if (name === 'kernel.wasm' && typeof contents !== 'string') binary = contents;
      },
      listFiles: () => [],
      stderr: { write: (text) => (complaints += String(text)) },
    },
  );
  if (error !== null || binary === undefined) {
    throw new Error(`the kernel does not compile\n${complaints}`, { cause: error });
  }
  const base64 = Buffer.from(binary).toString('base64');
  return [
    '// Made from kernel/*.ts by `npm run build:kernel`. Do not edit.',
    '',
    '/** The structural scan and the unpacking as one WebAssembly module, in base64. */',
    'export const kernelWasm =',
    `  '${base64}';`,
    '',
  ].join('\n');
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(target, await compileKernel());
}
