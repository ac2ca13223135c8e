/** Decisions (Bescheid): who decides, what is refused, the notice as a PDF, and when an applicant gets to know. */
import { shiftClock } from '../../../kernel/clock';
import { newId } from '../../../kernel/ids';
import type { Staff } from '../../../kernel/principal';
import { readPdf } from '../../../kernel/testing/pdf';
import { TrustLevel } from '../../../kernel/trust';
import { person } from '../../../tests/setup/subgraph';
import { addDays, claimed, doing, reading, today } from '../casework/desk.testing';
import { documentStore } from '../documents/stores';
import { PDF, type Stage, stage } from '../testing';

let set: Stage;
beforeAll(async () => {
  set = await stage();
});
afterAll(() => set.stop());
afterEach(() => shiftClock(0));

const deciding = (applicationId: string, expectedVersion: number, given: Record<string, unknown> = {}, who = set.max) =>
  doing(set, who, 'decideApplication', {
    applicationId,
    outcome: 'GRANTED',
    reasoning: 'Die Anzeige ist vollständig.\n\nEs bestehen keine Bedenken.',
    legalRemedy: 'Widerspruch innerhalb eines Monats.',
    expectedVersion,
    idempotencyKey: newId(),
    ...given,
  });
/** Somebody else who decides at the same authority. */
async function colleague(): Promise<Staff> {
  const one = { ...set.max, staffMemberId: newId() };
  await set.subgraph.publish('identity', 'staff.changed', one.staffMemberId, {
    staffMemberId: one.staffMemberId,
    authorityId: one.authorityId,
    departmentId: null,
    scopes: [...one.scopes],
    active: true,
  });
  return one;
}
const available = (applicationId: string, noticeDocumentId: string, availableAt = new Date()) =>
  set.subgraph.publish('messaging', 'message.available', applicationId, {
    messageId: newId(),
    threadId: newId(),
    applicationId,
    kind: 'NOTICE',
    senderKind: 'STAFF',
    availableAt: availableAt.toISOString(),
    noticeDocumentId,
  });
async function decided() {
  const { id, version, reference } = await claimed(set);
  const { application } = await deciding(id, version);
  return { id, version: application.version as number, reference, notice: application.decision.notice.id as string };
}
const storedBytes = async (documentId: string): Promise<Buffer> => {
  const [row] = await set.subgraph.sql<{ storage_key: string }>(
    `SELECT storage_key FROM applications.document WHERE id = $1`,
    [documentId],
  );
  const chunks: Buffer[] = [];
  for await (const chunk of (await documentStore().get(row!.storage_key))!) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};
const DECISION = 'decision { outcome reasoning deemedNotifiedOn objectionUntil notice { id downloadUrl } }';

