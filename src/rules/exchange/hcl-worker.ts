// A thread that parses one HCL document and answers with it as JSON. The parser is HashiCorp's own,
// compiled from Go: it defines globals, and a fault inside it must not take the command along.

import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';

/** What the thread is asked: the text, and the name by which its places are told. */
export type HclQuestion = { readonly file: string; readonly text: string };

/** What it answers. */
export type HclAnswer =
  | { readonly ok: true; readonly document: unknown }
  | { readonly ok: false; readonly message: string };

type Parser = { readonly parse: (file: string, text: string) => Promise<unknown> };

async function parse({ file, text }: HclQuestion): Promise<HclAnswer> {
  try {
    // Required, not imported: its types bring in those of a browser.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as its own types have it
    const parser = createRequire(import.meta.url)('@cdktn/hcl2json') as Parser;
    return { ok: true, document: await parser.parse(file, text) };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- parse-hcl.ts gives just this
parentPort?.postMessage(await parse(workerData as HclQuestion));
