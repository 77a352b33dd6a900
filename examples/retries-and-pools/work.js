// Runs in the workers of a pool: it computes, and nothing else can happen on its thread meanwhile.
export default function countPrimes(limit) {
  let count = 0;
  for (let n = 2; n < limit; n++) {
    let isPrime = true;
    for (let divisor = 2; divisor * divisor <= n && isPrime; divisor++) isPrime = n % divisor !== 0;
    if (isPrime) count += 1;
  }
  return count;
}
