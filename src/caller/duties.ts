/**
 * What this thread has to look after for others: the loop threads that it owns and shares. Its event loop
 * does so when it turns; while the thread is blocked here, it does so after each slice of its sleep.
 */
const duties = new Set<() => void>();

/** The function that is returned ends the duty. */
export function takeOnDuty(duty: () => void): () => void {
  duties.add(duty);
  return () => duties.delete(duty);
}

export function attendToDuties(): void {
  for (const duty of duties) duty();
}
