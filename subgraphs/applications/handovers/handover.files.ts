/** The package of a handover as a file: a signed address for whoever may see the handover, and the route behind it. */
import { pipeline } from 'node:stream/promises';
import type { Express } from 'express';
import { subgraphConfig } from '../../../kernel/config';
import type { Context } from '../../../kernel/context';
import { type Database, rows, type Tx } from '../../../kernel/database/database';
import { isStaff } from '../../../kernel/membership';
import { type Machine, type Staff, serviceOf } from '../../../kernel/principal';
import { readTicket, signTicket } from '../../../kernel/ticket';
import { publish } from '../../../schema/events';
import { Application } from '../application/application.entity';
import { maySee } from '../application/application.rights';
import { documentStore } from '../documents/stores';
import { Handover } from './handover.entity';
import { PACKAGE_TYPE } from './handover.package';

const TICKET_SECONDS = 60;
const PURPOSE = 'handover-package';

/** Made for the asker: who downloads is judged as the one the address was made for. */
interface PackageTicket {
  readonly id: string;
  readonly asker: Staff | Machine;
}

/** Handing out the address counts as reading the case: it is noted in the access log of the applicant. */
export async function packageUrl(handover: Handover, ctx: Context): Promise<string | null> {
  const { asker } = ctx;
  if (asker.kind !== 'staff' && asker.kind !== 'machine') return null;
  // the machine does not see the case itself, only what was handed to it
  const [owner]: { account_id: string; reference: string }[] = await ctx.db.tx(serviceOf('applications'), tx =>
    tx.query(`SELECT account_id, reference FROM application WHERE id = $1`, [handover.applicationId]),
  );
  if (!owner) return null;
  ctx.accessed({
    accountId: owner.account_id,
    applicationId: handover.applicationId,
    subjectType: 'Handover',
    subjectId: handover.id,
    action: 'read',
    purpose: owner.reference,
  });
  const content: PackageTicket = { id: handover.id, asker };
  const ticket = signTicket('applications', PURPOSE, content, TICKET_SECONDS);
  return `${subgraphConfig('applications').publicUrl}/files/handovers/${ticket}`;
}

export function handoverRoutes(app: Express, { db }: { db: Database }): void {
  app.get('/files/handovers/:ticket', async (request, response) => {
    const ticket = readTicket<PackageTicket>('applications', PURPOSE, request.params.ticket);
    const handover = ticket && (await permitted(db, ticket));
    const bytes = handover && (await documentStore().get(handover.storageKey));
    if (!bytes) {
      response.status(404).json({ code: 'NOT_FOUND' });
      return;
    }
    response.set({
      'content-type': PACKAGE_TYPE,
      'content-disposition': `attachment; filename="${handover.id}.json"`,
      'cache-control': 'private, no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
    });
    await pipeline(bytes, response);
  });
}

/** Judged anew: the case may have been forwarded, or the asker have left, since the address was made. */
function permitted(db: Database, { id, asker }: PackageTicket): Promise<Handover | null> {
  return db.tx(serviceOf('applications'), async tx => {
    const [handover] = await rows(tx, Handover, 'SELECT * FROM handover WHERE id = $1', [id]);
    const [application] = handover
      ? await rows(tx, Application, 'SELECT * FROM application WHERE id = $1', [handover.applicationId])
      : [];
    if (!handover || !application) return null;
    const may =
      asker.kind === 'machine'
        ? handover.system === asker.name
        : maySee(application, asker) && (await isStaff(tx, asker, 'staff:read'));
    if (!may) return null;
    await noteDownload(tx, handover, application, asker);
    return handover;
  });
}

/** Written down before the first byte leaves. */
function noteDownload(tx: Tx, { id }: Handover, application: Application, asker: Staff | Machine): Promise<void> {
  const staff = asker.kind === 'staff' ? asker : null;
  return publish(tx, 'data.accessed', application.accountId, {
    accountId: application.accountId,
    applicationId: application.id,
    subjectType: 'Handover',
    subjectId: id,
    action: 'download',
    purpose: application.reference ?? 'handover',
    staffMemberId: staff?.staffMemberId ?? null,
    authorityId: staff?.authorityId ?? null,
    machine: asker.kind === 'machine' ? asker.name : null,
  });
}
