// Repeats tests with a build whose Atomics pause at points that a seed decides, on every thread:
//
//   npm run test:schedules -- [--seconds n | --seeds n] [--first seed] [--short] [part of a file name …]
//   npm run test:schedules -- --faults [number …]
//
// The first runs the tests of features/, sharing/, death/, streams/ and time/, or those that are named, and the chaos run,
// for one seed after the other; `--short` takes those that a minute is enough for. The second plants the faults of
// ordering-faults.mjs, one at a time, and fails when one is not found within so many seeds.
//
// A seed decides where the threads pause, and not what else the machine does: what failed once in twenty runs of a seed
// may need twenty.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { copyCheckout, plant } from './copied-checkout.mjs';
import { orderingFaults } from './ordering-faults.mjs';
import { pauseAtomics } from './paused-atomics.mjs';
import { runInGroup, runTests } from './tap.mjs';

const ALL = ['features/', 'sharing/', 'death/', 'streams/', 'time/'];
const SHORT = [
  ...['reliability', 'callbacks-random', 'callbacks.', 'gather', 'run.', 'task.'].map(
    (name) => `features/${name}`,
  ),
  'sharing/races',
  'sharing/leaving',
  'streams/early-end',
  'time/cancel',
];
/** A file that takes longer hangs, on the busiest machine. */
const FILE_LIMIT_MS = 1_200_000;
/** Of those that run without looking at each other. */
const LANES = 2;
const CHAOS_SECONDS = 10;
/** With so many seeds a planted fault has to be found. */
const SEEDS_PER_FAULT = 10;
/** A line of paused-atomics.ts.txt, as it is in what has been built. */
const PAUSES = /^const seed\S* = .*PALITRA_SCHEDULE_SEED/m;
const LONGEST_REPORT = 4_000;

/**
 * The chaos run. While it is calm, a thread that sleeps is woken by another one or never: a wake-up that is lost is not
 * made good by the look around after a slice, and the run's watchdog finds it. With a single calling thread nobody else
 * wakes the loop thread in its stead.
 */
const programs = [
  { name: 'calm chaos, one calling thread', args: [1, 'calm'], sleeps: 'long' },
  { name: 'calm chaos, three calling threads', args: [3, 'calm'], sleeps: 'long' },
  { name: 'chaos', args: [4], sleeps: '' },
];

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string' },
    seeds: { type: 'string' },
    first: { type: 'string' },
    short: { type: 'boolean', default: false },
    faults: { type: 'boolean', default: false },
  },
});
const first = Number(options.first ?? 1 + (Date.now() % 1_000_000));
const seeds = Number(options.seeds ?? (options.seconds === undefined ? 1 : Infinity));

const copy = copyCheckout('palitra-schedules-');
try {
  await pauseAtomics(copy.folder);
  if (options.faults) await findFaults();
  else await repeat();
} finally {
  copy.remove();
}

async function repeat() {
  build();
  const parts = positionals.length > 0 ? positionals : options.short ? SHORT : ALL;
  const work = [
    ...programs.filter(({ name }) => positionals.length === 0 || parts.includes(name)),
    ...readdirSync(join(copy.folder, '.build/test'), { recursive: true })
      .filter((file) => file.endsWith('.test.js') && parts.some((part) => file.includes(part)))
      .map((file) => ({ name: file })),
  ];
  if (work.length === 0) throw new Error(`Nothing is named like ${parts.join(', ')}.`);
  console.log(`Node ${process.versions.node}, ${work.length} programs a seed`);
  const endAt =
    options.seconds === undefined ? Infinity : performance.now() + Number(options.seconds) * 1_000;
  let failed = 0;
  for (let seed = first; seed < first + seeds && performance.now() < endAt; seed++) {
    const begin = performance.now();
    const { failures, passed, done } = await runSeed(seed, work, endAt);
    failed += failures.length;
    const verdict = failures.length === 0 ? 'all right' : `${failures.length} FAILED`;
    console.log(
      `seed ${seed}: ${done} of ${work.length} programs, ${passed} tests, ${seconds(begin)} s: ${verdict}`,
    );
  }
  if (failed > 0) process.exitCode = 1;
}

