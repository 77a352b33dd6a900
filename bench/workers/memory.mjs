import v8 from 'node:v8';
import vm from 'node:vm';

/** Bytes of this thread's heap that are in use after everything that can be collected has been. */
export async function heapInUse() {
  v8.setFlagsFromString('--expose-gc');
  const gc = vm.runInNewContext('gc');
  for (let i = 0; i < 4; i++) gc();
  return process.memoryUsage().heapUsed;
}
