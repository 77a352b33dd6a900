// Which tests run where.

/** Each of these takes a second or two. */
const core = [
  ...['run.', 'gather', 'task', 'runner.', 'coroutines', 'inline', 'errors', 'handles.'].map(
    (name) => `features/${name}`,
  ),
  ...['callbacks.', 'callbacks-errors', 'output', 'context', 'sync'].map(
    (name) => `features/${name}`,
  ),
];

/** What CI runs on each runtime; a run by hand takes all, the death matrix (two minutes on each) among them. */
const short = {
  node22: [...core, 'time/cancel', 'sharing/death'],
  node24: [...core, 'time/cancel', 'values/table'],
  node26: [...core, 'time/cancel', 'sharing/death'],
  bun: [...core, 'features/exit', 'time/cancel', 'limits/'],
  deno: [...core, 'features/exit', 'time/cancel', 'limits/'],
};
/** Where tools and the helpers of the tests are tested, and not what a program does. */
const elsewhere = ['test/support/', 'test/editors/', 'test/bullmq/'];

export function findSuites(runtime, files, isShort) {
  return files.filter(
    (file) =>
      !elsewhere.some((part) => file.startsWith(part)) &&
      isOfRuntime(runtime, file) &&
      (!isShort || short[runtime]?.some((part) => file.includes(part)) === true),
  );
}

/** The limits of a platform are of interest on that platform only. */
function isOfRuntime(runtime, file) {
  const family = runtime.replace(/\d+$/, '');
  return !file.includes('limits/') || file.split(/[^a-z]+/).includes(family);
}
