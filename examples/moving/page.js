import { readFileSync } from 'node:fs';

/**
 * A page of `docs/moving`: the files of its two sections, and what both programs print. The first line of a block
 * of code is a comment with the name of its file.
 */
export function readPage(url) {
  const sections = {};
  for (const section of readFileSync(url, 'utf8').split(/^## /m).slice(1))
    sections[section.slice(0, section.indexOf('\n'))] = section;
  const { Before, After } = sections;
  return { before: filesOf(Before), after: filesOf(After), output: blocksOf(After, 'text')[0] };
}

function filesOf(section) {
  const blocks = ['js', 'ts', 'py'].flatMap((language) => blocksOf(section, language));
  return Object.fromEntries(
    blocks.map((code) => {
      const name = /^(?:\/\/|#) (\w+\.[a-z]+)$/m.exec(code.split('\n')[0])?.[1];
      if (name === undefined) throw new Error(`A block does not name its file:\n${code}`);
      return [name, code];
    }),
  );
}

function blocksOf(section, language) {
  return Array.from(section.matchAll(/^```(\w+)\n([^]*?)^```$/gm))
    .filter(([, other]) => other === language)
    .map(([, , code]) => code);
}
