/**
 * Who may see an application, and what of it: the one place every path goes through – lists, by id, references, events,
 * documents, downloads. Row-level security repeats it as the second wall (migrations/applications).
 *
 * Seeing:  the applicant's side (the account acted for, within the services of a mandate) · staff of the authority in
 *          charge, once it is submitted · our own service principals. A substitute is of the same authority. Nobody sees
 *          a draft that was deleted.
 * Writing: `lockForApplicant` / `lockForStaff` lock the row first and prove the right inside the transaction.
 *          What leaves the writer's sight (forwarding, deeds of operators and machines) runs `asService`, with the same
 *          proof inside it, because row security also judges the row as written.
 */
import type { Context } from '../../../kernel/context';
import { rows, type Tx } from '../../../kernel/database/database';
import { notFound } from '../../../kernel/errors';
import { provenPerson, provenStaff } from '../../../kernel/membership';
import type { Principal } from '../../../kernel/principal';
import { serviceOf } from '../../../kernel/principal';
import { deedsOf, type Line, rights, type Who } from '../../../kernel/rights';
import { TrustLevel, trustSuffices } from '../../../kernel/trust';
import { Application } from './application.entity';
import {
  type Actor,
  type ApplicationAction,
  ApplicationState,
  applicationLifecycle,
  whoMay,
} from './application.states';

const wasDeletedDraft = ({ state, submittedAt }: Application): boolean =>
  state === ApplicationState.DESTROYED && submittedAt === null;

const applies = (application: Application, asker: Principal): boolean =>
  asker.kind === 'person' &&
  application.accountId === asker.actingFor &&
  (asker.services === null || asker.services.includes(application.leikaKey)) &&
  !wasDeletedDraft(application);

const isInCharge = (application: Application, asker: Principal): boolean =>
  asker.kind === 'staff' &&
  application.authorityId === asker.authorityId &&
  asker.scopes.includes('staff:read') &&
  application.state !== ApplicationState.DRAFT &&
  !wasDeletedDraft(application);

const WHO_IS: Readonly<Record<Actor, readonly Who[]>> = {
  applicant: ['applicant'],
  'staff:work': ['authority'],
  'staff:decide': ['decider'],
  'ops:deliveries': ['operator'],
  system: [],
};

const platform: Line<Application> = { who: 'platform', holds: (_, asker) => asker.kind === 'service' };

export const applicationRights = rights<Application, 'content' | 'inside'>(
  'Application',
  { de: 'Antrag, Vorgang', en: 'Application' },
  {
    with: ['HistoryEntry', 'ArchiveRecord', 'ApplicationEvent', 'Deadline', 'DeadlineStep', 'LegalRule'],
    sees: [
      { who: 'applicant', when: 'from the draft on, until a draft is deleted', holds: applies },
      { who: 'authority', when: 'from submission on, until it is forwarded to another authority', holds: isInCharge },
      platform,
    ],
    parts: {
      content: {
        fields: ['Application.formData', 'Application.decision', 'Document.downloadUrl'],
        lines: [
          {
            who: 'applicant',
            when: 'signed in at the trust level the service needs (Vertrauensniveau); a draft at the one it was written with',
            holds: (application, asker) =>
              asker.kind === 'person' && trustSuffices(asker.trustLevel, neededTrust(application)),
          },
          { who: 'authority', holds: (_, asker) => asker.kind === 'staff' },
          platform,
        ],
      },
      inside: {
        fields: ['HistoryEntry'],
        lines: [
          {
            who: 'applicant',
            when: 'only the chain for applicants: no steps inside the authority',
            holds: () => false,
          },
          { who: 'authority', when: 'only the chain for staff', holds: (_, asker) => !isApplicantSide(asker) },
        ],
      },
    },
    does: {
      createDraft: [{ who: 'applicant', when: 'for a published service, within those of the mandate' }],
      ...deedsOf(applicationLifecycle, action => whoMay[action].flatMap(actor => WHO_IS[actor])),
      requestUpload: [
        { who: 'applicant', when: 'in DRAFT; until NOTIFIED in answer to a document request, or with a message' },
        { who: 'authority', when: 'from RECEIVED until NOTIFIED' },
      ],
      submitApplication: [
        { who: 'applicant', when: 'in DRAFT, signed in at the trust level the service needs, with the fee settled' },
      ],
    },
  },
);

