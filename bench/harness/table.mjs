const USUAL_COLUMNS = [
  { title: 'p50', key: 'p50', hasRatio: true },
  { title: 'p99', key: 'p99' },
  { title: 'mean', key: 'mean', hasRatio: true },
  { title: 'worst mean', key: 'mean', over: 'worst' },
];

/** The answer as a person reads it. */
export function formatTable(name, question, { contenders, expectations }) {
  const columns = question.columns ?? USUAL_COLUMNS;
  const header = [
    '',
    ...columns.flatMap(({ title, hasRatio }) => (hasRatio ? [title, '× palitra'] : [title])),
  ];
  const rows = contenders.map((contender) => [
    [contender.label, contender.version].filter(Boolean).join(' '),
    ...columns.flatMap((column) => formatCells(contender, column)),
  ]);
  const widths = header.map((_, i) =>
    Math.max(...[header, ...rows].map((row) => (row[i] ?? '').length)),
  );
  const line = (row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('   ');

  return [
    `${name}: ${question.title}`,
    question.payload,
    '',
    line(header).trimEnd(),
    ...rows.map((row, i) => {
      const { failure, label } = contenders[i];
      return failure === undefined
        ? line(row)
        : `${label.padEnd(widths[0])}   !! NOT AVAILABLE: ${failure}`;
    }),
    '',
    ...expectations.map(formatExpectation),
    '',
  ].join('\n');
}

function formatCells(contender, { key, hasRatio, over = 'median' }) {
  const time = contender[over][key];
  const cells = [time === undefined ? '' : formatMicros(time)];
  if (hasRatio)
    cells.push(contender.ratio[key] === undefined ? '' : formatNumber(contender.ratio[key]));
  return cells;
}

function formatExpectation({ text, atLeast, atMost, measured, isMet }) {
  const bound = atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`;
  const verdict = measured === undefined ? 'unknown' : isMet ? 'met' : 'MISSED';
  return `  ${verdict.padEnd(7)} ${text}: ${measured === undefined ? '?' : formatNumber(measured)} (${bound} expected)`;
}

function formatMicros(micros) {
  return micros >= 1_000 ? `${formatNumber(micros / 1_000)} ms` : `${formatNumber(micros)} µs`;
}

function formatNumber(number) {
  if (number >= 100) return Math.round(number).toLocaleString('en');
  return number.toFixed(number >= 10 ? 1 : 2);
}
