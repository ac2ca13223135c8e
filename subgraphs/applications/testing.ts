/** For the tests of this subgraph: a form, a place with a responsible authority, people, and the way to a received case. */
import { createHash } from 'node:crypto';
import { derivedId, newId } from '../../kernel/ids';
import type { Person, Staff } from '../../kernel/principal';
import { TrustLevel } from '../../kernel/trust';
import { RoutingChannel } from '../../schema/channels';
import { person, staff, startTestSubgraph, type TestSubgraph } from '../../tests/setup/subgraph';
import type { AskedResponsibility, Preflight } from './asks';
import { formHash } from './forms/form.service';
import applications from './subgraph';

export const LEIKA_KEY = '99050012104000';
export const ARS = '010995999001';
export const AUTHORITY = derivedId('authority', 'test');
export const DEPARTMENT = derivedId('department', 'test');
export const NEIGHBOUR = derivedId('authority', 'neighbour');

const FORM = {
  schema: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: {
      familyName: { type: 'string', minLength: 1 },
      trade: { type: 'string', minLength: 1 },
      startsOn: { type: 'string', format: 'date' },
    },
    required: ['familyName', 'trade'],
    additionalProperties: false,
  },
  uiSchema: { order: ['familyName', 'trade', 'startsOn'] },
};
export const COMPLETE = { familyName: 'Muster', trade: 'Fahrradladen' };

export interface Stage {
  readonly subgraph: TestSubgraph;
  /** An applicant, a caseworker who may decide, a caseworker of another authority, an operator. */
  readonly klara: Person;
  readonly max: Staff;
  readonly nora: Staff;
  readonly olaf: Staff;
  /** What the catalogue answers from now on. */
  preflight: Preflight;
  /** What payment answers from now on, in cents; null: it does not know. */
  due: number | null;
  draft(by?: Person, formData?: object): Promise<{ id: string; version: number }>;
  /** A submitted draft, already in the inbox. */
  received(by?: Person, formData?: object): Promise<{ id: string; version: number; reference: string }>;
  /** Requests an upload and sends the bytes. @returns the document's id and the HTTP status */
  upload(input: Record<string, unknown>, bytes?: Buffer, by?: Person | Staff): Promise<{ id: string; status: number }>;
  stop(): Promise<void>;
}

/** The least bytes that count as a PDF. */
export const PDF: Buffer = Buffer.from(
  '%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n',
);

export const responsibility = (given: Partial<AskedResponsibility> = {}): AskedResponsibility => ({
  id: derivedId('responsibility', 'test'),
  version: 2,
  channel: RoutingChannel.CASE_CLOUD,
  channelAddress: null,
  processingDays: 3,
  authority: { id: AUTHORITY, name: 'Amt Musterstadt' },
  departmentRules: [{ path: null, equals: null, department: { id: DEPARTMENT, name: 'Ordnungsamt' } }],
  ...given,
});

