import ts from 'typescript-api';
import { readFileSync } from 'node:fs';
import type { Project } from '../support/project.ts';

/** What an editor knows of a project: TypeScript's language service, over files on disk. */
export class Editor {
  readonly #service: ts.LanguageService;
  readonly #project: Project;

  constructor(project: Project, files: readonly string[]) {
    this.#project = project;
    const options: ts.CompilerOptions = {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
      strict: true,
      skipLibCheck: true,
      types: ['node'],
      noEmit: true,
    };
    this.#service = ts.createLanguageService({
      getCompilationSettings: () => options,
      getProjectVersion: () => '1',
      getScriptFileNames: () => files.map((file) => project.path(file)),
      getScriptVersion: () => '1',
      getScriptSnapshot: (file) => {
        const text = ts.sys.readFile(file);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
      getCurrentDirectory: () => project.folder,
      getDefaultLibFileName: (current) => ts.getDefaultLibFilePath(current),
      fileExists: (file) => ts.sys.fileExists(file),
      readFile: (file) => ts.sys.readFile(file),
      directoryExists: (folder) => ts.sys.directoryExists(folder),
      realpath: ts.sys.realpath!,
    });
  }

  /** What is shown when the pointer rests on the last character of a text in a file. */
  hover(
    file: string,
    text: string,
  ): { readonly signature: string; readonly text: string; readonly examples: string[] } {
    const info = this.#service.getQuickInfoAtPosition(
      this.#project.path(file),
      this.#at(file, text),
    );
    if (info === undefined) throw new Error(`Nothing is shown for ${text}.`);
    return {
      signature: ts.displayPartsToString(info.displayParts),
      text: ts.displayPartsToString(info.documentation),
      examples: (info.tags ?? [])
        .filter(({ name }) => name === 'example')
        .map(({ text: parts }) => ts.displayPartsToString(parts)),
    };
  }

  /** Where one gets from there: the file, and the code from the place to the end of its line. */
  definitions(file: string, text: string): { readonly file: string; readonly code: string }[] {
    const path = this.#project.path(file);
    const found = this.#service.getDefinitionAtPosition(path, this.#at(file, text)) ?? [];
    return found.map(({ fileName, textSpan, contextSpan }) => {
      const { start } = contextSpan ?? textSpan;
      return {
        file: fileName,
        code: readFileSync(fileName, 'utf8').slice(start).split('\n', 1)[0]!,
      };
    });
  }

  /** What is underlined in red. */
  errors(file: string): { readonly at: string; readonly message: string }[] {
    const path = this.#project.path(file);
    const text = readFileSync(path, 'utf8');
    return [
      ...this.#service.getSyntacticDiagnostics(path),
      ...this.#service.getSemanticDiagnostics(path),
    ].map(({ start = 0, length = 0, messageText }) => ({
      at: text.slice(start, start + length),
      message: ts.flattenDiagnosticMessageText(messageText, '\n'),
    }));
  }

  /** The names that are offered behind a text. */
  completions(file: string, text: string): string[] {
    const found = this.#service.getCompletionsAtPosition(
      this.#project.path(file),
      this.#at(file, text) + 1,
      undefined,
    );
    return (found?.entries ?? []).map(({ name }) => name);
  }

  #at(file: string, text: string): number {
    const index = readFileSync(this.#project.path(file), 'utf8').indexOf(text);
    if (index === -1) throw new Error(`There is no ${text} in ${file}.`);
    return index + text.length - 1;
  }
}

/** The names that the entries of a package export, types included. */
export function exportsOf(entries: readonly string[]): Readonly<Record<string, string[]>> {
  const options = {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  };
  const files = entries.map((entry) => {
    const { resolvedModule } = ts.resolveModuleName(entry, import.meta.filename, options, ts.sys);
    return resolvedModule!.resolvedFileName;
  });
  const program = ts.createProgram(files, { ...options, noLib: true, types: [] });
  const checker = program.getTypeChecker();
  return Object.fromEntries(
    entries.map((entry, index) => {
      const module = checker.getSymbolAtLocation(program.getSourceFile(files[index]!)!)!;
      return [entry, checker.getExportsOfModule(module).map(({ name }) => name)];
    }),
  );
}
