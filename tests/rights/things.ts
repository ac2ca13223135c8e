/** Klara's things beyond the stock: an answered request, a decision she was notified of, a refund, and ids the graph never shows. */
import pg from 'pg';
import { MUSTERSTADT, TRADE_REGISTRATION } from '../../dev/demo/facts';
import { eventually } from '../../dev/demo/player';
import type { Stack } from '../../dev/stack';
import { derivedId } from '../../kernel/ids';
import type { Stock } from '../hostile/stock';
import { key, MARKER, type World } from '../hostile/world';

/** Entity type → the values of its key for things of Klara's, of the inside of her authority, or of the catalogue. */
export type Things = Readonly<Record<string, readonly Readonly<Record<string, string>>[]>>;

/** For what has no query of its own: SQL for one of it; `$1` is her case `$2` the one that was decided. */
const BY_SQL: Readonly<Record<string, string>> = {
  Delivery: 'SELECT id FROM applications.delivery WHERE application_id = $1',
  MessageDelivery: 'SELECT id FROM messaging.message_delivery WHERE application_id = $1 LIMIT 1',
  Form: 'SELECT form_id AS id FROM applications.application WHERE id = $1',
  Fee: 'SELECT id FROM payment.fee ORDER BY id LIMIT 1',
  OnlineService: 'SELECT id FROM catalogue.online_service ORDER BY id LIMIT 1',
  OnlineServiceVersion: 'SELECT id FROM catalogue.online_service_version ORDER BY id LIMIT 1',
  ServiceVersion: 'SELECT id FROM catalogue.service_version ORDER BY id LIMIT 1',
  Portal: 'SELECT id FROM catalogue.portal ORDER BY id LIMIT 1',
  LifeSituation: 'SELECT id FROM catalogue.life_situation ORDER BY id LIMIT 1',
  Adoption: 'SELECT id FROM catalogue.adoption ORDER BY id LIMIT 1',
};

export async function thingsOf(stack: Stack, world: World, stock: Stock): Promise<Things> {
  const decided = await decidedCase(world);
  const refund = await refundOf(world, stock.payment);
  await answer(world, stock);
  const { privacyRequest } = await world.klara.done(
    'requestDataExport',
    { idempotencyKey: key() },
    'privacyRequest { id }',
  );
  const by = (...ids: string[]) => ids.map(id => ({ id }));
  return {
    Application: by(stock.application, decided),
    Document: by(stock.document),
    DocumentRequest: by(stock.documentRequest),
    Handover: by(stock.handover),
    Thread: by(stock.thread),
    Message: by(stock.message),
    Mailbox: by(derivedId('mailbox', stock.account)),
    Account: by(stock.account),
    StaffMember: by(stock.staffMember, stock.colleague),
    Mandate: by(stock.mandate),
    Substitution: by(stock.substitution),
    Payment: by(stock.payment),
    Refund: by(refund),
    PrivacyRequest: by(privacyRequest.id),
    Responsibility: by(stock.entry),
    Authority: by(stock.authority),
    Area: [{ ars: MUSTERSTADT.municipalityArs }],
    Service: [{ leikaKey: TRADE_REGISTRATION }],
    // with what the gateway fetches first for `@requires`
    ServiceAtPlace: [
      { leikaKey: TRADE_REGISTRATION, ars: MUSTERSTADT.municipalityArs, requiredTrustLevel: 'SUBSTANTIAL' },
    ],
    ...(await bySql(stack, stock.application, decided)),
  };
}

async function decidedCase(world: World): Promise<string> {
  const claimed = await world.claimed();
  await world.max.done('decideApplication', world.decideInput(claimed), 'application { id }');
  await world.until(claimed.id, 'NOTIFIED');
  return claimed.id;
}

async function refundOf({ thea }: World, paymentId: string): Promise<string> {
  const query = 'query ($id: ID!) { payment(id: $id) { refundable { amountMinor currency } } }';
  const { body } = await thea.ask(query, { id: paymentId });
  const amount = { amountMinor: 1, currency: 'EUR' };
  const expectedRefundable = body.data.payment.refundable;
  const input = { paymentId, amount, expectedRefundable, reason: `Zu viel ${MARKER}`, idempotencyKey: key() };
  const { refund } = await thea.done('refundPayment', input, 'refund { id }');
  return refund.id;
}

async function answer({ klara }: World, { document, documentRequest }: Stock): Promise<void> {
  const query = 'query ($id: ID!) { documentRequest(id: $id) { version } document(id: "ID") { state } }';
  const { body } = await eventually(
    () => klara.ask(query.replace('ID"', `${document}"`), { id: documentRequest }),
    found => found.body.data?.document?.state === 'AVAILABLE',
    'the file was scanned',
  );
  const input = { documentRequestId: documentRequest, documentIds: [document], comment: `Bitte sehr ${MARKER}` };
  const { version: expectedVersion } = body.data.documentRequest;
  await klara.done('answerDocumentRequest', { ...input, expectedVersion }, 'documentRequest { id }');
}

async function bySql(stack: Stack, ...cases: string[]): Promise<Things> {
  const owner = new pg.Client({ connectionString: stack.databaseUrl });
  await owner.connect();
  const found: Record<string, { id: string }[]> = {};
  for (const [type, sql] of Object.entries(BY_SQL)) {
    found[type] = (await owner.query(sql, sql.includes('$1') ? cases.slice(0, 1) : [])).rows;
  }
  await owner.end();
  return found;
}

/** Running sessions of the citizen and of the caseworker. */
export async function sessionsOf(stack: Stack, accountId: string, staffMemberId: string) {
  const owner = new pg.Client({ connectionString: stack.databaseUrl });
  await owner.connect();
  const one = async (column: string, id: string): Promise<string> => {
    const sql = `SELECT id FROM identity.session WHERE ${column} = $1 AND ended_at IS NULL LIMIT 1`;
    return (await owner.query(sql, [id])).rows[0].id;
  };
  const found = { klara: await one('account_id', accountId), max: await one('staff_member_id', staffMemberId) };
  await owner.end();
  return found;
}
