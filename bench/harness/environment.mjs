import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg } from 'node:os';

/** What has to be known about a run to judge its figures. Nothing that names the machine. */
export function describeEnvironment(execPath) {
  const { node, v8 } = JSON.parse(
    execFileSync(execPath, ['-p', 'JSON.stringify(process.versions)'], { encoding: 'utf8' }),
  );
  return {
    date: new Date().toISOString(),
    node,
    v8,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model.trim(),
    cores: availableParallelism(),
    loadBefore: Number(loadavg()[0].toFixed(2)),
    palitraCommit: readCommit(),
  };
}

function readCommit() {
  try {
    const git = (...args) =>
      execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    const hasChanges = git('status', '--porcelain', '--', ':/src') !== '';
    return git('rev-parse', '--short', 'HEAD') + (hasChanges ? ' with changes in src/' : '');
  } catch {
    return undefined;
  }
}
