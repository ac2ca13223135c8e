/** The Radwelt GmbH applies: its members share one mailbox (Postfach des Unternehmenskontos), each with the rights of their role. */
import { randomUUID } from 'node:crypto';
import { PERSONAS, TRADE_REGISTRATION } from './facts';
import { Play, type Step } from './play';
import { check, type Data, eventually, Player } from './player';

type Persona = (typeof PERSONAS)[number];
const persona = (subject: Persona['subject']): Persona => PERSONAS.find(one => one.subject === subject)!;
const [ADA, BEN, RITA] = [persona('ada.radwelt'), persona('ben.radwelt'), persona('rita.radwelt')];
const JONAS = persona('jonas');

const ME = '{ session { account { id } actingFor { id displayName } } }';
const MAILBOX = `{ mailbox { id unreadCount threads(first: 20) { nodes { id subject messages(first: 5) { nodes { id kind title } } } } } }`;
const THREAD = `query ($id: ID!) { thread(id: $id) { id } }`;
const READ = `mutation ($input: MarkThreadReadInput!) { markThreadRead(input: $input) { thread { unreadCount } refusal { code } } }`;
const SEND = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } refusal { code } } }`;
const DRAFT = `mutation ($input: CreateDraftInput!) { createDraft(input: $input) { application { id } refusal { code } } }`;
const ACT_FOR = `mutation ($input: ActForInput!) { actFor(input: $input) { session { expiresAt } refusal { code } } }`;
const MEMBERS = `query ($id: ID!) { account(id: $id) { version members { account { id } role } } }`;
const TAKE_OUT = `mutation ($input: SetOrganisationMemberInput!) { setOrganisationMember(input: $input) {
  refusal { code } } }`;

const codeOf = ({ errors }: { errors?: Data[] }): string | undefined => errors?.[0]?.extensions.code;
const mailboxOf = async (who: Player): Promise<Data> => (await who.ask(MAILBOX)).data?.mailbox;

export class Organisation extends Play {
  async play(): Promise<Step[]> {
    await this.theOfficePublishes(await this.theOfficesSignIn());
    const [ada, ben, rita] = await this.step(
      'sign-in',
      `${ADA.name}, ${BEN.name}, ${RITA.name}`,
      () => Promise.all([ADA, BEN, RITA].map(one => this.signsIn(one))),
      () => 'sign in with the certificate of their company',
    );
    const { actingFor: company } = (await ben!.ask(ME)).data.session;
    check(company?.displayName === 'Radwelt GmbH', 'Ben acts for the company from the start');
    const filled = await this.fillsIn(ben!, await this.begins(ben!));
    await this.pays(ben!, filled);
    const { application } = await this.step(
      'submits',
      BEN.name,
      () => this.submits(ben!, filled),
      ({ application: it, refusal }) => {
        check(!refusal, `the application is accepted, not refused with ${JSON.stringify(refusal)}`);
        return `submits for the ${company.displayName}: ${it.reference}`;
      },
    );
    const thread = await this.everyMemberReads([ada!, ben!, rita!], application);
    await this.aReaderOnlyReads(rita!, filled.id);
    await this.whatOneHasReadIsRead(ada!, ben!, thread);
    await this.outsidersSeeNothing(company.id, thread.id);
    await this.membersKnowEachOther(ada!, company.id);
    return this.steps;
  }

  private signsIn(one: Persona): Promise<Player> {
    const returnUrl = `https://${this.place.portalHost}/back`;
    const wish = { minimumTrustLevel: 'SUBSTANTIAL', method: 'ELSTER_CERTIFICATE', accountKind: 'ORGANISATION' };
    return Player.signIn(this.stack, one, { ...wish, returnUrl });
  }

  private everyMemberReads(members: readonly Player[], { reference }: { reference: string }): Promise<Data> {
    const receiptIn = (box: Data): Data =>
      box?.threads.nodes.find(
        (one: Data) =>
          one.subject.includes(reference) && one.messages.nodes.some(({ kind }: Data) => kind === 'RECEIPT'),
      );
    return this.step(
      'one mailbox',
      members.map(({ name }) => name).join(', '),
      async () => {
        await eventually(() => mailboxOf(members[0]!), receiptIn, 'the receipt is in the mailbox');
        const boxes = await Promise.all(members.map(mailboxOf));
        check(new Set(boxes.map(({ id }) => id)).size === 1, 'it is the same mailbox for all');
        check(boxes.every(receiptIn), 'each of them reads the receipt');
        return receiptIn(boxes[0]);
      },
      ({ subject }) => `find the receipt in the mailbox they share: ${subject}`,
    );
  }

  private aReaderOnlyReads(rita: Player, applicationId: string): Promise<unknown> {
    const message = { applicationId, title: 'Frage', body: 'Wann ist es so weit?', idempotencyKey: randomUUID() };
    const place = { leikaKey: TRADE_REGISTRATION, ars: this.place.municipalityArs };
    return this.step(
      'reads only',
      RITA.name,
      () =>
        Promise.all([
          rita.ask(SEND, { input: message }),
          rita.ask(DRAFT, { input: { ...place, formData: {}, idempotencyKey: randomUUID() } }),
        ]),
      answers => {
        check(
          answers.every(answer => codeOf(answer) === 'FORBIDDEN'),
          'a reader neither writes nor applies',
        );
        return 'may neither answer nor apply: FORBIDDEN';
      },
    );
  }

  private whatOneHasReadIsRead(ada: Player, ben: Player, thread: Data): Promise<unknown> {
    return this.step(
      'shared',
      ADA.name,
      async () => {
        const before = (await mailboxOf(ben)).unreadCount;
        const input = { threadId: thread.id, upToMessageId: thread.messages.nodes[0].id };
        const { refusal } = (await ada.ask(READ, { input })).data.markThreadRead;
        check(!refusal, 'Ada marks it as read');
        return { before, after: (await mailboxOf(ben)).unreadCount };
      },
      ({ before, after }) => {
        check(after < before, `what Ada has read is read for Ben too, not ${after} of ${before}`);
        return 'reads it; for Ben it is read as well';
      },
    );
  }

  private outsidersSeeNothing(companyId: string, threadId: string): Promise<unknown> {
    return this.step(
      'outsider',
      JONAS.name,
      async () => {
        const returnUrl = `https://${this.place.portalHost}/back`;
        const jonas = await Player.signIn(this.stack, JONAS, { minimumTrustLevel: 'HIGH', method: 'EID', returnUrl });
        const acts = (await jonas.ask(ACT_FOR, { input: { accountId: companyId } })).data.actFor;
        return { acts, box: await mailboxOf(jonas), thread: await jonas.ask(THREAD, { id: threadId }) };
      },
      ({ acts, box, thread }) => {
        check(acts.refusal?.code === 'NOT_REPRESENTED', 'he may not act for the company');
        check(!box.threads.nodes.some(({ id }: Data) => id === threadId), 'it is not in his mailbox');
        check(thread.data?.thread === null && codeOf(thread) === 'NOT_FOUND', 'it looks as if it did not exist');
        return 'may not act for the company, and finds nothing of it';
      },
    );
  }

  /** Who belongs to it is said by the provider of company accounts, at each sign-in. */
  private membersKnowEachOther(ada: Player, companyId: string): Promise<unknown> {
    return this.step(
      'members',
      ADA.name,
      async () => {
        const { version, members } = (await ada.ask(MEMBERS, { id: companyId })).data.account;
        const [reader] = members.filter(({ role }: Data) => role === 'READER');
        const input = { organisationAccountId: companyId, personAccountId: reader.account.id, role: null };
        const { refusal } = (await ada.ask(TAKE_OUT, { input: { ...input, expectedVersion: version } })).data
          .setOrganisationMember;
        return { roles: members.map(({ role }: Data) => role).sort(), refusal };
      },
      ({ roles, refusal }) => {
        check(`${roles}` === 'ADMINISTRATOR,READER,REPRESENTATIVE', `each has a role, not ${roles}`);
        check(refusal?.code === 'MANAGED_ELSEWHERE', 'who belongs to it is changed where the company account is');
        return `sees who belongs to it: ${roles.join(', ')}; changes are made at the provider of the company account`;
      },
    );
  }
}
