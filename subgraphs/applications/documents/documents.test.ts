import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { shiftClock } from '../../../kernel/clock';
import { setting } from '../../../kernel/config';
import { newId } from '../../../kernel/ids';
import { TrustLevel } from '../../../kernel/trust';
import { person } from '../../../tests/setup/subgraph';
import { PDF, put, REQUEST_UPLOAD, type Stage, stage } from '../testing';
import { attachment, isGoodFilename } from './filename';
import { SCANNERS, scanner } from './scanners';
import type { Scanner } from './scanners/scanner';

/** Messages of the log with their level. */
const mockLines = new EventEmitter();
jest.mock('../../../kernel/log', () => ({
  logger: () =>
    Object.fromEntries(
      ['debug', 'info', 'warn', 'error'].map(level => [
        level,
        (message: string) => void mockLines.emit('line', `${level} ${message}`),
      ]),
    ),
}));

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const DOCUMENT = `query ($id: ID!) { document(id: $id) { id version filename state rejection { code message } downloadUrl requirementCode } }`;
const REMOVE = `mutation ($input: RemoveDocumentInput!) { removeDocument(input: $input) { document { id version state downloadUrl } refusal { code } } }`;
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describe('documents', () => {
  let at: Stage;
  beforeAll(async () => {
    at = await stage();
    at.preflight = {
      ...at.preflight,
      requiredDocuments: [
        { code: 'LEASE', name: 'Mietvertrag', mandatory: true, mimeTypes: ['application/pdf'], maxByteSize: 5_000 },
      ],
    };
  });
  afterAll(() => at.stop());
  afterEach(() => shiftClock(0));

  const input = (applicationId: string, bytes = PDF, given: object = {}) => ({
    applicationId,
    filename: 'mietvertrag.pdf',
    mimeType: 'application/pdf',
    byteSize: bytes.length,
    sha256: sha256(bytes),
    purpose: 'EVIDENCE',
    idempotencyKey: newId(),
    ...given,
  });
  const request = (given: object, by: Parameters<typeof at.subgraph.as>[0] = at.klara) =>
    at.subgraph.as(by).query(REQUEST_UPLOAD, { input: given });
  const document = async (id: string, by: Parameters<typeof at.subgraph.as>[0] = at.klara) =>
    (await at.subgraph.as(by).query(DOCUMENT, { id })).data.document;
  const download = (url: string) => fetch(at.subgraph.url + new URL(url).pathname);

  test('a file goes to the signed address, is checked, and comes back as an attachment', async () => {
    const { id: applicationId } = await at.draft();
    const filename = 'Mietvertrag „Süd“ 100 %.pdf';
    const asked = input(applicationId, PDF, { requirementCode: 'LEASE', filename: 'Mietvertrag Süd.pdf' });
    const { upload, refusal } = (await request(asked)).data.requestUpload;
    expect(refusal).toBeNull();
    expect(upload).toMatchObject({
      method: 'PUT',
      document: { version: 1, state: 'AWAITING_UPLOAD' },
      headers: [{ name: 'content-type', value: 'application/pdf' }],
    });
    expect((await document(upload.document.id)).downloadUrl).toBeNull();
    expect(await put(at.subgraph, upload, PDF)).toBe(204);
    const stored = await document(upload.document.id);
    expect(stored).toMatchObject({ version: 3, state: 'AVAILABLE', rejection: null, requirementCode: 'LEASE' });
    const response = await download(stored.downloadUrl);
    expect(Buffer.from(await response.arrayBuffer()).equals(PDF)).toBe(true);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/pdf',
      'x-content-type-options': 'nosniff',
      'content-security-policy': `default-src 'none'; sandbox`,
      'content-disposition': `attachment; filename="Mietvertrag S_d.pdf"; filename*=UTF-8''Mietvertrag%20S%C3%BCd.pdf`,
    });
    expect(attachment(filename)).toBe(
      `attachment; filename="Mietvertrag _S_d_ 100 _.pdf"; filename*=UTF-8''Mietvertrag%20%E2%80%9ES%C3%BCd%E2%80%9C%20100%20%25.pdf`,
    );
  });

  test('the same request gives the same document, and its address works once', async () => {
    const { id: applicationId } = await at.draft();
    const asked = input(applicationId);
    const [one, two] = await Promise.all([request(asked), request(asked)]);
    const { upload } = one.data.requestUpload;
    expect(two.data.requestUpload.upload.document.id).toBe(upload.document.id);
    const statuses = await Promise.all([1, 2, 3].map(() => put(at.subgraph, upload, PDF)));
    expect(statuses.sort()).toEqual([204, 410, 410]);
    const again = await fetch(at.subgraph.url + new URL(upload.url).pathname, { method: 'PUT', body: 'other' });
    expect([again.status, await again.json()]).toEqual([410, { error: 'ADDRESS_USED' }]);
    // asked for once more, it is the same document, and its new address is used up as well
    const { upload: third } = (await request(asked)).data.requestUpload;
    expect(third.document).toMatchObject({ id: upload.document.id, state: 'AVAILABLE' });
    expect(await put(at.subgraph, third, PDF)).toBe(410);
    expect(await document(upload.document.id)).toMatchObject({ state: 'AVAILABLE', version: expect.any(Number) });
    const kept = await document(upload.document.id);
    expect(Buffer.from(await (await download(kept.downloadUrl)).arrayBuffer()).equals(PDF)).toBe(true);
    expect((await request({ ...asked, filename: 'other.pdf' })).data.requestUpload.refusal.code).toBe(
      'IDEMPOTENCY_MISMATCH',
    );
  });

  test('an upload that broke off, or whose process was killed before the end, can be sent again', async () => {
    const { id: applicationId } = await at.draft();
    const { upload } = (await request(input(applicationId))).data.requestUpload;
    const { pathname } = new URL(upload.url);
    const half = new ReadableStream({
      start(controller) {
        controller.enqueue(new Uint8Array(PDF.subarray(0, 20)));
        setTimeout(() => controller.error(new Error('The line is cut.')), 50);
      },
    });
    const cut = fetch(at.subgraph.url + pathname, { method: 'PUT', body: half, duplex: 'half' } as RequestInit);
    const line = once(mockLines, 'line');
    await expect(cut).rejects.toThrow();
    expect(await line).toEqual(['info a client went away']); // not a fault
    expect((await document(upload.document.id)).downloadUrl).toBeNull();
    expect(await put(at.subgraph, upload, PDF)).toBe(204);
    expect(await document(upload.document.id)).toMatchObject({ state: 'AVAILABLE', rejection: null });
  });

  test('a download that broke off is no fault', async () => {
    const { id: applicationId } = await at.draft();
    const large = Buffer.concat([PDF.subarray(0, 9), Buffer.alloc(9_000_000, ' '), PDF.subarray(9)]);
    const { id, status } = await at.upload({ applicationId }, large);
    expect(status).toBe(204);
    const { downloadUrl } = await document(id);
    const line = once(mockLines, 'line');
    const asked = http.get(at.subgraph.url + new URL(downloadUrl).pathname);
    await once(asked, 'response');
    asked.destroy();
    expect(await line).toEqual(['info a client went away']);
  });

  test('a connection that carried a file too large, refused before its end, carries the next request', async () => {
    const { id: applicationId } = await at.draft();
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const send = async (bytes: Buffer) => {
      const { upload } = (await request(input(applicationId))).data.requestUpload;
      const request_ = http.request(at.subgraph.url + new URL(upload.url).pathname, { method: 'PUT', agent });
      request_.end(bytes);
      const [response] = (await once(request_, 'response')) as [http.IncomingMessage];
      for await (const _ of response);
      return { status: response.statusCode, reused: request_.reusedSocket };
    };
    try {
      const large = Buffer.alloc(3 << 20, '%PDF-1.7\n');
      expect(await send(large)).toEqual({ status: 413, reused: false });
      expect(await send(PDF)).toEqual({ status: 204, reused: true });
      expect(await send(large)).toEqual({ status: 413, reused: true });
      expect(await send(PDF)).toEqual({ status: 204, reused: true });
    } finally {
      agent.destroy();
    }
  });

  test('a file in which the scanner finds something is rejected; when the scanner fails, it can be sent again', async () => {
    const scanners = SCANNERS as Record<string, () => Scanner>;
    const { id: applicationId } = await at.draft();
    let clean: () => Promise<boolean> = async () => false;
    const read: number[] = [];
    scanners.fake = () => ({
      name: 'fake',
      async isClean(bytes) {
        for await (const part of bytes) read.push((part as Buffer).length);
        return clean();
      },
    });
    try {
      const infected = (await request(input(applicationId))).data.requestUpload.upload;
      expect(await put(at.subgraph, infected, PDF)).toBe(422);
      expect(await document(infected.document.id)).toMatchObject({
        state: 'REJECTED',
        rejection: { code: 'FILE_REJECTED' },
      });
      expect(read.reduce((sum, length) => sum + length, 0)).toBe(PDF.length);
      clean = () => Promise.reject(new Error('The scanner is away.'));
      const { upload } = (await request(input(applicationId))).data.requestUpload;
      expect(await put(at.subgraph, upload, PDF)).toBe(500);
      expect(await document(upload.document.id)).toMatchObject({ state: 'SCANNING', downloadUrl: null });
      clean = async () => true;
      expect(await put(at.subgraph, upload, PDF)).toBe(204);
    } finally {
      delete scanners.fake;
    }
  });

  test('production refuses to start without a scanner, unless that is allowed by name', () => {
    const { NODE_ENV } = process.env;
    try {
      process.env.NODE_ENV = 'production';
      expect(() => scanner()).toThrow('UPLOADS_WITHOUT_SCANNER');
      process.env.UPLOADS_WITHOUT_SCANNER = 'true';
      expect(scanner()).toBeNull();
    } finally {
      process.env.NODE_ENV = NODE_ENV;
      delete process.env.UPLOADS_WITHOUT_SCANNER;
    }
  });

  test('names with folders, control characters or tricks are refused', async () => {
    const { id } = await at.draft();
    const bad = [
      '../x.pdf',
      'a/b.pdf',
      'a\\b.pdf',
      'a\u0007.pdf',
      '..',
      ' a.pdf',
      'a\u202Efdp.exe',
      'x'.repeat(256),
      'C:a.pdf',
    ];
    for (const filename of bad) {
      expect(isGoodFilename(filename)).toBe(false);
      expect((await request(input(id, PDF, { filename }))).data.requestUpload.refusal).toMatchObject({
        code: 'BAD_FILENAME',
        problems: [{ path: '/filename' }],
      });
    }
    expect(isGoodFilename('Führungszeugnis (neu).pdf')).toBe(true);
    // what no database can hold is malformed before it is a name
    expect(isGoodFilename('a\u0000.pdf')).toBe(false);
    const { errors } = await request(input(id, PDF, { filename: 'a\u0000.pdf' }));
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', field: 'input.filename' });
  });

  test('a file goes on under a name with the extension of its type, whatever it was called', async () => {
    const { id: applicationId } = await at.draft();
    const { id, status } = await at.upload({ applicationId, filename: 'ausweis.html', mimeType: 'image/png' }, PNG);
    expect(status).toBe(204);
    const stored = await document(id);
    expect(stored).toMatchObject({ filename: 'ausweis_html.png', state: 'AVAILABLE' });
    const { headers } = await download(stored.downloadUrl);
    expect(headers.get('content-disposition')).toContain('filename="ausweis_html.png"');
    expect(headers.get('content-type')).toBe('image/png');
  });

  test('a PDF is judged by its structure: the word JavaScript is none, and an escaped name is one', async () => {
    const { id: applicationId } = await at.draft();
    const said = Buffer.from(PDF.toString().replace('/Catalog', '/Catalog /Title (Kurs /JavaScript)'));
    expect((await at.upload({ applicationId }, said)).status).toBe(204);
    const escaped = Buffer.from(PDF.toString().replace('/Catalog', '/Catalog /OpenAction << /S /J#61vaScript >>'));
    const { id, status } = await at.upload({ applicationId }, escaped);
    expect(status).toBe(422);
    expect((await document(id)).rejection).toMatchObject({ code: 'FILE_REJECTED' });
    const locked = Buffer.from(PDF.toString().replace('/Root', '/Encrypt << /V 5 >> /Root'));
    const { rejection } = await document((await at.upload({ applicationId }, locked)).id);
    expect(rejection).toMatchObject({ code: 'FILE_ENCRYPTED' });
    expect(rejection.message).toContain('ohne Schutz');
  });

  test('a type, size, requirement or purpose that is not allowed is refused before any byte', async () => {
    const { id } = await at.draft();
    const code = async (given: object) => (await request(input(id, PDF, given))).data.requestUpload.refusal.code;
    expect(await code({ mimeType: 'text/html' })).toBe('FILE_TYPE_NOT_ALLOWED');
    expect(await code({ mimeType: 'image/png', requirementCode: 'LEASE' })).toBe('FILE_TYPE_NOT_ALLOWED');
    expect(await code({ byteSize: 5_001, requirementCode: 'LEASE' })).toBe('FILE_TOO_LARGE');
    expect(await code({ byteSize: 10 * 1024 * 1024 + 1 })).toBe('FILE_TOO_LARGE');
    expect(await code({ requirementCode: 'PASSPORT' })).toBe('UNKNOWN_REQUIREMENT');
    expect(await code({ purpose: 'NOTICE' })).toBe('PURPOSE_NOT_ALLOWED');
    const field = async (given: object) => (await request(input(id, PDF, given))).errors?.[0]?.extensions.field;
    expect(await field({ sha256: 'x' })).toBe('input.sha256');
    expect(await field({ byteSize: 0 })).toBe('input.byteSize');
    expect(await field({ documentRequestId: newId() })).toBe('input.applicationId');
  });

  test('bytes that are not what was announced are rejected, with the reason on the document', async () => {
    const { id: applicationId } = await at.draft();
    const cases: [string, Buffer, Buffer, object][] = [
      ['HASH_MISMATCH', PDF, Buffer.from(PDF.toString().replace('Catalog', 'Catalux')), {}],
      ['HASH_MISMATCH', PDF, PDF.subarray(0, -1), {}],
      ['FILE_TOO_LARGE', PDF, Buffer.concat([PDF, PDF]), {}],
      ['FILE_TYPE_NOT_ALLOWED', PNG, PNG, {}],
      ['FILE_TYPE_NOT_ALLOWED', Buffer.from('<html></html>'), Buffer.from('<html></html>'), {}],
      ['FILE_TYPE_NOT_ALLOWED', Buffer.concat([PNG, PDF]), Buffer.concat([PNG, PDF]), { mimeType: 'image/png' }],
    ];
    const active = Buffer.from(PDF.toString().replace('/Catalog', '/Catalog /OpenAction << /S /JavaScript >>'));
    cases.push(['FILE_REJECTED', active, active, {}]);
    for (const [code, announced, sent, given] of cases) {
      const { upload } = (await request(input(applicationId, announced, given))).data.requestUpload;
      expect([413, 422]).toContain(await put(at.subgraph, upload, sent));
      expect(await document(upload.document.id)).toMatchObject({
        state: 'REJECTED',
        rejection: { code },
        downloadUrl: null,
      });
      expect(await put(at.subgraph, upload, announced)).toBe(410);
    }
    const png = (await request(input(applicationId, PNG, { mimeType: 'image/png', filename: 'a.png' }))).data
      .requestUpload;
    expect(await put(at.subgraph, png.upload, PNG)).toBe(204);
  });

  test('a forged, foreign or expired address opens nothing', async () => {
    const { id: applicationId } = await at.draft();
    const { upload } = (await request(input(applicationId))).data.requestUpload;
    const [path_, signature] = upload.url.split('.').length > 1 ? [upload.url.slice(0, -3), 'abc'] : ['', ''];
    expect(await put(at.subgraph, { ...upload, url: path_ + signature }, PDF)).toBe(403);
    expect(await put(at.subgraph, { ...upload, url: `${new URL(upload.url).origin}/files/uploads/x` }, PDF)).toBe(403);
    expect(await put(at.subgraph, upload, PDF)).toBe(204);
    const { downloadUrl } = await document(upload.document.id);
    const asUpload = upload.url.replace(/uploads\/.*/, `uploads/${downloadUrl.split('/').at(-1)}`);
    expect(await put(at.subgraph, { ...upload, url: asUpload }, PDF)).toBe(403);
    shiftClock(61_000);
    expect((await download(downloadUrl)).status).toBe(403);
  });

  test('an address outlives no right: after the draft was deleted it opens nothing, and the bytes are gone', async () => {
    const { id: applicationId, version } = await at.draft();
    const { id } = await at.upload({ applicationId });
    const { downloadUrl } = await document(id);
    const [{ storage_key: key }] = (await at.subgraph.sql<{ storage_key: string }>(
      'SELECT storage_key FROM applications.document WHERE id = $1',
      [id],
    )) as [{ storage_key: string }];
    const file = path.resolve(setting('DATA_DIR'), 'documents', key.slice(-2), key.slice(-4, -2), key);
    expect(fs.existsSync(file)).toBe(true);
    await at.subgraph
      .as(at.klara)
      .query(`mutation ($input: DeleteDraftInput!) { deleteDraft(input: $input) { refusal { code } } }`, {
        input: { applicationId, expectedVersion: version },
      });
    expect((await download(downloadUrl)).status).toBe(404);
    for (let tries = 0; fs.existsSync(file) && tries < 200; tries++) await new Promise(done => setTimeout(done, 25));
    expect(fs.existsSync(file)).toBe(false);
  });

  test('others see no document of a draft, nor of a case that is not theirs', async () => {
    const { id: applicationId } = await at.draft();
    const { id } = await at.upload({ applicationId, requirementCode: 'LEASE' });
    for (const other of [person(), at.max, at.nora]) {
      expect(await document(id, other)).toBeNull();
      const { data } = await at.subgraph
        .as(other)
        .query('query ($r: [_Any!]!) { _entities(representations: $r) { ... on Document { id filename } } }', {
          r: [{ __typename: 'Document', id }],
        });
      expect(data._entities).toEqual([null]);
      expect((await request(input(applicationId), other)).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    }
  });

  test('after submission its authority has it, a weak session of the applicant does not, and nobody removes it', async () => {
    const { id: applicationId, version } = await at.draft();
    const { id } = await at.upload({ applicationId, requirementCode: 'LEASE' });
    const { id: unused } = await at.upload({ applicationId, filename: 'nicht-mehr-noetig.pdf' });
    const removed = await at.subgraph.as(at.klara).query(REMOVE, { input: { documentId: unused, expectedVersion: 3 } });
    expect(removed.data.removeDocument).toMatchObject({ document: { state: 'DESTROYED', downloadUrl: null } });
    const { data } = await at.subgraph
      .as(at.klara)
      .query(`mutation ($input: SubmitApplicationInput!) { submitApplication(input: $input) { refusal { code } } }`, {
        input: { applicationId, expectedVersion: version, idempotencyKey: newId() },
      });
    expect(data.submitApplication.refusal).toBeNull();
    const seen = await document(id, at.max);
    expect((await download(seen.downloadUrl)).status).toBe(200);
    const accesses = (await at.subgraph.published('data.accessed')).map(({ payload }) => payload);
    expect(accesses).toContainEqual(
      expect.objectContaining({ subjectId: id, action: 'download', staffMemberId: at.max.staffMemberId }),
    );
    expect(await document(id, at.nora)).toBeNull();
    expect((await document(id, { ...at.klara, trustLevel: TrustLevel.LOW })).downloadUrl).toBeNull();
    const late = await at.subgraph.as(at.klara).query(REMOVE, { input: { documentId: id, expectedVersion: 3 } });
    expect(late.data.removeDocument.refusal.code).toBe('INVALID_TRANSITION');
  });

  test('internal papers of the authority never reach the applicant', async () => {
    at.preflight = { ...at.preflight, requiredDocuments: [] };
    const { id: applicationId } = await at.received();
    const { id } = await at.upload({ applicationId, purpose: 'INTERNAL' }, PDF, at.max);
    expect(await document(id, at.max)).toMatchObject({ state: 'AVAILABLE' });
    expect(await document(id)).toBeNull();
    const all = await at.subgraph
      .as(at.klara)
      .query('query ($id: ID!) { application(id: $id) { documents { id } } }', { id: applicationId });
    expect(all.data.application.documents).toEqual([]);
  });

  test('an attachment is for the other side once the message with it is sent', async () => {
    const { id: applicationId } = await at.received();
    const { id } = await at.upload({ applicationId, purpose: 'MESSAGE' }, PDF, at.max);
    expect(await document(id)).toBeNull();
    await at.subgraph.publish('messaging', 'message.sent', applicationId, {
      messageId: newId(),
      threadId: newId(),
      applicationId,
      kind: 'CONVERSATION',
      senderKind: 'STAFF',
      documentIds: [id],
    });
    expect((await document(id)).downloadUrl).toContain('/files/documents/');
  });
});
