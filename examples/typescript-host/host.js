import { coroutines, run } from 'palitra';
import ts from 'typescript';

const repository = coroutines('./repository.js', import.meta);
const limit = { timeout: 30_000 };

/**
 * A host for TypeScript's language service, which asks for files and wants them at once. The sources are those of a
 * commit, under `/commit/`; TypeScript's own library comes from the disk.
 */
export function createCommitHost(gitdir, ref, compilerOptions) {
  const hashes = new Map(
    run(repository.listFiles(gitdir, ref), limit).map(([path, oid]) => [`/commit/${path}`, oid]),
  );
  const folders = new Set([...hashes.keys()].flatMap(foldersOf));

  const readFile = (file) => {
    const oid = hashes.get(file);
    return oid === undefined ? ts.sys.readFile(file) : run(repository.readFile(gitdir, oid), limit);
  };

  return {
    getCurrentDirectory: () => '/commit',
    getCompilationSettings: () => compilerOptions,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    getScriptFileNames: () => [...hashes.keys()].filter((file) => file.endsWith('.ts')),
    getScriptVersion: (file) => hashes.get(file) ?? 'disk',
    getScriptSnapshot: (file) => {
      const text = readFile(file);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    readFile,
    fileExists: (file) => hashes.has(file) || ts.sys.fileExists(file),
    directoryExists: (folder) => folders.has(folder) || ts.sys.directoryExists(folder),
    getDirectories: (folder) => [...folders].filter((one) => parentOf(one) === folder),
  };
}

const parentOf = (path) => path.slice(0, path.lastIndexOf('/'));

function foldersOf(file) {
  const parent = parentOf(file);
  return parent === '' ? [] : [parent, ...foldersOf(parent)];
}
