/** Applicant and agent of a case, with their names on the paths that provide them; elsewhere identity is asked for those. */
import { type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';
import type { Context } from '../../../kernel/context';
import { Account } from '../foreign';
import type { Application } from './application.entity';
import { maySee } from './application.rights';

/** For `@provides`: only on fields by which nobody but the desk in charge gets an application. */
export const NAMES = 'applicant { displayName } agent { displayName }';

interface Named {
  readonly account_id: string;
  readonly display_name: string;
}

/**
 * Gives the names to what such a field answers. They are there before its fields are resolved, because a promise for
 * each costs a list more than the names themselves.
 * @param info of that field: where it is asked for no name, none is read
 */
export async function provideNames(
  ctx: Context,
  applications: readonly Application[],
  { fieldNodes, fragments }: Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>,
): Promise<void> {
  const asked = (set: SelectionSetNode | undefined): boolean =>
    set?.selections.some(one => {
      if (one.kind === Kind.FRAGMENT_SPREAD) return asked(fragments[one.name.value]?.selectionSet);
      return (one.kind === Kind.FIELD && one.name.value === 'displayName') || asked(one.selectionSet);
    }) ?? false;
  if (applications.length === 0 || !fieldNodes.some(({ selectionSet }) => asked(selectionSet))) return;
  const ids = applications.flatMap(({ accountId, agentAccountId }) =>
    agentAccountId ? [accountId, agentAccountId] : [accountId],
  );
  const found: Named[] = await ctx.read(tx =>
    tx.query('SELECT account_id, display_name FROM account_name WHERE account_id = ANY($1)', [ids]),
  );
  const names = new Map(found.map(({ account_id, display_name }) => [account_id, display_name]));
  for (const application of applications) application.names = names;
}

/** The applicant or the agent of a case. */
export class Party extends Account {
  constructor(
    override readonly id: string,
    private readonly of: Application,
    private readonly ctx: Context,
  ) {
    super();
  }

  /** For a desk that may see the case; that it reads the agent's is noted for the access log. */
  override get displayName(): string | null {
    const { id } = this;
    const name = this.of.names?.get(id);
    if (name === undefined || this.ctx.asker.kind !== 'staff' || !maySee(this.of, this.ctx.asker)) return null;
    const { id: applicationId, accountId: applicantId, reference } = this.of;
    // the applicant's is a part of the case, and that the case was read is noted already
    if (id !== applicantId) {
      const purpose = reference ?? 'inbox';
      this.ctx.accessed({
        accountId: id,
        applicationId,
        subjectType: 'Account',
        subjectId: id,
        action: 'read',
        purpose,
      });
    }
    return name;
  }
}
