import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Redis } from 'ioredis';

/** Debian's redis-server on a free port of the loopback interface; it keeps nothing. */
export async function startRedis() {
  const port = await freePort();
  const child = spawn(
    'redis-server',
    ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await printed(child, 'Ready to accept connections');
  const client = new Redis(port, '127.0.0.1');
  return {
    port,
    version: /redis_version:(\S+)/.exec(await client.info('server'))[1],
    /** What it has done so far: microseconds of its processor, commands, bytes in and out. */
    async usage() {
      const read = async (section, key) =>
        Number(new RegExp(`${key}:(\\S+)`).exec(await client.info(section))[1]);
      return {
        cpu: 1e6 * ((await read('cpu', 'used_cpu_user')) + (await read('cpu', 'used_cpu_sys'))),
        commands: await read('stats', 'total_commands_processed'),
        bytesIn: await read('stats', 'total_net_input_bytes'),
        bytesOut: await read('stats', 'total_net_output_bytes'),
      };
    },
    async stop() {
      client.disconnect();
      await end(child);
    },
  };
}

/** Resolves once the process has printed this. */
export function printed(child, expected) {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
      if (text.includes(expected)) resolve();
    });
    child.on('exit', (code) => reject(new Error(`ended with ${code}: ${text}`)));
  });
}

export async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
