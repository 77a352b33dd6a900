/** A fenced block of code. */
export interface Block {
  /** As written behind the fence: `js`, `ts`, `sh` … */
  readonly language: string;
  readonly code: string;
  /** Where its first line of code stands in the file, from 1. */
  readonly line: number;
  /** Why it is shown and not run: from a comment `<!-- not run: … -->` on the line before the fence. */
  readonly notRun: string | undefined;
}

/** The fenced blocks of a Markdown text, in their order; a fence in a list is indented. */
export function markdownBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index++) {
    const [, indent, fence, language] = /^(\s*)(`{3,})\s*([\w+-]*)/.exec(lines[index]!) ?? [];
    if (fence === undefined) continue;
    const notRun = /^\s*<!-- not run: (.+) -->$/.exec(lines[index - 1] ?? '')?.[1];
    const start = index + 1;
    do index++;
    while (index < lines.length && lines[index]!.trim() !== fence);
    if (index === lines.length) throw new Error(`The fence of line ${start} is never closed.`);
    const code = lines.slice(start, index).map((line) => line.slice(indent!.length));
    blocks.push({ language: language!, code: `${code.join('\n')}\n`, line: start + 1, notRun });
  }
  return blocks;
}

/** The fenced blocks of the doc comments of a source file. */
export function exampleBlocks(source: string): Block[] {
  const blank = (text: string): string => text.replace(/[^\n]/g, '');
  const isEnd = /\/\*\*[^]*?\*\//g;
  let text = '';
  let end = 0;
  for (const { 0: comment, index } of source.matchAll(isEnd)) {
    text += blank(source.slice(end, index)) + comment.replace(/^ *(?:\/\*\*|\*\/|\* ?)/gm, '');
    end = index + comment.length;
  }
  return markdownBlocks(text);
}