/** May this asker see it at all? Give `ctx.asker`. */
export const maySee = (application: Application, asker: Principal): boolean =>
  applicationRights.maySee(application, asker);

/** The trust level an applicant's session needs for the content; a draft needs no more than it was written with. */
export function neededTrust(application: Application): TrustLevel {
  const { state, trustLevel, requiredTrustLevel } = application;
  if (state !== ApplicationState.DRAFT) return requiredTrustLevel;
  return trustSuffices(trustLevel, requiredTrustLevel) ? requiredTrustLevel : (trustLevel ?? TrustLevel.BASIC);
}

/** May this asker, who may see it, see its content too (answers, decision, files)? */
export const maySeeContent = (application: Application, asker: Principal): boolean =>
  applicationRights.maySeePart('content', application, asker);

/** Is the asker on the applicant's side (and not of the authority)? */
export const isApplicantSide = (asker: Principal): boolean => asker.kind === 'person';

/** As whom the asker would act on this application; empty for nobody. */
function rolesOn(application: Application, asker: Principal): readonly Actor[] {
  if (asker.kind === 'person') return maySee(application, asker) && !asker.readOnly ? ['applicant'] : [];
  if (asker.kind !== 'staff') return [];
  const roles: Actor[] = [];
  if (asker.scopes.includes('ops:deliveries')) roles.push('ops:deliveries');
  if (maySee(application, asker)) {
    if (asker.scopes.includes('staff:work')) roles.push('staff:work');
    if (asker.scopes.includes('staff:decide')) roles.push('staff:decide');
  }
  return roles;
}

/** Names of the mutations the asker may call on it now. */
export function possibleActions(application: Application, asker: Principal): ApplicationAction[] {
  const roles = rolesOn(application, asker);
  return applicationLifecycle
    .actions(application.state)
    .filter(action => whoMay[action].some(actor => roles.includes(actor)))
    .filter(action => action !== 'submitApplication' || trustEnough(application, asker));
}

const trustEnough = (application: Application, asker: Principal): boolean =>
  asker.kind === 'person' && trustSuffices(asker.trustLevel, application.requiredTrustLevel);

/** Locks the row; its history, documents and requests are only written while it is held. Null when there is none. */
export async function lockApplication(tx: Tx, id: string): Promise<Application | null> {
  const [found] = await rows(tx, Application, 'SELECT * FROM application WHERE id = $1 FOR UPDATE', [id]);
  return found ?? null;
}

/**
 * The application, locked, for a deed of the applicant's side.
 * @throws NOT_FOUND when the asker may not see it, FORBIDDEN when staff or a mandate that has ended asks
 */
export async function lockForApplicant(tx: Tx, ctx: Context, id: string): Promise<Application> {
  const application = await lockApplication(tx, id);
  if (!application || !maySee(application, ctx.principal)) throw notFound();
  await provenPerson(tx, ctx.principal, application.leikaKey);
  return application;
}

/**
 * The application, locked, for a deed of the authority in charge.
 * @param scope such as `staff:work`
 * @throws NOT_FOUND when it is another authority's, FORBIDDEN when the asker has left or lost the scope
 */
export async function lockForStaff(tx: Tx, ctx: Context, id: string, scope: string): Promise<Application> {
  await provenStaff(tx, ctx.principal, scope);
  const application = await lockApplication(tx, id);
  if (!application || !maySee(application, ctx.principal)) throw notFound();
  noteRead(ctx, application);
  return application;
}

/** A transaction past row security, on behalf of the asker; whoever uses it proves the right inside. */
export const asService = <T>(ctx: Context, work: (tx: Tx) => Promise<T>): Promise<T> =>
  ctx.db.tx(serviceOf('applications', ctx.principal), work);

/** Notes for the account's access log that staff read this case; a list, an event and the answer of a deed count too. */
export function noteRead(ctx: Context, application: Application): void {
  ctx.accessed({
    accountId: application.accountId,
    applicationId: application.id,
    subjectType: 'Application',
    subjectId: application.id,
    action: 'read',
    purpose: application.reference ?? 'inbox',
  });
}
