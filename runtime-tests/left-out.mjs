// What is not tried on a runtime: the tests that ask for what the platform does not give. Each entry says why, and names
// the test in `limits/` that shows it; docs/runtimes.md has the same in a table.

/** The tests that move such a thing, in every direction. */
const movesOf = (what) => [
  `moved to the loop thread: ${what}`,
  `moved to the caller, in a result, by a generator and in what is thrown: ${what}`,
  `moved to a callback, by what it returns and by what it throws: ${what}`,
];

/** The tests of what is refused in a transfer list. */
const refusalsOf = (what) => [
  `in an argument it is refused and nothing is moved: ${what}`,
  `in a callback it is refused and nothing is moved: ${what}`,
  `in a result and in what is thrown it is refused and nothing is moved: ${what}`,
];

/** What a listener of a signal may do. */
const aListenerOf = (signal) => [`a listener of ${signal}`, `with a listener of ${signal}`];

/** By runtime: what the titles of tests (or groups of them) begin with, why, and the title of the test that shows it. */
export const leftOut = {
  bun: [
    {
      titles: ['a timeout holds while the loop thread is at a breakpoint'],
      why: 'the test stops a worker by the inspector of its parent',
      shows: 'Bun and Deno: the inspector of a thread knows nothing of its workers',
    },
    {
      titles: [
        'a signal that only a timer of this thread aborts is refused',
        'blocking for such a task is refused, and the task goes on',
      ],
      why: 'such a signal does not say what it is',
      shows: 'Bun: a signal of AbortSignal.timeout() looks like any other',
    },
    {
      titles: ['platformObjects arrive as structuredClone makes them: a SocketAddress'],
      why: 'structuredClone refuses it',
      shows: 'Bun: a SocketAddress cannot be cloned',
    },
    {
      titles: ['with --enable-source-maps a stack names'],
      why: 'a stack names the files that run',
      shows: 'Bun: there is no --enable-source-maps',
    },
    {
      titles: [
        ...movesOf('a ReadableStream'),
        ...movesOf('a WritableStream'),
        ...movesOf('a TransformStream'),
        ...movesOf('a FileHandle'),
        ...refusalsOf('a stream that has been moved'),
        'one list can hold things of every kind',
        'what is written to a stream that was moved',
        'the README is right: `Blob`, `KeyObject`',
      ],
      why: 'a port moves neither streams nor a FileHandle',
      shows: 'Bun: a port moves neither streams nor a FileHandle',
    },
    {
      titles: movesOf('an AbortSignal of transferableAbortController()'),
      why: 'there is no transferableAbortController()',
      shows: 'Bun: there is no transferableAbortController',
    },
    {
      titles: refusalsOf('a buffer that Node shares among others'),
      why: 'its memory can be moved',
      shows: 'Bun: the memory of a pooled Buffer can be moved',
    },
    {
      titles: [
        'a pool is constructed on the loop thread, and its requests are made there',
        'the same socket serves all calls',
        'gathered calls and tasks use it as well',
        'a pool of four opens no more than four sockets',
        'a response itself cannot cross, and the error says where its stream is',
        'another socket is opened when the server has closed one',
        'closing the pool through its handle ends it',
        'a dispatcher that was made on the loop thread is used',
        'a dispatcher made on the loop thread may trust it',
      ],
      why: 'undici is a stand-in, whose pools do nothing',
      shows: 'Bun: undici is a stand-in, whose pools do nothing',
    },
    {
      titles: ['a certificate that nobody knows is an error with its cause'],
      why: 'what fails in fetch has no cause',
      shows: 'Bun: what fails in fetch has words of its own, and no cause',
    },
    {
      titles: ['the same sockets serve all later calls'],
      why: 'each redirect opens a connection',
      shows: 'Bun: fetch opens a connection for each redirect',
    },
    {
      titles: ['a new loop thread opens a new connection'],
      why: 'the sockets of fetch are those of the process',
      shows: 'Bun: all threads share the sockets of fetch',
    },
    {
      titles: ['the calling thread loads nothing of the platform’s fetch'],
      why: 'fetch is no module there',
      shows: 'Bun: process.moduleLoadList says nothing of fetch',
    },
    {
      titles: ['main.mjs with --import', 'main.cjs with --import'],
      why: 'it takes no URL with escapes',
      shows: 'Bun: --import takes no URL with escapes',
    },
    {
      titles: ['as the platform’s fetch: a FormData with files'],
      why: 'the form does not tell the name that a file was given with',
      shows: 'Bun: a FormData forgets the name that a File was given with',
    },
    {
      titles: ['main.mjs with -C', 'main.cjs with -C'],
      why: 'there is --conditions only',
      shows: 'Bun: there is no -C',
    },
    {
      titles: [
        'main.mjs with --experimental-wasm-modules',
        'main.cjs with --experimental-wasm-modules',
      ],
      why: 'such a module has no exports',
      shows: 'Bun: a module of WebAssembly has no exports',
    },
    {
      titles: ['without the permission to start threads'],
      why: 'the test starts Node with --permission',
      shows: 'Bun and Deno: there is no --permission',
    },
    {
      titles: [
        'after out of memory',
        'it heals after the thread was terminated by an error',
        'resourceLimits limit the memory of the loop thread',
        'a loop thread that runs into its limits is replaced',
        'out of memory: callers on five threads',
        'a caller ends by out of memory',
        'a loop thread that dies by running out of memory',
        'a caller that was idle as the loop thread died without a word',
        'where threads can leave no mark of their life',
      ],
      why: 'no limit of memory ends a thread',
      shows: 'Bun: resourceLimits limit nothing',
    },
    {
      titles: [
        'at a top-level await that never ends',
        'a run that nothing can settle ends as a Node program does',
      ],
      why: 'such a program goes on for ever',
      shows: 'Bun: a top-level await that never ends keeps the process',
    },
    {
      titles: ['the object lives as long as its handle', 'a coroutine of the handle holds it'],
      why: 'a program that awaits at its top keeps what its variables held',
      shows: 'Bun: a program that awaits at its top keeps what its variables held',
    },
    {
      titles: ['utilization is higher when', 'a connected runner lists and counts'],
      why: 'there is no eventLoopUtilization',
      shows: 'Bun and Deno: there is no eventLoopUtilization',
    },
    {
      titles: ['platform objects are cloned, ArrayBuffers leave the caller, and other transfers'],
      why: 'a thread that has joined by a token gets bytes and plain data only',
      shows: 'Bun and Deno: a blocked thread cannot take a message from a BroadcastChannel',
    },
  ],
  deno: [
    {
      titles: ['a timeout holds while the loop thread is at a breakpoint'],
      why: 'the test stops a worker by the inspector of its parent',
      shows: 'Bun and Deno: the inspector of a thread knows nothing of its workers',
    },
    {
      titles: [
        'a dispatcher that was made on the loop thread is used',
        'a dispatcher made on the loop thread may trust it',
      ],
      why: 'fetch takes no dispatcher',
      shows: 'Deno: fetch takes no dispatcher',
    },
    {
      titles: ['a certificate that NODE_EXTRA_CA_CERTS knows is trusted'],
      why: 'one that signs itself is not',
      shows: 'Deno: a certificate that signs itself is not trusted, whoever knows it',
    },
    {
      titles: ['a certificate that nobody knows is an error with its cause'],
      why: 'the cause has no code',
      shows: 'Deno: the cause of what fails in fetch has no code',
    },
    {
      titles: ['the calling thread loads nothing of the platform’s fetch'],
      why: 'fetch is no module there',
      shows: 'Deno: process.moduleLoadList is empty',
    },
    {
      titles: ['a server that refuses the body early is heard'],
      why: 'the body is not cancelled',
      shows: 'Deno: fetch does not cancel a body that the server has refused',
    },
    {
      titles: ['main.mjs with --import', 'main.cjs with --import'],
      why: 'what is preloaded is not there in a worker',
      shows: 'Deno: what is preloaded is not there in a worker',
    },
    {
      titles: ['main.cjs with --conditions=', 'main.cjs with -C'],
      why: 'a program cannot see its conditions, and there is nobody to ask about a path',
      shows: 'Deno: process.execArgv does not name --conditions',
    },
    {
      titles: ['after a module with a syntax error'],
      why: 'import() throws a TypeError for it',
      shows: 'Deno: a module with a syntax error throws a TypeError',
    },
    {
      titles: ['platform objects are cloned, ArrayBuffers leave the caller, and other transfers'],
      why: 'a thread that has joined by a token gets bytes and plain data only',
      shows: 'Bun and Deno: a blocked thread cannot take a message from a BroadcastChannel',
    },
    {
      titles: [
        ...movesOf('a FileHandle'),
        ...movesOf('an AbortSignal of transferableAbortController()'),
        'one list can hold things of every kind',
      ],
      why: 'a port takes neither a FileHandle nor an AbortSignal',
      shows: 'Deno: a port moves neither a FileHandle nor an AbortSignal',
    },
    {
      titles: ['the README is right: `Blob`, `KeyObject`'],
      why: 'a port moves no FileHandle',
      shows: 'Deno: a port moves neither a FileHandle nor an AbortSignal',
    },
    {
      titles: [
        'on stderr, and the loop lives: a Proxy that is revoked',
        'to onUnhandledError, and the loop lives: a Proxy that is revoked',
      ],
      why: 'such a thing, thrown and not caught, ends the thread',
      shows: 'Deno: a revoked Proxy that nobody catches ends a worker, whatever listens',
    },
    {
      titles: refusalsOf('the memory of WebAssembly'),
      why: 'it is refused, and cannot be told from a buffer that can be moved',
      shows: 'Deno: the memory of WebAssembly is refused as any other buffer, and moves nothing',
    },
    {
      titles: ['as on the web: classes that are taken away from the global object'],
      why: 'what can only be moved is known by the global name of its class',
      shows:
        'Deno: the classes of the platform are written in JavaScript, and do not say what they are',
    },
    {
      titles: [
        'does not apply, for there is no ImageBitmap',
        'does not apply, for there is no ImageData',
        'does not apply, for there is no OffscreenCanvas',
      ],
      why: 'there is one, and it is not tried',
      shows: 'Deno: there are ImageBitmap, ImageData and OffscreenCanvas',
    },
    {
      titles: ['without it, the files that run'],
      why: 'source maps are always used',
      shows: 'Deno: a stack names the source without being asked to',
    },
    {
      titles: ['so do the workers of a cluster'],
      why: 'a worker of a cluster cannot start a thread',
      shows: 'Deno: a worker of a cluster cannot start a thread',
    },
    {
      titles: ['without the permission to start threads', 'with the permission to start threads'],
      why: 'the test starts Node with --permission',
      shows: 'Bun and Deno: there is no --permission',
    },
    {
      titles: ['an execArgv that preloads what fails'],
      why: 'a worker takes no --import',
      shows: 'Deno: a worker takes no --import',
    },
    {
      titles: [
        'at an uncaught exception',
        'at an uncaught error',
        "at throw new Error('uncaught');",
        'at an unhandled rejection',
        'an uncaught exception aborts what is in flight',
      ],
      why: 'an uncaught error ends the process without an exit event, so nothing is awaited',
      shows: 'Deno: an uncaught error ends the process without an exit event',
    },
    {
      titles: [
        'at a top-level await that never ends',
        'a run that nothing can settle ends as a Node program does',
      ],
      why: 'such a program goes on for ever once it has a worker',
      shows: 'Deno: a top-level await that never ends keeps a process that has a worker',
    },
    {
      titles: [
        'after out of memory by the limit of the process',
        'it heals after the thread was terminated by an error',
      ],
      why: 'the limit of the process ends the process',
      shows: 'Deno: a worker that runs into the limit of the process ends the process',
    },
    {
      titles: [
        'what can never settle is found inside a callback, and ends only that call',
        'a blocked call that waits for an async callback of a task is found as well',
        'run in a callback: NeverSettledError instead of a hang',
        'the coroutine’s signal is aborted with the error',
        'a coroutine is left alone when it can still be settled by a later call, for a task that nobody',
        'thousands of callbacks are never taken for it',
        'a thousand times in a row, and in between calls that work',
        'a thread that connects once more while the loop is still alive may bring it',
      ],
      why: 'a loop thread with nothing left to do ends, and takes its other calls along',
      shows: 'Deno: a worker with nothing left to do ends, whatever it would rather do',
    },
    {
      titles: [
        'a caller ends by terminate() in the middle of a call',
        'when the last one who could have brought it leaves without a word',
        'run on a thread that joins a loop thread whose owner is gone',
        'createTask on a thread that joins a loop thread whose owner is gone',
        'getLoop() on a thread that joins a loop thread whose owner is gone',
      ],
      why: 'terminate() does not end a thread that is blocked or computes',
      shows: 'Deno: a worker that computes or is blocked is not ended by terminate()',
    },
    {
      titles: ['a caller ends by out of memory in the middle of a call'],
      why: 'a thread that is not of palitra lives on after it ran out of memory in the reaction of a promise',
      shows:
        'Deno: a worker that runs out of memory in the reaction of a promise lives on, with a higher limit',
    },
    {
      titles: ['after a module whose import never ends'],
      why: 'a loop thread that waits for such an import never runs dry',
      shows: 'Deno: a worker that waits for an import that never ends goes on for ever',
    },
    {
      titles: ['the object lives as long as its handle', 'a coroutine of the handle holds it'],
      why: 'a program that awaits at its top keeps what its variables held',
      shows: 'Bun: a program that awaits at its top keeps what its variables held',
    },
    {
      titles: ['utilization is higher when', 'a connected runner lists and counts'],
      why: 'there is no eventLoopUtilization',
      shows: 'Bun and Deno: there is no eventLoopUtilization',
    },
  ],
  wine: [
    {
      titles: ['SIGTERM ', 'SIGINT ', ...aListenerOf('SIGTERM'), ...aListenerOf('SIGINT')],
      why: 'a signal that is sent ends a process, and nothing can listen',
      shows: 'Windows: a signal that is sent ends a process, whatever listens',
    },
    {
      titles: [
        'so do the workers of a cluster, which serve',
        'an onShutdown function may still use the network',
        'an HTTP response of 200 MB',
        'a fetch with getSignal() really closes its connection',
        'a coroutine is left alone when it can still be settled by a socket',
      ],
      why: 'fetch cannot connect to a server on the same machine',
      shows: 'Wine: fetch cannot connect to a server on the same machine',
    },
    {
      titles: [
        ...[
          'from import.meta',
          'from the URL of the file',
          'from the URL of the file as a string',
          'from __filename',
        ].map((from) => `${from}, a package that is linked`),
        'a package and its subpaths share the loop thread',
      ],
      why: 'a directory that is linked is not there',
      shows: 'Wine: a directory that is linked is not there',
    },
  ],
};

const { bun, deno } = process.versions;
const node = process.env.WINEPREFIX === undefined ? 'node' : 'wine';
const here = bun === undefined ? (deno === undefined ? node : 'deno') : 'bun';

/** Why the test is left out on this runtime, if it is. */
export function reasonToLeaveOut(title) {
  return leftOut[here]?.find(({ titles }) => titles.some((start) => title.startsWith(start)))?.why;
}
