export { createSyncFn } from './create-sync-fn.ts';
export { overrideStdio, runAsWorker } from './run-as-worker.ts';
export { startWorkerThread } from './start-worker-thread.ts';
export { extractProperties } from './extract-properties.ts';
export {
  compareNodeVersion,
  compareVersion,
  hasFlag,
  NODE_OPTIONS,
  NODE_VERSION,
  parseVersion,
} from './flags.ts';
export * from './constants.ts';
export {
  hasImportFlag,
  hasLoaderFlag,
  hasRequireFlag,
  isFile,
  setupTsRunner,
} from './ts-runner.ts';
export {
  _generateGlobals,
  dataUrl,
  encodeImportModule,
  generateGlobals,
  md5Hash,
} from './global-shims.ts';
export type * from './types.ts';
