import { after, before, test } from 'node:test';
import { deepEqual, equal } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { coroutines, run } from 'palitra';
import { fetchSync } from 'palitra/fetch';
import type * as Undici from 'undici';
import { runScript } from '../support/child.ts';
import { startHttps } from '../support/http.ts';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks({ per: 'file' });

let server: Awaited<ReturnType<typeof startHttps>>;
before(async () => {
  server = await startHttps();
});
after(() => server.stop());

const PROGRAM = `
  import { fetchSync } from 'palitra/fetch';
  const [url] = process.argv.slice(2);
  const post = (n) => fetchSync(url, { method: 'POST', body: 'text ' + n, timeout: 15_000 }).json();
  try {
    const first = post(1);
    const sockets = new Set(Array.from({ length: 50 }, (_, n) => post(n).socket));
    console.log(first.body, sockets.size <= 2);
  } catch (error) {
    console.log(error.name, error.message, error.cause.code);
  }`;

test('a certificate that NODE_EXTRA_CA_CERTS knows is trusted, and connections are kept', async () => {
  const outcome = await runScript(PROGRAM, {
    args: [server.url('/echo')],
    env: { NODE_EXTRA_CA_CERTS: server.certificate },
  });
  const { code, stdout, stderr } = outcome;
  deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'text 1 true\n', stderr: '' });
});

test('a certificate that nobody knows is an error with its cause', async () => {
  const { code, stdout } = await runScript(PROGRAM, { args: [server.url('/echo')] });
  equal(code, 0);
  equal(stdout, 'TypeError fetch failed DEPTH_ZERO_SELF_SIGNED_CERT\n');
});

test('a dispatcher made on the loop thread may trust it', () => {
  const { Agent } = coroutines<typeof Undici>('undici', import.meta);
  const agent = run(new Agent({ connect: { ca: readFileSync(server.certificate, 'utf8') } }));
  const { body } = fetchSync(server.url('/echo'), {
    method: 'POST',
    body: 'text',
    dispatcher: agent,
    timeout: 15_000,
  }).json();
  equal(body, 'text');
  run(agent.destroy());
});
