import { contend } from '../harness/contend.mjs';

await contend({ label: 'an empty module', load: () => import('../workers/empty.mjs') });
