import { coroutines, gather, run, shutdownGlobalRunner } from 'palitra';

const service = coroutines('./service.js', import.meta);
const pools = coroutines('./pools.js', import.meta);

console.log(
  gather(
    [1, 2, 3, 4].map((id) => service.load(id)),
    { timeout: 10_000 },
  ).join(', '),
);
const { attempts, mostInFlight } = run(service.tell());
console.log(`${attempts} attempts, at most ${mostInFlight} at once`);

const limits = [10_000, 20_000, 30_000];
console.log('tinypool:', gather(limits.map((limit) => pools.countWithTinypool(limit))));
console.log('piscina:', gather(limits.map((limit) => pools.countWithPiscina(limit))));
shutdownGlobalRunner(); // the pools are closed; at the end of the program this happens by itself
