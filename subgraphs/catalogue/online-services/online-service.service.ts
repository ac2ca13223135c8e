/** Lists online services, and works out what an adoption makes of the version it uses. */
import { today } from '../../../kernel/clock';
import type { Context } from '../../../kernel/context';
import { type ListQuery, type PageArgs, page } from '../../../kernel/page';
import { seesDrafts } from '../entries/entry.rights';
import { inForce } from '../entries/in-force';
import type { Countable } from '../list-count';
import { type Adoption, OnlineService, type OnlineServiceVersion, type Override } from './online-service.entity';
import {
  everPublished,
  offersAt,
  onlineServiceById,
  onlineServiceVersionById,
  placeKey,
  versionInForceOf,
} from './online-service.loaders';
import { overlay, valueAt } from './settings';

/** Those with a version in force, by name. */
export async function listOnlineServices(
  ctx: Context,
  filter: { reusableOnly: boolean; leikaKey: string | null },
  args: PageArgs,
): Promise<Countable<OnlineService>> {
  const query: ListQuery = {
    subgraph: 'catalogue',
    kind: 'online services',
    sql: `SELECT * FROM online_service WHERE (NOT $1::boolean OR reusable) AND ($2::text IS NULL OR leika_keys @> ARRAY[$2::text])
          AND EXISTS (SELECT FROM online_service_version AS version
                      WHERE version.online_service_id = online_service.id AND ${inForce('version', '$3::date')})`,
    values: [filter.reusableOnly, filter.leikaKey, today()],
    order: [
      { column: 'name', cast: 'text' },
      { column: 'id', cast: 'uuid' },
    ],
  };
  return { ...(await ctx.read(tx => page(tx, OnlineService, query, args))), query };
}

/** One that was never published is for its editors only. */
export async function visibleOnlineService(ctx: Context, id: string): Promise<OnlineService | null> {
  const [service, isPublic] = await Promise.all([onlineServiceById(ctx).load(id), everPublished(ctx).load(id)]);
  return service && (isPublic || (await seesDrafts(ctx, service.offeredByArs))) ? service : null;
}

/** The one offer a service is applied for with at a place: the most local. */
export async function offerAt(ctx: Context, leikaKey: string, ars: string) {
  return (await offersAt(ctx).load(placeKey(leikaKey, ars)))?.[0] ?? null;
}

/** An adoption stays with its version until it is upgraded; otherwise the version of today. */
export async function versionAt(ctx: Context, leikaKey: string, ars: string): Promise<OnlineServiceVersion | null> {
  const offer = await offerAt(ctx, leikaKey, ars);
  if (!offer) return null;
  return offer.adoption
    ? onlineServiceVersionById(ctx).load(offer.adoption.onlineServiceVersionId)
    : versionInForceOf(ctx).load(offer.onlineService.id);
}

/** The settings in force at a place, local ones on top; null when there is no online service. */
export async function settingsAt(ctx: Context, leikaKey: string, ars: string): Promise<unknown> {
  const [offer, version] = await Promise.all([offerAt(ctx, leikaKey, ars), versionAt(ctx, leikaKey, ars)]);
  return version && overlay(version.settings, offer?.adoption?.overrides ?? []);
}

/** A newer version than the adopted one, when one is in force. */
export async function upgradeOf(ctx: Context, adoption: Adoption): Promise<OnlineServiceVersion | null> {
  const [used, newest] = await Promise.all([
    onlineServiceVersionById(ctx).load(adoption.onlineServiceVersionId),
    versionInForceOf(ctx).load(adoption.onlineServiceId),
  ]);
  return used && newest && newest.number > used.number ? newest : null;
}

export async function effectiveSettings(ctx: Context, adoption: Adoption): Promise<unknown> {
  const used = await onlineServiceVersionById(ctx).load(adoption.onlineServiceVersionId);
  return overlay(used?.settings ?? {}, adoption.overrides);
}

/** Each local setting, what it replaces, and whether the upgrade touches it. */
export async function overridesOf(ctx: Context, adoption: Adoption): Promise<Override[]> {
  const [used, upgrade] = await Promise.all([
    onlineServiceVersionById(ctx).load(adoption.onlineServiceVersionId),
    upgradeOf(ctx, adoption),
  ]);
  return adoption.overrides.map(({ path, value }) => {
    const upstreamValue = valueAt(used?.settings, path);
    const conflictsWithUpgrade =
      upgrade !== null &&
      (!upgrade.overridablePaths.includes(path) ||
        JSON.stringify(valueAt(upgrade.settings, path)) !== JSON.stringify(upstreamValue));
    return { path, value, upstreamValue, conflictsWithUpgrade };
  });
}
