// Which tests run where.

/** What CI runs on each runtime; a run by hand takes all. */
const short = {
  node22: ['features/', 'time/', 'sharing/'],
  node24: ['features/', 'time/', 'sharing/'],
  node26: ['features/', 'time/', 'sharing/'],
  bun: ['features/', 'death/', 'limits/'],
  deno: ['features/', 'death/', 'limits/'],
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
  return !file.includes('limits/') || file.split(/[^a-z]+/).includes(runtime);
}
