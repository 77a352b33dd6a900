import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { after, before, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import BetterSqlite from 'better-sqlite3';
import { coroutines, EventLoopThreadRunner } from 'palitra';
import { addFunctions, addTables } from './functions.js';

const ceiling = { timeout: 60_000 };
const folder = fileURLToPath(new URL('.', import.meta.url));
const runner = new EventLoopThreadRunner({ name: 'company' });
const services = coroutines('./company.js', import.meta);
let company;

before(() => {
  company = runner.start(services.serve()).value;
}, ceiling);
beforeEach(() => void runner.run(services.takeRequests()));
after(() => runner.close());

const takeRequests = () => runner.run(services.takeRequests());

test('`npm start` prints what the README shows', ceiling, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['main.js'], { cwd: folder });
  const [, shown] = /```text\n([^]*?)```/.exec(await readFile(`${folder}README.md`, 'utf8'));
  assert.equal(stdout.trim(), shown.trim());
});

for (const [name, Database] of Object.entries({
  'better-sqlite3': BetterSqlite,
  'node:sqlite': DatabaseSync,
})) {
  test(`${name}: a thousand rows, one request for each currency`, ceiling, () => {
    const database = new Database(':memory:');
    addFunctions(database, company);
    const sum = `
      WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
      SELECT sum(in_euros(i, iif(i % 2, 'USD', 'EUR'))) AS euros FROM n`;
    const { euros } = database.prepare(sum).get();
    assert.equal(Math.round(euros), 250_500 + 250_000 * 0.9);
    assert.ok(takeRequests().length <= 2);
    database.close();
  });

  test(
    `${name}: a failure of the service is the query’s, and the next query works`,
    ceiling,
    () => {
      const database = new Database(':memory:');
      addFunctions(database, company);
      assert.throws(() => database.prepare("SELECT in_euros(1, 'XXX')").get(), {
        name: 'RangeError',
        message: '/rates/XXX answered 404',
      });
      assert.deepEqual({ ...database.prepare("SELECT in_euros(2, 'EUR') AS x").get() }, { x: 2 });
      database.close();
    },
  );
}

test('a virtual table has the rows of every page', ceiling, () => {
  const database = new BetterSqlite(':memory:');
  addTables(database, company);
  assert.deepEqual(
    database.prepare('SELECT name FROM customers ORDER BY name DESC').pluck().all(),
    ['Mary', 'Katherine', 'Hedy', 'Grace', 'Ada'],
  );
  assert.deepEqual(takeRequests(), ['/customers/0', '/customers/1', '/customers/2']);
  database.close();
});

test('a query that stops early leaves the table as good as before', ceiling, () => {
  const database = new BetterSqlite(':memory:');
  addTables(database, company);
  for (let n = 0; n < 50; n++)
    assert.equal(database.prepare('SELECT name FROM customers LIMIT 1').pluck().get(), 'Ada');
  assert.equal(database.prepare('SELECT count(*) FROM customers').pluck().get(), 5);
  database.close();
});
