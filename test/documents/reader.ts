import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fixtures, runNode, type Outcome } from '../support/child.ts';
import type { Program } from './programs.ts';

const require = createRequire(import.meta.url);

/** Someone who copies what documents show into folders of a project of theirs, and runs it. */
export class Reader {
  readonly folder: string = mkdtempSync(join(fixtures, 'documents-'));
  readonly #programs: { readonly program: Program; readonly folder: string }[] = [];

  constructor() {
    mkdirSync(join(this.folder, 'node_modules'));
    const palitra = dirname(require.resolve('palitra/package.json'));
    symlinkSync(palitra, join(this.folder, 'node_modules', 'palitra'));
  }

  /** Writes a program's files, into the folder in which it will be run. */
  copy(program: Program): string {
    const folder = join(this.folder, `program-${this.#programs.length}`);
    this.#programs.push({ program, folder });
    const files = { 'package.json': '{ "private": true, "type": "module" }', ...program.files };
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return folder;
  }

  /** Compiles all that is TypeScript; returns what the compiler had to say. */
  compile(): string {
    const compilerOptions = {
      target: 'ES2022',
      lib: ['ES2023', 'ESNext.Disposable'],
      module: 'NodeNext',
      types: ['node'],
      strict: true,
      skipLibCheck: true,
      rewriteRelativeImportExtensions: true,
    };
    const config = { compilerOptions, include: ['program-*/**/*.ts', 'program-*/**/*.mts'] };
    writeFileSync(join(this.folder, 'tsconfig.json'), JSON.stringify(config));
    const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
    const { stdout, stderr } = spawnSync(process.execPath, [tsc, '-p', this.folder], {
      encoding: 'utf8',
    });
    return stdout + stderr;
  }

  run(program: Program, folder: string): Promise<Outcome> {
    const main = program.main.replace(/ts$/, 'js');
    return runNode([join(folder, main)], { cwd: folder });
  }

  leave(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
