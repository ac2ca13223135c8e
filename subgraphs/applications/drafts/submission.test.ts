import { newId } from '../../../kernel/ids';
import type { Principal } from '../../../kernel/principal';
import { TrustLevel } from '../../../kernel/trust';
import { person } from '../../../tests/setup/subgraph';
import { formHash } from '../forms/form.service';
import {
  ARS,
  AUTHORITY,
  COMPLETE,
  DEPARTMENT,
  LEIKA_KEY,
  responsibility,
  type Stage,
  SUBMIT,
  stage,
  untilState,
} from '../testing';

const WITHDRAW = `mutation ($input: WithdrawApplicationInput!) { withdrawApplication(input: $input) { application { version publicStatus possibleActions } refusal { code allowedActions } } }`;

describe('submitting an application', () => {
  let at: Stage;
  beforeAll(async () => {
    at = await stage();
  });
  afterAll(() => at.stop());
  const untouched = { due: 0 };
  let before: Stage['preflight'];
  beforeEach(() => {
    before = at.preflight;
    Object.assign(at, untouched);
  });
  afterEach(() => {
    at.preflight = before;
    Object.assign(at, untouched);
  });

  const submit = (id: string, expectedVersion = 1, by = at.klara, idempotencyKey = newId()) =>
    at.subgraph.as(by).query(SUBMIT, { input: { applicationId: id, expectedVersion, idempotencyKey } });
  const refusal = async (id: string, by = at.klara) => (await submit(id, 1, by)).data.submitApplication.refusal;
  const stored = async (id: string) =>
    (await at.subgraph.sql('SELECT * FROM applications.application WHERE id = $1', [id]))[0]!;

  test('what was asked is frozen in the case: authority, department, channel, name, reference', async () => {
    const { id } = await at.draft();
    const { application, refusal: no } = (await submit(id)).data.submitApplication;
    expect(no).toBeNull();
    expect(application).toMatchObject({
      version: 2,
      publicStatus: 'SUBMITTED',
      submitProblems: null,
      authority: { id: AUTHORITY },
    });
    expect(application.reference).toMatch(/^2026-[2-9A-Z]{5}-\d{5}$/);
    expect(await stored(id)).toMatchObject({
      authority_id: AUTHORITY,
      department_id: DEPARTMENT,
      channel: 'CASE_CLOUD',
      applicant_name: 'Klara Muster',
      processing_days: 3,
      responsibility_id: responsibility().id,
    });
    expect(await untilState(at.subgraph, id, 'RECEIVED')).toBe(3);
  });

  test('sent often, also at once: one submission, one delivery, one receipt of the event', async () => {
    const { id } = await at.draft();
    const key = newId();
    const answers = await Promise.all([1, 2, 3, 4].map(() => submit(id, 1, at.klara, key)));
    const references = new Set(answers.map(({ data }) => data.submitApplication.application.reference));
    expect(references.size).toBe(1);
    await untilState(at.subgraph, id, 'RECEIVED');
    const types = (await at.subgraph.published()).filter(event => event.key === id).map(({ type }) => type);
    expect(types).toEqual(['application.draft-created', 'application.submitted', 'application.received']);
    const deliveries = await at.subgraph.sql('SELECT state FROM applications.delivery WHERE application_id = $1', [id]);
    expect(deliveries).toEqual([{ state: 'DELIVERED' }]);
    const other = await submit(id, 2, at.klara, key);
    expect(other.data.submitApplication.refusal.code).toBe('IDEMPOTENCY_MISMATCH');
  });

  test('two submissions with different keys: one is sent, the other one sees the version conflict', async () => {
    const { id } = await at.draft();
    const answers = await Promise.all([submit(id), submit(id)]);
    const codes = answers.map(({ data }) => data.submitApplication.refusal?.code ?? 'sent').sort();
    expect(codes).toEqual(['VERSION_CONFLICT', 'sent']);
  });

  test('a missing answer and a missing document are named by JSON pointers', async () => {
    at.preflight = {
      ...before,
      requiredDocuments: [{ code: 'LEASE', name: 'Mietvertrag', mandatory: true, mimeTypes: [], maxByteSize: 9_000 }],
    };
    const { id } = await at.draft(at.klara, { familyName: 'Muster' });
    expect(await refusal(id)).toMatchObject({
      code: 'VALIDATION_FAILED',
      problems: [{ path: '/trade', code: 'REQUIRED' }, { path: '/documents/LEASE' }],
      allowedActions: ['changeDraft'],
      retryable: false,
    });
    const { id: second } = await at.draft();
    expect(await refusal(second)).toMatchObject({
      code: 'DOCUMENTS_MISSING',
      problems: [
        { path: '/documents/LEASE', code: 'DOCUMENTS_MISSING', message: 'Diese Unterlage fehlt: Mietvertrag' },
      ],
    });
    await at.upload({ applicationId: second, requirementCode: 'LEASE' });
    expect(await refusal(second)).toBeNull();
  });

  test('the trust level is judged by the session that submits', async () => {
    const { id } = await at.draft();
    expect(await refusal(id, { ...at.klara, trustLevel: TrustLevel.LOW })).toMatchObject({
      code: 'TRUST_TOO_LOW',
      message:
        'Dafür ist eine sicherere Anmeldung nötig: verlangt ist das Vertrauensniveau SUBSTANTIAL, nachgewiesen ist LOW. ' +
        'Es wird erreicht mit: Online-Ausweis (eID), Smart-eID, eIDAS, ELSTER.',
      allowedActions: ['startSignIn'],
    });
  });

  describe('of a form that names proven facts', () => {
    const SCHEMA = {
      type: 'object',
      properties: {
        familyName: { type: 'string', 'x-proven': { attribute: 'familyName', trustLevel: 'SUBSTANTIAL' } },
        birthdate: { type: 'string', 'x-proven': { attribute: 'dateOfBirth', trustLevel: 'HIGH' } },
      },
    };
    let facts: { name: string; trustLevel: string | null }[];
    let asker: Principal;
    beforeEach(async () => {
      const id = newId();
      await at.subgraph.sql(`INSERT INTO applications.form VALUES ($1, 'Nachweise', $2, '{}', $3, now())`, [
        id,
        JSON.stringify(SCHEMA),
        formHash(SCHEMA, id),
      ]);
      at.preflight = { ...before, onlineServiceVersion: { id: newId(), form: { id } } };
      at.subgraph.answerAsk('proven', ({ accountId }, { principal }) => {
        asker = principal;
        return { account: { id: accountId, attributes: facts } };
      });
      facts = [
        { name: 'familyName', trustLevel: 'SUBSTANTIAL' },
        { name: 'dateOfBirth', trustLevel: 'HIGH' },
      ];
    });
    const high = () => ({ ...at.klara, trustLevel: TrustLevel.HIGH });
    const tooLow = (path: string, message: unknown) => ({ path, code: 'TRUST_TOO_LOW', message });

    test('each is compared with its own level, whatever the session’s, and named', async () => {
      const { id } = await at.draft(high(), { familyName: 'Muster', birthdate: '1989-04-12' });
      facts = [
        { name: 'familyName', trustLevel: 'LOW' },
        { name: 'dateOfBirth', trustLevel: 'SUBSTANTIAL' },
      ];
      expect(await refusal(id, high())).toMatchObject({
        code: 'TRUST_TOO_LOW',
        message: expect.stringContaining('verlangt ist das Vertrauensniveau HIGH, nachgewiesen ist LOW.'),
        problems: [
          tooLow(
            '/familyName',
            '„familyName“ muss mit dem Vertrauensniveau SUBSTANTIAL nachgewiesen sein; nachgewiesen ist es mit LOW. ' +
              'Es wird erreicht mit: Online-Ausweis (eID), Smart-eID, eIDAS, ELSTER.',
          ),
          tooLow(
            '/birthdate',
            '„dateOfBirth“ muss mit dem Vertrauensniveau HIGH nachgewiesen sein; nachgewiesen ist es mit SUBSTANTIAL. ' +
              'Es wird erreicht mit: Online-Ausweis (eID), eIDAS.',
          ),
        ],
        allowedActions: ['startSignIn'],
      });
      facts[0]!.trustLevel = 'SUBSTANTIAL';
      expect((await refusal(id, high())).problems).toMatchObject([{ path: '/birthdate' }]);
      facts[1]!.trustLevel = 'HIGH';
      expect(await refusal(id, high())).toBeNull();
    });

    test('what is not proven is listed on the draft before it is submitted, with the session’s own level', async () => {
      const { id } = await at.draft(high(), { familyName: 'Muster', birthdate: '1989-04-12' });
      const problems = async (trustLevel = TrustLevel.HIGH) => {
        const { data } = await at.subgraph
          .as({ ...at.klara, trustLevel })
          .query('query ($id: ID!) { application(id: $id) { submitProblems { path code message } } }', { id });
        return data.application.submitProblems.filter(({ code }: { code: string }) => code !== 'PAYMENT_REQUIRED');
      };
      expect(await problems()).toEqual([]);
      facts = [{ name: 'dateOfBirth', trustLevel: 'SUBSTANTIAL' }];
      const missing = [
        tooLow(
          '/familyName',
          expect.stringContaining('SUBSTANTIAL nachgewiesen sein; nachgewiesen ist es nicht. Es wird'),
        ),
        tooLow('/birthdate', expect.stringMatching(/HIGH nachgewiesen sein; .* mit SUBSTANTIAL.* mit: Online-Ausweis/)),
      ];
      expect(await problems()).toEqual(missing);
      const session = tooLow('', expect.stringMatching(/verlangt ist .* SUBSTANTIAL, nachgewiesen ist LOW.*ELSTER/));
      expect(await problems(TrustLevel.LOW)).toEqual([session, ...missing]);
      expect(asker).toEqual({ kind: 'service', subgraph: 'applications', onBehalfOf: null });
      at.subgraph.answerAsk('proven', () => {
        throw new Error('down');
      });
      expect(await problems()).toMatchObject([{ path: '', code: 'TRY_AGAIN' }]);
    });

    test('what is not proven, or of a level nobody knows, counts as the lowest', async () => {
      const { id } = await at.draft(high(), { familyName: 'Muster' });
      facts = [{ name: 'familyName', trustLevel: 'GREAT' }];
      expect((await refusal(id, high())).problems).toMatchObject([
        { path: '/familyName' },
        { path: '/birthdate', message: expect.stringContaining('nachgewiesen ist es nicht.') },
      ]);
    });

    test('an agent is judged by the applicant’s facts, which we ask for ourselves; no answer is not a yes', async () => {
      const agent = person({ actingFor: at.klara.accountId, trustLevel: TrustLevel.HIGH });
      await at.subgraph.publish('identity', 'mandate.changed', at.klara.accountId, {
        mandateId: newId(),
        principalAccountId: at.klara.accountId,
        agentAccountId: agent.accountId,
        leikaKeys: [],
        validFrom: new Date(Date.now() - 60_000).toISOString(),
        validTo: null,
      });
      const { id } = await at.draft(agent, { familyName: 'Muster' });
      at.subgraph.answerAsk('proven', () => ({ account: { attributes: null } }));
      expect(await refusal(id, agent)).toMatchObject({ code: 'TRY_AGAIN', retryable: true });
      at.subgraph.answerAsk('proven', ({ accountId }, { principal }) => {
        asker = principal;
        return { account: { id: accountId, attributes: accountId === at.klara.accountId ? facts : [] } };
      });
      expect(await refusal(id, agent)).toBeNull();
      expect(asker).toEqual({ kind: 'service', subgraph: 'applications', onBehalfOf: null });
    });
  });

  test('Vorkasse: an unpaid fee is refused; retryable once a payment is under way; unknown is not free', async () => {
    at.due = 2_600;
    const { id } = await at.draft();
    expect(await refusal(id)).toMatchObject({
      code: 'PAYMENT_REQUIRED',
      retryable: false,
      allowedActions: ['startPayment'],
    });
    const paymentId = newId();
    const payment = { paymentId, applicationId: id, totalMinor: 2_600, authorityId: AUTHORITY };
    await at.subgraph.publish('payment', 'payment.started', id, { ...payment, state: 'INITIAL' });
    expect(await refusal(id)).toMatchObject({ code: 'PAYMENT_REQUIRED', retryable: true });
    at.due = null;
    expect(await refusal(id)).toMatchObject({ code: 'TRY_AGAIN', retryable: true });
    at.due = 0;
    await at.subgraph.publish('payment', 'payment.state-changed', id, {
      ...payment,
      state: 'PAYED',
      paidAt: '2026-11-23T10:00:00Z',
      cashReference: 'K1',
      purpose: 'Gewerbeanmeldung',
    });
    const { data } = await at.subgraph
      .as(at.klara)
      .query('query ($id: ID!) { application(id: $id) { submitProblems { code } } }', { id });
    expect(data.application.submitProblems).toEqual([]);
    expect(await refusal(id)).toBeNull();
  });

  test('a fee that is not to be paid before does not hold it up', async () => {
    at.due = 2_600;
    at.preflight = { ...before, fee: { total: { amountMinor: 2_600 }, prepaymentRequired: false } };
    const { id } = await at.draft();
    expect(await refusal(id)).toBeNull();
  });

  test('no responsibility and more than one are refused with their own codes', async () => {
    const { id } = await at.draft();
    const none = (code: string) => ({
      ...before,
      responsibility: {
        on: '2026-11-23',
        responsibility: null,
        fallbackAuthority: null,
        refusal: { code, message: '', retryable: false },
      },
    });
    at.preflight = none('NO_RESPONSIBILITY');
    expect((await refusal(id)).code).toBe('NO_RESPONSIBILITY');
    at.preflight = none('AMBIGUOUS_RESPONSIBILITY');
    expect((await refusal(id)).code).toBe('AMBIGUOUS_RESPONSIBILITY');
  });

  test('the first department rule that fits the answers names the department', async () => {
    const rule = (path: string | null, equals: unknown, id: string) => ({ path, equals, department: { id, name: '' } });
    const [bikes, cars, rest] = [newId(), newId(), newId()];
    at.preflight = {
      ...before,
      responsibility: {
        ...before.responsibility,
        responsibility: responsibility({
          departmentRules: [
            rule('/trade', 'Autohaus', cars!),
            rule('/trade', 'Fahrradladen', bikes!),
            rule(null, null, rest!),
          ],
        }),
      },
    };
    const fitting = await at.received();
    expect(await stored(fitting.id)).toMatchObject({ department_id: bikes });
    const other = await at.received(at.klara, { ...COMPLETE, trade: 'Imbiss' });
    expect(await stored(other.id)).toMatchObject({ department_id: rest });
  });

  test('when payment or catalogue do not answer nothing is lost: it can be tried again', async () => {
    const { id } = await at.draft();
    at.subgraph.answerAsk('amountDue', () => {
      throw new Error('down');
    });
    expect(await refusal(id)).toMatchObject({ code: 'TRY_AGAIN', retryable: true });
    at.subgraph.answerAsk('amountDue', () => ({
      application: {
        id,
        amountDue: { amountMinor: 0 },
        applicant: { id: at.klara.accountId, displayName: 'Klara Muster' },
      },
    }));
    expect(await refusal(id)).toBeNull();
  });

  test('nobody else submits or withdraws it, and what is sent cannot be changed or sent again', async () => {
    const { id } = await at.draft();
    expect((await submit(id, 1, person())).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    const { version } = await at.received();
    const sent = await at.received();
    const again = (await submit(sent.id, sent.version)).data.submitApplication;
    expect(again.refusal).toMatchObject({
      code: 'INVALID_TRANSITION',
      allowedActions: ['requestUpload', 'withdrawApplication'],
    });
    const stolen = await at.subgraph
      .as(person())
      .query(WITHDRAW, { input: { applicationId: sent.id, expectedVersion: version } });
    expect(stolen.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    const officer = await at.subgraph
      .as(at.max)
      .query(WITHDRAW, { input: { applicationId: sent.id, expectedVersion: version } });
    expect(officer.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });

  test('an application is taken back until it is decided, and then no more', async () => {
    const one = await at.received();
    const withdraw = (id: string, expectedVersion: number) =>
      at.subgraph.as(at.klara).query(WITHDRAW, { input: { applicationId: id, expectedVersion, reason: 'Umzug' } });
    expect((await withdraw(one.id, one.version)).data.withdrawApplication).toEqual({
      application: { version: one.version + 1, publicStatus: 'COMPLETED', possibleActions: [] },
      refusal: null,
    });
    const two = await at.received();
    await at.subgraph.sql(`UPDATE applications.application SET state = 'DECIDED' WHERE id = $1`, [two.id]);
    expect((await withdraw(two.id, two.version)).data.withdrawApplication.refusal.code).toBe('INVALID_TRANSITION');
  });

  test('a service that is no longer offered here keeps the draft and says so', async () => {
    const { id } = await at.draft();
    at.preflight = null as never;
    expect((await submit(id)).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    expect(await stored(id)).toMatchObject({ state: 'DRAFT', leika_key: LEIKA_KEY, ars: ARS });
  });
});
