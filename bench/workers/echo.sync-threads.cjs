const { runAsWorker } = require('sync-threads');

runAsWorker(async (value) => value);
