// What Windows does not give, or Wine 8 does not. When one of these fails, look at left-out.mjs and docs/runtimes.md: it
// may be mended.
import { test } from 'node:test';
import { equal, match } from 'node:assert/strict';
import { runProgram } from './child.js';

test('Windows: a signal that is sent ends a process, whatever listens', async () => {
  const { output } = await runProgram(`
    import { spawn } from 'node:child_process';
    if (process.argv[2] === 'child') {
      process.once('SIGTERM', () => { console.log('heard'); process.exit(7); });
      setInterval(() => undefined, 1_000);
      console.log('ready');
    } else {
      const child = spawn(process.execPath, [process.argv[1], 'child'], { stdio: ['ignore', 'pipe', 'inherit'] });
      child.stdout.once('data', () => process.kill(child.pid, 'SIGTERM'));
      child.once('close', (code, signal) => console.log('ended', code, signal));
    }`);
  equal(output.trim(), 'ended 1 null');
});

test('Wine: fetch cannot connect to a server on the same machine', async () => {
  const { output } = await runProgram(`
    import { createServer } from 'node:http';
    const server = createServer((request, response) => response.end('there'));
    server.listen(0, '127.0.0.1', async () => {
      const address = 'http://127.0.0.1:' + server.address().port;
      console.log(await fetch(address).then((response) => response.text(), (error) => String(error.cause)));
      server.close();
    });`);
  match(output, /connect UNKNOWN 127\.0\.0\.1/);
});

test('Wine: a directory that is linked is not there', async () => {
  const { output } = await runProgram(`
    import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
    import { join } from 'node:path';
    const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname.slice(1);
    mkdirSync(join(here, 'original'));
    try {
      symlinkSync(join(here, 'original'), join(here, 'link'), 'junction');
    } catch (error) {
      console.log(error.code);
    }
    console.log(existsSync(join(here, 'original')), existsSync(join(here, 'link', '.')));`);
  match(output, /true false/);
});
