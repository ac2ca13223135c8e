/** The second wall of identity: when the code forgets to ask, row-level security still shows nobody what is another's. */
import { newId } from '../../../kernel/ids';
import { ANONYMOUS, type Person, type Principal, type Staff } from '../../../kernel/principal';
import { startTestIdentity, type TestIdentity } from '../testing/identity';

const TABLES = {
  account: 'id',
  account_identity: 'account_id',
  verified_attribute: 'account_id',
  session: 'account_id',
  mandate: 'principal_account_id',
  organisation_member: 'organisation_id',
} as const;

let identity: TestIdentity;
let klara: Person;
let agent: Person;
let stranger: Person;
let company: Person;
let office: Staff;
beforeAll(async () => {
  identity = await startTestIdentity();
  klara = await identity.citizen('klara');
  agent = await identity.citizen('agent');
  stranger = await identity.citizen('stranger');
  company = await identity.organisation('radladen');
  office = await identity.employ('max', ['CASEWORKER']);
  await identity
    .as(klara)
    .query(`mutation ($input: GrantMandateInput!) { grantMandate(input: $input) { mandate { id } } }`, {
      input: { agentAccountId: agent.accountId, idempotencyKey: newId() },
    });
  await identity
    .as(company)
    .query(
      `mutation ($input: SetOrganisationMemberInput!) { setOrganisationMember(input: $input) { account { id } } }`,
      {
        input: {
          organisationAccountId: company.accountId,
          personAccountId: klara.accountId,
          role: 'READER',
          expectedVersion: 1,
        },
      },
    );
});
afterAll(() => identity.stop());

/** What a query without any condition gives somebody: the accounts whose rows they get, by table. */
async function seen(who: Principal): Promise<Record<string, string[]>> {
  const { db } = identity.running;
  const found = await Promise.all(
    Object.entries(TABLES).map(async ([table, column]) => {
      const rows: { id: string }[] = await db.tx(who, tx => tx.query(`SELECT DISTINCT ${column} AS id FROM ${table}`));
      return [
        table,
        rows
          .map(({ id }) => id)
          .filter(id => id !== null)
          .sort(),
      ];
    }),
  );
  return Object.fromEntries(found);
}

const NOTHING = {
  account: [],
  account_identity: [],
  verified_attribute: [],
  session: [],
  mandate: [],
  organisation_member: [],
};
const own = ({ accountId }: Person) => ({
  ...NOTHING,
  account: [accountId],
  account_identity: [accountId],
  verified_attribute: [accountId],
  session: [accountId],
});

test('people get their own rows, and of others what a mandate or an organisation connects them with', async () => {
  expect(await seen(stranger)).toEqual(own(stranger));
  expect(await seen(agent)).toEqual({
    ...own(agent),
    account: [agent.accountId, klara.accountId].sort(),
    mandate: [klara.accountId],
  });
  expect(await seen(klara)).toEqual({
    ...own(klara),
    account: [agent.accountId, company.accountId, klara.accountId].sort(),
    mandate: [klara.accountId],
    organisation_member: [company.accountId],
  });
});

test('staff get the accounts whose cases their authority is in charge of, and nobody else gets any', async () => {
  expect(await seen(office)).toEqual(NOTHING);
  await identity.sql(`INSERT INTO identity.case_party (application_id, account_id, authority_id) VALUES ($1, $2, $3)`, [
    newId(),
    klara.accountId,
    office.authorityId,
  ]);
  expect(await seen(office)).toEqual({ ...NOTHING, account: [klara.accountId] });
  for (const who of [ANONYMOUS, { kind: 'machine', name: 'register', scopes: [] } as const]) {
    expect(await seen(who)).toEqual(NOTHING);
  }
});

test('nobody but the relay reads the outbox, and keys of repeated writes are their actor’s', async () => {
  const { db } = identity.running;
  await db.tx(stranger, tx =>
    tx.query(`INSERT INTO outbox (type, key, payload, occurred_at) VALUES ('test.said', $1, '{}', now())`, [newId()]),
  );
  for (const who of [stranger, office, ANONYMOUS]) {
    expect(await db.tx(who, tx => tx.query('SELECT * FROM outbox'))).toEqual([]);
  }
  const actors = (who: Principal) => db.tx(who, tx => tx.query('SELECT actor FROM idempotency_key'));
  expect(await actors(klara)).toEqual([{ actor: `account:${klara.accountId}` }]);
  expect(await actors(stranger)).toEqual([]);
});
