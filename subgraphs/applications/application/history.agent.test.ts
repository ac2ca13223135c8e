/** Who acted for whom (Vollmacht) stands in the history, and goes with the file. */
import { newId } from '../../../kernel/ids';
import { asking } from '../../../tests/setup/privacy';
import { person } from '../../../tests/setup/subgraph';
import { stage } from '../testing';

const WITHDRAW = `mutation ($input: WithdrawApplicationInput!) { withdrawApplication(input: $input) { refusal { code } } }`;

test('what an agent does for the applicant is written down as theirs, in both chains, and goes with the file', async () => {
  const set = await stage();
  try {
    const agent = person({ actingFor: set.klara.accountId });
    const { subgraph } = set;
    await subgraph.publish('identity', 'account.changed', agent.accountId, {
      ...{ accountId: agent.accountId, kind: 'PERSON', displayName: 'Jonas Beispiel', email: null },
    });
    await subgraph.publish('identity', 'mandate.changed', set.klara.accountId, {
      ...{ mandateId: newId(), principalAccountId: set.klara.accountId, agentAccountId: agent.accountId },
      ...{ leikaKeys: [], validFrom: '2026-01-01T00:00:00Z', validTo: null },
    });
    const { id, version } = await set.received();
    const input = { applicationId: id, expectedVersion: version };
    expect((await subgraph.as(agent).query(WITHDRAW, { input })).data.withdrawApplication.refusal).toBeNull();

    const history = '{ history(first: 50) { nodes { action actorName } chain { valid } } }';
    for (const reader of [set.klara, set.max]) {
      const { data } = await subgraph.as(reader).query(`query ($id: ID!) { application(id: $id) ${history} }`, { id });
      const { nodes, chain } = data.application.history;
      const nameFor = (action: string) => nodes.find((one: { action: string }) => one.action === action)?.actorName;
      expect(chain.valid).toBe(true);
      expect(nameFor('submitApplication')).toBe('Klara Muster');
      expect(nameFor('withdrawApplication')).toBe('Jonas Beispiel für Klara Muster');
    }
    const written = () =>
      subgraph.sql<{ action: string; canonical: string }>(
        `SELECT action, canonical FROM applications.history_entry WHERE agent_account_id = $1`,
        [agent.accountId],
      );
    expect((await written()).map(({ action }) => action)).toEqual(['withdrawApplication', 'withdrawApplication']);
    for (const { canonical } of await written()) {
      expect(JSON.parse(canonical)).toMatchObject({ agent: expect.stringMatching(/^[0-9a-f]{64}$/) });
      expect(canonical).not.toContain(agent.accountId);
    }
    const { first } = await asking(subgraph, 'ERASURE', agent.accountId);
    expect(first.retained).toMatchObject([{ description: { en: expect.stringContaining('Steps taken for others') } }]);
    await subgraph.sql(`UPDATE applications.application SET state = 'DESTROYED' WHERE id = $1`, [id]);
    await asking(subgraph, 'ERASURE', set.klara.accountId);
    expect(await written()).toEqual([]);
  } finally {
    await set.stop();
  }
});
