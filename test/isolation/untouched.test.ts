/** Nothing global is patched on the calling thread. */
import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { runScript } from '../support/child.ts';

/** Own properties with their values, of everything that a program shares with palitra. */
const census = `
  const targets = {
    globalThis, process, Promise, console, Error, Object, Array, Function, Symbol, Atomics, JSON, Map, Set, Date,
    RegExp, ArrayBuffer, SharedArrayBuffer, Int32Array, Reflect, URL, AbortController, AbortSignal, EventTarget, MessagePort,
    MessageChannel, BroadcastChannel, Blob, Buffer, performance, structuredClone, setTimeout, queueMicrotask, fetch, Response,
    'process.stdout': process.stdout, 'process.stderr': process.stderr, 'process.env': process.env,
    'typed arrays': Object.getPrototypeOf(Int32Array), 'iterators': Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())),
    'generators': Object.getPrototypeOf(async function* () {}), 'async functions': Object.getPrototypeOf(async () => {}),
    worker_threads, fs, timers, events, async_hooks, util, perf_hooks, module, stream,
  };
  function look() {
    const seen = new Map();
    for (const [name, target] of Object.entries(targets)) {
      let object = target;
      for (let depth = 0; object !== null && depth < 6; depth++) {
        record(seen, name + '^' + depth, object);
        if (typeof object.prototype === 'object' && object.prototype !== null) record(seen, name + '^' + depth + '.prototype', object.prototype);
        object = Object.getPrototypeOf(object);
      }
    }
    return seen;
  }
  function record(seen, name, object) {
    for (const key of Reflect.ownKeys(object)) {
      const { value, get, set, writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(object, key);
      seen.set(name + '.' + String(key), [value, get, set, writable, enumerable, configurable]);
    }
    seen.set(name + ' is extensible', [Object.isExtensible(object)]);
    seen.set(name + ' inherits', [Object.getPrototypeOf(object)]);
  }
  /** Counters and the like, which change by themselves; and what copies of the package share, under symbols of its own. */
  const expected = [
    /\\._?(events|eventsCount|exiting|handle|writableState|readableState|bytesDispatched|pendingData|pendingEncoding)$/,
    /Symbol\\((kCapture|async_id_symbol|kUpdateTimer|kBuffer.*|kBytes.*|kSetNoDelay|kSetKeepAlive.*|lastWriteQueueSize|timeout)\\)$/,
    /^globalThis\\^0\\.Symbol\\(palitra\\.\\w+\\)$/,
  ];
  const differences = (before, after) => {
    const found = [];
    for (const key of new Set([...before.keys(), ...after.keys()])) {
      if (expected.some((pattern) => pattern.test(key))) continue;
      const [one, other] = [before.get(key), after.get(key)];
      if (one === undefined || other === undefined || one.some((part, index) => !Object.is(part, other[index]))) found.push(key);
    }
    return found;
  };
`;

const imports = `
  import * as worker_threads from 'node:worker_threads';
  import fs from 'node:fs';
  import timers from 'node:timers';
  import events from 'node:events';
  import async_hooks from 'node:async_hooks';
  import util from 'node:util';
  import perf_hooks from 'node:perf_hooks';
  import module from 'node:module';
  import stream from 'node:stream';
`;

const work = `
  const { coroutine, coroutines, createTask, EventLoopThreadRunner, gather, iterate, keep, registerError, run, sharedContext } = await import('palitra');
  const { fetchSync } = await import('palitra/fetch');
  await import('palitra/loop');
  const shared = coroutines('./shared.js', import.meta);
  const nameOf = (body) => { try { return body(); } catch (error) { return error.name; } };
  class Mine extends Error {}
  registerError(Mine);
  run(shared.echo({ a: new Map([[1, new Date()]]) }));
  gather(shared.echo(1), shared.echo(2));
  [...iterate(shared.numbers(10))];
  run(shared.ask(keep(() => 1)));
  run(run(shared.openCounter()).add(1));
  nameOf(() => run(shared.fail('planned')));
  nameOf(() => run(shared.never(), { timeout: 1 }));
  nameOf(() => run(coroutines('node:process').exit(3)));
  sharedContext('tenant').run(1, () => run(shared.tenant()));
  nameOf(() => fetchSync('http://127.0.0.1:9/'));
  await createTask(shared.echo(3));
  const runner = new EventLoopThreadRunner({ blockedThreshold: 1, onBlocked() {}, onUnhandledError() {} });
  EventLoopThreadRunner.connect(runner.share()).run(shared.echo(1));
`;

async function differences(inBetween: string): Promise<string[]> {
  const { stdout, stderr, isHung } = await runScript(`${imports}${census}
    // Node makes some of it at the first use.
    await (await fetch('data:text/plain,x')).text();
    // Bun makes another object of process.env for the first thread that shares it.
    new worker_threads.Worker('', { eval: true, env: worker_threads.SHARE_ENV }).once('exit', () => {});
    console.log('');
    console.error;
    // Deno hides it from the first call on.
    queueMicrotask(() => {});
    // Bun replaces getters by what they got.
    for (const key of Reflect.ownKeys(globalThis)) void globalThis[key];
    look();
    const before = look();
    ${inBetween}
    console.log(JSON.stringify(differences(before, look())));
    process.exit(0);`);
  deepEqual({ stderr, isHung }, { stderr: '', isHung: false });
  return (JSON.parse(stdout.trim()) as string[]).sort();
}

test('importing palitra and using all of it changes no own property of what a program shares with it', async () => {
  deepEqual(await differences(work), []);
});

test('the comparison finds what is patched', async () => {
  deepEqual(
    await differences(`
      const { then } = Promise.prototype;
      Promise.prototype.then = function (...args) { return then.apply(this, args); };
      globalThis.leaked = 1;
      process.stdout.write = process.stdout.write.bind(process.stdout);
      console.log = console.log.bind(console);
      fs.writeSync = fs.writeSync.bind(fs);`),
    [
      'Promise^0.prototype.then',
      'console^0.log',
      'fs^0.writeSync',
      'globalThis^0.leaked',
      'process.stdout^0.write',
    ],
  );
});
