/** Batched loads of accounts. */
import { batch, byKey, type Context, groupBy } from '../../../kernel/context';
import { rows } from '../../../kernel/database/database';
import { Account, OrganisationMember, VerifiedAttribute } from './account.entity';
import { accountRights, accountsForAuthority, isDesk, visibleNames } from './account.rights';

/** An account that has nothing to do with the asker shows its outline only, and has no name to show by mistake. */
export const accountById = batch<string, Account>(async (ids, ctx) => {
  const { asker } = ctx;
  const found = await ctx.read(async tx => {
    const near = isDesk(asker)
      ? await accountsForAuthority(tx, asker.authorityId, ids)
      : await rows(tx, Account, 'SELECT * FROM account WHERE id = ANY($1)', [ids]);
    const known = new Set(near.map(({ id }) => id));
    const far = ids.filter(id => !known.has(id));
    return far.length === 0
      ? near
      : [...near, ...(await rows(tx, Account, 'SELECT * FROM account_outlines($1)', [far]))];
  });
  return byKey(
    found.filter(one => accountRights.maySee(one, asker)),
    one => one.id,
  );
});

/** Present for accounts whose name the asker may see. */
const nameVisible = batch<string, true>(async (ids, ctx) => {
  const visible = await ctx.read(tx => visibleNames(tx, ctx.asker, ids));
  return new Map(visible.map(({ id }) => [id, true] as const));
});

/** The name, where the asker may see it; that a desk sees it is noted for the access log. */
export function nameOf(account: Account, ctx: Context): string | null | Promise<string | null> {
  const { id, shownBy, displayName } = account;
  if (!isDesk(ctx.asker))
    return nameVisible(ctx)
      .load(id)
      .then(visible => (visible ? displayName : null));
  if (!shownBy) return null;
  const { applicationId, reference } = shownBy;
  const purpose = reference ?? 'inbox';
  ctx.accessed({ accountId: id, applicationId, subjectType: 'Account', subjectId: id, action: 'read', purpose });
  return displayName;
}

export const attributesOf = batch<string, VerifiedAttribute[]>(async (ids, ctx) =>
  groupBy(
    await ctx.read(tx =>
      rows(tx, VerifiedAttribute, 'SELECT * FROM verified_attribute WHERE account_id = ANY($1) ORDER BY name', [ids]),
    ),
    one => one.accountId,
  ),
);

/** At most 100 each, by rule. */
export const membersOf = batch<string, OrganisationMember[]>(async (ids, ctx) =>
  groupBy(
    await ctx.read(tx =>
      rows(
        tx,
        OrganisationMember,
        'SELECT * FROM organisation_member WHERE organisation_id = ANY($1) ORDER BY organisation_id, since, account_id',
        [ids],
      ),
    ),
    one => one.organisationId,
  ),
);
