import { formatRule } from './format-rule.js';

export default [
  {
    plugins: { prettier: { rules: { format: formatRule } } },
    rules: { 'prettier/format': 'warn' },
  },
];
