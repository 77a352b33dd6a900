// markdown-it wants the highlighted text at once. Shiki loads the grammar of a language when it first meets it, and so
// returns promises.

import { coroutines, sync } from 'palitra';

// Shiki is imported on the loop thread, and keeps every grammar and theme that it has loaded there.
const shiki = sync(coroutines('shiki', import.meta));

/** For the option `highlight` of markdown-it. */
export function highlight(code, language) {
  try {
    return shiki.codeToHtml(code, {
      lang: language || 'text',
      theme: 'nord',
      // Otherwise Shiki leaves a line half coloured after 500 ms, and a page looks different after a busy build.
      tokenizeTimeLimit: 0,
    });
  } catch (error) {
    if (error.name !== 'ShikiError') throw error;
    return ''; // A language that Shiki does not know: markdown-it escapes the text itself.
  }
}
