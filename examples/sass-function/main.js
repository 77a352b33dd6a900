import { fileURLToPath } from 'node:url';
import { coroutines, EventLoopThreadRunner } from 'palitra';
import * as sass from 'sass';
import { designFunctions } from './functions.js';

const company = new EventLoopThreadRunner({ name: 'company' });
const design = coroutines('./design-service.js', import.meta);
const { value: address } = company.start(design.serve());

const theme = fileURLToPath(new URL('theme.scss', import.meta.url));
const { css } = sass.compile(theme, { functions: designFunctions(address) });

console.log(css);
company.close();
