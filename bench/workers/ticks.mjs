// An interval of 1 ms on the loop thread, and when its ticks came.
let timer;
let ticks = [];

export async function begin() {
  ticks = [performance.now()];
  timer = setInterval(() => ticks.push(performance.now()), 1);
}

/** Milliseconds between one tick and the next. */
export async function end() {
  clearInterval(timer);
  return ticks.slice(1).map((time, i) => time - ticks[i]);
}
