// What Bun 1.4 does not give. When one of these fails, look at left-out.mjs and docs/runtimes.md: it may be mended.
import { test } from 'node:test';
import { deepEqual, equal, match, ok, rejects, throws } from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { SocketAddress } from 'node:net';
import util from 'node:util';
import vm from 'node:vm';
import { open } from 'node:fs/promises';
import { MessageChannel, Worker } from 'node:worker_threads';
import { MAPPED, runProgram } from './child.js';

test('Bun: resourceLimits limit nothing', async () => {
  const { output } = await runProgram(`
    import { isMainThread, Worker } from 'node:worker_threads';
    if (isMainThread) {
      new Worker(new URL(import.meta.url), { resourceLimits: { maxOldGenerationSizeMb: 16 } });
    } else {
      const kept = [];
      for (let index = 0; index < 100; index++) kept.push(new Array(131_072).fill(index));
      console.log('kept', kept.length, 'MiB');
    }`);
  match(output, /kept 100 MiB/);
});

test('Bun: process.cwd() of a worker stays where it was when the main thread goes elsewhere', async () => {
  const { output } = await runProgram(`
    import { once } from 'node:events';
    import { existsSync, mkdirSync } from 'node:fs';
    import { basename } from 'node:path';
    import { isMainThread, parentPort, Worker } from 'node:worker_threads';
    if (isMainThread) {
      process.chdir(import.meta.dirname);
      mkdirSync('elsewhere/inside', { recursive: true });
      const worker = new Worker(new URL(import.meta.url));
      const [before] = await once(worker, 'message');
      process.chdir('elsewhere');
      worker.postMessage('again');
      const [after] = await once(worker, 'message');
      console.log(before.cwd === after.cwd, after.isInside);
      process.exit();
    } else {
      const tell = () => parentPort.postMessage({ cwd: process.cwd(), isInside: existsSync('inside') });
      tell();
      parentPort.on('message', tell);
    }`);
  // The path is another, and yet files are looked for in the right folder.
  equal(output.trim(), 'true true');
});

test('Bun: a signal of AbortSignal.timeout() looks like any other', () => {
  const looks = (signal) => [
    Reflect.ownKeys(signal),
    Object.getPrototypeOf(signal) === AbortSignal.prototype,
    util.inspect(signal, { showHidden: true }),
  ];
  deepEqual(looks(AbortSignal.timeout(60_000)), looks(new AbortController().signal));
});

test('Bun: a top-level await that never ends keeps the process', async () => {
  const { end } = await runProgram('await new Promise(() => undefined);', { limitMs: 2_000 });
  equal(end, 'killed');
});

test('Bun: a call in tail position leaves no frame', () => {
  const stackOfCall = () => new Error('here').stack;
  function inTailPosition() {
    'use strict';
    return stackOfCall();
  }
  ok(!inTailPosition().includes('inTailPosition'));
});

test('Bun: an uncaught error is printed with its own frames, whatever its stack says', async () => {
  const { output } = await runProgram(`
    const error = new Error('uncaught');
    error.stack += '\\n    at a frame of another thread';
    throw error;`);
  match(output, /uncaught/);
  ok(!output.includes('another thread'));
});

