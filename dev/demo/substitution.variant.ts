/** Max is away and Erika covers for him (Vertretung): she has his casework for as long as it lasts, and not a moment longer. */
import { randomUUID } from 'node:crypto';
import { now } from '../../kernel/clock';
import { PERSONAS, staffMemberIdOf } from './facts';
import { Play, type Step } from './play';
import { check, type Data, eventually, Player, type Watch } from './player';

const [KLARA, , MAX, ERIKA, THEA] = PERSONAS;
const ARRANGE = `mutation ($input: ArrangeSubstitutionInput!) { arrangeSubstitution(input: $input) {
  substitution { id version state } refusal { code problems { path code } } } }`;
const END = `mutation ($input: EndSubstitutionInput!) { endSubstitution(input: $input) { substitution { state } refusal { code } } }`;
const ACTIVE = `query ($authorityId: ID!) { substitutions(authorityId: $authorityId, states: [ACTIVE], first: 100) { nodes { id } } }`;
const CASE = `query ($id: ID!) { application(id: $id) { id version formData } }`;
const NOTE = `mutation ($input: AddNoteInput!) { addNote(input: $input) { note { id } refusal { code } } }`;

const SOON_MS = 3_000;
const AT_MOST_MS = 600_000;
const fromNow = (ms: number): string => new Date(now().getTime() + ms).toISOString();
const codeOf = ({ errors }: { errors?: Data[] }): string | undefined => errors?.[0]?.extensions.code;

export class Substitution extends Play {
  private readonly staffSignIn = { method: 'STAFF_SIGN_ON', returnUrl: `${this.stack.gatewayUrl}/graphql` };

  async play(): Promise<Step[]> {
    const { max, erika, ...office } = await this.theOfficesSignIn();
    await this.theOfficePublishes({ erika, ...office });
    const klara = await Player.signIn(this.stack, KLARA, {
      minimumTrustLevel: 'SUBSTANTIAL',
      method: 'EID',
      returnUrl: `https://${this.place.portalHost}/back`,
    });
    const inbox = max.watch('Story13Inbox', 'inboxChanged', { authorityId: office.authorityId, after: null });
    const id = await this.aCaseComesTo(max, klara, inbox);
    const { substitution, covering } = await this.erikaBeginsToCover(office.authorityId, erika, id);
    const desk = covering.watch('Story13Inbox', 'inboxChanged', {
      authorityId: office.authorityId,
      after: inbox.cursor,
    });
    inbox.drop();
    try {
      await this.erikaWorks(covering, desk, id);
      await this.maxIsBack(max, substitution, { covering, desk, id });
    } finally {
      desk.drop();
    }
    await this.klaraReadsWhoItWas(klara, id);
    return this.steps;
  }

  private async aCaseComesTo(max: Player, klara: Player, inbox: Watch): Promise<string> {
    const draft = await this.fillsIn(klara, await this.begins(klara));
    await this.pays(klara, draft);
    const { application, refusal } = await this.submits(klara, draft);
    check(!refusal, `the application is accepted, not refused with ${JSON.stringify(refusal)}`);
    const received = await inbox.until(
      one => one.applicationId === draft.id && one.kind === 'RECEIVED',
      'the case appears in the inbox',
    );
    await this.step(
      'claims',
      MAX.name,
      () => max.write('Story17Claim', { applicationId: draft.id, expectedVersion: received.application.version }),
      () => `takes the case ${application.reference}, and then a holiday`,
    );
    return draft.id;
  }

