/** The part of applications in a copy and in the deletion of somebody's data. */
import { randomBytes } from 'node:crypto';
import { checkChain, type Link } from '../../../kernel/chain';
import { newId } from '../../../kernel/ids';
import { TrustLevel } from '../../../kernel/trust';
import { asking } from '../../../tests/setup/privacy';
import { person } from '../../../tests/setup/subgraph';
import { claimed, doing } from '../casework/desk.testing';
import { COMPLETE, type Stage, stage, untilState } from '../testing';

let set: Stage;
beforeAll(async () => {
  set = await stage();
});
afterAll(() => set.stop());

const trade = () => `CANARY ${newId()}`;
const found = (text: string) =>
  set.subgraph.sql(
    `SELECT 'row' FROM applications.application AS one WHERE one::text LIKE '%' || $1 || '%'
     UNION ALL SELECT 'event' FROM events.event WHERE payload::text LIKE '%' || $1 || '%'`,
    [text],
  );

/** The name as identity has told it, in what this subgraph keeps. */
const nameOf = async (accountId: string): Promise<string | undefined> => {
  const [kept] = await set.subgraph.sql<{ display_name: string }>(
    `SELECT display_name FROM applications.account_name WHERE account_id = $1`,
    [accountId],
  );
  return kept?.display_name;
};
const named = (accountId: string, displayName: string) =>
  set.subgraph.publish('identity', 'account.changed', accountId, {
    accountId,
    kind: 'PERSON',
    displayName,
    email: null,
  });

describe('a copy', () => {
  test('holds answers, files and history as the applicant may see them, at the level they need', async () => {
    const { id } = await claimed(set);
    await doing(set, set.max, 'addNote', { applicationId: id, text: 'INTERNAL-NOTE', idempotencyKey: newId() });
    const { id: documentId } = await set.upload({ applicationId: (await set.draft()).id });
    const { copy, first } = await asking(set.subgraph, 'EXPORT', set.klara.accountId);
    const one = copy.applications.find((application: { id: string }) => application.id === id);
    expect(one).toMatchObject({ answers: COMPLETE, service: 'Gewerbeanmeldung', publicStatus: 'PROCESSING' });
    expect(one.history.map(({ action }: { action: string }) => action)).toContain('submitApplication');
    const documents = copy.applications.flatMap(({ documents = [] }: { documents?: object[] }) => documents);
    expect(documents).toMatchObject([{ id: documentId, filename: 'mietvertrag.pdf' }]);
    expect(JSON.stringify(copy)).not.toMatch(/INTERNAL-NOTE|IN_REVIEW|Max Schröder/);
    expect(first.requiredTrustLevel).toBe(TrustLevel.SUBSTANTIAL);
  });

  test('of an account without cases is empty, and comes sealed', async () => {
    const accountId = newId();
    await named(accountId, 'Petra Person');
    const { copy, parts } = await asking(set.subgraph, 'EXPORT', accountId);
    expect(copy).toEqual({ displayName: 'Petra Person', applications: [], olderLeftOut: false });
    expect(parts).toHaveLength(1);
  });

  test('comes in pieces when it is large', async () => {
    const big = person();
    // random, so that it cannot be compressed away
    const answers = randomBytes(300_000).toString('base64');
    const { id } = await set.draft(big);
    await set.subgraph.sql(`UPDATE applications.application SET form_data = $2 WHERE id = $1`, [
      id,
      JSON.stringify({ answers }),
    ]);
    const { copy, parts } = await asking(set.subgraph, 'EXPORT', big.accountId);
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.every(({ sealed, pieces }) => sealed!.length <= 200_000 && pieces === parts.length)).toBe(true);
    expect(copy.applications[0].answers.answers).toBe(answers);
  });
});

describe('the deletion', () => {
  test('destroys drafts with their files, twice as once, and nobody else’s', async () => {
    const [gone, other] = [person(), person()];
    const [mine, theirs] = [trade(), trade()];
    const { id } = await set.draft(gone, { ...COMPLETE, trade: mine });
    await set.draft(other, { ...COMPLETE, trade: theirs });
    await set.upload({ applicationId: id, filename: `${mine}.pdf` }, undefined, gone);
    for (let i = 0; i < 2; i++) {
      const { first } = await asking(set.subgraph, 'ERASURE', gone.accountId);
      expect(first).toMatchObject({ retained: [], running: false });
    }
    expect(await found(mine)).toEqual([]);
    expect((await found(theirs)).length).toBeGreaterThan(0);
    expect(
      await set.subgraph.sql(`SELECT filename, state FROM applications.document WHERE application_id = $1`, [id]),
    ).toEqual([{ filename: 'removed', state: 'DESTROYED' }]);
  });

  test('keeps running cases and says so; ended ones as long as the law says', async () => {
    const one = person();
    const { id, version, reference } = await set.received(one);
    await named(one.accountId, 'Petra Person');
    const running = await asking(set.subgraph, 'ERASURE', one.accountId);
    expect(await nameOf(one.accountId)).toBe('Petra Person');
    expect(running.first).toMatchObject({
      running: true,
      retained: [{ description: { de: `Laufendes Verfahren ${reference} (Gewerbeanmeldung)` }, until: null }],
    });
    const { data } = await set.subgraph
      .as(one)
      .query(
        `mutation ($input: WithdrawApplicationInput!) { withdrawApplication(input: $input) { refusal { code } } }`,
        { input: { applicationId: id, expectedVersion: version, reason: 'Umzug' } },
      );
    expect(data.withdrawApplication.refusal).toBeNull();
    await untilState(set.subgraph, id, 'WITHDRAWN');
    const ended = await asking(set.subgraph, 'ERASURE', one.accountId);
    expect(ended.first.running).toBe(false);
    expect(await nameOf(one.accountId)).toBeUndefined();
    await named(one.accountId, 'Gelöschtes Konto');
    expect(await nameOf(one.accountId)).toBe('Gelöschtes Konto');
    expect(ended.first.retained[0]!.description.en).toBe(`Finished case ${reference} (Gewerbeanmeldung)`);
    expect(ended.first.retained[0]!.legalBasis).toContain('Art. 17 Abs. 3');
  });

  test('takes the names out of destroyed cases, and their chains stay whole', async () => {
    const one = person();
    const { id } = await set.received(one);
    await set.subgraph.sql(
      `UPDATE applications.application SET state = 'DESTROYED', applicant_name = 'CANARY-NAME' WHERE id = $1`,
      [id],
    );
    await set.subgraph.sql(
      `UPDATE events.event SET payload = payload || '{"applicantName":"CANARY-NAME"}'
      WHERE key = $1 AND type = 'application.submitted'`,
      [id],
    );
    expect((await found('CANARY-NAME')).length).toBe(2);
    await asking(set.subgraph, 'ERASURE', one.accountId);
    expect(await found('CANARY-NAME')).toEqual([]);
    for (const audience of ['APPLICANT', 'STAFF']) {
      const links = await set.subgraph.sql<Link & { actor_name: string | null; salt: string | null }>(
        `SELECT sequence, canonical, previous_hash AS "previousHash", hash, actor_name, salt
         FROM applications.history_entry WHERE application_id = $1 AND audience = $2 ORDER BY sequence`,
        [id, audience],
      );
      expect(links.length).toBeGreaterThan(1);
      expect(checkChain(links).valid).toBe(true);
      expect(links.every(({ actor_name, salt }) => actor_name === null && salt === null)).toBe(true);
    }
  });
});
