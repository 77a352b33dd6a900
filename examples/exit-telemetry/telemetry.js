import { trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { ExitExporter } from './exit-exporter.js';

const { COLLECTOR_URL: url, EXPORTER } = process.env;
const exporter = EXPORTER === 'usual' ? new OTLPTraceExporter({ url }) : new ExitExporter(url);
const provider = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter })] });
trace.setGlobalTracerProvider(provider);

process.on('exit', () => {
  // Hands the spans that are still in the queue to the exporter. With the usual one that is the end of them: sending
  // takes turns of an event loop, and there will be none.
  provider.forceFlush().catch(console.error);
  exporter.flush?.(2_000);
});
