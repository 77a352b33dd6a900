// Which tests run where.

/** What CI runs on every runtime; the rest is for a run by hand. */
const short = ['features/', 'death/', 'time/', 'streams/', 'sharing/', 'values/'];
/** Where the library, not the runtime, is what is tested. */
const elsewhere = ['support/', 'soak/', 'chaos/'];

export function findSuites(runtime, files, isShort) {
  return files.filter(
    (file) =>
      !elsewhere.some((part) => file.includes(part)) &&
      (!isShort || short.some((part) => file.includes(part))),
  );
}
