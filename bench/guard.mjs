// npm run guard: fails when palitra has become slow. Compares ratios within one run, never times, with generous
// bounds, and takes the best of several rounds: a busy machine makes some rounds slow, slow code makes all of
// them slow. Ends as soon as every bound is met, which on a quiet machine is after the first round. Where two
// threads never had a processor each, nothing is known of spinning: it says so, loudly, and does not fail.
import { availableParallelism } from 'node:os';
import { bounds, boundsOfOneProcessor, default as question } from './guard/question.mjs';
import { askInRounds } from './harness/rounds.mjs';

const ROUNDS = 5;
/** So many processors two spinning threads must have had. */
const TWO = 1.85;

const isAlone = availableParallelism() === 1;
const applicable = isAlone ? boundsOfOneProcessor : bounds;
const best = {};
let quietRounds = 0;
for (let round = 0; round < ROUNDS && (round === 0 || !applicable.every(isMet)); round++) {
  const answers = ask();
  const isQuiet = isAlone || answers['bare-spin'].processors > TWO;
  console.log(`round ${round + 1}: the processors are ${isQuiet ? 'free' : 'busy'}`);
  if (isQuiet) quietRounds += 1;
  for (const [contender, values] of Object.entries(answers)) {
    best[contender] ??= {};
    for (const [key, value] of Object.entries(values)) {
      best[contender][key] = Math.min(best[contender][key] ?? Infinity, value);
    }
  }
}

console.log('\nbest of the rounds, microseconds');
for (const [contender, { processors: _, ...values }] of Object.entries(best)) {
  const cells = Object.entries(values).map(([key, micros]) => `${key} ${micros.toPrecision(3)}`);
  console.log(`  ${contender.padEnd(16)}${cells.join('   ')}`);
}
for (const bound of applicable) {
  const limit =
    bound.atLeast === undefined ? `at most ${bound.atMost}` : `at least ${bound.atLeast}`;
  const verdict = isMet(bound) ? 'met   ' : 'MISSED';
  console.log(`${verdict}  ${bound.text}: ${bound.value(best).toPrecision(3)} (${limit})`);
}

if (!applicable.every(isMet)) {
  if (quietRounds > 0) process.exitCode = 1;
  else console.log('\n!! NOT CHECKED: other processes kept the processors busy in every round');
}

function ask() {
  const entries = askInRounds(question, '../guard/question', {
    rounds: 1,
    execPath: process.execPath,
    onProgress: () => undefined,
  });
  const broken = entries.filter(({ failure }) => failure !== undefined);
  for (const { contender, failure } of broken) console.error(`${contender}: ${failure}`);
  if (broken.length > 0) process.exit(1);
  return Object.fromEntries(
    entries.map(({ contender, answers }) => [contender, answers[0].values]),
  );
}

function isMet({ value, atLeast = -Infinity, atMost = Infinity }) {
  const measured = value(best);
  return measured >= atLeast && measured <= atMost;
}
