import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createCertificate } from './certificate.ts';
import { startNode, type Server } from './servers.ts';

const program = fileURLToPath(new URL('./http-server.js', import.meta.url));

/** The server of http-server.ts. */
export interface HttpServer {
  /** Its origin and a path. */
  url(path: string): string;
  stop(): Promise<void>;
}

export async function startHttp(): Promise<HttpServer> {
  return describe('http', await startNode([program]));
}

/** With a certificate that nobody has signed: `certificate` is the path of its file. */
export async function startHttps(): Promise<HttpServer & { readonly certificate: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'palitra-https-'));
  const { cert } = createCertificate(folder);
  const server = await startNode([program, folder]);
  return {
    ...describe('https', server),
    certificate: cert,
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

function describe(scheme: string, server: Server): HttpServer {
  return {
    url: (path) => `${scheme}://127.0.0.1:${server.port}${path}`,
    stop: server.stop,
  };
}
