import { makeSynchronized } from './make-synchronized.ts';

export default makeSynchronized;
export {
  makeDefaultExportSynchronized,
  makeInlineFunctionSynchronized,
  makeModuleSynchronized,
  makeSynchronized,
  makeSynchronizedFunction,
  makeSynchronizedFunctions,
} from './make-synchronized.ts';
