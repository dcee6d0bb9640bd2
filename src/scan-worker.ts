// A thread of the scan: reads the inputs it is given and answers with the changes in them.

import { parentPort, workerData } from 'node:worker_threads';
import { InputReader } from './input-reader.ts';
import type { Assignment, WorkerSettings } from './scan-protocol.ts';

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the scan gives just this
const reader = new InputReader(workerData as WorkerSettings);

parentPort?.on('message', (assignment: Assignment) => {
  void reader.read(assignment.inputs).then(
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
