/**
 * From `node:fs`, but not by `import`: that makes a namespace of all its exports, `fs.promises` among
 * them, which loads 3 ms of modules that nobody here needs (Node 20). Taken once, at the start, so that
 * nothing which replaces a function of `fs` for a test comes between.
 */
export const {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  unlinkSync,
  writeSync,
} = process.getBuiltinModule('node:fs');
