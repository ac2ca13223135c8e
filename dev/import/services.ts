/**
 * Services of the LeiKa and the OZG catalogue. A service that was imported before gets a new version when its source has
 * changed; what an editor has published since is left alone. Titles are the names of the source.
 */
import { createHash } from 'node:crypto';
import { now, today } from '../../kernel/clock';
import type { Database, Tx } from '../../kernel/database/database';
import { derivedId } from '../../kernel/ids';
import { serviceOf } from '../../kernel/principal';
import { refuse } from './areas';
import type { Run } from './authorities';
import { csvRows } from './csv';
import { BadRow } from './report';
import { BUSINESS_SITUATIONS, TOPIC_OF, trustOf } from './services.tables';
import { type Item, upsert, type WriteBatch, Writer } from './upsert';

/** The state of the source files. */
const SINCE = '2019-10-01';
const LONGEST_TITLE = 1_000;

interface Situation {
  readonly id: string;
  readonly name: string;
  readonly topic: string;
  readonly audience: 'CITIZEN' | 'BUSINESS';
}
interface OzgService {
  readonly name: string;
  readonly situation: Situation;
}

export async function importServices(run: Run): Promise<void> {
  const catalogue = await run.db('catalogue');
  const topics = await readTopics(run);
  const situations = await importSituations(run, catalogue, topics);
  const ozg = await importOzgServices(run, catalogue, situations);
  await importLeikaServices(run, catalogue, ozg);
}

/** The topics are a closed list of ours: the file is only checked against it. */
async function readTopics({ folder, report }: Run): Promise<Map<string, string>> {
  const file = report.begin('services/themenfelder.csv');
  const topics = new Map<string, string>();
  for await (const { line, row } of csvRows(folder, report, file, ['id', 'name'])) {
    const topic = TOPIC_OF[row.name];
    if (!topic) report.refuse(file, line, new BadRow(`“${row.name}” is none of the 14 topics`));
    else {
      topics.set(row.id, topic);
      file.unchanged += 1;
    }
  }
  report.end(file);
  return topics;
}

async function importSituations(
  { folder, report }: Run,
  db: Database,
  topics: ReadonlyMap<string, string>,
): Promise<Map<string, Situation>> {
  const file = report.begin('services/lagen.csv');
  const situations = new Map<string, Situation>();
  const writer = new Writer(
    report,
    file,
    upsert(db, {
      table: 'life_situation',
      columns: { id: 'uuid', life_topic: 'text', name: 'jsonb', audience: 'text' },
      key: ['id'],
      follows: ['life_topic', 'audience'], // the id follows from the German name, the English one is an editor's
    }),
  );
  for await (const { line, row } of csvRows(folder, report, file, ['id', 'themenfeld_id', 'name'])) {
    try {
      const topic = topics.get(row.themenfeld_id);
      if (!topic) throw new BadRow(`the topic “${row.themenfeld_id}” does not exist`);
      if (row.name === '') throw new BadRow('has no name');
      if (situations.has(row.id)) throw new BadRow(`“${row.id}” was there before`);
      const audience = BUSINESS_SITUATIONS.has(row.name) ? 'BUSINESS' : 'CITIZEN';
      const id = derivedId('life-situation', row.name);
      situations.set(row.id, { id, name: row.name, topic, audience });
      await writer.add({ line, values: { id, life_topic: topic, name: { de: row.name }, audience } });
    } catch (error) {
      refuse(report, file, line, error);
    }
  }
  await writer.flush();
  report.end(file);
  return situations;
}

async function importOzgServices(
  { folder, report }: Run,
  db: Database,
  situations: ReadonlyMap<string, Situation>,
): Promise<Map<string, OzgService>> {
  const file = report.begin('services/ozg_leistungen.csv');
  const services = new Map<string, OzgService>();
  const writer = new Writer(
    report,
    file,
    upsert(db, {
      table: 'ozg_service',
      columns: { ozg_id: 'text', name: 'text', life_situation_id: 'uuid' },
      key: ['ozg_id'],
      follows: ['name', 'life_situation_id'],
    }),
  );
  for await (const { line, row } of csvRows(folder, report, file, ['ozg_id', 'name', 'lage_id'])) {
    try {
      if (!/^\d{5}$/.test(row.ozg_id)) throw new BadRow(`“${row.ozg_id}” is no OZG id`);
      const situation = situations.get(row.lage_id);
      if (!situation) throw new BadRow(`the situation “${row.lage_id}” does not exist`);
      if (services.has(row.ozg_id)) throw new BadRow(`“${row.ozg_id}” was there before`);
      services.set(row.ozg_id, { name: row.name, situation });
      await writer.add({
        line,
        values: { ozg_id: row.ozg_id, name: row.name, life_situation_id: situation.id },
      });
    } catch (error) {
      refuse(report, file, line, error);
    }
  }
  await writer.flush();
  report.end(file);
  return services;
}

