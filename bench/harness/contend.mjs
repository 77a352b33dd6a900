import { readFileSync } from 'node:fs';

/**
 * The main program of a contender's process: `node contenders/<name>.mjs <question> [variant]` asks the
 * question and prints the answer as one line of JSON. Then the process ends.
 */
export async function contend(contender) {
  const { question, variant } = await findQuestion();
  if (question.isCold) printAnswer(contender, await question.measureCold(contender));
  else
    printAnswer(
      contender,
      await question.measure(await contender.load(), { contender: contender.label, variant }),
    );
  // A rival's threads may keep it alive.
  process.exit();
}

export async function findQuestion() {
  const [name, variant] = process.argv.slice(2);
  const { default: question } = await import(`../questions/${name}.mjs`);
  return { question, variant };
}

export function printAnswer({ label, package: name }, values) {
  console.log(JSON.stringify({ label, version: versionOf(name), values }));
}

function versionOf(name) {
  if (name === undefined) return undefined;
  const file = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')).version;
}
