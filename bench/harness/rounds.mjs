import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const TIME_LIMIT_MS = 60_000;

/**
 * Asks all contenders in turn, A B C A B C …, so that a busy minute of the machine hits all of them. Each
 * answer comes from a process of its own. A contender that fails is not asked again.
 */
export function askInRounds(question, name, { rounds, execPath, onProgress }) {
  const entries = question.contenders.map((contender) => ({
    contender,
    answers: [],
    failure: undefined,
  }));
  for (let round = 0; round < rounds; round++) {
    for (const entry of entries) {
      if (entry.failure !== undefined) continue;
      onProgress(`${name}: round ${round + 1} of ${rounds}, ${entry.contender}`);
      try {
        entry.answers.push(ask(entry.contender, name, question.command ?? [], execPath));
      } catch (error) {
        entry.failure = error.message;
      }
    }
  }
  return entries;
}

function ask(contender, question, command, execPath) {
  const [name, variant = ''] = contender.split(':');
  const file = ['mjs', 'cjs']
    .map((type) => fileURLToPath(new URL(`../contenders/${name}.${type}`, import.meta.url)))
    .find((path) => existsSync(path));
  // Options for the benchmark's own process are not for the contenders: a coverage tool's, for instance.
  const { NODE_OPTIONS: _options, NODE_V8_COVERAGE: _coverage, ...env } = process.env;
  const [program, ...args] = [...command, execPath, file, question, variant];
  const { status, signal, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    env,
    timeout: TIME_LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  if (error?.code === 'ETIMEDOUT')
    throw new Error(`still running after ${TIME_LIMIT_MS / 1_000} s, killed`);
  if (error !== undefined) throw error;
  if (status !== 0)
    throw new Error(`ended with ${signal ?? `code ${status}`}: ${firstError(stderr)}`);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

/** The message, without the stack: no paths of this machine in the results. */
function firstError(stderr) {
  const lines = stderr.trim().split('\n');
  return lines.find((line) => /^\w*(Error|Exception)\b/.test(line)) ?? lines.at(-1);
}