  /** Planned first; then its time comes. Erika, who edits the catalogue, has no right to any case before. */
  private async erikaBeginsToCover(authorityId: string, erika: Player, id: string) {
    const thea = await Player.signIn(this.stack, THEA, this.staffSignIn);
    const substitution = await this.step(
      'planned',
      THEA.name,
      async () => {
        const input = {
          absentStaffMemberId: staffMemberIdOf(MAX.subject),
          substituteStaffMemberId: staffMemberIdOf(ERIKA.subject),
          validFrom: fromNow(SOON_MS),
          validTo: fromNow(AT_MOST_MS),
          idempotencyKey: randomUUID(),
        };
        const { substitution: made, refusal } = (await thea.ask(ARRANGE, { input })).data.arrangeSubstitution;
        check(!refusal && made.state === 'PLANNED', `it is planned, not ${JSON.stringify(refusal ?? made)}`);
        return made;
      },
      () => `arranges that ${ERIKA.name}, who edits the catalogue, covers for ${MAX.name}`,
    );
    await this.step(
      'not yet',
      ERIKA.name,
      () => erika.ask(CASE, { id }),
      answer => {
        check(answer.data?.application === null && codeOf(answer) === 'NOT_FOUND', 'nothing is hers before its time');
        return 'finds nothing of his cases yet';
      },
    );
    const covering = await this.step(
      'active',
      ERIKA.name,
      async () => {
        await eventually(
          () => thea.ask(ACTIVE, { authorityId }),
          ({ data }) => data.substitutions.nodes.some((one: Data) => one.id === substitution.id),
          'its time comes',
        );
        return Player.signIn(this.stack, ERIKA, this.staffSignIn);
      },
      () => 'signs in on the first day of it',
    );
    return { substitution, covering };
  }

  private async erikaWorks(erika: Player, desk: Watch, id: string): Promise<void> {
    const { application } = await this.step(
      'reads',
      ERIKA.name,
      async () => (await erika.ask(CASE, { id })).data,
      ({ application: it }) => {
        check(it?.formData.familyName, 'she reads the case');
        return 'opens his case';
      },
    );
    await this.step(
      'works',
      ERIKA.name,
      async () => {
        await erika.write('Story22Complete', { applicationId: id, expectedVersion: application.version });
        return desk.until(one => one.applicationId === id && one.kind === 'DEADLINE_CHANGED', 'she hears it live');
      },
      () => 'finds it complete, and hears live that the clock runs',
    );
  }

  private async maxIsBack(
    max: Player,
    substitution: { id: string; version: number },
    { covering, desk, id }: { covering: Player; desk: Watch; id: string },
  ): Promise<void> {
    const note = (by: Player) => {
      const input = { applicationId: id, text: 'Ich bin wieder da.', idempotencyKey: randomUUID() };
      return by.ask(NOTE, { input });
    };
    const before = desk.heard.length;
    await this.step(
      'ended',
      MAX.name,
      async () => {
        const input = { substitutionId: substitution.id, expectedVersion: substitution.version };
        const { substitution: ended } = (await max.ask(END, { input })).data.endSubstitution;
        check(ended?.state === 'REVOKED', 'it is over');
        check((await note(max)).data?.addNote.note, 'Max works on');
        await desk.untilOver('her stream ends');
        check((await note(max)).data?.addNote.note, 'Max works on');
        return desk.heard.length - before;
      },
      heard => {
        check(heard <= 1, `her stream stops within one event, not after ${heard}`);
        return `is back early; ${ERIKA.name}’s stream stops (${heard} events after it)`;
      },
    );
    await this.step(
      'refused',
      ERIKA.name,
      async () => {
        await eventually(
          () => covering.ask(CASE, { id }),
          answer => answer.data?.application === null && codeOf(answer) === 'NOT_FOUND',
          'she sees the case no more',
        );
        return note(covering);
      },
      answer => {
        check(codeOf(answer) === 'FORBIDDEN', `she may not write, not ${JSON.stringify(answer)}`);
        return 'sees the case no more, and may not write to it';
      },
    );
  }

  private async klaraReadsWhoItWas(klara: Player, applicationId: string): Promise<void> {
    await this.step(
      'access log',
      KLARA.name,
      () =>
        eventually(
          () => klara.do('Story29WhoReadMyData', { applicationId }),
          ({ accessLog }) => accessLog.nodes.some((one: Data) => one.actorName === ERIKA.name),
          'Erika’s reading stands in the access log',
        ),
      ({ accessLog }) => {
        const { purpose } = accessLog.nodes.find((one: Data) => one.actorName === ERIKA.name);
        check(purpose && purpose !== 'inbox', 'it says for which case');
        return `reads that ${ERIKA.name} opened her data, for ${purpose}`;
      },
    );
  }
}
