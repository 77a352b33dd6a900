import { deepEqual } from 'node:assert/strict';
import { runScript, type ChildOptions, type Outcome } from './child.ts';

/**
 * Runs a program of several threads in a process of its own: `owner` is the code of the main thread, and
 * each of `threads` that of a kind of worker, which `start(kind, data)` starts. A worker's `say(…)` reaches
 * the main thread's `said` list, and `done` is a promise of its end.
 */
export function runThreads(
  owner: string,
  threads: Record<string, string>,
  options?: ChildOptions,
): Promise<Outcome> {
  const kinds = Object.entries(threads).map(
    ([kind, code]) => `${JSON.stringify(kind)}: async () => {\n${code}\n}`,
  );
  return runScript(
    `
    import { once } from 'node:events';
    import { setTimeout as sleep } from 'node:timers/promises';
    import { isMainThread, parentPort, threadId, Worker, workerData } from 'node:worker_threads';
    import * as palitra from 'palitra';
    const { coroutines, createTask, gather, run, sharedContext, transfer, EventLoopThreadRunner } = palitra;
    const shared = coroutines('./shared.js', import.meta);
    const AN_HOUR = 3_600_000;
    const newFlags = () => new Int32Array(new SharedArrayBuffer(64));
    /** From a thread that is not blocked. */
    const raised = async (flags, index, wanted = 1) => {
      while (Atomics.load(flags, index) < wanted) await sleep(1);
    };
    const nameOf = (body) => {
      try {
        return body();
      } catch (error) {
        return error.name;
      }
    };
    const said = [];
    const start = (kind, data, workerOptions) => {
      const worker = new Worker(new URL(import.meta.url), { workerData: { kind, data }, ...workerOptions });
      worker.on('message', (message) => said.push(message));
      worker.on('error', (error) => said.push(error.message));
      worker.done = new Promise((resolve) => worker.once('exit', resolve));
      return worker;
    };
    const say = (message) => parentPort.postMessage(message);
    const data = workerData?.data;
    const kinds = { ${kinds.join(',\n')} };
    if (isMainThread) {
      ${owner}
    } else {
      await kinds[workerData.kind]();
    }`,
    options,
  );
}

/** The lines that such a program prints; its warnings do not matter. It must not hang. */
export async function linesOfThreads(
  owner: string,
  threads: Record<string, string>,
): Promise<string[]> {
  const { stdout, isHung } = await runThreads(owner, threads, { nodeArgs: ['--no-warnings'] });
  deepEqual(isHung, false, stdout);
  return stdout.trim().split('\n');
}