export async function stage(): Promise<Stage> {
  const subgraph = await startTestSubgraph(applications);
  const formId = newId();
  await subgraph.sql(`INSERT INTO applications.form VALUES ($1, 'Gewerbeanmeldung', $2, $3, $4, now())`, [
    formId,
    JSON.stringify(FORM.schema),
    JSON.stringify(FORM.uiSchema),
    formHash(FORM.schema, FORM.uiSchema),
  ]);
  const klara = person();
  const max = staff({ authorityId: AUTHORITY });
  const nora = staff({ authorityId: NEIGHBOUR });
  const olaf = staff({ scopes: ['ops:deliveries'] });
  for (const [member, displayName] of [
    [max, 'Max Schröder'],
    [nora, 'Nora Nachbar'],
    [olaf, 'Olaf Betrieb'],
  ] as const) {
    await subgraph.publish('identity', 'staff.changed', member.staffMemberId, {
      staffMemberId: member.staffMemberId,
      authorityId: member.authorityId,
      departmentId: null,
      scopes: member.scopes,
      active: true,
      displayName,
    });
  }
  await subgraph.publish('catalogue', 'authority.changed', DEPARTMENT, {
    authorityId: DEPARTMENT,
    parentId: AUTHORITY,
    name: 'Ordnungsamt',
    kind: 'DEPARTMENT',
  });

  const self: Stage = {
    subgraph,
    klara,
    max,
    nora,
    olaf,
    due: 0,
    preflight: {
      service: { leikaKey: LEIKA_KEY, title: 'Gewerbeanmeldung' },
      area: { ars: ARS, name: 'Musterstadt' },
      requiredTrustLevel: TrustLevel.SUBSTANTIAL,
      requiredDocuments: [],
      onlineServiceVersion: { id: derivedId('online-service-version', 'test'), form: { id: formId } },
      processingDays: null,
      singleContact: null,
      feeOverride: null,
      fee: { total: { amountMinor: 2600 }, prepaymentRequired: true },
      responsibility: { on: '2026-11-23', responsibility: responsibility(), fallbackAuthority: null, refusal: null },
    },
    async draft(by = klara, formData = COMPLETE) {
      const { data } = await subgraph.as(by).query(CREATE, {
        input: { leikaKey: LEIKA_KEY, ars: ARS, formData, idempotencyKey: newId() },
      });
      return data.createDraft.application;
    },
    async received(by = klara, formData = COMPLETE) {
      const { id, version } = await self.draft(by, formData);
      const { data } = await subgraph.as(by).query(SUBMIT, {
        input: { applicationId: id, expectedVersion: version, idempotencyKey: newId() },
      });
      const { reference } = data.submitApplication.application;
      return { id, version: await untilState(subgraph, id, 'RECEIVED'), reference };
    },
    async upload(input, bytes = PDF, by = klara) {
      const { data } = await subgraph.as(by).query(REQUEST_UPLOAD, {
        input: {
          filename: 'mietvertrag.pdf',
          mimeType: 'application/pdf',
          byteSize: bytes.length,
          sha256: createHash('sha256').update(bytes).digest('hex'),
          purpose: 'EVIDENCE',
          idempotencyKey: newId(),
          ...input,
        },
      });
      const { upload, refusal } = data.requestUpload;
      if (!upload) throw new Error(`The upload was refused: ${refusal.code}`);
      return { id: upload.document.id, status: await put(subgraph, upload, bytes) };
    },
    stop: () => subgraph.stop(),
  };
  subgraph.answerAsk('preflight', () => ({ serviceAtPlace: self.preflight }));
  subgraph.answerAsk('amountDue', ({ id }) => ({
    application: {
      id,
      amountDue: self.due === null ? null : { amountMinor: self.due },
      applicant: { id: klara.accountId, displayName: 'Klara Muster' },
    },
  }));
  subgraph.answerAsk('authority', ({ id }) => ({
    authority: {
      id,
      name: id === NEIGHBOUR ? 'Amt Beispielsee' : 'Amt Musterstadt',
      kind: 'ASSOCIATION',
      parent: null,
    },
  }));
  return self;
}

/** Sends bytes to an upload's address, as a browser would; the public host is replaced by the test's. */
export async function put(
  subgraph: TestSubgraph,
  upload: { url: string; method: string; headers: { name: string; value: string }[] },
  bytes: Buffer,
): Promise<number> {
  const response = await fetch(subgraph.url + new URL(upload.url).pathname, {
    method: upload.method,
    headers: upload.headers.map(({ name, value }): [string, string] => [name, value]),
    body: new Uint8Array(bytes),
  });
  await response.arrayBuffer();
  return response.status;
}

/** Waits until the application has reached a state. @returns its version then */
export async function untilState(subgraph: TestSubgraph, id: string, state: string): Promise<number> {
  for (let tries = 0; tries < 400; tries++) {
    const [row] = await subgraph.sql<{ state: string; version: number }>(
      `SELECT state, version FROM applications.application WHERE id = $1`,
      [id],
    );
    if (row?.state === state) return row.version;
    await new Promise(resolve => setTimeout(resolve, 25));
  }
  throw new Error(`The application did not become ${state}.`);
}

const REFUSAL = 'refusal { code message problems { path code message } allowedActions retryable }';
const CASE = 'id version reference publicStatus possibleActions';

export const CREATE = `mutation ($input: CreateDraftInput!) { createDraft(input: $input) {
  application { ${CASE} formData submitProblems { path code message } } ${REFUSAL} } }`;
export const CHANGE = `mutation ($input: ChangeDraftInput!) { changeDraft(input: $input) {
  application { ${CASE} formData submitProblems { path code message } } ${REFUSAL} } }`;
export const SUBMIT = `mutation ($input: SubmitApplicationInput!) { submitApplication(input: $input) {
  application { ${CASE} submittedAt receivedAt authority { id } submitProblems { code } } ${REFUSAL} } }`;
export const REQUEST_UPLOAD = `mutation ($input: RequestUploadInput!) { requestUpload(input: $input) {
  upload { document { id version state } url method headers { name value } expiresAt } ${REFUSAL} } }`;
