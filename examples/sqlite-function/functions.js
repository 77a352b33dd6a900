import { coroutines, iterate, run } from 'palitra';

const client = coroutines('./client.js', import.meta);
const limit = { timeout: 5_000 };

/** `in_euros(amount, currency)`, for a database of better-sqlite3 or of node:sqlite: SQLite wants its value at once. */
export function addFunctions(database, company) {
  database.function('in_euros', { deterministic: true }, (amount, currency) => {
    return amount * run(client.fetchRate(company, currency), limit);
  });
}

/** The table `customers`, whose rows are read from the service while SQLite asks for them. Only better-sqlite3 has it. */
export function addTables(database, company) {
  database.table('customers', {
    columns: ['id', 'name'],
    *rows() {
      yield* iterate(client.listCustomers(company), limit);
    },
  });
}
