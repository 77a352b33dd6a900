import { coroutines, gather, run } from 'palitra';
import { SassColor, SassList } from 'sass';

const client = coroutines('./colours-client.js', import.meta);
const limit = { timeout: 2_000 };

/** Custom functions for `sass.compile` and `sass.compileString`, which want their values at once. */
export const designFunctions = (service) => ({
  'colour($name)': ([name]) => {
    const { text } = name.assertString('name');
    return toSass(run(client.fetchColour(service, text), limit));
  },

  // As many as there are, in flight together.
  'colours($names...)': ([list]) => {
    const names = list.asList.toArray().map((name) => name.assertString('names'));
    const found = gather(
      names.map(({ text }) => client.fetchColour(service, text)),
      limit,
    );
    return new SassList(found.map(toSass));
  },
});

/** Values of Sass's own classes are made on this side: a copy of one would be a plain object. */
const toSass = (colour) => new SassColor({ ...colour, space: 'rgb' });
