import ts from 'typescript';
import { createCommitHost } from './host.js';

export const compilerOptions = {
  strict: true,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ['lib.es2022.d.ts'],
  types: [],
};

/** The mistakes in a commit, as the compiler would print them. */
export function checkCommit(gitdir, ref) {
  const host = createCommitHost(gitdir, ref, compilerOptions);
  const service = ts.createLanguageService(host);
  const found = host
    .getScriptFileNames()
    .flatMap((file) => [
      ...service.getSyntacticDiagnostics(file),
      ...service.getSemanticDiagnostics(file),
    ]);
  return ts.formatDiagnostics(found, {
    getCurrentDirectory: host.getCurrentDirectory,
    getCanonicalFileName: (file) => file,
    getNewLine: () => '\n',
  });
}
