/** One object of every kind that hangs on Klara's cases or on the inside of her authority, by the name of its kind. */

import { TRADE_REGISTRATION } from '../../dev/demo/facts';
import { type Data, eventually } from '../../dev/demo/player';
import { addDays, today } from '../../kernel/clock';
import { key, MARKER, type World } from './world';

export const KINDS = [
  'application',
  'document',
  'documentRequest',
  'thread',
  'message',
  'payment',
  'handover',
  'deadline',
  'followUp',
  'entry',
  'substitution',
  'mandate',
  'account',
  'staffMember',
  'colleague',
  'authority',
] as const;
export type ObjectKind = (typeof KINDS)[number];
export type Stock = Readonly<Record<ObjectKind, string>>;

export async function stock(world: World): Promise<Stock> {
  const { klara, max, thea, erika, jonas } = world;
  const made = await world.claimed();
  const applicationId = made.id;
  const { documentRequest } = await max.done(
    'requestDocuments',
    world.requestInput(made),
    'documentRequest { id application { version } }',
  );
  const document = await world.upload({ documentRequestId: documentRequest.id, requirementCode: 'ID_CARD_COPY' });
  await max.done('addNote', { applicationId, text: `Notiz ${MARKER}`, idempotencyKey: key() }, 'note { id }');
  const { followUp } = await max.done(
    'addFollowUp',
    { applicationId, title: `Nachsehen ${MARKER}`, dueOn: addDays(today(), 3), idempotencyKey: key() },
    'followUp { id }',
  );
  const { message } = await klara.done(
    'sendMessage',
    { applicationId, title: `Frage ${MARKER}`, body: `Wann ist es so weit? ${MARKER}`, idempotencyKey: key() },
    'message { id thread { id } }',
  );
  const handed = await world.claimed();
  const { handover } = await max.done(
    'startHandover',
    {
      applicationId: handed.id,
      system: 'gewerberegister',
      expectedVersion: handed.version,
      idempotencyKey: key(),
    },
    'handover { id }',
  );
  const { entry } = await erika.done(
    'saveResponsibilityDraft',
    world.responsibility({ validFrom: addDays(today(), 40), changeNote: `Entwurf ${MARKER}` }),
    'entry { id }',
  );
  const colleagues = await staffOf(world);
  const { substitution } = await thea.done(
    'arrangeSubstitution',
    {
      absentStaffMemberId: colleagues['Max Schröder'],
      substituteStaffMemberId: colleagues['Thea Lead'],
      validFrom: new Date(Date.now() + 3_600_000).toISOString(),
      validTo: new Date(Date.now() + 7_200_000).toISOString(),
      reason: `Urlaub ${MARKER}`,
      idempotencyKey: key(),
    },
    'substitution { id }',
  );
  const [own, others] = await Promise.all([klara, jonas].map(accountOf));
  const { mandate } = await klara.done(
    'grantMandate',
    {
      agentAccountId: others,
      leikaKeys: [TRADE_REGISTRATION],
      validFrom: '2099-01-01T00:00:00Z',
      idempotencyKey: key(),
    },
    'mandate { id }',
  );
  const { body } = await eventually(
    () =>
      max.ask('query ($id: ID!) { application(id: $id) { payments { id } deadlines { id } } }', { id: applicationId }),
    answer => answer.body.data.application.payments?.length > 0,
    'the payment of the case is known',
  );
  return {
    application: applicationId,
    document,
    documentRequest: documentRequest.id,
    thread: message.thread.id,
    message: message.id,
    payment: body.data.application.payments[0].id,
    handover: handover.id,
    deadline: body.data.application.deadlines[0].id,
    followUp: followUp.id,
    entry: entry.id,
    substitution: substitution.id,
    mandate: mandate.id,
    account: own!,
    staffMember: colleagues['Max Schröder']!,
    colleague: colleagues['Thea Lead']!,
    authority: world.authorityId,
  };
}

export async function accountOf(who: { ask: World['klara']['ask'] }): Promise<string> {
  return (await who.ask('{ session { account { id } } }')).body.data.session.account.id;
}

async function staffOf({ thea, authorityId }: World): Promise<Record<string, string>> {
  const { body } = await thea.ask('query ($id: ID!) { staffMembers(authorityId: $id) { nodes { id displayName } } }', {
    id: authorityId,
  });
  return Object.fromEntries(body.data.staffMembers.nodes.map((one: Data) => [one.displayName, one.id]));
}

const BY_ROOT: Record<string, ObjectKind> = {
  application: 'application',
  documentRequest: 'documentRequest',
  document: 'document',
  handover: 'handover',
  authority: 'authority',
  catalogueEntry: 'entry',
  account: 'account',
  staffMember: 'staffMember',
  message: 'message',
  thread: 'thread',
  payment: 'payment',
  saveResponsibilityDraft: 'entry',
  saveStaffMember: 'staffMember',
};

/** Names of arguments that end otherwise than the kind is called. */
const BY_ARGUMENT: Record<string, ObjectKind> = {
  upToMessageId: 'message',
  entryId: 'entry',
  ownerId: 'staffMember',
  assigneeId: 'staffMember',
  absentStaffMemberId: 'staffMember',
  substituteStaffMemberId: 'colleague',
  noticeDocumentId: 'document',
  agentAccountId: 'account',
  organisationAccountId: 'account',
  personAccountId: 'account',
};

/** What an ID at this place is the id of; null for what everybody may know. */
export function kindAt(rootName: string, path: string): ObjectKind | null {
  const name = path
    .replace(/\[\d+\]/g, '')
    .split('.')
    .at(-1)!;
  if (name === 'id') return BY_ROOT[rootName] ?? null;
  const plain = name.replace(/Ids?$/, '');
  return BY_ARGUMENT[name] ?? KINDS.find(kind => kind === plain) ?? null;
}