test('Bun: a script that is named by a URL cannot import', async () => {
  const importing = new vm.Script("import('./child.js')", {
    filename: import.meta.url,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  let name;
  try {
    await importing.runInThisContext();
  } catch (error) {
    ({ name } = error);
  }
  equal(name, 'ResolveMessage');
});

test('Bun: queries and fragments of a file URL are one module', async () => {
  const { output } = await runProgram(`
    import { writeFileSync } from 'node:fs';
    const file = new URL('counting.mjs', import.meta.url);
    writeFileSync(file, 'export const at = performance.now();');
    const [one, two, three] = [await import(file.href + '?1'), await import(file.href + '?2'), await import(file.href + '#3')];
    console.log(one.at === two.at, one.at === three.at);`);
  match(output, /true true/);
});

test('Bun: code in a data: URL with a dot may be taken for a file', async () => {
  const module =
    await import('data:text/javascript,for (const n = 1.5; n < 1;); export const found = 1');
  equal(module.found, undefined);
});

test('Bun: the code of an error of its own may be no property of that error', () => {
  try {
    Buffer.alloc(-1);
  } catch (error) {
    equal(error.code, 'ERR_OUT_OF_RANGE');
    ok(!Object.hasOwn(error, 'code'));
  }
});

test('Bun: a program that awaits at its top keeps what its variables held', async () => {
  const { output } = await runProgram(`
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    let watch;
    const make = () => {
      const made = { add: (n) => n };
      watch = new WeakRef(made);
      return made;
    };
    const isCollected = async (rounds) => {
      for (let round = 0; round < rounds; round++) {
        await turn();
        Bun.gc(true);
        await turn();
        if (watch.deref() === undefined) return true;
      }
      return false;
    };
    let made = make();
    console.log(await isCollected(5), made.add(2));
    made = undefined;
    console.log(await isCollected(50));`);
  equal(output, 'false 2\nfalse\n');
});

test('Bun: structuredClone sees what a getter does to the map that is being copied', () => {
  const map = new Map();
  const meddler = {
    get meddle() {
      return map.delete('b');
    },
  };
  map.set('a', meddler).set('b', 2);
  equal(structuredClone(map).size, 1);
});

test('Bun: a SocketAddress cannot be cloned', () => {
  throws(() => structuredClone(new SocketAddress({ address: '::1', family: 'ipv6' })), {
    name: 'DataCloneError',
  });
});

test('Bun: there is no transferableAbortController', () => {
  equal(util.transferableAbortController, undefined);
});

test('Bun: there is no --enable-source-maps', async () => {
  const { output } = await runProgram(MAPPED, { args: ['--enable-source-maps'] });
  match(output, /main\.mjs/);
  ok(!output.includes('original.ts'));
});

test('Bun: a port moves neither streams nor a FileHandle', async () => {
  const file = await open(new URL(import.meta.url));
  const { port1 } = new MessageChannel();
  for (const entry of [new ReadableStream(), new WritableStream(), new TransformStream(), file]) {
    throws(() => port1.postMessage(entry, [entry]), { name: 'DataCloneError' });
  }
  port1.close();
  await file.close();
});

test('Bun: the memory of a pooled Buffer can be moved', () => {
  const { buffer } = Buffer.from('pooled');
  equal(structuredClone(buffer, { transfer: [buffer] }).byteLength > 0, true);
});

test('Bun: undici is a stand-in, whose pools do nothing', async () => {
  const { output } = await runProgram(`
    import { Pool } from 'undici';
    console.log(new Pool('http://127.0.0.1:1').request({ path: '/', method: 'GET' }));`);
  equal(output, 'undefined\n');
});

/** A server that counts its connections, for as long as `body` takes. */
async function withServer(body) {
  let connections = 0;
  const server = createServer(({ url }, response) => {
    if (url === '/redirect') response.writeHead(302, { location: '/' });
    response.end('text');
  });
  server.on('connection', () => {
    connections += 1;
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    await body(`http://127.0.0.1:${server.address().port}`, () => connections);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('Bun: fetch opens a connection for each redirect', async () => {
  await withServer(async (url, connections) => {
    await (await fetch(url)).text();
    equal(connections(), 1);
    for (let count = 0; count < 3; count++) await (await fetch(`${url}/redirect`)).text();
    equal(connections(), 4);
  });
});

test('Bun: all threads share the sockets of fetch', async () => {
  await withServer(async (url, connections) => {
    await (await fetch(url)).text();
    const program = `await (await fetch('${url}')).text()`;
    await once(new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`)), 'exit');
    equal(connections(), 1);
  });
});

test('Bun: what fails in fetch has words of its own, and no cause', async () => {
  await rejects(fetch('http://127.0.0.1:1'), ({ message, cause }) => {
    ok(message !== 'fetch failed');
    equal(cause, undefined);
    return true;
  });
});

test('Bun: process.moduleLoadList says nothing of fetch', async () => {
  await withServer(async (url) => {
    await (await fetch(url)).text();
    ok(!process.moduleLoadList.some((name) => name.includes('undici')));
  });
});

test('Bun: --import takes no URL with escapes', async () => {
  const { output } = await runProgram('', { args: ['--import', 'file:///a%20b.mjs'] });
  match(output, /preload not found "file:\/\/\/a%20b\.mjs"/);
});

test('Bun: a FormData forgets the name that a File was given with', () => {
  const form = new FormData();
  form.append('file', new File(['text'], 'old.txt'), 'new.txt');
  equal(form.get('file').name, 'old.txt');
});

test('Bun: there is no -C', async () => {
  const { output } = await runProgram('', { args: ['-C', 'custom'] });
  match(output, /Invalid Argument '-C'/);
});

test('Bun: a module of WebAssembly has no exports', async () => {
  const { output } = await runProgram(`
    import { writeFileSync } from 'node:fs';
    const url = new URL('answer.wasm', import.meta.url);
    // One function, f, which returns 42.
    writeFileSync(url, Buffer.from('0061736d010000000105016000017f03020100070501016600000a06010400412a0b', 'hex'));
    console.log(typeof (await import(url.href)).f);`);
  equal(output, 'undefined\n');
});
