// An ESLint rule is a synchronous function. Everything in Prettier 3 returns a promise.

import { coroutines, sync } from 'palitra';
import { generateDifferences, showInvisibles } from 'prettier-linter-helpers';

// Prettier is imported once, on the loop thread, where its parsers and the configurations it has read stay from file
// to file. `prettier.format` is now a plain function.
const prettier = sync(coroutines('prettier', import.meta));

export const formatRule = {
  meta: {
    type: 'layout',
    fixable: 'code',
    schema: [{ type: 'object' }],
    messages: {
      insert: 'Insert {{ insertText }}',
      delete: 'Delete {{ deleteText }}',
      replace: 'Replace {{ deleteText }} with {{ insertText }}',
      unparsable: 'Prettier cannot parse this: {{ message }}',
    },
  },

  create(context) {
    const { filename, sourceCode } = context;
    const { text } = sourceCode;

    return {
      Program() {
        let formatted;
        try {
          formatted = prettier.format(text, {
            filepath: filename,
            ...prettier.resolveConfig(filename),
            ...context.options[0],
          });
        } catch (error) {
          if (error.name !== 'SyntaxError' || error.loc === undefined) throw error;
          // Prettier counts columns from 1, ESLint from 0.
          const { line, column } = error.loc.start;
          const [message] = error.message.split('\n');
          return context.report({
            loc: { line, column: column - 1 },
            messageId: 'unparsable',
            data: { message },
          });
        }
        if (formatted !== text) reportDifferences(context, formatted);
      },
    };
  },
};

function reportDifferences(context, formatted) {
  const { sourceCode } = context;
  for (const difference of generateDifferences(sourceCode.text, formatted)) {
    const { operation, offset, deleteText = '', insertText = '' } = difference;
    const range = [offset, offset + deleteText.length];
    const [start, end] = range.map((index) => sourceCode.getLocFromIndex(index));
    context.report({
      loc: { start, end },
      messageId: operation,
      data: { deleteText: showInvisibles(deleteText), insertText: showInvisibles(insertText) },
      fix: (fixer) => fixer.replaceTextRange(range, insertText),
    });
  }
}
