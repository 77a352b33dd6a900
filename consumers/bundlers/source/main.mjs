import { coroutines } from 'palitra';
import { play } from './program.js';

await play(coroutines('./loop.mjs', import.meta));
