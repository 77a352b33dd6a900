/** Collects what nobody holds: with `--expose-gc`, which in Bun exposes nothing to workers. */
export function collect(): void {
  const { Bun, gc } = globalThis as { Bun?: { gc(isForced: boolean): void }; gc?: () => void };
  if (Bun === undefined) gc!();
  else Bun.gc(true);
}
