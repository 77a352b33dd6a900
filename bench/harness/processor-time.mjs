/** Which share of a processor this process uses, with all its threads, while it does something. */
export function shareOfProcessor(action) {
  const start = performance.now();
  const before = process.cpuUsage();
  action();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / (performance.now() - start);
}
