import { equal } from 'node:assert/strict';
import { realpath } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { application, inFolder, packages, printed } from './layout.mjs';
import { Project, tarball } from './project.mjs';

const folder = 'application';
const linked = { palitra: 'checkout', comments: 'packages/comments' };

let project;
before(async () => {
  project = await Project.create({
    ...packages,
    ...inFolder(folder, { ...application, 'package.json': { private: true } }),
  });
  // A palitra that is worked on, and a package with dependencies of its own, among them another palitra.
  await project.install(linked.palitra);
  await project.npm(['install', '--install-links', tarball], { folder: linked.comments });
  for (const path of Object.values(linked)) await project.npm(['link'], { folder: path });
  await project.npm(['link', ...Object.keys(linked)], { folder });
});
after(() => project.remove());

test('npm link: both packages are links to the folders where they are worked on', async () => {
  for (const [name, path] of Object.entries(linked)) {
    equal(await realpath(project.path(folder, 'node_modules', name)), project.path(path));
  }
});

for (const file of ['main.mjs', 'main.cjs']) {
  test(`npm link: ${file} and a loop module that has another copy of palitra`, () =>
    project.prints(printed, [process.execPath, file], { folder }));

  test(`npm link: ${file} with --preserve-symlinks`, () =>
    project.prints(printed, [process.execPath, '--preserve-symlinks', file], { folder }));
}
