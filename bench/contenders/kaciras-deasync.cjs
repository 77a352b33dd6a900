// Re-enters the event loop of the calling thread, by a native addon: no second thread, no copy. It works at
// the top level of a CommonJS module only; below a promise or in an ES module it hangs.
'use strict';
const { awaitSync } = require('@kaciras/deasync');

const contender = { label: '@kaciras/deasync, setImmediate', package: '@kaciras/deasync' };
const echo = (value) => awaitSync(new Promise((resolve) => void setImmediate(resolve, value)));

const { findQuestion, printAnswer } = awaitSync(import('../harness/contend.mjs'));
const { question, variant } = awaitSync(findQuestion());
printAnswer(contender, question.measure({ echo }, { contender: contender.label, variant }));
