/** The rows that one submission leaves in all tables, written by plain pg in one transaction: what they cost at least. */
import { randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';

/** Of one submission with all that follows: its tables, and how many rows each gets. */
const ROWS: readonly (readonly [table: string, rows: number])[] = [
  ['application', 1],
  ['document', 3],
  ['history', 4],
  ['delivery', 2],
  ['event', 12],
  ['message', 1],
  ['thread', 1],
  ['projection', 6],
  ['access', 2],
];

/** Tables of the same shape in width: an id, a foreign key with its index, two texts, a moment, and JSON. */
export class PlainRows {
  private constructor(private readonly client: pg.Client) {}

  static async open(databaseUrl: string): Promise<PlainRows> {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    await client.query('CREATE SCHEMA plain');
    for (const [table] of ROWS)
      await client.query(`CREATE TABLE plain.${table} (id uuid PRIMARY KEY, parent uuid, one text, two text, at timestamptz, data jsonb);
        CREATE INDEX ${table}_parent ON plain.${table} (parent)`);
    return new PlainRows(client);
  }

  async write(): Promise<void> {
    const parent = randomUUID();
    const data = JSON.stringify({ answers: randomBytes(200).toString('hex') });
    await this.client.query('BEGIN');
    for (const [table, rows] of ROWS)
      for (let i = 0; i < rows; i += 1)
        await this.client.query({
          name: table,
          text: `INSERT INTO plain.${table} VALUES ($1, $2, $3, $4, now(), $5)`,
          values: [randomUUID(), parent, 'one', 'two', data],
        });
    await this.client.query('COMMIT');
  }

  close(): Promise<void> {
    return this.client.end();
  }
}
