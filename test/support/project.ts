import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fixtures } from './child.ts';

/** A folder of files written for one test. */
export interface Project {
  readonly folder: string;
  /** The URL of a file in it. */
  url(file: string): URL;
  path(file: string): string;
  remove(): Promise<void>;
}

/**
 * Writes a folder of files: modules, or packages under `node_modules`. `palitra` resolves in it, as in a
 * user's project. Objects are written as JSON.
 */
export async function createProject(
  files: Readonly<Record<string, string | object>>,
  name = 'project-',
): Promise<Project> {
  const folder = await mkdtemp(join(fixtures, name));
  const path = (file: string): string => join(folder, file);
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(path(file)), { recursive: true });
    await writeFile(path(file), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return {
    folder,
    path,
    url: (file) => pathToFileURL(path(file)),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
