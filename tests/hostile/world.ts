/** The world that is attacked: Klara's cases in every state, and everybody who should not see them. */
import { createHash, randomUUID } from 'node:crypto';
import { MACHINES, MUSTERSTADT, TRADE_REGISTRATION } from '../../dev/demo/facts';
import { idCardPhoto, rentalContract } from '../../dev/demo/files';
import { type Data, eventually } from '../../dev/demo/player';
import type { Stack } from '../../dev/stack';
import { addDays, today } from '../../kernel/clock';
import { type Asker, enter, enterMachine, nobody } from './client';

/** Stands in everything that Klara and her caseworkers write; nobody else may ever read it. */
export const MARKER = 'Xylographenwerkstatt-7431';

export const ANSWERS = {
  familyName: 'Muster',
  givenName: 'Klara',
  birthdate: '1989-04-12',
  street: 'Am Markt 1',
  town: 'Musterstadt',
  email: 'klara.muster@post.example',
  trade: `Fahrradladen ${MARKER}`,
  startsOn: '2026-12-01',
};

export const REMEDY = 'Gegen diesen Bescheid kann innerhalb eines Monats Widerspruch erhoben werden.';
export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
export const key = (): string => randomUUID();

export interface Case {
  readonly id: string;
  version: number;
}

const APPLICATION = 'application { id version state publicStatus reference }';

export class World {
  readonly nobody: Asker;
  /** What the form of each new draft holds. */
  answers: object = ANSWERS;
  readonly paidUrl = `https://${MUSTERSTADT.portalHost}/paid`;

  private constructor(
    readonly stack: Stack,
    readonly klara: Asker,
    readonly jonas: Asker,
    readonly max: Asker,
    readonly thea: Asker,
    readonly erika: Asker,
    readonly nora: Asker,
    readonly olaf: Asker,
    readonly register: Asker,
    readonly authorityId: string,
    readonly departmentId: string,
  ) {
    this.nobody = nobody(stack);
  }

  /** Everybody signs in, and the office publishes how applications reach it. */
  static async open(stack: Stack): Promise<World> {
    const [klara, jonas, max, thea, erika, nora, olaf, register] = await Promise.all([
      enter(stack, 'klara'),
      enter(stack, 'jonas', 'HIGH'),
      enter(stack, 'max.schroeder'),
      enter(stack, 'thea.leitung'),
      enter(stack, 'erika.redaktion'),
      enter(stack, 'nora.nachbar'),
      enter(stack, 'olaf.operator'),
      enterMachine(stack, MACHINES[0]),
    ]);
    const { body } = await max.ask('{ session { staffMember { authority { id departments { id name } } } } }');
    const { id: authorityId, departments } = body.data.session.staffMember.authority;
    const departmentId = departments.find(({ name }: Data) => /Ordnung/.test(name)).id;
    const people = [klara, jonas, max, thea, erika, nora, olaf, register] as const;
    const world = new World(stack, ...people, authorityId, departmentId);
    const { entry } = await erika.done('saveResponsibilityDraft', world.responsibility(), 'entry { id version }');
    await erika.done('publishEntry', { entryId: entry.id, expectedVersion: entry.version }, 'entry { id }');
    return world;
  }

  responsibility(given: object = {}): Record<string, unknown> {
    return {
      leikaKey: TRADE_REGISTRATION,
      ars: MUSTERSTADT.associationArs,
      authorityId: this.authorityId,
      channel: 'CASE_CLOUD',
      departmentRules: [{ departmentId: this.departmentId }],
      processingDays: 3,
      validFrom: today(),
      expectedVersion: 0,
      idempotencyKey: key(),
      ...given,
    };
  }

  /** @param answers what the form holds; all that is needed when left out */
  async draft(answers: object = this.answers, by = this.klara): Promise<Case> {
    const place = { leikaKey: TRADE_REGISTRATION, ars: MUSTERSTADT.municipalityArs };
    const { application } = await by.done(
      'createDraft',
      { ...place, formData: answers, idempotencyKey: key() },
      APPLICATION,
    );
    return { id: application.id, version: application.version };
  }

  async upload(
    where: { applicationId: string } | { documentRequestId: string; requirementCode: string },
    file = rentalContract(),
    given: object = {},
    by = this.klara,
  ): Promise<string> {
    const { upload } = await this.announce(where, file, given, by);
    const response = await send(upload, file.bytes);
    if (response.status !== 204) throw new Error(`The bytes were answered with ${response.status}.`);
    return upload.document.id;
  }

