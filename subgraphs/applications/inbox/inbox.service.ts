/** The lists of applications: an authority's inbox (Eingangskorb) and those of an account. */
import type { GraphQLResolveInfo } from 'graphql';
import type { Context } from '../../../kernel/context';
import { rows, type Tx } from '../../../kernel/database/database';
import { forbidden, notFound } from '../../../kernel/errors';
import { type OrderColumn, type Page, type PageArgs, page } from '../../../kernel/page';
import type { Staff } from '../../../kernel/principal';
import { Application } from '../application/application.entity';
import { maySee, noteRead } from '../application/application.rights';
import { ApplicationState, type PublicStatus, publicStatusOf } from '../application/application.states';
import { provideNames } from '../application/party.loaders';
import { ARRIVED_AT, addFilter, Conditions, checkFilter, DUE_ON } from './inbox.filter';
import { type InboxFilter, InboxSort } from './inbox.inputs';

const id = { column: 'id', cast: 'uuid' } as const;
const ORDERS: Readonly<Record<InboxSort, readonly OrderColumn[]>> = {
  OLDEST_FIRST: [{ column: 'arrived_at', cast: 'timestamptz' }, id],
  NEWEST_FIRST: [
    { column: 'arrived_at', cast: 'timestamptz', desc: true },
    { ...id, desc: true },
  ],
  DEADLINE_FIRST: [{ column: 'due_on', cast: 'date' }, id],
  CHANGED_FIRST: [
    { column: 'changed_at', cast: 'timestamptz', desc: true },
    { ...id, desc: true },
  ],
};

/** What is on its way counts by its submission. */
const LISTED = `SELECT application.*, ${ARRIVED_AT} AS arrived_at, ${DUE_ON} AS due_on FROM application`;

/** A total beyond this is not counted: null. */
const MOST_COUNTED = 1_000;

/** The unit a desk looks at: its whole authority, or one of its departments. */
export interface Desk {
  readonly authorityId: string;
  readonly departmentId: string | null;
}

/**
 * @param unitId the asker's authority or one of its departments
 * @throws NOT_FOUND for any other
 */
export async function deskOf(tx: Tx, staff: Staff, unitId: string): Promise<Desk> {
  if (unitId === staff.authorityId) return { authorityId: unitId, departmentId: null };
  const found: unknown[] = await tx.query(`SELECT 1 FROM authority_unit WHERE unit_id = $1 AND parent_id = $2`, [
    unitId,
    staff.authorityId,
  ]);
  if (found.length === 0) throw notFound();
  return { authorityId: staff.authorityId, departmentId: unitId };
}

export function staffOf(ctx: Context): Staff {
  if (ctx.asker.kind !== 'staff') throw forbidden();
  return ctx.asker;
}

export interface InboxArgs extends PageArgs {
  readonly authorityId: string;
  readonly filter: InboxFilter | null;
  readonly sort: InboxSort;
}

/** @param info says whether names are asked for */
export function inbox(ctx: Context, args: InboxArgs, info: GraphQLResolveInfo): Promise<Page<Application>> {
  const staff = staffOf(ctx);
  checkFilter(args.filter);
  return ctx.read(async tx => {
    const desk = await deskOf(tx, staff, args.authorityId);
    const conditions = addFilter(ofDesk(desk), args.filter);
    const found = await page(
      tx,
      Application,
      {
        subgraph: 'applications',
        kind: `inbox ${args.sort}`,
        sql: `${LISTED} WHERE ${conditions.where}`,
        values: conditions.values,
        order: ORDERS[args.sort],
      },
      args,
    );
    for (const application of found.nodes) noteRead(ctx, application);
    await provideNames(ctx, found.nodes, info);
    return counted(ctx, found, conditions);
  });
}

/** Drafts are the applicant's alone. */
export function ofDesk({ authorityId, departmentId }: Desk): Conditions {
  const conditions = new Conditions().add('authority_id = ?', authorityId).also(`state <> 'DRAFT'`);
  return departmentId ? conditions.add('department_id = ?', departmentId) : conditions;
}

export interface MyApplicationsArgs extends PageArgs {
  readonly publicStatuses: readonly PublicStatus[] | null;
}

export function myApplications(ctx: Context, args: MyApplicationsArgs): Promise<Page<Application>> {
  const person = ctx.asker;
  if (person.kind !== 'person') throw forbidden();
  const conditions = new Conditions()
    .add('account_id = ?', person.actingFor)
    .also(`NOT (state = 'DESTROYED' AND submitted_at IS NULL)`);
  if (person.services) conditions.add('leika_key = ANY(?::text[])', person.services);
  if (args.publicStatuses) conditions.add('state = ANY(?::text[])', statesOf(args.publicStatuses));
  return ctx.read(async tx => {
    const found = await page(
      tx,
      Application,
      {
        subgraph: 'applications',
        kind: 'my applications',
        sql: `SELECT * FROM application WHERE ${conditions.where}`,
        values: conditions.values,
        order: [{ ...id, desc: true }],
      },
      args,
    );
    return counted(ctx, found, conditions);
  });
}

const statesOf = (statuses: readonly PublicStatus[]): ApplicationState[] =>
  Object.values(ApplicationState).filter(state => statuses.includes(publicStatusOf(state)));

/** Counts only when `totalCount` is asked for. */
function counted<T>(ctx: Context, found: Page<T>, { where, values }: Conditions): Page<T> {
  return Object.defineProperty(found, 'totalCount', {
    get: () =>
      ctx.read(async tx => {
        const [{ count }]: [{ count: number }] = await tx.query(
          `SELECT count(*)::int AS count FROM (SELECT FROM application WHERE ${where} LIMIT ${MOST_COUNTED + 1}) AS counted`,
          values,
        );
        return count > MOST_COUNTED ? null : count;
      }),
  });
}

/** One application by its file reference; null for what the asker may not see. */
export async function findByReference(ctx: Context, reference: string): Promise<Application | null> {
  const [found] = await ctx.read(tx =>
    rows(tx, Application, 'SELECT * FROM application WHERE reference = $1', [reference.trim().toUpperCase()]),
  );
  if (!found || !maySee(found, ctx.asker)) return null;
  noteRead(ctx, found);
  return found;
}
