/** Of sorted numbers, the one that the share `q` of them does not exceed. */
export function quantile(sorted, q) {
  return sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)];
}

export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1
    ? sorted[Math.floor(middle)]
    : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Four significant digits: more would be noise in the committed results. */
export function round(number) {
  return Number(number.toPrecision(4));
}
