import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const modules = fileURLToPath(new URL('node_modules', import.meta.url));

/** Writes the files into a folder of their own, where the rivals and palitra are installed, and removes it afterwards. */
export async function inFolder(files, use) {
  const folder = await mkdtemp(join(tmpdir(), 'moving-'));
  try {
    await symlink(modules, join(folder, 'node_modules'));
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** How a program ended; it is killed when it hangs. */
export function run(command, args, { cwd, env = {} } = {}) {
  const limits = { timeout: 60_000, killSignal: 'SIGKILL' };
  const options = { ...limits, cwd, env: { ...process.env, NODE_TEST_CONTEXT: '', ...env } };
  return new Promise((resolve) => {
    const child = execFile(command, args, options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? error.signal), stdout, stderr });
    });
    child.stdin.end();
  });
}
