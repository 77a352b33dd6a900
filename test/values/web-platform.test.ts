import { once } from 'node:events';
import { test } from 'node:test';
import { deepEqual, equal, notEqual, ok, throws } from 'node:assert/strict';
import { MessageChannel, MessagePort } from 'node:worker_threads';
import { coroutines, createTask, run, transfer, UncloneableError } from 'palitra';
import { checkLeaks } from '../support/leaks.ts';
import { webPlatformCases } from './web-platform.ts';
import { Resizable } from './web-platform-checks.ts';
import { outOfBoundsView } from './buffers.ts';

checkLeaks({ per: 'file' });

const remote = coroutines<typeof import('../fixtures/web-platform.ts')>(
  '../fixtures/web-platform.js',
  import.meta,
);
const globals = globalThis as unknown as Record<string, any>;

/** Moved there; `moveOn` moves it back. */
function moved(entry: unknown): unknown {
  return transfer(entry, [entry as ArrayBuffer]);
}

for (const [index, { name, make, check }] of webPlatformCases.entries()) {
  test(`as on the web: ${name}`, async () => {
    const [sent, sentByTask] = [make(), make()];
    await check(run(remote.echo(sent)), sent);
    await check(await createTask(remote.echo(sentByTask)), sentByTask);
    await check(run(remote.make(index)), make());
  });
}

/** What must be refused with a `DataCloneError` there, and is an `UncloneableError` here. */
const refusals: readonly { readonly name: string; readonly make: () => any }[] = [
  { name: 'a platform object that cannot be serialized', make: () => new Response() },
  { name: 'a view out of bounds', make: () => (outOfBoundsView() as { view: unknown }).view },
  {
    name: 'a DataView out of bounds',
    make: () => {
      const buffer = new Resizable(16, { maxByteLength: 1024 });
      const outside = new DataView(buffer, 8);
      (buffer as unknown as { resize(length: number): void }).resize(0);
      return outside;
    },
  },
  { name: 'a symbol', make: () => Symbol('s') },
];

for (const { name, make } of refusals) {
  test(`refused as on the web: ${name}`, () => {
    throws(() => run(remote.echo(make())), UncloneableError);
    equal(run(remote.echo(1)), 1);
  });
}

test('as on the web: a getter that throws, throws its own error', () => {
  const own = new Error('own');
  const value = {
    get property(): never {
      throw own;
    },
  };
  throws(
    () => run(remote.echo(value)),
    (error) => error === own,
  );
});

test('as on the web: classes that are taken away from the global object', () => {
  for (const [name, value] of [
    ['Blob', new Blob(['x'])],
    ['MessagePort', new MessageChannel().port1],
  ] as const) {
    const { [name]: platformClass } = globals;
    delete globals[name];
    try {
      const copy = run(name === 'Blob' ? remote.echo(value) : remote.moveOn(moved(value)));
      ok(copy instanceof platformClass);
      if (copy instanceof MessagePort) copy.close();
    } finally {
      globals[name] = platformClass;
    }
  }
});

test('as on the web: an instance of a subclass arrives as the nearest class of the platform', () => {
  class OwnBlob extends Blob {}
  equal(Object.getPrototypeOf(run(remote.echo(new OwnBlob(['x'])))), Blob.prototype);
});

test('as on the web: a File keeps its name and date, where the platform can clone one', async () => {
  const file = new File(['foo'], 'bar', { type: 'text/x-bar', lastModified: 42 });
  const copy = run(remote.echo(file));
  const isFile = structuredClone(file) instanceof File;
  equal(copy instanceof File, isFile);
  equal(await copy.text(), 'foo');
  equal(copy.type, 'text/x-bar');
  if (isFile) deepEqual([copy.name, copy.lastModified], ['bar', 42]);
});

test('as on the web: an ArrayBuffer that is transferred', () => {
  const { buffer } = Uint8Array.of(1);
  const copy = run(remote.echo(transfer(buffer, [buffer])));
  deepEqual([buffer.byteLength, copy.byteLength], [0, 1]);
});

test('as on the web: a MessagePort that is transferred', async () => {
  const { port1, port2 } = new MessageChannel();
  const copy = run(remote.moveOn(moved(port2)));
  copy.postMessage('hello');
  const [message] = (await once(port1, 'message')) as unknown[];
  equal(message, 'hello');
  port1.close();
});

