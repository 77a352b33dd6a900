/**
 * Is it a promise, or something that `await` would treat as one? A value that cannot be asked (a Proxy
 * that is revoked, a getter that throws) is left to the encoder, whose error says what it is.
 */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  try {
    return typeof (value as { then?: unknown }).then === 'function';
  } catch {
    return false;
  }
}
