// Everything that is needed to carry a trace from one thread to the other: what HTTP clients and servers do with
// headers, done with a shared context.

import { context, propagation } from '@opentelemetry/api';
import { sharedContext } from 'palitra/loop';

const headers = sharedContext('opentelemetry');

/** On the calling side: whatever `body` runs on the loop thread belongs to the span that is active here. */
export function withTrace(body) {
  const carrier = {};
  propagation.inject(context.active(), carrier);
  return headers.run(carrier, body);
}

/** On the loop thread: the caller's span is the active one in `fn`. */
export function traced(fn) {
  return (...args) => {
    const callersContext = propagation.extract(context.active(), headers.get() ?? {});
    return context.with(callersContext, fn, undefined, ...args);
  };
}
