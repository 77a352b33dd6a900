// As @kaciras/deasync, by another addon. It re-enters the event loop, so it works at the top level of a
// CommonJS module only.
'use strict';
const deasync = require('deasync');

const contender = { label: 'deasync, setImmediate', package: 'deasync' };
const echo = deasync((value, done) => void setImmediate(done, null, value));
const awaitSync = deasync((promise, done) => void promise.then((value) => done(null, value), done));

const { findQuestion, printAnswer } = awaitSync(import('../harness/contend.mjs'));
const { question, variant } = awaitSync(findQuestion());
printAnswer(contender, question.measure({ echo }, { contender: contender.label, variant }));
