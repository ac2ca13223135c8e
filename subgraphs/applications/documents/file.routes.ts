/** Plain HTTP for the bytes of documents: PUT to upload, GET to download, each behind a signed ticket. */
import { pipeline } from 'node:stream/promises';
import type { Express, NextFunction, Request, Response } from 'express';
import { listSetting } from '../../../kernel/config';
import { type Database, rows, type Tx } from '../../../kernel/database/database';
import { isStaff, mayStillAct } from '../../../kernel/membership';
import { type Principal, serviceOf } from '../../../kernel/principal';
import { readTicket } from '../../../kernel/ticket';
import { publish } from '../../../schema/events';
import { Application } from '../application/application.entity';
import { Document } from './document.entity';
import { mayDownload, maySeeDocument } from './document.rights';
import type { DownloadTicket, UploadTicket } from './document.service';
import { attachment, fittingName } from './filename';
import { scanner } from './scanners';
import { documentStore } from './stores';
import { takeUpload } from './upload.service';

export function fileRoutes(app: Express, db: Database): void {
  scanner(); // production without one refuses to start
  app.use('/files', crossOrigin);

  app.put('/files/uploads/:ticket', async (req, res) => {
    const ticket = readTicket<UploadTicket>('applications', 'upload', String(req.params.ticket));
    if (!ticket) return void res.status(403).json({ error: 'TICKET_EXPIRED' });
    // a refusal ends the reading and not the connection, which may carry the next request
    const outcome = await takeUpload(db, ticket.documentId, req.iterator({ destroyOnReturn: false }));
    if (!req.complete) req.resume(); // let the sender finish, so that it reads our answer
    if (outcome.kind === 'taken') res.status(204).end();
    else if (outcome.kind === 'used') res.status(410).json({ error: 'ADDRESS_USED' });
    else if (outcome.kind === 'closed') res.status(410).json({ error: 'NOT_EXPECTED' });
    else res.status(outcome.code === 'FILE_TOO_LARGE' ? 413 : 422).json({ error: outcome.code });
  });

  app.get('/files/documents/:ticket', async (req, res) => {
    const ticket = readTicket<DownloadTicket>('applications', 'download', String(req.params.ticket));
    if (!ticket) return void res.status(403).json({ error: 'TICKET_EXPIRED' });
    const document = await permitted(db, ticket);
    const bytes = document?.storageKey ? await documentStore().get(document.storageKey) : null;
    if (!document || !bytes) return void res.status(404).json({ error: 'NOT_FOUND' });
    sendFile(res, document);
    await pipeline(bytes, res);
  });
}

/** Headers of a file that must never act in a browser. */
export function sendFile(res: Response, file: { filename: string; mimeType: string; byteSize: number }): void {
  res.status(200).set({
    'content-type': file.mimeType,
    'content-length': String(file.byteSize),
    'content-disposition': attachment(fittingName(file.filename, file.mimeType)),
    'content-security-policy': `default-src 'none'; sandbox`,
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-store',
    'referrer-policy': 'no-referrer',
  });
}

/** Judged anew: the case may have moved on since the address was made. Staff who read are written down before they get it. */
function permitted(db: Database, { documentId, asker }: DownloadTicket): Promise<Document | null> {
  return db.tx(serviceOf('applications'), async tx => {
    const [document] = await rows(tx, Document, 'SELECT * FROM document WHERE id = $1', [documentId]);
    const [application] = document
      ? await rows(tx, Application, 'SELECT * FROM application WHERE id = $1', [document.applicationId])
      : [];
    if (!document || !application) return null;
    if (!maySeeDocument(document, application, asker) || !mayDownload(document, application, asker)) return null;
    if (asker.kind === 'staff' && !(await isStaff(tx, asker, 'staff:read'))) return null;
    if (asker.kind === 'person' && !(await mayStillAct(tx, asker, application.leikaKey))) return null;
    await noteDownload(tx, document, application, asker);
    return document;
  });
}

async function noteDownload(tx: Tx, document: Document, application: Application, asker: Principal): Promise<void> {
  if (asker.kind !== 'staff') return;
  await publish(tx, 'data.accessed', application.accountId, {
    accountId: application.accountId,
    applicationId: application.id,
    subjectType: 'Document',
    subjectId: document.id,
    action: 'download',
    purpose: application.reference ?? 'inbox',
    staffMemberId: asker.staffMemberId,
    authorityId: asker.authorityId,
    machine: null,
  });
}

/** Browsers of our own web origins may send and fetch; the ticket is the permission, no cookie is. */
function crossOrigin(req: Request, res: Response, next: NextFunction): void {
  const { origin } = req.headers;
  res.setHeader('vary', 'origin');
  if (origin && listSetting('GATEWAY_ORIGINS').includes(origin)) {
    res.setHeader('access-control-allow-origin', origin);
    res.setHeader('access-control-allow-methods', 'GET, PUT');
    res.setHeader('access-control-allow-headers', 'content-type');
    res.setHeader('access-control-expose-headers', 'content-disposition');
  }
  if (req.method === 'OPTIONS') res.status(204).end();
  else next();
}
