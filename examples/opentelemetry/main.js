import { coroutines, run } from 'palitra';
import { checkOut } from './checkout.js';
import { finishedSpans } from './telemetry.js';

const onLoopThread = coroutines('./telemetry.js', import.meta);

console.log(`to pay: ${checkOut(['tea', 'cup'])}\n`);
printTree([...finishedSpans(), ...run(onLoopThread.finishedSpans())]);

function printTree(spans, parentSpanId = undefined, depth = 0) {
  for (const span of spans.filter((one) => one.parentSpanId === parentSpanId)) {
    const name = `${'  '.repeat(depth)}${span.name}`;
    console.log(`${name.padEnd(20)} ${span.thread.padEnd(6)}  trace ${span.traceId.slice(0, 8)}`);
    printTree(spans, span.spanId, depth + 1);
  }
}