describe('decideApplication', () => {
  test('renders the notice as a letter, files it and tells messaging which one it is', async () => {
    const { id, version, reference } = await claimed(set);
    const { application, refusal } = await deciding(id, version);
    expect(refusal).toBeNull();
    expect(application).toMatchObject({
      state: 'DECIDED',
      publicStatus: 'PROCESSING',
      version: version + 1,
      decision: {
        outcome: 'GRANTED',
        deemedNotifiedOn: null,
        objectionUntil: null,
        decidedBy: { id: set.max.staffMemberId },
        notice: {
          filename: `Bescheid-${reference}.pdf`,
          mimeType: 'application/pdf',
          purpose: 'NOTICE',
          state: 'AVAILABLE',
        },
      },
    });
    const { text, raw } = readPdf(await storedBytes(application.decision.notice.id));
    for (const words of [
      'Amt Musterstadt',
      'Klara Muster',
      reference,
      'Gewerbeanmeldung',
      'wird entsprochen',
      'Es bestehen keine Bedenken.',
      'Rechtsbehelfsbelehrung',
      'Widerspruch innerhalb eines Monats.',
      'Im Auftrag Max Schröder',
    ]) {
      expect(text).toContain(words);
    }
    expect(raw).toContain('/Lang (de-DE)');
    const [told] = (await set.subgraph.published('application.decided')).filter(({ key }) => key === id);
    expect(told!.payload).toMatchObject({
      noticeDocumentId: application.decision.notice.id,
      serviceTitle: 'Gewerbeanmeldung',
    });
    const [access] = (await set.subgraph.published('data.accessed')).filter(
      ({ payload }) => payload.applicationId === id && payload.action === 'decide',
    );
    expect(access!.payload).toMatchObject({ accountId: set.klara.accountId, staffMemberId: set.max.staffMemberId });
  });

  test('is for other eyes when the case is one’s own, one’s agent’s, or of somebody one acts for', async () => {
    const own = newId();
    const recognised = (same: boolean) =>
      set.subgraph.publish('identity', 'staff.recognised', set.max.staffMemberId, {
        staffMemberId: set.max.staffMemberId,
        accountId: own,
        same,
      });
    await recognised(true);
    const mandate = (validTo: string | null) => ({
      mandateId: newId(),
      principalAccountId: set.klara.accountId,
      agentAccountId: own,
      leikaKeys: [],
      validFrom: new Date(0).toISOString(),
      validTo,
    });
    const { id, version } = await claimed(set);
    const may = async () =>
      (await reading(set, set.max, id, 'possibleActions')).possibleActions.includes('decideApplication');
    expect(await may()).toBe(true);
    await set.subgraph.publish('identity', 'mandate.changed', set.klara.accountId, mandate(new Date(1).toISOString()));
    expect(await may()).toBe(true);

    const acting = mandate(null);
    await set.subgraph.publish('identity', 'mandate.changed', set.klara.accountId, acting);
    expect(await may()).toBe(false);
    expect((await deciding(id, version)).refusal.code).toBe('OWN_CASE');
    await set.subgraph.publish('identity', 'mandate.changed', set.klara.accountId, {
      ...acting,
      validTo: new Date(2).toISOString(),
    });
    expect(await may()).toBe(true);

    const mine = await claimed(set, person({ accountId: own, actingFor: own }));
    expect((await deciding(mine.id, mine.version)).refusal.code).toBe('OWN_CASE');
    await recognised(false);
    expect((await deciding(mine.id, mine.version)).refusal).toBeNull();
  });

  test('asks for four eyes when the case is perhaps one’s own, until a colleague confirms that it is not', async () => {
    const [own, other] = [newId(), newId()];
    const paula = await colleague();
    const recognised = (accountId: string, given: object) =>
      set.subgraph.publish('identity', 'staff.recognised', set.max.staffMemberId, {
        staffMemberId: set.max.staffMemberId,
        accountId,
        same: true,
        ...given,
      });
    await recognised(own, { certain: false });
    await recognised(other, { certain: false });
    const { id, version } = await claimed(set, person({ accountId: own, actingFor: own }));
    const actions = async (who: Staff) => (await reading(set, who, id, 'possibleActions')).possibleActions as string[];
    expect((await deciding(id, version)).refusal.code).toBe('FOUR_EYES_REQUIRED');
    expect(await actions(set.max)).not.toContain('decideApplication');
    expect(await actions(paula)).toEqual(expect.arrayContaining(['decideApplication', 'confirmFourEyes']));

    const input = { applicationId: id, staffMemberId: set.max.staffMemberId, idempotencyKey: newId() };
    const confirming = (who: Staff, given: object = {}) =>
      doing(set, who, 'confirmFourEyes', { ...input, idempotencyKey: newId(), ...given });
    expect((await confirming(set.max)).refusal.code).toBe('FOUR_EYES_REQUIRED');
    await expect(confirming({ ...paula, scopes: ['staff:read', 'staff:work'] })).rejects.toThrow('FORBIDDEN');
    await expect(confirming(set.nora)).rejects.toThrow('NOT_FOUND');
    for (const staffMemberId of [newId(), paula.staffMemberId, set.nora.staffMemberId]) {
      expect((await confirming(paula, { staffMemberId })).refusal.code).toBe('NOTHING_TO_CONFIRM');
    }
    expect((await doing(set, paula, 'confirmFourEyes', input)).refusal).toBeNull();
    expect((await doing(set, paula, 'confirmFourEyes', input)).refusal).toBeNull();
    expect((await confirming(paula)).refusal.code).toBe('NOTHING_TO_CONFIRM');
    expect(await actions(paula)).not.toContain('confirmFourEyes');
    expect(await actions(set.max)).toContain('decideApplication');
    const { history } = await reading(set, set.max, id, 'history(first: 100) { nodes { action } chain { valid } }');
    expect(history.chain.valid).toBe(true);
    expect(history.nodes.filter(({ action }: { action: string }) => action === 'confirmFourEyes')).toHaveLength(1);

    // another case of the same people, and another account of this one, ask again
    const second = await claimed(set, person({ accountId: own, actingFor: own }));
    expect((await deciding(second.id, second.version)).refusal.code).toBe('FOUR_EYES_REQUIRED');
    const acting = {
      mandateId: newId(),
      principalAccountId: own,
      agentAccountId: other,
      leikaKeys: [],
      validFrom: new Date(0).toISOString(),
    };
    await set.subgraph.publish('identity', 'mandate.changed', own, { ...acting, validTo: null });
    expect((await deciding(id, version)).refusal.code).toBe('FOUR_EYES_REQUIRED');
    await set.subgraph.publish('identity', 'mandate.changed', own, { ...acting, validTo: new Date(2).toISOString() });
    expect((await deciding(id, version)).refusal).toBeNull();

    // what is certain, nobody can confirm away
    expect((await confirming(paula, { applicationId: second.id })).refusal).toBeNull();
    await recognised(own, {});
    expect((await deciding(second.id, second.version)).refusal.code).toBe('OWN_CASE');
    expect((await confirming(paula, { applicationId: second.id })).refusal.code).toBe('OWN_CASE');
  });

  test('is confirmed once when two colleagues do it at once, and by nobody who is in doubt too', async () => {
    const own = newId();
    const [paula, petra] = [await colleague(), await colleague()];
    const perhaps = (staffMemberId: string, same: boolean) =>
      set.subgraph.publish('identity', 'staff.recognised', staffMemberId, {
        staffMemberId,
        accountId: own,
        same,
        ...(same && { certain: false }),
      });
    await perhaps(set.max.staffMemberId, true);
    await perhaps(paula.staffMemberId, true);
    const { id, version } = await claimed(set, person({ accountId: own, actingFor: own }));
    const confirming = async (who: Staff) =>
      (
        await doing(set, who, 'confirmFourEyes', {
          applicationId: id,
          staffMemberId: set.max.staffMemberId,
          idempotencyKey: newId(),
        })
      ).refusal?.code;
    expect(await confirming(paula)).toBe('FOUR_EYES_REQUIRED');
    await perhaps(paula.staffMemberId, false);
    const said = await Promise.all([confirming(paula), confirming(petra)]);
    expect(said.filter(code => code === undefined)).toHaveLength(1);
    expect(said.filter(Boolean)).toEqual(['NOTHING_TO_CONFIRM']);
    expect((await deciding(id, version)).refusal).toBeNull();
  });

  test('is for other eyes when one belongs to the organisation that applies, also who may only read for it', async () => {
    const [own, organisation] = [newId(), newId()];
    await set.subgraph.publish('identity', 'staff.recognised', set.max.staffMemberId, {
      staffMemberId: set.max.staffMemberId,
      accountId: own,
      same: true,
    });
    const belongs = (member: boolean) =>
      set.subgraph.publish('identity', 'organisation.member-changed', organisation, {
        organisationId: organisation,
        accountId: own,
        member,
      });
    const { id, version } = await claimed(set, person({ accountId: organisation, actingFor: organisation }));
    await belongs(true);
    expect((await deciding(id, version)).refusal.code).toBe('OWN_CASE');
    await belongs(false);
    expect((await deciding(id, version)).refusal).toBeNull();
  });

  test('with the same key is one decision, also when both arrive at once', async () => {
    const { id, version } = await claimed(set);
    const idempotencyKey = newId();
    const both = await Promise.all([1, 2].map(() => deciding(id, version, { idempotencyKey })));
    const again = await deciding(id, version, { idempotencyKey });
    const notices = [...both, again].map(({ application }) => application.decision.notice.id);
    expect(new Set(notices).size).toBe(1);
    expect((await set.subgraph.published('application.decided')).filter(({ key }) => key === id)).toHaveLength(1);
    const other = await deciding(id, version, { idempotencyKey, outcome: 'REFUSED' });
    expect(other.refusal.code).toBe('IDEMPOTENCY_MISMATCH');
  });

  test('of two who decide at once with different keys, exactly one wins', async () => {
    const { id, version } = await claimed(set);
    const both = await Promise.all(['GRANTED', 'REFUSED'].map(outcome => deciding(id, version, { outcome })));
    expect(both.map(({ refusal }) => refusal?.code ?? null).sort()).toEqual(['VERSION_CONFLICT', null]);
    const [row] = await set.subgraph.sql(`SELECT count(*)::int FROM applications.decision WHERE application_id = $1`, [
      id,
    ]);
    expect(row).toEqual({ count: 1 });
    // the bytes of the lost notice are given up at once
    const [left] = await set.subgraph.sql(
      `SELECT count(*)::int FROM applications.document WHERE application_id = $1 AND purpose = 'NOTICE'`,
      [id],
    );
    expect(left).toEqual({ count: 1 });
  });

  test('races with the applicant taking it back, and exactly one of the two wins', async () => {
    const outcomes: string[] = [];
    for (let i = 0; i < 6; i++) {
      const { id, version } = await claimed(set);
      const withdraw = () =>
        set.subgraph
          .as(set.klara)
          .query('mutation ($i: WithdrawApplicationInput!) { withdrawApplication(input: $i) { refusal { code } } }', {
            i: { applicationId: id, expectedVersion: version },
          });
      const [one, two] = await Promise.all([deciding(id, version), withdraw()]);
      const { state } = await reading(set, set.max, id, 'state');
      const lost = [one.refusal, two.data.withdrawApplication.refusal].map(refusal => refusal?.code ?? null);
      expect(lost).toEqual(state === 'DECIDED' ? [null, 'VERSION_CONFLICT'] : ['VERSION_CONFLICT', null]);
      outcomes.push(state);
    }
    expect(outcomes.every(state => state === 'DECIDED' || state === 'WITHDRAWN')).toBe(true);
  });

  test('§ 37 Abs. 6 VwVfG: is refused without information on legal remedies', async () => {
    const { id, version } = await claimed(set);
    expect((await deciding(id, version, { legalRemedy: ' \n' })).refusal.code).toBe('LEGAL_REMEDY_MISSING');
    await expect(deciding(id, version, { reasoning: '' })).rejects.toThrow('BAD_INPUT');
  });

  test('§ 42a VwVfG: no person chooses a deemed approval; only the clock may', async () => {
    const { id, version } = await claimed(set);
    const notice = (await set.upload({ applicationId: id, purpose: 'NOTICE' }, PDF, set.max)).id;
    for (const given of [{}, { noticeDocumentId: notice }]) {
      const { application, refusal } = await deciding(id, version, { outcome: 'DEEMED_GRANTED', ...given });
      expect(application).toBeNull();
      expect(refusal).toMatchObject({
        code: 'ONLY_THE_CLOCK',
        retryable: false,
        problems: [{ path: '/outcome', code: 'ONLY_THE_CLOCK' }],
      });
    }
    // neither when a request is overdue, nor in another's case
    await doing(set, set.max, 'requestDocuments', {
      applicationId: id,
      items: [{ description: 'Kopie' }],
      reason: 'fehlt',
      dueOn: addDays(today(), 1),
      fixedDay: true,
      expectedVersion: version,
      idempotencyKey: newId(),
    });
    shiftClock(2 * 86_400_000);
    expect((await deciding(id, version + 1, { outcome: 'DEEMED_GRANTED' })).refusal.code).toBe('ONLY_THE_CLOCK');
    await expect(deciding(id, version + 1, { outcome: 'DEEMED_GRANTED' }, set.nora)).rejects.toThrow('NOT_FOUND');
    expect(await reading(set, set.max, id, 'state')).toEqual({ state: 'AWAITING_DOCUMENTS' });
    // the key is not used up by a refusal
    expect((await deciding(id, version + 1, { outcome: 'REFUSED' })).refusal).toBeNull();
  });

  test('is for those who may decide in the authority in charge', async () => {
    const { id, version } = await claimed(set);
    await expect(deciding(id, version, {}, { ...set.max, scopes: ['staff:read', 'staff:work'] })).rejects.toThrow(
      'FORBIDDEN',
    );
    await expect(deciding(id, version, {}, set.nora)).rejects.toThrow('NOT_FOUND');
    await expect(deciding(id, version, {}, set.klara as never)).rejects.toThrow('FORBIDDEN');
  });

  test('waits for open requests; only a refusal is possible, once their day is over', async () => {
    const { id, version } = await claimed(set);
    await doing(set, set.max, 'requestDocuments', {
      applicationId: id,
      items: [{ description: 'Kopie des Personalausweises' }],
      reason: 'fehlt',
      dueOn: addDays(today(), 1),
      fixedDay: true,
      expectedVersion: version,
      idempotencyKey: newId(),
    });
    expect((await deciding(id, version + 1, { outcome: 'REFUSED' })).refusal.code).toBe('DOCUMENT_REQUEST_OPEN');
    shiftClock(2 * 86_400_000);
    expect((await deciding(id, version + 1)).refusal).toMatchObject({
      code: 'DOCUMENT_REQUEST_OPEN',
      allowedActions: ['cancelDocumentRequest'],
    });
    const { application } = await deciding(id, version + 1, { outcome: 'REFUSED' });
    expect(application).toMatchObject({ state: 'DECIDED', decision: { outcome: 'REFUSED' } });
    expect(await reading(set, set.max, id, 'documentRequests { state }')).toEqual({
      documentRequests: [{ state: 'CANCELED' }],
    });
  });

  test('takes an uploaded PDF as its notice, and no other file', async () => {
    const { id, version } = await claimed(set);
    const other = await claimed(set);
    const notice = (await set.upload({ applicationId: id, purpose: 'NOTICE' }, PDF, set.max)).id;
    const internal = (await set.upload({ applicationId: id, purpose: 'INTERNAL' }, PDF, set.max)).id;
    const foreign = (await set.upload({ applicationId: other.id, purpose: 'NOTICE' }, PDF, set.max)).id;
    for (const noticeDocumentId of [internal, foreign, newId()]) {
      expect((await deciding(id, version, { noticeDocumentId })).refusal.code).toBe('BAD_NOTICE');
    }
    const { application } = await deciding(id, version, { noticeDocumentId: notice });
    expect(application.decision.notice.id).toBe(notice);
    expect(await storedBytes(notice)).toEqual(PDF);
  });
});

