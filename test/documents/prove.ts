import { after, test } from 'node:test';
import { equal } from 'node:assert/strict';
import type { Block } from './blocks.ts';
import { brokenPromise, promisedOutput } from './output.ts';
import { programsOf, type Program } from './programs.ts';
import { Reader } from './reader.ts';

/** What a document shows, by the document's name. */
export type Documents = Readonly<Record<string, readonly (readonly Block[])[]>>;

/**
 * One test for each program: it compiles, ends by itself, without an error, and prints what it says it
 * prints. Each list of blocks is a folder of its own. Returns how many programs there are.
 */
export function proveDocuments(documents: Documents): number {
  const reader = new Reader();
  after(() => reader.leave());
  const copies = Object.entries(documents).flatMap(([document, folders]) =>
    folders.flatMap((blocks) =>
      programsOf(blocks).map((program) => ({ document, program, folder: reader.copy(program) })),
    ),
  );
  const isTypeScript = copies.some(({ program }) => program.main.endsWith('ts'));
  if (isTypeScript) test('what is TypeScript compiles', () => equal(reader.compile(), ''));
  test('what is shown runs', { concurrency: 2 }, async (context) => {
    await Promise.all(
      copies.map(({ document, program, folder }) =>
        context.test(`${document}:${program.line} runs`, async () => {
          await proveProgram(reader, program, folder);
        }),
      ),
    );
  });
  return copies.length;
}

async function proveProgram(reader: Reader, program: Program, folder: string): Promise<void> {
  const { code, isHung, stdout, stderr } = await reader.run(program, folder);
  const seen = `It printed:\n${stdout}\n${stderr}`;
  equal(isHung, false, `it hung. ${seen}`);
  equal(code, 0, seen);
  const broken = brokenPromise(promisedOutput(program.files[program.main]!), stdout);
  equal(broken, undefined, `it did not print: ${broken}. ${seen}`);
}
