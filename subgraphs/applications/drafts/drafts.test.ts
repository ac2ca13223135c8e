import { newId } from '../../../kernel/ids';
import { TrustLevel } from '../../../kernel/trust';
import { ANONYMOUS, person } from '../../../tests/setup/subgraph';
import { ARS, AUTHORITY, CHANGE, COMPLETE, CREATE, LEIKA_KEY, type Stage, stage, untilState } from '../testing';
import { expireDrafts } from './draft.expiry';

const READ = `query ($id: ID!) { application(id: $id) { id version publicStatus formData trustLevel
  submitProblems { path code } possibleActions service { leikaKey } area { ars } authority { id } applicant { id } agent { id }
  onlineServiceVersion { id } serviceAtPlace { leikaKey ars } history { nodes { sequence action actorName summary publicStatus canonical previousHash hash } chain { valid length headHash } } } }`;
const DELETE = `mutation ($input: DeleteDraftInput!) { deleteDraft(input: $input) { application { id version formData } refusal { code } } }`;
const MINE = `query ($first: Int, $after: String, $publicStatuses: [PublicStatus!]) {
  myApplications(first: $first, after: $after, publicStatuses: $publicStatuses) { totalCount nodes { id publicStatus formData submitProblems { code } documents { id } possibleActions } pageInfo { hasNextPage endCursor } } }`;

