// Runs files of tests in a process group of their own, and says which tests failed.
import { spawn } from 'node:child_process';

/**
 * Resolves with the titles of the tests that failed, each with what is said about it, and with the number of those
 * that passed. `firstOnly` ends it all at the first failure.
 */
export function runTests(files, { cwd, env = {}, pattern, limitMs, firstOnly = false }) {
  const args = ['--test', '--test-reporter=tap', '--test-concurrency=1'];
  if (pattern !== undefined) args.push(`--test-name-pattern=${pattern}`);
  return new Promise((resolve) => {
    const failures = [];
    let text = '';
    const child = runInGroup(process.execPath, [...args, ...files], {
      cwd,
      env,
      limitMs,
      onOutput: (chunk) => {
        text += chunk;
        if (firstOnly && /^ *not ok \d+ - .*$/m.test(text)) child.kill();
      },
    });
    void child.ended.then(({ code, isHung }) => {
      for (const { groups } of text.matchAll(
        /^ *not ok \d+ - (?<title>.*)\n(?<said>(?<indent> +)---\n[^]*?^\k<indent>\.\.\.$)?/gm,
      )) {
        failures.push({ title: groups.title.replaceAll('\\', ''), said: groups.said });
      }
      const passed = Number(/^# pass (\d+)/m.exec(text)?.[1] ?? 0);
      if (isHung) failures.unshift({ title: `no end within ${limitMs / 1_000} s` });
      else if (code !== 0 && failures.length === 0) {
        failures.push({ title: `the test process ended with ${code}`, said: text });
      }
      resolve({ failures, passed });
    });
  });
}

/** Runs a program, kills it after a while, and with it whatever it has left behind. */
export function runInGroup(command, args, { cwd, env = {}, limitMs, onOutput }) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', onOutput);
  const kill = () => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // All of them have ended.
    }
  };
  let isHung = false;
  const timer = setTimeout(() => {
    isHung = true;
    kill();
  }, limitMs);
  child.once('exit', kill);
  const ended = new Promise((resolve) => {
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code: code ?? signal, isHung });
    });
  });
  return { kill, ended };
}
