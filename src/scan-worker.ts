// A thread of the scan: reads the inputs it is given and answers with the changes in them.

import { parentPort } from 'node:worker_threads';
import { InputReader } from './input-reader.ts';
import type { ToWorker } from './scan-protocol.ts';

let reader: InputReader | undefined;

parentPort?.on('message', (message: ToWorker) => {
  if ('settings' in message) {
    reader = new InputReader(message.settings);
    return;
  }
  void reader?.read(message.inputs).then(
    (report) => {
      parentPort?.postMessage(report);
    },
    (error: unknown) => {
      // Reported as the worker's error event; the scan then ends with it.
      queueMicrotask(() => {
        throw error;
      });
    },
  );
});
