/**
 * Programs for a child that tries native code. Such code may never come back, and whoever started the child may be gone before its time is over:
 * so the child has a time of its own, kept by a thread, for native code lets nothing else of it run.
 */
const END = "setTimeout(() => process.kill(process.pid, 'SIGKILL'), require('node:worker_threads').workerData)";

/** The program, ended by SIGKILL after so many milliseconds. Where there is no thread to be had it has no time of its own. */
export const trialWithin = (ms: number, program: string): string =>
  `try { const { Worker } = require('node:worker_threads'); new Worker(${JSON.stringify(END)}, { eval: true, workerData: ${ms} }).on('error', () => undefined).unref(); } catch {} ${program}`;
