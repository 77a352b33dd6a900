// @ts-check
// What the demo's output looks like. Used on both threads: a loop thread has no `process.stdout.isTTY`, `isatty(1)` works on each.

import { isatty } from 'node:tty';

export const isInteractive = isatty(1);

const hasColours = isInteractive && !process.env['NO_COLOR'];

/** @param {number} open @param {number} close @returns {(text: string) => string} */
const paint = (open, close) => (text) =>
  hasColours ? `\u001B[${open}m${text}\u001B[${close}m` : text;

export const bold = paint(1, 22);
export const dim = paint(2, 22);
export const red = paint(31, 39);
export const green = paint(32, 39);
export const cyan = paint(36, 39);

/** @param {string} [line] */
export function print(line = '') {
  console.log(line && `  ${line}`);
}

/** @param {number} step @param {string} title @param {string} [code] */
export function heading(step, title, code = '') {
  print();
  print(`${cyan(bold(String(step)))}  ${bold(title.padEnd(42))}${dim(code)}`);
}

/**
 * Cells are padded before they are painted: a colour code has a length but no width.
 *
 * @param {readonly (readonly [text: string | number, width: number, paint?: (text: string) => string])[]} cells Negative widths align to the right.
 */
export function row(...cells) {
  const painted = cells.map(([text, width, colour = String]) => {
    const cell = String(text);
    return colour(width < 0 ? cell.padStart(-width) : cell.padEnd(width));
  });
  print(`   ${painted.join(' ').trimEnd()}`);
}

/** @param {string} subject @param {string} text */
export function tick(subject, text) {
  return `   ${green('✓')} ${subject.padEnd(12)} ${text}`;
}

/** @param {number} share From 0 to 1. @param {number} width */
export function bar(share, width) {
  const filled = share > 0 ? Math.max(1, Math.round(share * width)) : 0;
  return cyan('█'.repeat(filled)) + dim('░'.repeat(width - filled));
}

/** @param {number} number */
export const count = (number) => number.toLocaleString('en');

/** @param {number} milliseconds */
export const ms = (milliseconds) => `${count(Math.round(milliseconds))} ms`;
