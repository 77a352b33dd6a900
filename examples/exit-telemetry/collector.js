import { once } from 'node:events';
import { createServer } from 'node:http';

/** A collector of OpenTelemetry's protocol over HTTP, as JSON. */
export async function startCollector({ answers = true } = {}) {
  const names = [];
  const server = createServer(async (request, response) => {
    const chunks = await request.toArray();
    if (!answers) return;
    const { resourceSpans } = JSON.parse(Buffer.concat(chunks));
    const spans = resourceSpans.flatMap(({ scopeSpans }) =>
      scopeSpans.flatMap((scope) => scope.spans),
    );
    names.push(...spans.map(({ name }) => name));
    response.end('{}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}/v1/traces`,
    takeNames: () => names.splice(0),
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
