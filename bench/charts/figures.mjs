import { readdirSync, readFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);
const pages = ['README.md', 'docs/design/speed.md'].map((file) => new URL(file, root));
const questions = readdirSync(new URL('bench/questions/', root)).map((file) =>
  file.replace('.mjs', ''),
);

/** The texts with figures in them, `<!-- figures:name -->…<!-- /figures -->`, from the results. */
const figures = {
  'hot-call'(read) {
    const result = read('hot-call');
    const { palitra, synckit } = Object.fromEntries(
      result.contenders.map(({ contender, median }) => [contender, median]),
    );
    const times = (synckit.p50 / palitra.p50).toPrecision(2);
    return `${palitra.p50.toPrecision(2)} µs in the median, ${times} times faster than synckit in the same run (Node ${result.node})`;
  },

  expectations(read) {
    const rows = questions.flatMap((question) =>
      read(question).expectations.map(({ text, atLeast, atMost, measured, isMet }) => {
        const bound = atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`;
        const found = measured === undefined ? 'not measured' : formatNumber(measured);
        return `| ${question} | ${text} | ${bound} | ${isMet ? found : `**${found}**`} |`;
      }),
    );
    return `\n${['| question | what | expected | measured |', '|---|---|---|---|', ...rows].join('\n')}\n`;
  },

  conditions(read) {
    const all = questions.map((question) => read(question));
    const loads = all.map(({ loadBefore }) => loadBefore);
    const { node, cpu, cores, priority } = all[0];
    const dates = all.map(({ date }) => date.slice(0, 10)).toSorted();
    return `Node ${node}, ${cores} × ${cpu}, ${dates.at(-1)}; load average before each: ${Math.min(...loads)} to ${Math.max(...loads)}${priority === undefined ? '' : `; ${priority}`}`;
  },
};

function formatNumber(number) {
  if (Math.abs(number) >= 1_000) return Math.round(number).toLocaleString('en');
  return String(Number(number.toPrecision(3)));
}

/** Each file that holds such texts, as it has to be. */
export function writeFigures(read) {
  return pages.map((page) => {
    const written = readFileSync(page, 'utf8').replaceAll(
      /(<!-- figures:([\w-]+) -->)[^]*?(<!-- \/figures -->)/g,
      (_, begin, name, end) => `${begin}${figures[name](read)}${end}`,
    );
    return [page, written];
  });
}
