// An async module, imported on the loop thread.

import { propagation } from '@opentelemetry/api';
import { setTimeout as sleep } from 'node:timers/promises';
import { tracer } from './telemetry.js';
import { traced } from './trace-context.js';

const prices = { cup: 7, pot: 20, tea: 5 };

export const fetchPrice = traced((item) =>
  tracer.startActiveSpan(`price of ${item}`, async (span) => {
    try {
      return await queryPrice(item);
    } finally {
      span.end();
    }
  }),
);

// Nobody passes a span along: the active one is found, through any number of awaits.
async function queryPrice(item) {
  const span = tracer.startSpan('query', { attributes: { item } });
  await sleep(5);
  span.end();
  if (!(item in prices)) throw new RangeError(`no such item: ${item}`);
  return prices[item];
}

export const fetchCustomer = traced(
  async () => propagation.getActiveBaggage()?.getEntry('customer')?.value,
);
