import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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
  execFileSync(
    'openssl',
    [
      ...'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2'.split(' '),
      ...'-subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1'.split(' '),
      ...`-keyout ${join(folder, 'key.pem')} -out ${join(folder, 'cert.pem')}`.split(' '),
    ],
    { stdio: 'pipe' },
  );
  const server = await startNode([program, folder]);
  return {
    ...describe('https', server),
    certificate: join(folder, 'cert.pem'),
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
