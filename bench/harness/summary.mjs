import { median, round } from './statistics.mjs';

/** What every contender that answered comes to over all rounds, and how many times palitra's that is. */
export function summarize(question, entries) {
  const contenders = entries.map((entry) => summarizeOne(question, entry));
  const reference = contenders[0];
  for (const { median: own, ratio } of contenders) {
    for (const key of Object.keys(ratio)) {
      ratio[key] =
        reference.median[key] === undefined ? undefined : round(own[key] / reference.median[key]);
    }
  }
  return { contenders, expectations: checkExpectations(question, contenders) };
}

function summarizeOne(question, { contender, answers, failure }) {
  const first = answers[0];
  const label = question.labels?.[contender] ?? first?.label ?? contender;
  const common = { contender, label, version: first?.version, failure };
  if (failure !== undefined) return { ...common, median: {}, worst: {}, ratio: {}, rounds: [] };
  const rounds = answers.map(({ values }) => values);
  const over = (combine) =>
    Object.fromEntries(
      Object.keys(rounds[0]).map((key) => [
        key,
        round(combine(rounds.map((values) => values[key]))),
      ]),
    );
  const { timedCalls, meanCalls, ...ratio } = over(median);
  return {
    ...common,
    median: over(median),
    worst: over((values) => Math.max(...values)),
    ratio,
    rounds: rounds.map((values) =>
      Object.fromEntries(Object.entries(values).map(([key, value]) => [key, round(value)])),
    ),
  };
}

/** Only ratios and generous limits: times are the machine's, and it is shared. */
function checkExpectations(question, contenders) {
  const medians = Object.fromEntries(
    contenders.map(({ contender, median: own }) => [contender, own]),
  );
  return question.expectations.map(({ text, value, atLeast, atMost }) => {
    const measured = value(medians);
    const isKnown = Number.isFinite(measured);
    const isMet = isKnown && measured >= (atLeast ?? -Infinity) && measured <= (atMost ?? Infinity);
    return { text, atLeast, atMost, measured: isKnown ? round(measured) : undefined, isMet };
  });
}
