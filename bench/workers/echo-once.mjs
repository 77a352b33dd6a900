// What execFileSync calls: a program that prints the value it was given.
process.stdout.write(JSON.stringify(await (async (value) => value)(JSON.parse(process.argv[2]))));
