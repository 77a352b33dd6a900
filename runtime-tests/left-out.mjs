// What is not tried on a runtime: the tests that ask for what the platform does not give. Each entry says why, and names
// the test in `limits/` that shows it; docs/runtimes.md has the same in a table.

/** By runtime: what the titles of tests (or groups of them) begin with, why, and the title of the test that shows it. */
export const leftOut = {
  bun: [
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
  ],
  deno: [
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
      ],
      why: 'a loop thread with nothing left to do ends, and takes its other calls along',
      shows: 'Deno: a worker with nothing left to do ends, whatever it would rather do',
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
};

const { bun, deno } = process.versions;
const here = bun === undefined ? (deno === undefined ? 'node' : 'deno') : 'bun';

/** Why the test is left out on this runtime, if it is. */
export function reasonToLeaveOut(title) {
  return leftOut[here]?.find(({ titles }) => titles.some((start) => title.startsWith(start)))?.why;
}
