import { buffers, sharedBuffers } from './buffers.ts';
import { collections } from './collections.ts';
import { objects } from './objects.ts';
import { instances, platformObjects, webObjects } from './platform.ts';
import { primitives } from './primitives.ts';

/** Everything that can be copied, by the rows of the README's table. */
export const values = {
  primitives,
  objects,
  collections,
  buffers,
  sharedBuffers,
  platformObjects,
  webObjects,
  instances,
};

export type Group = keyof typeof values;