describe('drafts', () => {
  let at: Stage;
  beforeAll(async () => {
    at = await stage();
  });
  afterAll(() => at.stop());

  const create = (input: object, by = at.klara) =>
    at.subgraph.as(by).query(CREATE, { input: { leikaKey: LEIKA_KEY, ars: ARS, idempotencyKey: newId(), ...input } });
  const read = (id: string, by: Parameters<typeof at.subgraph.as>[0] = at.klara) =>
    at.subgraph.as(by).query(READ, { id });

  test('a draft is begun with gaps, and says what still stands against submission', async () => {
    const { data } = await create({ formData: { familyName: 'Muster' } });
    expect(data.createDraft).toMatchObject({
      refusal: null,
      application: {
        version: 1,
        reference: null,
        publicStatus: 'INITIATED',
        formData: { familyName: 'Muster' },
        submitProblems: [
          { path: '/trade', code: 'REQUIRED', message: 'Diese Angabe fehlt.' },
          { path: '', code: 'PAYMENT_REQUIRED' },
        ],
        possibleActions: ['changeDraft', 'requestUpload', 'submitApplication', 'deleteDraft'],
      },
    });
    const { id } = data.createDraft.application;
    expect((await read(id)).data.application).toMatchObject({
      service: { leikaKey: LEIKA_KEY },
      area: { ars: ARS },
      authority: null,
      applicant: { id: at.klara.accountId },
      agent: null,
      trustLevel: 'SUBSTANTIAL',
      history: {
        nodes: [{ sequence: 1, action: 'createDraft', summary: 'Antrag begonnen' }],
        chain: { valid: true, length: 1 },
      },
    });
    const [event] = (await at.subgraph.published('application.draft-created')).filter(({ key }) => key === id);
    expect(event?.payload).toMatchObject({
      accountId: at.klara.accountId,
      ars: ARS,
      requiredTrustLevel: 'SUBSTANTIAL',
    });
  });

  test('the same key makes one draft, also when both arrive at once, and another body is refused', async () => {
    const input = { leikaKey: LEIKA_KEY, ars: ARS, formData: COMPLETE, idempotencyKey: newId() };
    const [one, two] = await Promise.all([create(input), create(input)]);
    expect(one.data.createDraft.application.id).toBe(two.data.createDraft.application.id);
    const other = await create({ ...input, formData: {} });
    expect(other.data.createDraft).toMatchObject({ application: null, refusal: { code: 'IDEMPOTENCY_MISMATCH' } });
  });

  test('a draft needs a sign-in, a known place, an online service and answers of bounded size', async () => {
    const input = { leikaKey: LEIKA_KEY, ars: ARS, idempotencyKey: newId() };
    const nobody = await at.subgraph.as(ANONYMOUS).query(CREATE, { input });
    expect(nobody.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    const officer = await at.subgraph.as(at.max).query(CREATE, { input });
    expect(officer.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    const reader = await create({}, person({ readOnly: true }));
    expect(reader.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    const huge = await create({ formData: { familyName: 'x'.repeat(200_000) } });
    expect(huge.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', field: 'input.formData' });
    const list = await create({ formData: [1] });
    expect(list.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', field: 'input.formData' });
    const before = at.preflight;
    at.preflight = { ...before, onlineServiceVersion: null };
    expect((await create({})).data.createDraft.refusal.code).toBe('NO_ONLINE_SERVICE');
    at.preflight = { ...before, singleContact: null };
    expect((await create({ viaSingleContact: true })).data.createDraft.refusal.code).toBe('NO_SINGLE_CONTACT');
    at.preflight = null as never;
    expect((await create({})).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    at.preflight = before;
  });

  test('when the catalogue does not answer, it says that nothing is lost and that it can be tried again', async () => {
    at.subgraph.answerAsk('preflight', () => {
      throw new Error('down');
    });
    expect((await create({})).data.createDraft.refusal).toMatchObject({ code: 'TRY_AGAIN', retryable: true });
    at.subgraph.answerAsk('preflight', () => ({ serviceAtPlace: at.preflight }));
  });

  test('answers are replaced, a stale version is refused with what is stored', async () => {
    const { id } = await at.draft(at.klara, {});
    const change = (formData: object, expectedVersion: number) =>
      at.subgraph.as(at.klara).query(CHANGE, { input: { applicationId: id, formData, expectedVersion } });
    expect((await change(COMPLETE, 1)).data.changeDraft.application).toMatchObject({ version: 2, formData: COMPLETE });
    expect((await change({}, 1)).data.changeDraft).toMatchObject({
      application: { version: 2, formData: COMPLETE },
      refusal: { code: 'VERSION_CONFLICT' },
    });
    const problems = (await change({ familyName: 7, trade: '', extra: true }, 2)).data.changeDraft.application
      .submitProblems;
    expect(problems.map(({ path, code }: { path: string; code: string }) => [path, code])).toEqual([
      ['/extra', 'UNKNOWN'],
      ['/familyName', 'WRONG_TYPE'],
      ['/trade', 'TOO_SHORT'],
      ['', 'PAYMENT_REQUIRED'],
    ]);
  });

  test('others see nothing of a draft, on any path: by id, as a reference, in an inbox', async () => {
    const { id, version } = await at.draft();
    const jonas = person();
    for (const other of [jonas, at.max, at.nora, at.olaf]) {
      expect(await read(id, other)).toMatchObject({
        data: { application: null },
        errors: [{ extensions: { code: 'NOT_FOUND' } }],
      });
      const { data } = await at.subgraph
        .as(other)
        .query('query ($r: [_Any!]!) { _entities(representations: $r) { ... on Application { id formData } } }', {
          r: [{ __typename: 'Application', id }],
        });
      expect(data._entities).toEqual([null]);
    }
    const stolen = await at.subgraph
      .as(jonas)
      .query(CHANGE, { input: { applicationId: id, formData: {}, expectedVersion: version } });
    expect(stolen.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    const inbox = await at.subgraph
      .as(at.max)
      .query('query ($a: ID!) { inbox(authorityId: $a, first: 100) { nodes { id } } }', { a: AUTHORITY });
    expect(JSON.stringify(inbox)).not.toContain(id);
  });

  test('an agent acts for the principal only within the mandate and its services', async () => {
    const principal = person();
    const agent = person({ actingFor: principal.accountId, services: [LEIKA_KEY] });
    const mandate = {
      mandateId: newId(),
      principalAccountId: principal.accountId,
      agentAccountId: agent.accountId,
      leikaKeys: [LEIKA_KEY],
      validFrom: '2026-01-01T00:00:00Z',
      validTo: null,
    };
    expect((await create({}, agent)).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    await at.subgraph.publish('identity', 'mandate.changed', principal.accountId, mandate);
    const { id, version } = await at.draft(agent);
    expect((await read(id, principal)).data.application).toMatchObject({
      applicant: { id: principal.accountId },
      agent: { id: agent.accountId },
    });
    const limited = person({ ...agent, services: ['99000000000000'] });
    expect((await read(id, limited)).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    await at.subgraph.publish('identity', 'mandate.changed', principal.accountId, {
      ...mandate,
      validTo: '2026-11-01T00:00:00Z',
    });
    const late = await at.subgraph
      .as(agent)
      .query(CHANGE, { input: { applicationId: id, formData: {}, expectedVersion: version } });
    expect(late.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });

  test('a session of lower trust than the draft was written with does not see its answers', async () => {
    const { id } = await at.draft();
    const weak = { ...at.klara, trustLevel: TrustLevel.BASIC };
    expect((await read(id, weak)).data.application).toMatchObject({ formData: null, publicStatus: 'INITIATED' });
    expect((await read(id, weak)).data.application.possibleActions).not.toContain('submitApplication');
    const { id: own } = await at.draft(weak);
    expect((await read(own, weak)).data.application.formData).toEqual(COMPLETE);
  });

  test('a deleted draft is gone for everybody, with its answers', async () => {
    const { id, version } = await at.draft();
    const { data } = await at.subgraph
      .as(at.klara)
      .query(DELETE, { input: { applicationId: id, expectedVersion: version } });
    expect(data.deleteDraft).toEqual({ application: { id, version, formData: COMPLETE }, refusal: null });
    expect((await read(id)).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    const [row] = await at.subgraph.sql('SELECT state, form_data FROM applications.application WHERE id = $1', [id]);
    expect(row).toEqual({ state: 'DESTROYED', form_data: null });
    const told = (await at.subgraph.published('application.draft-deleted')).filter(({ key }) => key === id);
    expect(told).toHaveLength(1);
    const again = await at.subgraph
      .as(at.klara)
      .query(DELETE, { input: { applicationId: id, expectedVersion: version + 1 } });
    expect(again.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
  });

  test('§ 8a OZG: a draft that nobody edits for 30 days is deleted, one of yesterday is not', async () => {
    const idle = await at.draft();
    const fresh = await at.draft();
    await at.subgraph.sql(`UPDATE applications.application SET next_due_on = current_date - 1 WHERE id = $1`, [
      idle.id,
    ]);
    expect(await expireDrafts(at.subgraph.running.db)).toBe(1);
    expect(await untilState(at.subgraph, idle.id, 'DESTROYED')).toBe(2);
    expect((await read(fresh.id)).data.application.publicStatus).toBe('INITIATED');
    const [{ days }] = (await at.subgraph.sql<{ days: number }>(
      `SELECT next_due_on - current_date AS days FROM applications.application WHERE id = $1`,
      [fresh.id],
    )) as [{ days: number }];
    expect([29, 30, 31]).toContain(days); // the database's day may differ from Berlin's
  });

  test('my applications come newest first, page by page, with the same number of statements for 2 and 20', async () => {
    const owner = person();
    const made: string[] = [];
    for (let i = 0; i < 20; i++) made.push((await at.draft(owner)).id);
    const mine = (variables: object) => at.subgraph.as(owner).query(MINE, { ...variables });
    const all = await mine({ first: 100 });
    expect(all.data.myApplications.nodes.map(({ id }: { id: string }) => id)).toEqual([...made].reverse());
    expect(all.data.myApplications.totalCount).toBe(20);
    const few = await mine({ first: 2 });
    expect(few.statements).toBe(all.statements);
    const next = await mine({ first: 2, after: few.data.myApplications.pageInfo.endCursor });
    expect(next.data.myApplications.nodes.map(({ id }: { id: string }) => id)).toEqual([made[17], made[16]]);
    expect((await mine({ publicStatuses: ['SUBMITTED'] })).data.myApplications.nodes).toEqual([]);
    expect((await at.subgraph.as(at.max).query(MINE)).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });

  test('row-level security hides another account’s rows even from a query without a condition', async () => {
    const { id } = await at.draft();
    const seen = await at.subgraph.running.db.tx(person(), tx =>
      tx.query('SELECT id FROM application UNION ALL SELECT application_id FROM history_entry'),
    );
    expect(seen).toEqual([]);
    const own = await at.subgraph.running.db.tx(at.klara, tx =>
      tx.query('SELECT id FROM application WHERE id = $1', [id]),
    );
    expect(own).toHaveLength(1);
  });

  test('the history recomputes, and one changed entry breaks its chain', async () => {
    const { id } = await at.draft();
    await at.subgraph
      .as(at.klara)
      .query(CHANGE, { input: { applicationId: id, formData: COMPLETE, expectedVersion: 1 } });
    const history = async () => (await read(id)).data.application.history;
    expect((await history()).chain).toMatchObject({ valid: true, length: 2 });
    expect((await history()).nodes[1].previousHash).toBe((await history()).nodes[0].hash);
    await at.subgraph.sql(
      `UPDATE applications.history_entry SET canonical = replace(canonical, 'createDraft', 'changeDraft') WHERE application_id = $1`,
      [id],
    );
    expect((await history()).chain).toMatchObject({ valid: false });
  });
});
