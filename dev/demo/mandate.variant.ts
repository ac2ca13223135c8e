/** Jonas applies for Klara by a mandate (Vollmacht) that is limited to one service and to a day, until she revokes it. */
import { randomUUID } from 'node:crypto';
import { addDays, now, today } from '../../kernel/clock';
import { CAR } from './catalogue.services';
import { PERSONAS, TRADE_REGISTRATION } from './facts';
import { Play, type Step } from './play';
import { check, type Data, eventually, Player } from './player';

const [KLARA, JONAS] = PERSONAS;
const ME = '{ session { account { id } actingFor { id displayName } canActFor { id } } }';
const GRANT = `mutation ($input: GrantMandateInput!) { grantMandate(input: $input) {
  mandate { id version state services { leikaKey } validTo } refusal { code problems { path code } } } }`;
const REVOKE = `mutation ($input: RevokeMandateInput!) { revokeMandate(input: $input) { mandate { state } refusal { code } } }`;
const ACT_FOR = `mutation ($input: ActForInput!) { actFor(input: $input) { session { actingFor { id displayName } } refusal { code } } }`;
const DRAFT = `mutation ($input: CreateDraftInput!) { createDraft(input: $input) { application { id } refusal { code } } }`;
const CASE = `query ($id: ID!) { application(id: $id) { id formData reference applicant { id displayName } agent { id displayName } } }`;

const codeOf = ({ errors }: { errors?: Data[] }): string | undefined => errors?.[0]?.extensions.code;

export class Mandate extends Play {
  async play(): Promise<Step[]> {
    await this.theOfficePublishes(await this.theOfficesSignIn());
    const signIn = {
      minimumTrustLevel: 'SUBSTANTIAL',
      method: 'EID',
      returnUrl: `https://${this.place.portalHost}/back`,
    };
    const [klara, jonas] = await this.step(
      'sign-in',
      `${KLARA.name}, ${JONAS.name}`,
      () => Promise.all([Player.signIn(this.stack, KLARA, signIn), Player.signIn(this.stack, JONAS, signIn)]),
      () => 'sign in',
    );
    const [principal, agent] = await Promise.all(
      [klara, jonas].map(async one => (await one.ask(ME)).data.session.account.id as string),
    );
    const { mandate } = await this.step(
      'mandate',
      KLARA.name,
      () => this.grants(klara, agent!),
      ({ mandate: made, refusal }) => {
        check(!refusal && made.state === 'ACTIVE', `the mandate is in force, not ${JSON.stringify(refusal)}`);
        return `lets ${JONAS.name} act for her: trade registration only, until ${made.validTo.slice(0, 10)}`;
      },
    );
    await this.step(
      'acts for',
      JONAS.name,
      async () => (await jonas.ask(ACT_FOR, { input: { accountId: principal } })).data.actFor,
      ({ session, refusal }) => {
        check(!refusal && session.actingFor.id === principal, 'Jonas acts for Klara');
        return `acts for ${session.actingFor.displayName}`;
      },
    );
    // other subgraphs hear of the mandate a moment later: until then they refuse
    const draft = await this.step(
      'draft',
      JONAS.name,
      () =>
        eventually(
          () => this.drafts(jonas),
          answer => codeOf(answer) !== 'FORBIDDEN',
          'the mandate is known',
        ),
      answer => {
        check(answer.data?.createDraft.application, `a draft was begun, not ${JSON.stringify(answer.errors)}`);
        return 'begins a draft for her';
      },
    );
    const filled = await this.fillsIn(jonas, { id: draft.data.createDraft.application.id, version: 1 });
    await this.pays(jonas, filled);
    await this.step(
      'submits',
      JONAS.name,
      () => this.submits(jonas, filled),
      ({ application, refusal }) => {
        check(!refusal, `the application is accepted, not refused with ${JSON.stringify(refusal)}`);
        return `submits: ${application.reference}`;
      },
    );
    await this.step(
      'who for whom',
      KLARA.name,
      () => klara.ask(CASE, { id: filled.id }),
      ({ data, errors }: Data) => {
        check(!errors, `Klara sees the case, not ${JSON.stringify(errors)}`);
        check(data.application.applicant.id === principal, 'it is hers');
        check(data.application.agent.id === agent, 'the record says who acted for her');
        return `reads in the record: ${data.application.agent.displayName ?? JONAS.name} for ${data.application.applicant.displayName}`;
      },
    );
    await this.step(
      'other service',
      JONAS.name,
      () => this.drafts(jonas, CAR),
      answer => {
        check(codeOf(answer) === 'FORBIDDEN', `another service is refused, not ${JSON.stringify(answer)}`);
        return 'is refused another service in her name: FORBIDDEN';
      },
    );
    await this.step(
      'revokes',
      KLARA.name,
      async () => {
        const input = { mandateId: mandate.id, expectedVersion: mandate.version };
        const { data } = await klara.ask(REVOKE, { input });
        check(data?.revokeMandate.mandate.state === 'REVOKED', 'the mandate is revoked');
        const began = performance.now();
        await eventually(
          () => jonas.ask(CASE, { id: filled.id }),
          answer => codeOf(answer) === 'NOT_FOUND' && answer.data?.application === null,
          'Jonas sees the case no more',
        );
        return performance.now() - began;
      },
      ms => `revokes the mandate; ${ms.toFixed(0)} ms later ${JONAS.name} sees the case no more`,
    );
    await this.step(
      'refused',
      JONAS.name,
      async () => ({
        acts: (await jonas.ask(ACT_FOR, { input: { accountId: principal } })).data.actFor,
        me: (await jonas.ask(ME)).data.session,
      }),
      ({ acts, me }) => {
        check(acts.refusal?.code === 'NOT_REPRESENTED', 'he may not act for her any more');
        check(me.actingFor === null && !me.canActFor.some(({ id }: Data) => id === principal), 'he is himself again');
        return 'is himself again, and may not act for her';
      },
    );
    return this.steps;
  }

  private async grants(klara: Player, agentAccountId: string): Promise<Data> {
    const input = {
      agentAccountId,
      leikaKeys: [TRADE_REGISTRATION],
      validFrom: now().toISOString(),
      validTo: `${addDays(today(), 1)}T12:00:00Z`,
      idempotencyKey: randomUUID(),
    };
    return (await klara.ask(GRANT, { input })).data.grantMandate;
  }

  private drafts(jonas: Player, leikaKey = TRADE_REGISTRATION) {
    const input = { leikaKey, ars: this.place.municipalityArs, formData: {}, idempotencyKey: randomUUID() };
    return jonas.ask(DRAFT, { input });
  }
}
