export async function sleep(ms) {
  const { setTimeout } = await import('node:timers/promises');
  await setTimeout(ms);
}
