import { fileURLToPath } from 'node:url';
import { transformFileSync } from '@babel/core';
import cssModules from './plugin.js';

const file = fileURLToPath(new URL('app/button.js', import.meta.url));
const { code, metadata } = transformFileSync(file, { plugins: [cssModules] });

console.log(code);
console.log();
console.log(metadata.css);
