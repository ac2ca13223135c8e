/** What the story and its variants have in common: the steps that are told, and the acts that each of them needs. */
import { createHash, randomUUID } from 'node:crypto';
import { today } from '../../kernel/clock';
import type { Stack } from '../stack';
import { PERSONAS, type Place, TRADE_REGISTRATION } from './facts';
import { check, type Data, eventually, Player } from './player';

export interface Step {
  /** Such as `Story03` or `Story13 resumed`. */
  readonly name: string;
  readonly who: string;
  /** What happened, in one sentence. */
  readonly text: string;
  readonly ms: number;
}

/** Called after each step; awaited, so that a test can kill a process in between. */
export type OnStep = (step: Step) => unknown;

const [, , MAX, ERIKA] = PERSONAS;
export const FORM = {
  familyName: 'Muster',
  givenName: 'Klara',
  birthdate: '1989-04-12',
  street: 'Am Markt 1',
  town: 'Musterstadt',
  email: 'klara.muster@post.example',
  trade: 'Fahrradladen: Verkauf und Reparatur von Fahrrädern',
  startsOn: '2026-12-01',
};

export interface Draft {
  readonly id: string;
  readonly version: number;
}

export interface Filled extends Draft {
  /** What is to be paid, in cents. */
  readonly due: number;
}

export abstract class Play {
  protected readonly steps: Step[] = [];
  protected readonly nobody: Player;

  constructor(
    protected readonly stack: Stack,
    protected readonly place: Place,
    private readonly onStep: OnStep = () => {},
  ) {
    this.nobody = Player.nobody(stack);
  }

  /** @throws Deviation at the first answer that is not as it should be */
  abstract play(): Promise<Step[]>;

  protected async step<T>(name: string, who: string, work: () => Promise<T>, tell: (result: T) => string): Promise<T> {
    const began = performance.now();
    const result = await work();
    const step = { name, who, text: tell(result), ms: performance.now() - began };
    this.steps.push(step);
    await this.onStep(step);
    return result;
  }

  protected async theOfficesSignIn() {
    const staffSignIn = { method: 'STAFF_SIGN_ON', returnUrl: `${this.stack.gatewayUrl}/graphql` };
    const max = await this.step(
      'sign-in',
      MAX.name,
      () => Player.signIn(this.stack, MAX, staffSignIn),
      () => 'signs in at the authority’s OpenID provider',
    );
    const erika = await this.step(
      'sign-in',
      ERIKA.name,
      () => Player.signIn(this.stack, ERIKA, staffSignIn),
      () => 'signs in',
    );
    const desk = await this.step(
      'Story00',
      MAX.name,
      () => max.do('Story00Desk'),
      ({ session }) => {
        check(session.staffMember.displayName === MAX.name, 'the desk is Max’s');
        check(session.scopes.includes('staff:decide'), 'Max may decide');
        return `${session.staffMember.authority.name}, ${session.scopes.length} scopes`;
      },
    );
    const { authority } = desk.session.staffMember;
    const office = authority.departments.find((department: Data) => /Ordnung/.test(department.name));
    check(office, 'the authority has an Ordnungsamt');
    return { max, erika, authorityId: authority.id as string, departmentId: office.id as string };
  }

  protected async theOfficePublishes({
    erika,
    authorityId,
    departmentId,
  }: {
    erika: Player;
    authorityId: string;
    departmentId: string;
  }) {
    const { entry } = await this.step(
      'Story01',
      ERIKA.name,
      () =>
        erika.write('Story01DraftResponsibility', {
          leikaKey: TRADE_REGISTRATION,
          ars: this.place.associationArs,
          authorityId,
          channel: 'CASE_CLOUD',
          departmentRules: [{ departmentId }],
          processingDays: 3,
          validFrom: today(),
          expectedVersion: 0,
          idempotencyKey: randomUUID(),
        }),
      ({ entry }) => {
        check(entry.state === 'DRAFT', 'the responsibility is a draft');
        return 'drafts who is responsible for the trade registration, and by which channel';
      },
    );
    await this.step(
      'Story02',
      ERIKA.name,
      () => erika.write('Story02Publish', { entryId: entry.id, expectedVersion: entry.version }),
      ({ entry }) => {
        check(entry.state === 'PUBLISHED' && entry.authority.id === authorityId, 'it is published for the Amt');
        return `publishes it: ${entry.authority.name} for ${entry.area.name}`;
      },
    );
  }

