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
    priority: describePriority(),
    loadBefore: Number(loadavg()[0].toFixed(2)),
    palitraCommit: readCommit(),
  };
}

/** On a machine that is shared, a run may be given the processors before others: then its figures say so. */
function describePriority() {
  try {
    const policy = execFileSync('chrt', ['-p', String(process.pid)], { encoding: 'utf8' });
    const name = /policy: (SCHED_(?:RR|FIFO))/.exec(policy)?.[1];
    return name === undefined ? undefined : `a shared machine, under ${name}`;
  } catch {
    return undefined;
  }
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
