// The one file there is: the bundled loop module lies in it as an asset.
const { getAsset } = require('node:sea');
const { coroutines } = require('palitra');
const { play } = require('./program.js');

const source = getAsset('loop.mjs', 'utf8');
play(coroutines(`data:text/javascript,${encodeURIComponent(source)}`));
