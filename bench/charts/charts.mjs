/** What each chart shows of a result. */
export const charts = {
  'hot-call': describe('hot-call', (result) => ({
    title: 'One blocking call, warm: the number 1, there and back',
    subtitle: `Median. Logarithmic. ${conditions(result)}`,
    height: 380,
    format: formatMicros,
    bars: result.contenders
      .filter(({ failure }) => failure === undefined)
      .map(({ label, version, contender, median }) => ({
        name: contender === 'palitra' || version === undefined ? label : `${label} ${version}`,
        value: median.p50,
        isOwn: contender === 'palitra',
      }))
      .toSorted((a, b) => a.value - b.value),
  })),

  payload: describe('payload', (result) => ({
    title: 'One blocking call, by the size of what it carries there and back',
    subtitle: `A Uint8Array. Both axes logarithmic. ${conditions(result)}`,
    height: 400,
    x: { type: 'category', labels: Object.keys(result.contenders[0].median) },
    y: { type: 'log', format: formatMicros },
    series: linesOf(result),
  })),

  threads: describe('threads', (result) => ({
    title: 'Calls a millisecond, by the number of calling threads',
    subtitle: `All threads together. ${conditions(result)}`,
    height: 400,
    x: { type: 'category', name: 'calling threads', labels: sizesOf(result) },
    y: { type: 'log' },
    series: linesOf(result),
  })),

  'gather-size': describe('gather-size', (result) => ({
    title: 'One coroutine, by how many are gathered',
    subtitle: `Per coroutine: a number, there and back. ${conditions(result)}`,
    height: 400,
    x: { type: 'category', name: 'coroutines in a gather', labels: sizesOf(result) },
    y: { type: 'log', format: formatMicros },
    series: linesOf(result),
  })),
};

function describe(question, chart) {
  return Object.assign(chart, { question });
}

function linesOf({ contenders }) {
  const labels = sizesOf({ contenders });
  return contenders
    .filter(({ failure }) => failure === undefined)
    .map(({ label, version, contender, median }) => ({
      name:
        contender.startsWith('palitra') || version === undefined ? label : `${label} ${version}`,
      points: labels.map((size) => median[size]),
    }));
}

/** Sizes are keys that begin with a digit; what else is measured beside them is not drawn. */
function sizesOf({ contenders }) {
  return Object.keys(contenders[0].median).filter((key) => /^\d/.test(key));
}

function conditions({ node, cpu, cores, date, loadBefore }) {
  return `Node ${node}, ${cores} × ${cpu}, ${date.slice(0, 10)}, load before: ${loadBefore}.`;
}

function formatMicros(micros) {
  const short = (number) => Number(number.toPrecision(number >= 100 ? 3 : 2)).toLocaleString('en');
  if (micros >= 1_000_000) return `${short(micros / 1_000_000)} s`;
  return micros >= 1_000 ? `${short(micros / 1_000)} ms` : `${short(micros)} µs`;
}
