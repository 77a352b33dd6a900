import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { context, propagation, trace, TraceFlags } from '@opentelemetry/api';
import { coroutines, createTask, run } from 'palitra';
import { checkOut } from './checkout.js';
import * as telemetry from './telemetry.js';
import { withTrace } from './trace-context.js';

const { tracer } = telemetry;
const limit = { timeout: 30_000 };
const shop = coroutines('./shop.js', import.meta);
const onLoopThread = coroutines('./telemetry.js', import.meta);

beforeEach(() => {
  telemetry.reset();
  run(onLoopThread.reset(), limit);
});

/** The spans of one thread, by name. */
const here = () => byName(telemetry.finishedSpans());
const there = () => byName(run(onLoopThread.finishedSpans(), limit));
const byName = (spans) => Object.fromEntries(spans.map((span) => [span.name, span]));

test('a span that is started on the loop thread has the caller’s span as its parent', () => {
  assert.equal(checkOut(['tea', 'cup']), 12);
  const { checkout } = here();
  const loop = there();
  assert.equal(checkout.thread, 'caller');
  assert.equal(checkout.parentSpanId, undefined);
  for (const item of ['tea', 'cup']) {
    const span = loop[`price of ${item}`];
    assert.equal(span.thread, 'loop');
    assert.equal(span.parentSpanId, checkout.spanId);
    assert.equal(span.traceId, checkout.traceId);
    assert.equal(span.isRemote, true);
  }
});

test('spans inside it, after awaits, have their parents on the loop thread', () => {
  checkOut(['pot']);
  const { 'price of pot': price, query } = there();
  assert.equal(query.parentSpanId, price.spanId);
  assert.equal(query.traceId, here().checkout.traceId);
  assert.deepEqual(query.attributes, { item: 'pot' });
});

test('a span that ends with an error has its parent as well, and the error arrives', () => {
  assert.throws(() => checkOut(['gold']), new RangeError('no such item: gold'));
  assert.equal(there()['price of gold'].parentSpanId, here().checkout.spanId);
});

test('a hundred concurrent tasks each belong to their own span', async () => {
  const items = ['tea', 'cup', 'pot'];
  const expected = new Map();
  await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      tracer.startActiveSpan(`caller ${index}`, async (span) => {
        const task = withTrace(() => createTask(shop.fetchPrice(items[index % 3]), limit));
        const { spanId, traceId } = span.spanContext();
        expected.set(spanId, traceId);
        await task;
        span.end();
      }),
    ),
  );
  const spans = run(onLoopThread.finishedSpans(), limit).filter(({ name }) =>
    name.startsWith('price of'),
  );
  const actual = new Map(spans.map(({ parentSpanId, traceId }) => [parentSpanId, traceId]));
  assert.equal(spans.length, 100);
  assert.deepEqual(sorted(actual), sorted(expected));
});

test('without a span here, the one there begins a trace of its own', () => {
  assert.equal(
    withTrace(() => run(shop.fetchPrice('tea'), limit)),
    5,
  );
  assert.equal(run(shop.fetchPrice('cup'), limit), 7);
  const { 'price of tea': tea, 'price of cup': cup } = there();
  assert.deepEqual([tea.parentSpanId, cup.parentSpanId], [undefined, undefined]);
  assert.notEqual(tea.traceId, cup.traceId);
});

test('baggage crosses with it', () => {
  const baggage = propagation.createBaggage({ customer: { value: 'Ada' } });
  const active = propagation.setBaggage(context.active(), baggage);
  const customer = context.with(active, () => withTrace(() => run(shop.fetchCustomer(), limit)));
  assert.equal(customer, 'Ada');
});

test('a trace that is not sampled here is not recorded there', () => {
  const notSampled = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: TraceFlags.NONE,
  };
  context.with(trace.setSpanContext(context.active(), notSampled), () => checkOut(['tea']));
  assert.deepEqual([here(), there()], [{}, {}]);
});

function sorted(map) {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
