import type { Block } from './blocks.ts';

/**
 * A program that a document shows.
 *
 * A block of JavaScript or TypeScript claims to run if its first line is a comment with the name of its
 * file (`// app.mjs`), or if it imports palitra. All blocks of one page are files of one folder. Those that
 * no other block of the page names (`'./api.mjs'`) are run; a later block of the same name takes the place
 * of the earlier one. What is no claim is a fragment, and is only shown.
 */
export interface Program {
  /** The line of its main block. */
  readonly line: number;
  readonly main: string;
  readonly files: Readonly<Record<string, string>>;
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  js: 'mjs',
  javascript: 'mjs',
  mjs: 'mjs',
  cjs: 'cjs',
  ts: 'ts',
  typescript: 'ts',
  mts: 'mts',
  cts: 'cts',
};

interface File {
  readonly name: string;
  readonly block: Block;
}

/** The programs of the blocks of one page. */
export function programsOf(blocks: readonly Block[]): Program[] {
  const files = blocks.flatMap((block): File[] => {
    const name = fileName(block);
    return name === undefined ? [] : [{ name, block }];
  });
  return files
    .filter(({ name, block }) => block.notRun === undefined && !isNamed(name, block, files))
    .map(({ name, block }) => ({ line: block.line, main: name, files: filesFor(block, files) }));
}

/** The blocks that would be run if a comment did not say why not. */
export function blocksNotRun(blocks: readonly Block[]): Block[] {
  return blocks.filter((block) => block.notRun !== undefined);
}

function fileName({ language, code, line }: Block): string | undefined {
  const extension = EXTENSIONS[language];
  if (extension === undefined) return undefined;
  const named = /^\/\/ ([\w./-]+\.[cm]?[jt]s)(?=[\s:,]|$)/.exec(code)?.[1];
  if (named !== undefined) return named;
  const importsIt = /\bfrom 'palitra(?:\/\w+)?'|\b(?:require|import)\('palitra(?:\/\w+)?'\)/;
  return importsIt.test(code) ? `block-${line}.${extension}` : undefined;
}

function isNamed(name: string, block: Block, files: readonly File[]): boolean {
  const stem = name.replace(/\.[cm]?[jt]s$/, '').replaceAll(/[.]/g, '\\.');
  const mention = new RegExp(`['"]\\./(?:[\\w-]+/)*${stem}(?:\\.[cm]?[jt]s)?['"]`);
  return files.some((other) => other.block !== block && mention.test(other.block.code));
}

/** As the folder is when the reader comes to this block; what is shown only later is there as well. */
function filesFor(block: Block, files: readonly File[]): Record<string, string> {
  const folder: Record<string, string> = {};
  for (const file of files.toReversed()) folder[file.name] = file.block.code;
  for (const file of files.slice(0, files.findIndex((file) => file.block === block) + 1))
    folder[file.name] = file.block.code;
  return folder;
}
