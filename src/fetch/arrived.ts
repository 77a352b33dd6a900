import type { Crossing, CrossingHeaders } from './crossing.ts';

/** On the loop thread: what the platform's `fetch` makes the same of as of the caller's value. */
export function arrived(value: Crossing): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value.kind === 'symbol') return Symbol(value.description);
  if (value.kind === 'value') return value.value;
  const { text } = value;
  return { toString: () => text };
}

export function arrivedHeaders(headers: CrossingHeaders): unknown {
  if (typeof headers !== 'object' || headers === null) return headers;
  if (headers.kind === 'list') {
    return headers.items.map((item) =>
      Array.isArray(item) ? item.map(arrived) : arrived(item as Crossing),
    );
  }
  if (headers.kind !== 'record') return arrived(headers);
  const record = {};
  for (const [key, value, enumerable] of headers.properties) {
    Object.defineProperty(record, arrived(key) as PropertyKey, {
      value: arrived(value),
      enumerable,
    });
  }
  return record;
}
