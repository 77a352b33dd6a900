/**
 * Faults in the order of what two threads do, one for each rule of the wake protocol (docs/design/wake-protocol.md).
 * Each is right nearly always: only another schedule shows it. `npm run test:schedules -- --faults [number …]` puts them
 * into the build whose Atomics pause, one at a time, and the schedules have to find each.
 *
 * In a file below `src/`, each `from`, which has to stand there once, is replaced by its `to`.
 */
const fault = (what, file, ...changes) => ({
  what,
  file,
  changes: changes.map(([from, to]) => ({ from, to })),
});

export const orderingFaults = [
  fault('the loop thread announces its sleep after it has looked, and not before', 'loop/pump.ts', [
    `    publishWord(this.#control, LOOP_SLEEPS, LOOP_IN_EVENT_LOOP);
    this.#work.afterAnnouncing();
    if (!this.#work.news.hasNews) return;
`,
    `    if (!this.#work.news.hasNews) {
      publishWord(this.#control, LOOP_SLEEPS, LOOP_IN_EVENT_LOOP);
      this.#work.afterAnnouncing();
      return;
    }
`,
  ]),
  fault('the caller does not look again once it has announced its sleep', 'caller/wait-until.ts', [
    '    !anyNews.hasNews &&\n',
    '',
  ]),
  fault(
    'the number of a message is published before the message itself',
    'wire/outbox.ts',
    [
      `    this.#encoder.commit();
    const first`,
      `    this.#encoder.commit();
    publishWord(this.#words, this.#direction.seq, ((this.#count + this.#stagedCount) << 1) | 0);
    const first`,
    ],
    [
      `    if (this.#stagedParcels.length > 0) this.#forgetStaged();
    publishWord(this.#words, this.#direction.seq, (this.#count << 1) | 0);
`,
      `    if (this.#stagedParcels.length > 0) this.#forgetStaged();
`,
    ],
  ),
  fault(
    'whether the caller needs a wake-up is asked before the message is published',
    'loop/channel.ts',
    [
      '      this.#beforeReply();\n      outbox.publish();',
      '      this.#beforeReply();\n      isAsleep = readWord(this.#thread, ASLEEP) === 1;\n      outbox.publish();',
    ],
    [
      '    const { lent } = encoder;\n    try {',
      '    const { lent } = encoder;\n    let isAsleep = false;\n    try {',
    ],
    [
      '    }\n    this.#wakeCaller(isForEventLoop);\n  }',
      '    }\n    this.#wakeCaller(isForEventLoop, isAsleep);\n  }',
    ],
    [
      `  #wakeCaller(isForEventLoop: boolean): void {
    if (readWord(this.#thread, ASLEEP) === 1 && replaceWord`,
      `  #wakeCaller(isForEventLoop: boolean, isAsleep = true): void {
    if (isAsleep && replaceWord`,
    ],
  ),
  fault(
    'a caller in code of its own says that its wake-up has come after it has taken what there was',
    'caller/connection.ts',
    [
      `    publishWord(this.#words, WAKE_POSTED, 0);
    thread.serveInTurn();
`,
      `    thread.serveInTurn();
    publishWord(this.#words, WAKE_POSTED, 0);
`,
    ],
  ),
];
