// What palitra and make-synchronized call: an ordinary module, the same for both.
export async function echo(value) {
  return value;
}

export async function callBack(callback, times) {
  for (let i = 0; i < times; i++) await callback(i);
}

export async function* numbers(count) {
  for (let i = 0; i < count; i++) yield i;
}

export async function* rows(count) {
  for (let id = 0; id < count; id++) yield { id, name: 'a row', isOpen: true };
}
