/** Klara begins with too low a trust level, and steps up in mid-draft (Vertrauensniveau anheben) without losing a word. */
import { PERSONAS, TRADE_REGISTRATION } from './facts';
import { FORM, Play, type Step } from './play';
import { check, type Data, Player } from './player';

const [KLARA] = PERSONAS;
const DRAFT = `query ($id: ID!) { application(id: $id) {
  version formData trustLevel publicStatus submitProblems { code } } }`;
const TRUST = `query ($leikaKey: LeikaKey!, $ars: Ars!) {
  serviceAtPlace(leikaKey: $leikaKey, ars: $ars) { trust { required current sufficient stepUpWith } } }`;

export class StepUp extends Play {
  async play(): Promise<Step[]> {
    await this.theOfficePublishes(await this.theOfficesSignIn());
    const returnUrl = `https://${this.place.portalHost}/back`;
    const weak = await this.step(
      'sign-in',
      KLARA.name,
      () => Player.signIn(this.stack, KLARA, { minimumTrustLevel: 'LOW', method: 'EID', returnUrl }),
      () => 'signs in with the level LOW',
    );
    const draft = await this.fillsIn(weak, await this.begins(weak));
    await this.pays(weak, draft);
    await this.step(
      'too low',
      KLARA.name,
      () => this.submits(weak, draft),
      ({ refusal }) => {
        check(refusal?.code === 'TRUST_TOO_LOW', `her level is too low, not ${JSON.stringify(refusal)}`);
        for (const named of ['SUBSTANTIAL', 'LOW', 'Online-Ausweis', 'ELSTER'])
          check(refusal.message.includes(named), `the refusal names ${named}`);
        check(refusal.allowedActions.includes('startSignIn'), 'it says what to do');
        return `is refused: ${refusal.message}`;
      },
    );
    await this.step(
      'listed',
      KLARA.name,
      () => weak.ask(DRAFT, { id: draft.id }),
      ({ data }: Data) => {
        const codes = data.application.submitProblems.map(({ code }: Data) => code);
        check(codes.includes('TRUST_TOO_LOW'), `the level is among what stands against submission, not only ${codes}`);
        return 'finds the level among what stands against submission';
      },
    );
    const { trust } = await this.step(
      'what would do',
      KLARA.name,
      async () =>
        (await weak.ask(TRUST, { leikaKey: TRADE_REGISTRATION, ars: this.place.municipalityArs })).data.serviceAtPlace,
      ({ trust: it }) => {
        check(it.required === 'SUBSTANTIAL' && it.current === 'LOW' && !it.sufficient, 'both levels are named');
        check(it.stepUpWith.includes('EID'), 'the identity card would do');
        return `needs ${it.required}, has ${it.current}; ${it.stepUpWith.join(', ')} would do`;
      },
    );
    const klara = await this.step(
      'step-up',
      KLARA.name,
      () => weak.stepUp(KLARA, { minimumTrustLevel: trust.required, method: 'EID', returnUrl }),
      () => `signs in once more, now with ${trust.required}`,
    );
    await this.step(
      'same draft',
      KLARA.name,
      () => klara.ask(DRAFT, { id: draft.id }),
      ({ data, errors }: Data) => {
        check(!errors && data.application.version === draft.version, 'the draft is there, as it was left');
        check(data.application.formData.trade === FORM.trade, 'no word of it is lost');
        check(data.application.publicStatus === 'INITIATED', 'it was not sent meanwhile');
        const codes = data.application.submitProblems.map(({ code }: Data) => code);
        check(!codes.includes('TRUST_TOO_LOW'), 'the level stands against submission no more');
        return 'finds her draft as she left it';
      },
    );
    await this.step(
      'submits',
      KLARA.name,
      () => this.submits(klara, draft),
      ({ application, refusal }) => {
        check(!refusal, `the application is accepted, not refused with ${JSON.stringify(refusal)}`);
        return `submits: ${application.reference}`;
      },
    );
    return this.steps;
  }
}
