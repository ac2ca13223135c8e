/** Writes that come late, twice, or at the same moment. */
import { type Data, eventually } from '../../dev/demo/player';
import { addDays, today } from '../../kernel/clock';
import type { Asker } from './client';
import { codesOf, race } from './races';
import { key, type World } from './world';

export function staleAndSimultaneous(opened: () => World): void {
  let world: World;
  beforeAll(() => {
    world = opened();
  });

  describe('stale and simultaneous writes', () => {
    const CASE = 'application { id version publicStatus }';

    test('a stale version is refused with what is stored, for every versioned deed of the story', async () => {
      const { klara, max, thea, erika, register } = world;
      const draft = await world.draft();
      const open = await world.claimed();
      const { documentRequest } = await max.done(
        'requestDocuments',
        world.requestInput(open),
        'documentRequest { id version }',
      );
      const handed = await world.claimed();
      const start = {
        applicationId: handed.id,
        system: 'gewerberegister',
        expectedVersion: handed.version,
        idempotencyKey: key(),
      };
      const { handover } = await max.done('startHandover', start, 'handover { id version }');
      const document = await world.upload({ applicationId: draft.id });
      const payment = await world.startPayment(draft.id);
      const { entry } = await erika.done(
        'saveResponsibilityDraft',
        world.responsibility({ validFrom: addDays(today(), 400) }),
        'entry { id version }',
      );
      const expectedVersion = 77;
      const ofDraft = { applicationId: draft.id, expectedVersion };
      const ofCase = { applicationId: open.id, expectedVersion };
      const ofRequest = { documentRequestId: documentRequest.id, expectedVersion };
      const deadline = (
        await max.ask('query ($id: ID!) { application(id: $id) { deadlines { id } } }', { id: open.id })
      ).body.data.application.deadlines[0].id;
      const deeds: [Asker, string, object, string, string | null][] = [
        [klara, 'changeDraft', { ...ofDraft, formData: {} }, 'application { id }', draft.id],
        [klara, 'submitApplication', { ...ofDraft, idempotencyKey: key() }, 'application { id }', draft.id],
        [klara, 'deleteDraft', ofDraft, 'application { id }', draft.id],
        [klara, 'withdrawApplication', ofCase, 'application { id }', open.id],
        [klara, 'removeDocument', { documentId: document, expectedVersion }, 'document { id }', document],
        [
          klara,
          'answerDocumentRequest',
          { ...ofRequest, documentIds: [document] },
          'documentRequest { id }',
          documentRequest.id,
        ],
        [klara, 'cancelPayment', { paymentId: payment.id, expectedVersion }, 'payment { id }', payment.id],
        [max, 'claimApplication', ofCase, 'application { id }', open.id],
        [max, 'assignApplication', ofCase, 'application { id }', open.id],
        [
          max,
          'forwardApplication',
          { ...ofCase, authorityId: world.authorityId, reason: 'x' },
          'application { id }',
          open.id,
        ],
        [max, 'confirmCompleteness', ofCase, 'application { id }', open.id],
        [max, 'closeApplication', ofCase, 'application { id }', open.id],
        [
          max,
          'extendDeadline',
          { ...ofCase, deadlineId: deadline, days: 1, reason: 'x' },
          'application { id }',
          open.id,
        ],
        [max, 'decideApplication', world.decideInput({ id: open.id, version: 77 }), 'application { id }', open.id],
        [max, 'requestDocuments', world.requestInput({ id: open.id, version: 77 }), 'documentRequest { id }', null],
        [max, 'reviewDocumentRequest', { ...ofRequest, accept: true }, 'documentRequest { id }', documentRequest.id],
        [max, 'cancelDocumentRequest', { ...ofRequest, reason: 'x' }, 'documentRequest { id }', documentRequest.id],
        [max, 'startHandover', { ...start, ...ofCase, idempotencyKey: key() }, 'handover { id }', null],
        [
          register,
          'acknowledgeHandover',
          { handoverId: handover.id, accepted: true, contentHash: 'a'.repeat(64), expectedVersion },
          'handover { id }',
          handover.id,
        ],
        [erika, 'publishEntry', { entryId: entry.id, expectedVersion }, 'entry { id }', entry.id],
        [erika, 'withdrawEntry', { entryId: entry.id, reason: 'x', expectedVersion }, 'entry { id }', entry.id],
        [
          thea,
          'resolveReconciliation',
          { paymentId: payment.id, resolution: 'ACCEPT', reason: 'x', expectedVersion },
          'payment { id }',
          payment.id,
        ],
      ];
      const answers = await Promise.all(
        deeds.map(async ([by, name, input, thing, stored]) => {
          const { refusal, ...rest } = await by.write(name, input, thing);
          return [
            name,
            refusal?.code,
            Object.values(rest as Record<string, { id: string } | null>)[0]?.id ?? null,
            stored,
          ];
        }),
      );
      expect(answers).toEqual(deeds.map(([, name, , , stored]) => [name, 'VERSION_CONFLICT', stored, stored]));
    });

    test('two equal submissions at once are one application with one receipt and one delivery', async () => {
      const draft = await world.ready();
      const input = { applicationId: draft.id, expectedVersion: draft.version, idempotencyKey: key() };
      const deed = { by: world.klara, name: 'submitApplication', input, thing: CASE };
      await eventually(
        () => race(...Array.from({ length: 5 }, () => deed)),
        payloads => payloads.every(({ refusal }) => !refusal?.retryable),
        'the payment becomes known',
      ).then(payloads => {
        expect(codesOf(payloads)).toEqual([null, null, null, null, null]);
        expect(new Set(payloads.map(({ application }) => application.id))).toEqual(new Set([draft.id]));
      });
      await world.until(draft.id, 'RECEIVED');
      const { body } = await eventually(
        () =>
          world.klara.ask(
            'query ($id: ID!) { application(id: $id) { history { nodes { action } } thread { messages { nodes { kind } } } } }',
            { id: draft.id },
          ),
        ({ body }) => body.data.application.thread?.messages.nodes.length > 0,
        'the receipt comes',
      );
      expect(body.data.application.thread.messages.nodes).toEqual([{ kind: 'RECEIPT' }]);
      const actions = body.data.application.history.nodes.map(({ action }: Data) => action);
      expect(actions.filter((action: string) => action === 'submitApplication')).toHaveLength(1);
      const { body: seen } = await world.max.ask('query ($id: ID!) { application(id: $id) { deliveries { id } } }', {
        id: draft.id,
      });
      expect(seen.data.application.deliveries).toHaveLength(1);
      const other = await world.klara.write('submitApplication', { ...input, expectedVersion: 99 }, CASE);
      expect(other.refusal.code).toBe('IDEMPOTENCY_MISMATCH');
    });

    test('of two who take a case, who decide and withdraw it, and who pay twice, one wins', async () => {
      const { klara, max, thea } = world;
      const taken = await world.received();
      const take = { applicationId: taken.id, expectedVersion: taken.version };
      const claims = await race(
        { by: max, name: 'claimApplication', input: take, thing: CASE },
        { by: thea, name: 'claimApplication', input: take, thing: CASE },
      );
      expect(codesOf(claims)).toEqual([null, 'VERSION_CONFLICT']);
      for (let turn = 0; turn < 3; turn++) {
        const open = await world.claimed();
        const end = { applicationId: open.id, expectedVersion: open.version };
        const ends = await race(
          { by: max, name: 'decideApplication', input: world.decideInput(open), thing: CASE },
          { by: klara, name: 'withdrawApplication', input: end, thing: CASE },
        );
        expect(ends[0].refusal).toBeNull();
        expect(['VERSION_CONFLICT', 'INVALID_TRANSITION']).toContain(ends[1].refusal.code);
        const { body } = await max.ask('query ($id: ID!) { application(id: $id) { state decision { outcome } } }', {
          id: open.id,
        });
        const withdrawn = ends[0].deed === 'withdrawApplication';
        expect(body.data.application.decision === null).toBe(withdrawn);
        expect(body.data.application.state === 'WITHDRAWN').toBe(withdrawn);
      }
      const draft = await world.draft();
      const due = await world.amountDue(draft.id);
      const pay = (idempotencyKey: string) => ({
        by: klara,
        name: 'startPayment',
        input: {
          applicationId: draft.id,
          expectedAmount: due,
          returnUrl: world.paidUrl,
          idempotencyKey,
        },
        thing: 'payment { id }',
      });
      const same = key();
      const payments = await race(pay(same), pay(same), pay(key()), pay(key()));
      const won = payments.filter(({ refusal }) => refusal === null);
      expect(new Set(won.map(({ payment }) => payment.id)).size).toBe(1);
      expect(codesOf(payments).filter(code => code !== null && code !== 'PAYMENT_EXISTS')).toEqual([]);
      const { body: after } = await klara.ask('query ($id: ID!) { application(id: $id) { payments { id } } }', {
        id: draft.id,
      });
      expect(after.data.application.payments).toHaveLength(1);
    });
  });
}
