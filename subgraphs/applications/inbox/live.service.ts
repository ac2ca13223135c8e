/** Live feeds of applications: what of each event its watcher gets, judged anew for each one. */
import type { Context } from '../../../kernel/context';
import { rows, type Tx } from '../../../kernel/database/database';
import { forbidden, notFound } from '../../../kernel/errors';
import type { StoredEvent } from '../../../kernel/events/stream';
import { type LiveEvent, live } from '../../../kernel/live';
import { isStaff, mayStillAct } from '../../../kernel/membership';
import type { ApplicationChange, Events, InboxFacts } from '../../../schema/events';
import { Application } from '../application/application.entity';
import { applicationById } from '../application/application.loaders';
import { maySee } from '../application/application.rights';
import { documentById } from '../documents/document.loaders';
import { addFilter, addFixed, Conditions, checkFilter, factsFit } from './inbox.filter';
import type { InboxFilter } from './inbox.inputs';
import { type Desk, deskOf, staffOf } from './inbox.service';
import { type ApplicationEvent, ApplicationEventKind, HIDDEN_FROM_APPLICANTS, KIND_OF } from './live.type';

type Shown = Omit<ApplicationEvent, keyof LiveEvent>;
type Feed = AsyncGenerator<Shown & LiveEvent>;

const TYPES = Object.keys(KIND_OF);
const kindOf = (event: StoredEvent): ApplicationEventKind => KIND_OF[event.type as keyof typeof KIND_OF];
const changeIn = (event: StoredEvent): ApplicationChange => event.payload as unknown as ApplicationChange;

const shown = (event: StoredEvent): Shown => ({
  kind: kindOf(event),
  applicationId: event.key,
  deadlineKind: (event.payload.deadlineKind as string | undefined) ?? null,
  deliveryId: (event.payload.deliveryId as string | undefined) ?? null,
});

export interface InboxChangedArgs {
  readonly authorityId: string;
  readonly filter?: InboxFilter | null;
  readonly kinds?: readonly ApplicationEventKind[] | null;
  readonly after?: string | null;
}

export async function* inboxChanged(ctx: Context, args: InboxChangedArgs): Feed {
  const staff = staffOf(ctx);
  checkFilter(args.filter);
  const desk = await atOnce(ctx, fresh => fresh.read(tx => deskOf(tx, staff, args.authorityId)));
  yield* live(ctx, {
    types: TYPES,
    after: args.after,
    async show(event, fresh) {
      if (args.kinds && !args.kinds.includes(kindOf(event))) return null;
      const change = changeIn(event);
      const left =
        event.type === 'application.forwarded' &&
        (change as Events['application.forwarded']).fromAuthorityId === desk.authorityId &&
        change.authorityId !== desk.authorityId;
      if (!left && change.authorityId !== desk.authorityId) return null;
      const told = await fresh.read(async tx => {
        if (!(await isStaff(tx, staff, 'staff:read'))) throw forbidden();
        // its last sign: the case has gone to another authority, and only its id may still be told
        if (left) return facts(change).some(one => ofDepartment(desk, one)) ? shown(event) : null;
        return (await fits(tx, desk, args.filter, event)) ? shown(event) : null;
      });
      return told && (await isOfVisibleDocument(event, fresh)) ? told : null;
    },
  });
}

const facts = ({ inbox }: ApplicationChange): InboxFacts[] => (inbox ? [inbox.before, inbox.after] : []);

const ofDepartment = ({ departmentId }: Desk, one: InboxFacts): boolean =>
  departmentId === null || one.departmentId === departmentId;

/** By these a case enters or leaves the list of answered requests. */
const ANSWERS: ReadonlySet<string> = new Set(['application.documents-submitted', 'application.documents-reviewed']);

/** Before or after the change, or now: a case that leaves a filtered list is told of once more. */
async function fits(tx: Tx, desk: Desk, filter: InboxFilter | null | undefined, event: StoredEvent): Promise<boolean> {
  const asked = !filter?.answeredOnly || ANSWERS.has(event.type);
  const once = facts(changeIn(event)).some(one => ofDepartment(desk, one) && (!filter || factsFit(filter, one)));
  const conditions = new Conditions().add('id = ?', event.key).add('authority_id = ?', desk.authorityId);
  if (once && asked) addFixed(conditions, filter);
  else {
    if (desk.departmentId) conditions.add('department_id = ?', desk.departmentId);
    addFilter(conditions, filter);
  }
  const found: unknown[] = await tx.query(`SELECT 1 FROM application WHERE ${conditions.where}`, conditions.values);
  return found.length > 0;
}

export interface ApplicationChangedArgs {
  readonly applicationId?: string | null;
  readonly after?: string | null;
}

export async function* applicationChanged(ctx: Context, args: ApplicationChangedArgs): Feed {
  const person = ctx.asker;
  if (person.kind !== 'person') throw forbidden();
  const { applicationId } = args;
  if (applicationId) {
    const found = await atOnce(ctx, fresh => applicationById(fresh).load(applicationId));
    if (!found) throw notFound();
  }
  yield* live(ctx, {
    types: TYPES,
    after: args.after,
    async show(event, fresh) {
      const change = changeIn(event);
      if (change.accountId !== person.actingFor || HIDDEN_FROM_APPLICANTS.has(kindOf(event))) return null;
      if (applicationId && event.key !== applicationId) return null;
      const visible = await fresh.read(async tx => {
        if (!(await mayStillAct(tx, person, null))) throw forbidden();
        const [now] = await rows(tx, Application, 'SELECT * FROM application WHERE id = $1', [event.key]);
        return now !== undefined && maySee(now, person) && mayStillAct(tx, person, now.leikaKey);
      });
      if (!visible) return null;
      return (await isOfVisibleDocument(event, fresh)) ? shown(event) : null;
    },
  });
}

/** That a file of the other side was checked is told once it is shared, not before. */
async function isOfVisibleDocument({ type, payload }: StoredEvent, ctx: Context): Promise<boolean> {
  return type !== 'application.document-scanned' || (await documentById(ctx).load(String(payload.documentId))) !== null;
}

export async function* undeliverableApplicationsChanged(ctx: Context, args: { after?: string | null }): Feed {
  const staff = staffOf(ctx);
  yield* live(ctx, {
    types: ['application.undeliverable'],
    after: args.after,
    async show(event, fresh) {
      if (!(await fresh.read(tx => isStaff(tx, staff, 'ops:deliveries')))) throw forbidden();
      return shown(event);
    },
  });
}

/** A look before the stream begins, which leaves no transaction open. */
async function atOnce<T>(ctx: Context, look: (fresh: Context) => Promise<T>): Promise<T> {
  const fresh = ctx.again();
  try {
    return await look(fresh);
  } finally {
    await fresh.close();
  }
}
