// The SDK, as you would set it up for any thread. This module is imported on both threads, and each has its own copy:
// its own provider, its own exporter. Both send to one collector in a real program; here they keep their spans.

import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { isLoopThread, onShutdown } from 'palitra/loop';

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });

// Sets the context manager (AsyncLocalStorage) and the propagator (W3C: traceparent, tracestate, baggage).
provider.register();
// On the loop thread the last spans are flushed before it ends. On the calling thread this does nothing.
onShutdown(() => provider.shutdown());

export const tracer = provider.getTracer('shop');

/** The spans that have ended on this thread, as plain data. */
export function finishedSpans() {
  return exporter.getFinishedSpans().map((span) => ({
    name: span.name,
    traceId: span.spanContext().traceId,
    spanId: span.spanContext().spanId,
    parentSpanId: span.parentSpanContext?.spanId,
    isRemote: span.parentSpanContext?.isRemote ?? false,
    attributes: span.attributes,
    thread: isLoopThread() ? 'loop' : 'caller',
  }));
}

export function reset() {
  exporter.reset();
}
