const { coroutines } = require('palitra');
const { play } = require('./program.js');

play(coroutines('./loop.mjs', __filename));
