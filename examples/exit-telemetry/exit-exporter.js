import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { coroutines, createTask } from 'palitra';

const collector = coroutines('./collector-client.js', import.meta);

/** A span exporter that does not block while the program runs, and can wait when no event loop turns any more. */
export class ExitExporter {
  #url;
  #underWay = new Set();

  constructor(url) {
    this.#url = url;
  }

  export(spans, done) {
    const task = createTask(collector.send(this.#url, JsonTraceSerializer.serializeRequest(spans)));
    this.#underWay.add(task);
    task
      .then(() => done({ code: 0 }))
      .catch((error) => done({ code: 1, error }))
      .finally(() => this.#underWay.delete(task));
  }

  /** Blocks until the collector has everything, or the time (in milliseconds) is over. */
  flush(limitMs) {
    const deadline = performance.now() + limitMs;
    for (const task of this.#underWay) {
      const timeout = Math.max(1, deadline - performance.now());
      try {
        task.result({ timeout });
      } catch (error) {
        console.error(`some spans were lost: ${error.message}`);
      }
    }
  }

  async shutdown() {}
}
