import { newId } from '../../../kernel/ids';
import { serviceOf } from '../../../kernel/principal';
import { ANONYMOUS, person, staff } from '../../../tests/setup/subgraph';
import { LEIKA_KEY, startWorld, type World } from '../testing/payment.world';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
beforeEach(() => {
  world.gate.provider = 'open';
  world.gate.reports = 'open';
  world.gate.held.length = 0;
});

describe('the amount due for a case', () => {
  test('notes for the access log that staff saw what is due', async () => {
    const { klara, applicationId } = await world.begun();
    await world.moved(applicationId, klara, 'application.submitted', { serviceTitle: 'x', applicantName: 'y' });
    const max = staff({ authorityId: world.authorityId });
    await world.cases(max, [applicationId]);
    const noted = (await world.subgraph.published('data.accessed')).filter(
      ({ payload }) => payload.staffMemberId === max.staffMemberId && payload.subjectType === 'Application',
    );
    expect(noted).toMatchObject([{ key: klara.accountId, payload: { subjectId: applicationId, action: 'read' } }]);
  });

  test('is the fee, or the local amount frozen with the draft, and null where no fee is known', async () => {
    const { klara, applicationId } = await world.draft();
    const local = await world.draft(
      { accountId: klara.accountId, actingFor: klara.actingFor },
      { feeOverrideMinor: 1000 },
    );
    const unknown = await world.draft(
      { accountId: klara.accountId, actingFor: klara.actingFor },
      { leikaKey: '99123456789012' },
    );
    const { list } = await world.cases(klara, [applicationId, local.applicationId, unknown.applicationId]);
    expect(list).toMatchObject([
      { amountDue: { amountMinor: 2600 } },
      { amountDue: { amountMinor: 1000 } },
      { amountDue: null, payments: [] },
    ]);
  });

  test('is the same after submission even when the rule changes', async () => {
    const { klara, applicationId } = await world.draft({}, { leikaKey: LEIKA_KEY, feeOverrideMinor: null });
    await world.moved(applicationId, klara, 'application.submitted', { serviceTitle: 'x', applicantName: 'y' });
    await world.subgraph.sql(`UPDATE payment.fee SET valid_to = '2021-01-01'`);
    try {
      expect((await world.cases(klara, [applicationId])).first.amountDue).toEqual({ amountMinor: 2600 });
    } finally {
      await world.subgraph.sql(`UPDATE payment.fee SET valid_to = NULL`);
    }
  });

  test('is nobody else’s business', async () => {
    const { klara, applicationId } = await world.draft();
    await world.start(klara, applicationId);
    const strangers = [
      person(),
      person({ actingFor: klara.accountId, services: ['99999999999999'] }),
      staff({ authorityId: world.authorityId }), // still a draft
      staff({ scopes: ['staff:read', 'payment:read'] }),
    ];
    for (const stranger of strangers) {
      expect((await world.cases(stranger, [applicationId])).first).toEqual({
        id: applicationId,
        amountDue: null,
        payments: null,
      });
    }
    expect((await world.cases(ANONYMOUS, [applicationId])).errors?.map(error => error.extensions.code)).toContain(
      'UNAUTHENTICATED',
    );
    const agent = person({ actingFor: klara.accountId, services: [LEIKA_KEY] });
    expect((await world.cases(agent, [applicationId])).first).toMatchObject({
      amountDue: { amountMinor: 2600 },
      payments: [{}],
    });
  });

  test('is known as soon as the draft was told of, even before this subgraph has handled it', async () => {
    const { klara, applicationId } = await world.draft();
    const next = newId();
    // hold the reactions up: the row they count in is locked until the question is under way
    const asked = await world.subgraph.running.db.tx(serviceOf('payment'), async tx => {
      await tx.query(`SELECT 1 FROM consumer WHERE name = 'reactions' FOR UPDATE`);
      void world.draft(klara, { applicationId: next });
      await world.until(`SELECT 1 FROM events.event WHERE payload->>'applicationId' = $1`, [next]);
      return { answer: world.cases(klara, [next]) };
    });
    expect((await asked.answer).first.amountDue).toEqual({ amountMinor: 2600 });
    expect((await world.cases(klara, [applicationId])).first.amountDue).toEqual({ amountMinor: 2600 });
  });

  test('and the payments cost the same number of statements for two cases and for twenty', async () => {
    const klara = person();
    const ids: string[] = [];
    for (let i = 0; i < 20; i++) {
      const { applicationId } = await world.draft(klara);
      ids.push(applicationId);
      if (i < 4) await world.start(klara, applicationId);
    }
    const few = await world.cases(klara, ids.slice(0, 2));
    const many = await world.cases(klara, ids);
    expect(many.list.filter(one => one.payments?.length === 1)).toHaveLength(4);
    expect(many.statements).toBe(few.statements);
  });
});
