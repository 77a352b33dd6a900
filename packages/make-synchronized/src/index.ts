export {
  makeDefaultExportSynchronized,
  makeInlineFunctionSynchronized,
  makeModuleSynchronized,
  makeSynchronized,
  default,
  makeSynchronizedFunction,
  makeSynchronizedFunctions,
} from './make-synchronized.ts';
