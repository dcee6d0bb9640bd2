// A thread of the scan: reads the inputs it is given and answers with the changes in them.

import { parentPort } from 'node:worker_threads';
import { InputReader } from './input-reader.ts';
import { pack, type FromWorker, type Part, type ToWorker } from './scan-protocol.ts';

let reader: InputReader | undefined;

parentPort?.on('message', (message: ToWorker) => {
  if ('settings' in message) {
    reader = new InputReader(message.settings);
    return;
  }
  void reader?.read(message.inputs, post).then(post, (error: unknown) => {
    // Reported as the worker's error event; the scan then ends with it.
    queueMicrotask(() => {
      throw error;
    });
  });
});

function post(part: Part): void {
  const message: FromWorker = pack(part);
  parentPort?.postMessage(message);
}