/** Begins no other program once the time is up; another seed has another order, so that none is always left out. */
async function runSeed(seed, work, endAt) {
  const queue = shuffle(work, seed);
  const failures = [];
  let passed = 0;
  let done = 0;
  const lane = async () => {
    while (queue.length > 0 && performance.now() < endAt) {
      const program = queue.shift();
      const found = await runOne(seed, program);
      for (const failure of found.failures) {
        failures.push(failure);
        report(seed, program, failure);
      }
      passed += found.passed;
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return { failures, passed, done };
}

/** A program without arguments is a file of tests. */
function runOne(seed, { name, args, sleeps = '' }) {
  const { folder: cwd } = copy;
  const env = { PALITRA_SCHEDULE_SEED: String(seed), PALITRA_SCHEDULE_SLEEPS: sleeps };
  return args === undefined
    ? runTests([join('.build/test', name)], { cwd, env, limitMs: FILE_LIMIT_MS })
    : runChaos(seed, args, { cwd, env, limitMs: FILE_LIMIT_MS });
}

async function runChaos(seed, args, { cwd, env, limitMs }) {
  let said = '';
  const chaos = ['--no-warnings', '.build/test/chaos/chaos.js', CHAOS_SECONDS, seed, ...args];
  const { ended } = runInGroup(process.execPath, chaos, {
    cwd,
    env,
    limitMs,
    onOutput: (text) => {
      said += text;
    },
  });
  const { code, isHung } = await ended;
  if (code === 0) return { failures: [], passed: 1 };
  const title = isHung ? `no end within ${limitMs / 1_000} s` : `ended with ${code}`;
  return { failures: [{ title, said }], passed: 0 };
}

function report(seed, { name }, { title, said = '' }) {
  console.log(`seed ${seed}: ${name}: ${title}`);
  console.log(said.slice(0, LONGEST_REPORT));
  console.log(`again: npm run test:schedules -- --first ${seed} '${name}'\n`);
}

async function findFaults() {
  const wanted = positionals.map(Number);
  const survivors = [];
  for (const [index, fault] of orderingFaults.entries()) {
    const number = index + 1;
    if (wanted.length > 0 && !wanted.includes(number)) continue;
    const begin = performance.now();
    const outcome = await findFault(fault);
    if (outcome === undefined) survivors.push(number);
    const found = outcome ?? `NOT FOUND with the seeds ${first} to ${first + SEEDS_PER_FAULT - 1}`;
    console.log(`${number}  ${fault.file}: ${fault.what}\n   ${found} (${seconds(begin)} s)`);
  }
  if (survivors.length > 0) {
    console.log(`not found: ${survivors.join(', ')}`);
    process.exitCode = 1;
  }
}

/** By the calm runs alone: they are what looks for lost wake-ups and for messages out of order. */
async function findFault(fault) {
  const takeOut = plant(copy.folder, fault);
  try {
    build();
    const calm = programs.filter(({ sleeps }) => sleeps === 'long');
    for (let seed = first; seed < first + SEEDS_PER_FAULT; seed++) {
      for (const program of calm) {
        const { failures } = await runOne(seed, program);
        if (failures.length === 0) continue;
        const line = /^.*(?:HANG|Error|error:).*$/m.exec(failures[0].said ?? '')?.[0];
        return `found with seed ${seed} by ${program.name}: ${line?.trim() ?? failures[0].title}`;
      }
    }
    return undefined;
  } finally {
    takeOut();
  }
}

function build() {
  const complaint = copy.build();
  if (complaint !== undefined) throw new Error(`It does not compile: ${complaint}`);
  // The code of the calling thread, and that of the loop thread, which the first has once more as a string.
  for (const file of ['dist/palitra-core.js', 'dist/worker.js']) {
    if (!PAUSES.test(readFileSync(join(copy.folder, file), 'utf8'))) {
      throw new Error(`Nothing pauses in ${file}: look at paused-atomics.mjs`);
    }
  }
}

function shuffle(items, seed) {
  const mixed = [...items];
  let state = seed;
  for (let last = mixed.length - 1; last > 0; last--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (last + 1));
    [mixed[last], mixed[other]] = [mixed[other], mixed[last]];
  }
  return mixed;
}

function seconds(begin) {
  return ((performance.now() - begin) / 1_000).toFixed(0);
}
