// Synchronous code, on the calling side.

import { coroutines, gather } from 'palitra';
import { tracer } from './telemetry.js';
import { withTrace } from './trace-context.js';

const shop = coroutines('./shop.js', import.meta);

export function checkOut(items) {
  return tracer.startActiveSpan('checkout', (span) => {
    try {
      const prices = withTrace(() =>
        gather(
          items.map((item) => shop.fetchPrice(item)),
          { timeout: 30_000 },
        ),
      );
      return prices.reduce((sum, price) => sum + price, 0);
    } finally {
      span.end();
    }
  });
}
