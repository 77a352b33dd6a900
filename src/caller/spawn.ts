import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { MessagePort, Worker, WorkerOptions } from 'node:worker_threads';
import { LoopStartError } from '../errors.ts';
import { loopSource } from '../generated/loop-source.ts';
import type { RunnerOptions } from '../options.ts';
import { startWorker } from '../runtime/native-thread.ts';
import { workerThreads } from '../runtime/worker-threads.ts';
import { publishWord } from '../wire/atomics.ts';
import { CHANNEL_BYTES, controlOf, NODE } from '../wire/layout.ts';
import type { LoopData } from '../wire/messages.ts';
import { joinByPorts, type ChannelEnds } from '../wire/ports.ts';
import { claimNode, releaseNode } from '../wire/wait-graph.ts';
import { graphOfThisThread } from './deadlock.ts';
import { hostGlobal } from './host.ts';
import { thread } from './thread.ts';

/** A loop thread that has been started, and this thread's ends of what connects the two. */
export interface Spawned {
  readonly worker: Worker;
  readonly control: Int32Array;
  readonly ends: ChannelEnds;
  /** The channel, as it is called in what this thread says of itself. */
  readonly channel: number;
  readonly liveness: MessagePort;
  /** Where no port shows that it has died: is it there, before it has begun? */
  readonly isThere: (() => boolean) | undefined;
  /** The new thread in the graph of who is blocked for whom. */
  readonly node: number;
  readonly shouldSpin: boolean;
}

/** What a new loop thread is to its runner. */
export interface Birth {
  readonly options: RunnerOptions;
  readonly depth: number;
  readonly runner: SharedArrayBuffer;
  readonly generation: number;
  readonly door: string;
  readonly isShared: boolean;
}

export const DEFAULT_NAME = 'palitra';
export const DEFAULT_SHUTDOWN_MS = 5_000;

/**
 * Starts a loop thread. It answers for itself later: what fails after this returned is seen by whoever
 * waits for the first call.
 *
 * @throws {LoopStartError} when the platform refuses at once.
 */
export function spawn({ options, ...birth }: Birth): Spawned {
  const name = options.name ?? DEFAULT_NAME;
  // An earlier loop thread of this runner may have left its last words here.
  const control = controlOf(birth.runner, birth.generation).fill(0);
  const graph = graphOfThisThread();
  const node = claimNode(graph);
  publishWord(control, NODE, node);
  const memory = new SharedArrayBuffer(CHANNEL_BYTES);
  const channel = thread.nextChannel();
  const { MessageChannel, Worker } = workerThreads();
  const data = new MessageChannel();
  const wake = new MessageChannel();
  const liveness = new MessageChannel();
  const shouldSpin = options.waitStrategy !== 'sleep' && availableParallelism() > 1;
  const workerData: LoopData = {
    palitra: 1,
    ...birth,
    name,
    channel: { memory, data: data.port2, wake: wake.port2, number: channel, thread: thread.memory },
    ownerThreadId: workerThreads().threadId,
    liveness: liveness.port2,
    node,
    graph,
    shouldSpin,
    shutdownTimeoutMs: options.shutdownTimeout ?? DEFAULT_SHUTDOWN_MS,
    blockedThresholdMs: options.blockedThreshold ?? 0,
    detectsNeverSettled: options.neverSettled !== 'wait',
    sendsOutput: options.stdio === 'caller',
    sendsUnhandled: options.onUnhandledError !== undefined,
  };
  let started: ReturnType<typeof startWorker<Worker>>;
  try {
    const url = workerUrl(options);
    const workerOptions: WorkerOptions = {
      name,
      workerData,
      transferList: [data.port2, wake.port2, liveness.port2],
      env:
        options.env ??
        (process === hostGlobal().process ? workerThreads().SHARE_ENV : { ...process.env }),
      ...(options.execArgv === undefined ? {} : { execArgv: [...options.execArgv] }),
      ...(options.resourceLimits === undefined ? {} : { resourceLimits: options.resourceLimits }),
    };
    started = startWorker(() => new Worker(url, workerOptions));
  } catch (error) {
    for (const { port1 } of [data, wake, liveness]) port1.close();
    releaseNode(node);
    throw startError(name, error);
  }
  started.worker.unref();
  return {
    ...started,
    control,
    ends: joinByPorts(memory, data.port1, wake.port1),
    channel,
    node,
    liveness: liveness.port1,
    shouldSpin,
  };
}

/** The code travels in the URL itself, so that no bundler can lose a file. */
function workerUrl(options: RunnerOptions): URL {
  if (options.workerUrl === undefined) {
    return new URL(`data:text/javascript,${encodeURIComponent(loopSource)}`);
  }
  if (!URL.canParse(String(options.workerUrl))) {
    throw new TypeError(
      `workerUrl is ${String(options.workerUrl)}, which is not an absolute URL: write new URL('./worker.js', import.meta.url).`,
    );
  }
  const url = new URL(options.workerUrl);
  // The platform would only tell the event loop of this thread, which is about to be blocked.
  if (url.protocol === 'file:' && !existsSync(url)) {
    throw new Error(`workerUrl points to a file that does not exist: ${url.href}`);
  }
  return url;
}

function startError(name: string, cause: unknown): LoopStartError {
  const { message, code } = cause as NodeJS.ErrnoException;
  const advice =
    code === 'ERR_ACCESS_DENIED'
      ? ' Under --permission, start Node with --allow-worker as well.'
      : code === 'ERR_WORKER_INVALID_EXEC_ARGV'
        ? ' Give the runner an execArgv with options that a worker thread can take.'
        : code === 'ERR_INVALID_URL_SCHEME'
          ? " Give the runner a workerUrl such as import.meta.resolve('palitra/worker')."
          : '';
  const reason = message.replace(/\.$/, '');
  return new LoopStartError(`The loop thread "${name}" could not be started: ${reason}.${advice}`, {
    cause,
  });
}
