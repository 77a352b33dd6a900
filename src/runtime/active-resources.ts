import { isNode } from './which.ts';

interface Process {
  getActiveResourcesInfo(): string[];
  _getActiveHandles(): readonly { readonly fd?: number }[];
}

/**
 * Is nothing left that keeps the event loop of this thread alive but so many ports and so many timers of
 * palitra's own? Node counts a pipe for its output as something, though it keeps nothing alive. Only Node can tell.
 */
export function isIdleBut(ports: number, timers: number): boolean {
  if (!isNode) return false;
  const { getActiveResourcesInfo, _getActiveHandles } = process as unknown as Process;
  const counts = new Map<string, number>();
  for (const kind of getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const output = _getActiveHandles().filter(({ fd }) => fd === 1 || fd === 2).length;
  let others = -output;
  for (const [kind, count] of counts) {
    if (kind === 'MessagePort') others += Math.max(0, count - ports);
    else if (kind === 'Timeout') others += Math.max(0, count - timers);
    else others += count;
  }
  return others <= 0;
}
