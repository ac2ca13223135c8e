/** A row as its own queue: taken once, worked on outside of transactions, taken again after a crash. */
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { createTestDatabase } from '../tests/setup/database';
import { Database } from './database/database';
import { wake } from './events/outbox';
import { newId } from './ids';
import { serviceOf } from './principal';
import { backoffSeconds, type Queue, startQueue } from './queue';
import { refuseCommon } from './refusal';

@Entity({ name: 'parcel' })
class Parcel {
  @PrimaryColumn('uuid') id!: string;
  @Column('int') version!: number;
  @Column('text') state!: string;
  @Column('int') attempts!: number;
  @Column('timestamptz') nextAttemptAt!: Date;
}

describe('a queue of rows', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let db: Database;
  const me = serviceOf('messaging');

  beforeAll(async () => {
    database = await createTestDatabase();
    db = await Database.connect('messaging', [Parcel]);
    const { DataSource } = await import('typeorm');
    const owner = await new DataSource({ type: 'postgres', url: database.url }).initialize();
    await owner.query(
      `CREATE TABLE messaging.parcel (id uuid PRIMARY KEY, version int NOT NULL, state text NOT NULL, attempts int NOT NULL, next_attempt_at timestamptz NOT NULL);
       GRANT SELECT, INSERT, UPDATE ON messaging.parcel TO messaging_app`,
    );
    await owner.destroy();
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  const add = (id: string, attempts = 0) =>
    db.tx(me, tx => tx.insert(Parcel, { id, version: 1, state: 'PENDING', attempts, nextAttemptAt: new Date() }));
  const queue = (work: Queue<Parcel>['work'], leaseSeconds = 60): Queue<Parcel> => ({
    name: 'parcels',
    entity: Parcel,
    table: 'parcel',
    due: `state = 'PENDING'`,
    leaseSeconds,
    work,
  });
  const deliver = (id: string) => db.tx(me, tx => tx.update(Parcel, { id }, { state: 'DELIVERED' }));

  test('gives each row to one worker only, however many there are', async () => {
    const ids = Array.from({ length: 30 }, newId);
    for (const id of ids) await add(id);
    const done: string[] = [];
    let finish: () => void;
    const finished = new Promise<void>(resolve => {
      finish = resolve;
    });
    const work = async (_: Database, row: Parcel) => {
      done.push(row.id);
      await deliver(row.id);
      if (done.length >= ids.length) finish();
    };
    const workers = [startQueue(db, queue(work)), startQueue(db, queue(work)), startQueue(db, queue(work))];
    wake('parcels');
    await finished;
    await Promise.all(workers.map(worker => worker.stop()));
    expect([...done].sort()).toEqual([...ids].sort());
  });

  test('takes a row again when its lease is over, with its attempts counted', async () => {
    const id = newId();
    await add(id);
    const attempts: number[] = [];
    let finish: () => void;
    const finished = new Promise<void>(resolve => {
      finish = resolve;
    });
    const worker = startQueue(
      db,
      queue(async (_, row) => {
        attempts.push(row.attempts);
        if (attempts.length === 1) throw new Error('the process dies here');
        await deliver(row.id);
        finish();
      }, 0),
    );
    await finished;
    await worker.stop();
    expect(attempts).toEqual([1, 2]);
  });

  test('what passes is no attempt, and what fails by itself is one', async () => {
    const [passing, broken] = [newId(), newId()];
    await add(passing, 3);
    await add(broken, 3);
    const seen: string[] = [];
    const worker = startQueue(
      db,
      queue(async (_, row) => {
        seen.push(`${row.id === passing ? 'passing' : 'broken'} ${row.attempts}`);
        if (row.id === passing && seen.filter(one => one.startsWith('passing')).length === 4)
          return void (await deliver(row.id));
        throw row.id === passing ? refuseCommon('TRY_AGAIN') : new Error('by itself');
      }),
    );
    const stateOf = async (id: string) => (await db.tx(me, tx => tx.findOneByOrFail(Parcel, { id }))).state;
    while ((await stateOf(passing)) !== 'DELIVERED') await new Promise(resolve => setTimeout(resolve, 50));
    await worker.stop();
    expect(seen.filter(one => one.startsWith('passing'))).toEqual(Array.from({ length: 4 }, () => 'passing 4'));
    expect(seen.filter(one => one.startsWith('broken'))).toEqual(['broken 4']); // 6 to 10 seconds until the next one
    const left = await db.tx(me, tx => tx.findOneByOrFail(Parcel, { id: broken }));
    expect(left.attempts).toBe(4);
    expect(left.nextAttemptAt.getTime()).toBeGreaterThan(Date.now() - 5_000);
    await deliver(broken);
  });

  test('waits longer after each attempt, never more than about an hour', () => {
    expect(backoffSeconds(1)).toBeLessThanOrEqual(1.25);
    expect(backoffSeconds(6)).toBeGreaterThanOrEqual(24);
    expect(backoffSeconds(40)).toBeLessThanOrEqual(4_500);
  });
});