describe('before the notice is available', () => {
  test('an applicant finds no decision, no notice and no met deadline on any path', async () => {
    const { id, notice } = await decided();
    const seen = await reading(
      set,
      set.klara,
      id,
      `publicStatus possibleActions ${DECISION} documents { id } deadlines { kind state }
       history(first: 100) { nodes { action summary } }`,
    );
    expect(seen).toMatchObject({ publicStatus: 'PROCESSING', decision: null, documents: [] });
    expect(JSON.stringify(seen)).not.toMatch(/ecid|ntschied|MET/);
    const { errors } = await set.subgraph
      .as(set.klara)
      .query('query ($id: ID!) { document(id: $id) { id } }', { id: notice });
    expect(errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    const { data } = await set.subgraph
      .as(set.klara)
      .query(
        'query ($r: [_Any!]!) { _entities(representations: $r) { __typename ... on Application { decision { outcome } } ... on Document { id } } }',
        {
          r: [
            { __typename: 'Application', id },
            { __typename: 'Document', id: notice },
          ],
        },
      );
    expect(data._entities).toEqual([{ __typename: 'Application', decision: null }, null]);
  });

  test('a deadline that the decision has met shows as running to the applicant', async () => {
    const { id, version } = await claimed(set);
    await doing(set, set.max, 'confirmCompleteness', { applicationId: id, expectedVersion: version });
    await deciding(id, version + 1);
    const states = async (who: Parameters<typeof reading>[1]) =>
      (await reading(set, who, id, 'deadlines { kind state }')).deadlines;
    expect(await states(set.klara)).toEqual([{ kind: 'PROCESSING', state: 'RUNNING' }]);
    expect(await states(set.max)).toEqual([{ kind: 'PROCESSING', state: 'MET' }]);
  });
});

describe('once the notice is available', () => {
  test('§ 9 OZG, § 70 VwGO: the case is NOTIFIED, with the day of notification and the last day to object', async () => {
    const { id, version, notice } = await decided();
    const at = new Date('2027-01-28T11:00:00Z');
    await available(id, notice, at);
    const seen = await reading(set, set.klara, id, `version publicStatus ${DECISION} documents { id }`);
    expect(seen).toMatchObject({
      version: version + 1,
      publicStatus: 'COMPLETED',
      documents: [{ id: notice }],
      decision: {
        outcome: 'GRANTED',
        deemedNotifiedOn: '2027-01-31',
        objectionUntil: '2027-03-01',
        notice: { id: notice },
      },
    });
    expect(seen.decision.notice.downloadUrl).not.toBeNull();
    const [told] = (await set.subgraph.published('application.notified')).filter(({ key }) => key === id);
    expect(told!.payload).toMatchObject({ deemedNotifiedOn: '2027-01-31', state: 'NOTIFIED' });
    const german = await set.subgraph
      .as(set.klara, 'en')
      .query(
        'query ($id: ID!) { application(id: $id) { deadlines { kind rule { citation text } steps { explanation } } } }',
        {
          id,
        },
      );
    const objection = german.data.application.deadlines.find(({ kind }: { kind: string }) => kind === 'OBJECTION');
    expect(objection.rule.citation).toContain('§ 70');
    expect(objection.rule.text).toContain('one month');
    expect(objection.steps.length).toBeGreaterThan(2);
  });

  test('the same news twice is once, and news of another document is none', async () => {
    const { id, version, notice } = await decided();
    await available(id, newId());
    expect(await reading(set, set.max, id, 'state')).toEqual({ state: 'DECIDED' });
    await available(id, notice);
    await available(id, notice, new Date(Date.now() + 86_400_000));
    expect(await reading(set, set.max, id, 'state version')).toEqual({ state: 'NOTIFIED', version: version + 1 });
    expect((await set.subgraph.published('application.notified')).filter(({ key }) => key === id)).toHaveLength(1);
  });

  test('a weak sign-in still sees no decision, and nobody else sees the case', async () => {
    const { id, notice } = await decided();
    await available(id, notice);
    const weak = { ...set.klara, trustLevel: TrustLevel.BASIC };
    expect(await reading(set, weak, id, 'decision { outcome }')).toEqual({ decision: null });
    await expect(reading(set, person(), id, 'decision { outcome }')).rejects.toThrow('NOT_FOUND');
  });

  test('the case can be closed and is kept to the end of the tenth year', async () => {
    const { id, version, notice } = await decided();
    await available(id, notice);
    const { application } = await doing(set, set.max, 'closeApplication', {
      applicationId: id,
      expectedVersion: version + 1,
    });
    expect(application).toMatchObject({
      state: 'CLOSED',
      version: version + 2,
      archiveRecord: {
        state: 'RETAINED',
        appraisal: null,
        retentionUntil: `${Number(today().slice(0, 4)) + 10}-12-31`,
      },
    });
    const kept = await set.subgraph
      .as(set.klara)
      .query('query ($id: ID!) { application(id: $id) { id archiveRecord { state } } }', { id });
    expect(kept.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });
});
