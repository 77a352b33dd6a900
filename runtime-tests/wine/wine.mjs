// Node for Windows under Wine, for a machine that has no Windows: Debian's packages `wine` and `wine64`.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));

const node = (major) => {
  const program = join(here, `node_modules/wine${major}/bin/node.exe`);
  return {
    title: `Node ${major} for Windows, under Wine`,
    guard: `node${major}`,
    binary: 'wine',
    installed: program,
    runArgs: [program],
    // Not by --test, which would put each file into a process with pipes that come from outside.
    testArgs: [program, '--test-reporter=spec'],
    closing: { passed: /^ℹ pass (\d+)/m, failed: /^ℹ fail (\d+)/m, skipped: /^ℹ skipped (\d+)/m },
    // Drive Z: is the root of the system.
    addressOf: (path) => new URL(`file:///Z:${path}`).href,
    start: startWine,
  };
};

/** On demand, and not in the default list. Node 24 does not start in Wine 8. */
export const wineRuntimes = { wine20: node(20), wine22: node(22) };

/** npm has to be forced to install what is for another system. */
export function installWineRuntimes() {
  if (spawnSync('wine', ['--version']).error !== undefined) {
    throw new Error('There is no `wine` here. On Debian: apt-get install wine wine64.');
  }
  if (Object.values(wineRuntimes).every(({ installed }) => existsSync(installed))) return;
  const args = ['ci', '--force', '--no-audit', '--no-fund'];
  execFileSync('npm', args, { cwd: here, stdio: 'inherit' });
}

/**
 * Makes a Windows of its own, which takes 10 s, and returns the environment that leads there, and how to end everything
 * that runs in it.
 */
function startWine() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'palitra-wine-')));
  // Nothing may be shown, and nothing be told of what Wine lacks.
  const env = { WINEPREFIX: join(folder, 'prefix'), WINEDEBUG: '-all', DISPLAY: '' };
  const wine = (command, ...args) =>
    spawnSync(command, args, {
      env: { ...process.env, ...env },
      stdio: 'ignore',
      timeout: 120_000,
      killSignal: 'SIGKILL',
    });
  wine('wineboot', '-i');
  wine('winecfg', '-v', 'win10');
  const end = () => {
    wine('wineserver', '-k');
    rmSync(folder, { recursive: true, force: true });
  };
  return { env, end };
}
