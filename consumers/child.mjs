/** Runs a program, and kills it if it hangs: a hang is a failed test, not a stuck run. */
import { spawn } from 'node:child_process';

export function runProgram(command, args, { cwd, env, limitMs = 60_000 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, NODE_TEST_CONTEXT: undefined, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const outcome = { stdout: '', stderr: '', isHung: false };
    for (const name of ['stdout', 'stderr']) {
      child[name].setEncoding('utf8').on('data', (text) => {
        outcome[name] += text;
      });
    }
    const timer = setTimeout(() => {
      outcome.isHung = true;
      child.kill('SIGKILL');
    }, limitMs);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ ...outcome, code });
    });
  });
}
