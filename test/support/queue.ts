import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { fixtures } from './child.ts';

/** The command `palitra`, as it is installed. */
export const command = fileURLToPath(new URL('cli.js', import.meta.resolve('palitra/bullmq')));

/** Its process ends with the test's, however that ends. */
const leash = `data:text/javascript,process.stdin.on('end',()=>process.exit(9)).resume()`;

/** A worker in a process of its own. */
export interface QueueWorker {
  readonly pid: number;
  /** All that it has written so far, to either stream. */
  readonly output: string;
  /** Resolves once it has written this. */
  written(expected: string | RegExp): Promise<void>;
  /** Sends a signal, and waits for the end; the exit code, or the name of the signal. */
  end(signal?: NodeJS.Signals): Promise<number | string>;
}

const workers = new Set<QueueWorker>();

/** Starts `palitra serve` with the module `tasks` of the fixtures; resolves once it serves. */
export async function startWorker(
  port: number,
  queue: string,
  args: readonly string[] = [],
): Promise<QueueWorker> {
  const options = ['--queue', queue, '--redis', `redis://127.0.0.1:${port}`];
  options.push('--module', `tasks=${fixtures}queue-tasks.js`);
  const child = spawn(
    process.execPath,
    ['--import', leash, command, 'serve', ...options, ...args],
    { env: { ...process.env, NODE_TEST_CONTEXT: undefined }, stdio: ['pipe', 'pipe', 'pipe'] },
  );
  child.stdin.on('error', () => undefined);
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals]>;
  let output = '';
  const onOutput = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      for (const look of onOutput) look();
    });
  }
  const worker: QueueWorker = {
    pid: child.pid!,
    get output() {
      return output;
    },
    async written(expected) {
      await new Promise<void>((resolve, reject) => {
        const look = (): void => {
          if (typeof expected === 'string' ? !output.includes(expected) : !expected.test(output))
            return;
          onOutput.delete(look);
          resolve();
        };
        onOutput.add(look);
        look();
        void ended.then(() => reject(new Error(`A worker ended without ${expected}: ${output}`)));
      });
    },
    async end(signal = 'SIGKILL') {
      child.kill(signal);
      const [code, by] = await ended;
      workers.delete(worker);
      return code ?? by;
    },
  };
  workers.add(worker);
  await worker.written('serving tasks');
  return worker;
}

/** For the end of a test file. */
export async function endWorkers(): Promise<void> {
  await Promise.all([...workers].map((worker) => worker.end()));
}
