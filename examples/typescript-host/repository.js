// Runs on the loop thread: reads the files of a commit from a Git repository, with no work tree. isomorphic-git's
// functions all return promises. Its cache of packs and trees stays here from call to call.

import fs from 'node:fs';
import git from 'isomorphic-git';

const cache = {};

/** All files of a commit: their paths, and the hashes of their contents. */
export async function listFiles(gitdir, ref) {
  const commit = await git.resolveRef({ fs, gitdir, ref });
  const map = async (path, [entry]) =>
    (await entry.type()) === 'blob' ? [[path, await entry.oid()]] : [];
  const reduce = async (parent, children) => [...(parent ?? []), ...children.flat()];
  const trees = [git.TREE({ ref: commit })];
  return git.walk({ fs, gitdir, cache, trees, map, reduce });
}

export async function readFile(gitdir, oid) {
  const { blob } = await git.readBlob({ fs, gitdir, cache, oid });
  return Buffer.from(blob).toString('utf8');
}
