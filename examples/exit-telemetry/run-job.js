import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const job = fileURLToPath(new URL('job.js', import.meta.url));

/** How the job ended; it is killed when it hangs. */
export function runJob(way, url, { exporter = 'palitra', count = 3 } = {}) {
  const env = { ...process.env, COLLECTOR_URL: url, EXPORTER: exporter };
  const limits = { timeout: 30_000, killSignal: 'SIGKILL' };
  return new Promise((resolve) => {
    execFile(process.execPath, [job, way, count], { env, ...limits }, (error, _, stderr) => {
      resolve({ code: error === null ? 0 : error.code, signal: error?.signal ?? null, stderr });
    });
  });
}
