/** The second wall: every table is behind row-level security, its owner included, or stands here with the reason why not. */
import pg from 'pg';
import { SUBGRAPHS } from '../kernel/config';
import { createTestDatabase } from './setup/database';

/** `subgraph.table`, or `*.table` for the same one of each subgraph → why nobody could read there what is not theirs. */
const OPEN: Readonly<Record<string, string>> = {
  '*.migration': 'the names of migrations',
  '*.consumer': 'positions in the event stream',
  '*.dead_letter': 'positions and types of events, no payload',
  '*.parked_event': 'the same of events that wait',
  'applications.form': 'questions without answers, public',
  'applications.legal_rule': 'law, public',
  'applications.holiday': 'the calendar, public',
  'applications.staff_name': 'names under which staff write to applicants, frozen where they are shown',
  'applications.authority_unit': 'which department belongs to which authority, public',
  'applications.reference_counter': 'how many references were issued',
  'applications.document_erasure': 'storage keys of bytes to delete, without a case',
  'messaging.staff_name': 'names under which staff write to applicants, frozen where they are shown',
  'identity.sign_in': 'hashes and secrets of sign-ins under way, found by the hash only; nobody is known yet',
  'payment.fee': 'fees, public',
  'payment.payment_watch': 'when to look after a payment: ids and times',
  'catalogue.area': 'public',
  'catalogue.postcode': 'public',
  'catalogue.authority': 'public',
  'catalogue.life_situation': 'public',
  'catalogue.ozg_service': 'public',
  'catalogue.service': 'public',
  'catalogue.service_version': 'public texts; drafts of them are judged by the rights table, and name nobody',
  'catalogue.service_index': 'the search index of what is public',
  'catalogue.service_term': 'the search index of what is public',
  'catalogue.service_word': 'the search index of what is public',
  'catalogue.online_service': 'public',
  'catalogue.adoption': 'public',
  'catalogue.portal': 'public',
  'catalogue.portal_area': 'public',
};

interface Table {
  readonly name: string;
  readonly enabled: boolean;
  readonly forced: boolean;
  readonly policies: number;
}

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let tables: Table[];

beforeAll(async () => {
  database = await createTestDatabase();
  const owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  const found = await owner.query<Table>(
    `SELECT relnamespace::regnamespace || '.' || relname AS name, relrowsecurity AS enabled, relforcerowsecurity AS forced,
            (SELECT count(*)::int FROM pg_policy WHERE polrelid = pg_class.oid) AS policies
     FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace::regnamespace::text = ANY($1) ORDER BY 1`,
    [SUBGRAPHS],
  );
  tables = found.rows;
  await owner.end();
});
afterAll(() => database.drop());

const isOpen = (name: string): boolean => name in OPEN || name.replace(/^\w+/, '*') in OPEN;

test('every table with personal or case data has FORCE ROW LEVEL SECURITY and a policy', () => {
  expect(tables.length).toBeGreaterThan(60);
  const bare = tables.filter(({ enabled, forced, policies }) => !enabled || !forced || policies === 0);
  expect(bare.map(({ name }) => name).filter(name => !isOpen(name))).toEqual([]);
});

test('the list of open tables names only tables that are there and open', () => {
  const walled = tables.filter(({ enabled }) => enabled).map(({ name }) => name);
  const names = tables.map(({ name }) => name);
  expect(walled.filter(isOpen)).toEqual([]);
  const there = (entry: string) => names.some(name => name === entry || name.replace(/^\w+/, '*') === entry);
  expect(Object.keys(OPEN).filter(entry => !there(entry))).toEqual([]);
});