  async announce(
    where: object,
    file = rentalContract(),
    given: object = {},
    by = this.klara,
  ): Promise<{ upload: Data; refusal: Data }> {
    const { filename, mimeType, bytes } = file;
    return by.write(
      'requestUpload',
      {
        ...where,
        filename,
        mimeType,
        byteSize: bytes.length,
        sha256: sha256(bytes),
        purpose: 'EVIDENCE',
        idempotencyKey: key(),
        ...given,
      },
      'upload { document { id version state } url method headers { name value } }',
    );
  }

  /** What is to be paid; null means not yet known: the news of the draft may still be on its way to payment. */
  async amountDue(applicationId: string): Promise<Data> {
    const query = 'query ($id: ID!) { application(id: $id) { amountDue { amountMinor currency } } }';
    const { body } = await eventually(
      () => this.klara.ask(query, { id: applicationId }),
      answer => answer.body.data?.application?.amountDue,
      'the amount becomes known',
    );
    return body.data.application.amountDue;
  }

  async startPayment(applicationId: string): Promise<Data> {
    const { payment } = await this.klara.done(
      'startPayment',
      {
        applicationId,
        expectedAmount: await this.amountDue(applicationId),
        returnUrl: this.paidUrl,
        idempotencyKey: key(),
      },
      'payment { id version state redirectUrl }',
    );
    return payment;
  }

  async pay(applicationId: string): Promise<string> {
    const payment = await this.startPayment(applicationId);
    const { browser } = this.klara.player!;
    const page = await browser.open(payment.redirectUrl);
    await browser.submit(page.forms[0]!, { outcome: 'PAYED' });
    await this.klara.done('confirmPaymentReturn', { paymentId: payment.id }, 'payment { id state }');
    return payment.id;
  }

  /** A draft that lacks nothing. */
  async ready(): Promise<Case> {
    const draft = await this.draft();
    await this.pay(draft.id);
    return draft;
  }

  submit(draft: Case, idempotencyKey = key()): Promise<Data> {
    const input = { applicationId: draft.id, expectedVersion: draft.version, idempotencyKey };
    return eventually(
      () => this.klara.write('submitApplication', input, APPLICATION),
      ({ refusal }) => !refusal?.retryable,
      'the payment becomes known',
    );
  }

  /** Submitted, and received by the office. */
  async received(): Promise<Case> {
    const draft = await this.ready();
    const { refusal } = await this.submit(draft);
    if (refusal) throw new Error(`submitApplication was refused with ${JSON.stringify(refusal)}`);
    return this.until(draft.id, 'RECEIVED');
  }

  async until(id: string, state: string): Promise<Case> {
    const query = 'query ($id: ID!) { application(id: $id) { id version state } }';
    const { body } = await eventually(
      () => this.max.ask(query, { id }),
      answer => answer.body.data?.application?.state === state,
      `the case becomes ${state}`,
    );
    const { version } = body.data.application;
    return { id, version };
  }

  async claimed(): Promise<Case> {
    const { id, version } = await this.received();
    const { application } = await this.max.done(
      'claimApplication',
      { applicationId: id, expectedVersion: version },
      APPLICATION,
    );
    return { id, version: application.version };
  }

  requestInput({ id, version }: Case, given: object = {}): Record<string, unknown> {
    return {
      applicationId: id,
      items: [{ requirementCode: 'ID_CARD_COPY', description: `Kopie ${MARKER}` }],
      reason: `Die Kopie fehlt. ${MARKER}`,
      dueOn: addDays(today(), 14),
      expectedVersion: version,
      idempotencyKey: key(),
      ...given,
    };
  }

  decideInput({ id, version }: Case, given: object = {}): Record<string, unknown> {
    return {
      applicationId: id,
      outcome: 'GRANTED',
      reasoning: `Die Anzeige ist vollständig. ${MARKER}`,
      legalRemedy: REMEDY,
      expectedVersion: version,
      idempotencyKey: key(),
      ...given,
    };
  }
}

export function send(upload: Data, bytes: Buffer | string, url: string = upload.url): Promise<Response> {
  return fetch(url, {
    method: upload.method,
    headers: Object.fromEntries(upload.headers.map(({ name, value }: Data) => [name, value])),
    body: typeof bytes === 'string' ? bytes : new Uint8Array(bytes),
  });
}

export { idCardPhoto, rentalContract };