test('as on the web: what has been transferred cannot be transferred again', () => {
  const port = new MessageChannel().port1;
  for (const entry of [new ArrayBuffer(1), port]) {
    const send = (): any => run(remote.moveOn(moved(entry)));
    const arrived = send();
    throws(send, UncloneableError);
    if (arrived instanceof MessagePort) arrived.close();
  }
});

test('as on the web: nothing can be in the list twice', () => {
  const { port1 } = new MessageChannel();
  for (const entry of [new ArrayBuffer(1), port1] as ArrayBuffer[]) {
    throws(() => run(remote.echo(transfer(entry, [entry, entry]))), UncloneableError);
  }
  port1.close();
});

test('as on the web: what a getter moves away while the value is written', () => {
  const { port1 } = new MessageChannel();
  for (const entry of [new ArrayBuffer(1), port1] as ArrayBuffer[]) {
    let seen: any;
    const value = {
      entry,
      get a(): number {
        seen ??= run(remote.moveOn(moved(entry)));
        return 1;
      },
    };
    throws(() => run(remote.echo(transfer(value, [entry]))), UncloneableError);
    ok(seen !== undefined);
    if (seen instanceof MessagePort) seen.close();
    equal(run(remote.echo(2)), 2);
  }
});

test('as on the web: shared memory is shared, by another object, and is not transferred', () => {
  const memory = new SharedArrayBuffer(4);
  const copy = run(remote.increment(memory));
  notEqual(copy, memory);
  run(remote.increment(copy));
  equal(new Int32Array(memory)[0], 2);
  throws(
    () => run(remote.echo(transfer(memory, [memory as unknown as ArrayBuffer]))),
    UncloneableError,
  );
});

/** What the web platform tests ask and palitra does differently, on purpose. */
const differences = [
  ['the own properties of an error are kept', () => equal(foo(new Error('e')), 'bar')],
  ['so are its name and a message that is no text', () => deepEqual(oddName(), ['TypeError', 7])],
  [
    'a message that a getter gives is read',
    () => {
      const error = Object.defineProperty(new Error(), 'message', { get: () => 'hello' });
      equal(run(remote.echo(error)).message, 'hello');
    },
  ],
  [
    'a message that is undefined stays so',
    () =>
      equal(
        run(remote.echo(Object.assign(new Error(), { message: undefined }))).message,
        undefined,
      ),
  ],
  [
    'a transfer list is looked at before the value is read',
    () => {
      let isRead = false;
      const value = {
        get a(): number {
          isRead = true;
          return 1;
        },
      };
      throws(() => run(remote.echo(transfer(value, [{} as never]))), UncloneableError);
      equal(isRead, false);
    },
  ],
  [
    'a function among the arguments is a callback',
    () => equal(run(remote.call(() => 'called')), 'called'),
  ],
] as const;

function foo(error: Error): string {
  return run(remote.echo(Object.assign(error, { foo: 'bar' }))).foo;
}

function oddName(): unknown[] {
  const error = Object.assign(new SyntaxError('e'), { name: 'TypeError', message: 7 });
  const { name, message } = run(remote.echo(error));
  return [name, message];
}

for (const [name, check] of differences) test(`other than on the web: ${name}`, check);

/** The cases that do not apply, each with the reason; by the class that Node does not have. */
const inapplicable = {
  ImageBitmap: 'canvas and images: cloning and transferring ImageBitmap (16 cases)',
  ImageData: 'canvas: ImageData of one pixel, in arrays and objects, with expandos (8 cases)',
  OffscreenCanvas: 'canvas: transferring it, and as a subclass that is transferred (5 cases)',
  FileList: 'forms: the files of an <input>, in arrays and objects (3 cases)',
  document:
    'documents: Document, Window and Image objects cannot be cloned or transferred (4 cases)',
  window: 'frames and popups: shared memory across windows and origins (14 files)',
  SharedWorker: 'shared and service workers: shared memory must not get there (3 files)',
  indexedDB: 'storage: shared memory must not be stored (1 file)',
  history: 'history: shared memory must not be in the state of a page (2 files)',
  crossOriginIsolated:
    'isolation: growable shared memory is refused in pages that are not isolated',
} as const;

for (const [name, reason] of Object.entries(inapplicable)) {
  test(`does not apply, for there is no ${name}: ${reason}`, () => {
    equal(globals[name], undefined);
  });
}