  /** Begins a draft of the trade registration, with the family name only. */
  protected async begins(applicant: Player): Promise<Draft> {
    const { application } = await this.step(
      'Story08',
      applicant.name,
      () =>
        applicant.write('Story08Draft', {
          leikaKey: TRADE_REGISTRATION,
          ars: this.place.municipalityArs,
          formData: { familyName: FORM.familyName },
          idempotencyKey: randomUUID(),
        }),
      ({ application }) => {
        check(application.publicStatus === 'INITIATED' && application.version === 1, 'a draft was begun');
        check(application.submitProblems.length > 0, 'the gaps of the form are listed');
        check(
          application.deadlines.some((one: Data) => one.kind === 'DRAFT_DELETION'),
          'the draft has a day of deletion',
        );
        return `begins a draft; ${application.submitProblems.length} answers are missing`;
      },
    );
    return { id: application.id, version: application.version };
  }

  protected async fillsIn(applicant: Player, draft: Draft): Promise<Filled> {
    const { application } = await this.step(
      'Story09',
      applicant.name,
      () => applicant.write('Story09Fill', { applicationId: draft.id, formData: FORM, expectedVersion: draft.version }),
      ({ application }) => {
        const later = ['PAYMENT_REQUIRED', 'TRUST_TOO_LOW'];
        const gaps = application.submitProblems.filter(({ code }: Data) => !later.includes(code));
        check(gaps.length === 0, `the form is complete, not ${JSON.stringify(gaps)}`);
        check(application.amountDue.amountMinor > 0, 'the fee is due');
        return `fills in the form; ${(application.amountDue.amountMinor / 100).toFixed(2)} EUR are due`;
      },
    );
    return { id: draft.id, version: application.version, due: application.amountDue.amountMinor };
  }

  /** Pays in advance (Vorkasse), on the provider’s own page. */
  protected async pays(applicant: Player, { id, due }: Filled): Promise<void> {
    const { payment } = await this.step(
      'Story11',
      applicant.name,
      () =>
        applicant.write('Story11Pay', {
          applicationId: id,
          expectedAmount: { amountMinor: due, currency: 'EUR' },
          returnUrl: `https://${this.place.portalHost}/paid`,
          idempotencyKey: randomUUID(),
        }),
      ({ payment }) => {
        check(payment.state === 'INITIAL' && payment.redirectUrl, 'the payment has begun');
        return `starts to pay (Kassenzeichen ${payment.cashReference})`;
      },
    );
    await this.step(
      'pays',
      applicant.name,
      async () => {
        const page = await applicant.browser.open(payment.redirectUrl);
        check(page.forms[0], 'the provider shows a payment page');
        return applicant.browser.submit(page.forms[0], { outcome: 'PAYED' });
      },
      ({ url }) => {
        check(url.startsWith(`https://${this.place.portalHost}/paid`), 'the provider sends the browser back');
        return 'pays on the provider’s own page';
      },
    );
    await this.step(
      'Story12',
      applicant.name,
      () => applicant.write('Story12PayReturn', { paymentId: payment.id }),
      ({ payment }) => {
        check(payment.state === 'PAYED' && payment.finished, `the payment is settled, not ${payment.state}`);
        return 'comes back; the platform asked the provider: paid';
      },
    );
  }

  /** Asks until the news of the payment has come: until then the refusal says that it can be tried again. */
  protected async submits(applicant: Player, { id, version }: Draft, idempotencyKey = randomUUID()): Promise<Data> {
    const { submitApplication } = await eventually(
      () => applicant.do('Story14Submit', { input: { applicationId: id, expectedVersion: version, idempotencyKey } }),
      answer => !answer.submitApplication.refusal?.retryable,
      'the payment becomes known',
    );
    return submitApplication;
  }

  /** Asks for permission, sends the bytes to the returned address, and waits until the file has passed its checks. */
  protected async upload(
    name: string,
    applicant: Player,
    story: string,
    input: object,
    file: { filename: string; mimeType: string; bytes: Buffer },
  ) {
    return this.step(
      name,
      applicant.name,
      async () => {
        const { upload } = await applicant.write(story, {
          ...input,
          filename: file.filename,
          mimeType: file.mimeType,
          byteSize: file.bytes.length,
          sha256: sha256(file.bytes),
          idempotencyKey: randomUUID(),
        });
        const response = await fetch(upload.url, {
          method: upload.method,
          headers: Object.fromEntries(upload.headers.map((header: Data) => [header.name, header.value])),
          body: new Uint8Array(file.bytes),
        });
        check(response.ok, `the bytes are accepted, not answered with status ${response.status}`);
        await eventually(
          () =>
            applicant.ask('query ($id: ID!) { document(id: $id) { state rejection { code } } }', {
              id: upload.document.id,
            }),
          ({ data }) => {
            check(data.document.state !== 'REJECTED', `the file passes, not ${data.document.rejection?.code}`);
            return data.document.state === 'AVAILABLE';
          },
          'the file is checked',
        );
        return upload.document.id as string;
      },
      () => `uploads ${file.filename} (${file.bytes.length} bytes): checked and available`,
    );
  }
}

export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

export async function download(url: string): Promise<Buffer> {
  const response = await fetch(url);
  check(response.ok, `the file can be downloaded, not status ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}
