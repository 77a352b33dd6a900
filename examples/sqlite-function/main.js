import Database from 'better-sqlite3';
import { coroutines, EventLoopThreadRunner } from 'palitra';
import { addFunctions, addTables } from './functions.js';

const runner = new EventLoopThreadRunner({ name: 'company' });
const { value: company } = runner.start(coroutines('./company.js', import.meta).serve());

const database = new Database(':memory:');
addFunctions(database, company);
addTables(database, company);

database.exec(`
  CREATE TABLE orders (customer INTEGER, amount REAL, currency TEXT);
  INSERT INTO orders VALUES (0, 10, 'EUR'), (0, 100, 'USD'), (2, 5000, 'JPY'), (2, 20, 'USD');
`);
const rows = database.prepare(`
  SELECT name, sum(in_euros(amount, currency)) AS euros
  FROM orders JOIN customers ON customers.id = orders.customer
  GROUP BY name ORDER BY euros DESC
`);
console.log(rows.all());

database.close();
runner.close();
