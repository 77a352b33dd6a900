/** A user's project in an empty folder, and programs that are run there. */
import { deepEqual } from 'node:assert/strict';
import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runtimes as installed } from '../../runtime-tests/runtimes.mjs';
import { runProgram } from '../child.mjs';

const modules = fileURLToPath(new URL('../node_modules/', import.meta.url));

/** The package as a registry would give it, packed by `run.mjs`. */
export const tarball = join(modules, 'palitra.tgz');

/** The file that a tool's command runs, by a path that its package exports. */
export const tool = createRequire(import.meta.url).resolve;

/** The runtimes that these tests need; `run.mjs` has installed them, before any test that might race another. */
export function useRuntimes(...names) {
  return names.map((name) => ({ name, ...installed[name] }));
}

export class Project {
  constructor(folder) {
    this.folder = folder;
  }

  /** Writes the files: text as it is, everything else as JSON. */
  static async create(files, name = 'palitra loading ü ') {
    const project = new Project(await realpath(await mkdtemp(join(tmpdir(), name))));
    for (const [file, content] of Object.entries(files)) {
      await mkdir(dirname(project.path(file)), { recursive: true });
      const text = typeof content === 'string' ? content : JSON.stringify(content);
      await writeFile(project.path(file), text);
    }
    return project;
  }

  path(...parts) {
    return join(this.folder, ...parts);
  }

  /** Puts the package where npm does, or elsewhere. */
  async install(target = 'node_modules/palitra') {
    await cp(join(modules, 'palitra'), this.path(target), { recursive: true });
  }

  /** Makes a tool of this folder's package.json one of the project's. */
  async add(name) {
    await symlink(join(modules, name), this.path('node_modules', name));
  }

  /** Runs a command that has to succeed. */
  async prepare(command, options) {
    const { code, stdout, stderr } = await this.#run(command, options);
    if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
  }

  /** Runs npm, whose global folder is one of the project's own. */
  async npm(args, options) {
    const env = { npm_config_prefix: this.path('global') };
    await this.prepare(['npm', '--offline', '--no-audit', '--no-fund', ...args], {
      ...options,
      env,
    });
  }

  /** Runs a program of the project that prints `lines`, and nothing on stderr but what is `expected` there. */
  async prints(lines, command, { quiet = (text) => text, ...options } = {}) {
    const { stderr, ...outcome } = await this.#run(command, options);
    deepEqual(
      { ...outcome, stderr: quiet(stderr) },
      { stdout: `${lines.join('\n')}\n`, code: 0, isHung: false, stderr: '' },
    );
  }

  #run([command, ...args], { folder = '.', ...options } = {}) {
    return runProgram(command, args, { cwd: this.path(folder), ...options });
  }

  remove() {
    return rm(this.folder, { recursive: true, force: true });
  }
}
