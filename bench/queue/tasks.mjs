/** What the workers of both contenders execute. */
export async function echo(value) {
  return value;
}

export async function sleep(ms) {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return ms;
}