async function importLeikaServices(
  { folder, report }: Run,
  db: Database,
  ozg: ReadonlyMap<string, OzgService>,
): Promise<void> {
  const file = report.begin('services/leika_leistungen.csv');
  const columns = ['leika_key', 'name', 'leika_typ', 'ozg_id', 'rechtsgrundlage'] as const;
  const writer = new Writer(report, file, writeServices(db));
  const lineOf = new Map<string, number>();
  let withoutOzg = 0;
  for await (const { line, row } of csvRows(folder, report, file, columns)) {
    try {
      const key = row.leika_key;
      if (/nicht im LeiKa/i.test(key)) throw new BadRow('is not in the LeiKa, says the source', true);
      if (!/^99\d{12}$/.test(key)) throw new BadRow(`“${key}” is no LeiKa key`);
      if (row.name === '' || row.name.length > LONGEST_TITLE) throw new BadRow(`${key} has no name, or too long a one`);
      const before = lineOf.get(key);
      if (before) throw new BadRow(`“${key}” was there before (line ${before})`);
      const group = row.ozg_id === '' ? undefined : ozg.get(row.ozg_id);
      if (row.ozg_id !== '' && !group) throw new BadRow(`the OZG service “${row.ozg_id}” does not exist`);
      if (!group) withoutOzg += 1;
      lineOf.set(key, line);
      await writer.add({ line, values: serviceOfRow(key, row, group) });
    } catch (error) {
      refuse(report, file, line, error);
    }
  }
  await writer.flush();
  report.end(file);
  if (withoutOzg > 0) report.note(`${withoutOzg} services have no OZG id and therefore no topic`);
}

function serviceOfRow(
  leikaKey: string,
  row: Readonly<Record<'name' | 'leika_typ' | 'ozg_id' | 'rechtsgrundlage', string>>,
  group: OzgService | undefined,
): Record<string, unknown> {
  const content = {
    title: { de: row.name, en: null },
    summary: {
      de: group
        ? `Gehört zu „${group.name}“ in der Lage „${group.situation.name}“.`
        : 'Aus dem Leistungskatalog der öffentlichen Verwaltung (LeiKa).',
      en: null,
    },
    life_topic: group?.situation.topic ?? null,
    life_situation_ids: group ? [group.situation.id] : [],
    audiences: group ? [group.situation.audience] : ['CITIZEN', 'BUSINESS'],
    programme: row.leika_typ === '1' ? 'FEDERAL_GOVERNMENT' : 'FEDERATED',
    leika_type: row.leika_typ || 'unbekannt',
    required_trust_level: trustOf(leikaKey),
    // each citation ends with its link in brackets
    legal_basis: row.rechtsgrundlage === '' ? [] : row.rechtsgrundlage.split(/(?<=\]),\s*/),
  };
  const hash = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  return { ...content, leika_key: leikaKey, ozg_id: row.ozg_id || null, hash, id: versionId(leikaKey, hash) };
}

const versionId = (leikaKey: string, hash: string): string => derivedId('imported-service-version', leikaKey, hash);

interface Stored {
  leika_key: string;
  import_hash: string | null;
  /** The published version that is open; null when there is none. */
  current: string | null;
}

const writeServices =
  (db: Database): WriteBatch =>
  items =>
    db.tx(serviceOf(db.name), async tx => {
      const keys = items.map(({ values }) => values.leika_key as string);
      const stored: Stored[] = await tx.query(
        `SELECT leika_key, import_hash, (
           SELECT id FROM service_version AS version
           WHERE version.leika_key = service.leika_key AND state = 'PUBLISHED' ORDER BY valid_from DESC LIMIT 1
         ) AS current FROM service WHERE leika_key = ANY($1) FOR UPDATE OF service`,
        [keys],
      );
      const before = new Map(stored.map(one => [one.leika_key, one]));
      const changed = items.filter(({ values }) => before.get(String(values.leika_key))?.import_hash !== values.hash);
      if (changed.length === 0) return 0;
      await tx.query(
        `INSERT INTO service (leika_key, ozg_id, import_hash)
         SELECT leika_key, ozg_id, hash FROM jsonb_to_recordset($1::jsonb) AS source(leika_key text, ozg_id text, hash text)
         ON CONFLICT (leika_key) DO UPDATE SET ozg_id = excluded.ozg_id, import_hash = excluded.import_hash`,
        [JSON.stringify(changed.map(({ values }) => values))],
      );
      const fresh = changed.filter(({ values }) => isOurs(before.get(String(values.leika_key))));
      await publish(tx, fresh, before);
      return fresh.length;
    });

/** New, or last published by an import: what an editor has published since is left alone. */
function isOurs(stored: Stored | undefined): boolean {
  if (!stored || stored.current === null) return true;
  return stored.import_hash !== null && stored.current === versionId(stored.leika_key, stored.import_hash);
}

async function publish(tx: Tx, items: readonly Item[], before: ReadonlyMap<string, Stored>): Promise<void> {
  const replaced = items.filter(({ values }) => before.get(String(values.leika_key))?.current);
  await tx.query(
    `UPDATE service_version SET state = 'SUPERSEDED', version = version + 1, valid_to = $2::date - 1, changed_at = $3
     WHERE leika_key = ANY($1) AND state = 'PUBLISHED'`,
    [replaced.map(({ values }) => values.leika_key), today(), now()],
  );
  const rows = items.map(({ values }) => ({
    ...values,
    valid_from: replaced.some(one => one.values === values) ? today() : SINCE,
  }));
  await tx.query(
    `INSERT INTO service_version (id, version, state, valid_from, changed_at, published_at, leika_key, number, title, summary,
       life_topic, life_situation_ids, audiences, programme, leika_type, required_trust_level, legal_basis)
     SELECT id, 1, 'PUBLISHED', valid_from, $2, $2, source.leika_key,
       1 + (SELECT coalesce(max(number), 0) FROM service_version AS older WHERE older.leika_key = source.leika_key),
       title, summary, life_topic, life_situation_ids, audiences, programme, leika_type, required_trust_level, legal_basis
     FROM jsonb_to_recordset($1::jsonb) AS source(id uuid, valid_from date, leika_key text, title jsonb, summary jsonb,
       life_topic text, life_situation_ids uuid[], audiences text[], programme text, leika_type text,
       required_trust_level text, legal_basis text[])
     ON CONFLICT (id) DO NOTHING`,
    [JSON.stringify(rows), now()],
  );
}
