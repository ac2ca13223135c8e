/** Batched loads of online services, their versions, and their use at a place. */
import { today } from '../../../kernel/clock';
import { batch, byKey } from '../../../kernel/context';
import { rows } from '../../../kernel/database/database';
import { nestedPages } from '../../../kernel/page.nested';
import { isWithin, upwards } from '../areas/ars';
import { inForce } from '../entries/in-force';
import { Adoption, OnlineService, OnlineServiceVersion } from './online-service.entity';

export const onlineServiceById = batch<string, OnlineService>(async (ids, ctx) =>
  byKey(
    await ctx.read(tx => rows(tx, OnlineService, 'SELECT * FROM online_service WHERE id = ANY($1)', [ids])),
    service => service.id,
  ),
);

/** Drafts too: whoever shows one asks maySee first. */
export const onlineServiceVersionById = batch<string, OnlineServiceVersion>(async (ids, ctx) =>
  byKey(
    await ctx.read(tx =>
      rows(tx, OnlineServiceVersion, 'SELECT * FROM online_service_version WHERE id = ANY($1)', [ids]),
    ),
    version => version.id,
  ),
);

/** The version in force today, by online service. */
export const versionInForceOf = batch<string, OnlineServiceVersion>(async (ids, ctx) =>
  byKey(
    await ctx.read(tx =>
      rows(
        tx,
        OnlineServiceVersion,
        `SELECT * FROM online_service_version WHERE online_service_id = ANY($1) AND ${inForce('online_service_version', '$2')}`,
        [ids, today()],
      ),
    ),
    version => version.onlineServiceId,
  ),
);

/** Has any version of an online service been published? */
export const everPublished = batch<string, true>(async (ids, ctx) => {
  const found: { id: string }[] = await ctx.read(tx =>
    tx.query(
      `SELECT DISTINCT online_service_id AS id FROM online_service_version
       WHERE online_service_id = ANY($1) AND published_at IS NOT NULL`,
      [ids],
    ),
  );
  return new Map(found.map(({ id }) => [id, true]));
});

export const adoptionById = batch<string, Adoption>(async (ids, ctx) =>
  byKey(
    await ctx.read(tx => rows(tx, Adoption, 'SELECT * FROM adoption WHERE id = ANY($1)', [ids])),
    adoption => adoption.id,
  ),
);

/** What a service is applied for with: the online service, and the adoption when it is somebody else's. */
export interface Offer {
  readonly onlineService: OnlineService;
  readonly adoption: Adoption | null;
}

/** @param ars null: anywhere */
export const placeKey = (leikaKey: string, ars: string | null): string => `${leikaKey} ${ars ?? ''}`;

/** The offers of a service usable at a place, the most local first. Key: {@link placeKey}. */
export const offersAt = batch<string, Offer[]>(async (keys, ctx) => {
  const asked = keys.map(key => key.split(' ') as [string, string]);
  const leikaKeys = [...new Set(asked.map(([leikaKey]) => leikaKey))];
  const places = asked.some(([, ars]) => ars === '') ? null : [...new Set(asked.flatMap(([, ars]) => upwards(ars)))];
  const offered = await ctx.read(tx =>
    rows(
      tx,
      OnlineService,
      `SELECT DISTINCT online_service.* FROM online_service
       JOIN online_service_version AS version ON version.online_service_id = online_service.id AND ${inForce('version', '$2::date')}
       WHERE online_service.leika_keys && $1::text[] AND ($3::text[] IS NULL OR online_service.offered_by_ars = ANY($3))
       ORDER BY name, id`,
      [leikaKeys, today(), places],
    ),
  );
  const adoptions = await ctx.read(tx =>
    rows(
      tx,
      Adoption,
      `SELECT adoption.* FROM adoption JOIN online_service ON online_service.id = adoption.online_service_id
       WHERE online_service.leika_keys && $1::text[] AND ($3::text[] IS NULL OR adoption.ars = ANY($3))
         AND adoption.valid_from <= $2 AND (adoption.valid_to IS NULL OR adoption.valid_to >= $2)
       ORDER BY adoption.id`,
      [leikaKeys, today(), places],
    ),
  );
  const adopted = await onlineServiceById(ctx).loadMany(adoptions.map(adoption => adoption.onlineServiceId));
  const all = [
    ...adoptions.flatMap((adoption, i) => {
      const onlineService = adopted[i];
      return onlineService instanceof OnlineService ? [{ onlineService, adoption, ars: adoption.ars }] : [];
    }),
    ...offered.map(onlineService => ({ onlineService, adoption: null, ars: onlineService.offeredByArs })),
  ];
  return new Map(
    keys.map((key, i) => {
      const [leikaKey, place] = asked[i]!;
      const usable = all
        .filter(({ onlineService }) => onlineService.leikaKeys.includes(leikaKey))
        .filter(({ adoption, ars }) => (place === '' ? adoption === null : place.startsWith(ars)))
        .sort((a, b) => b.ars.length - a.ars.length);
      const once = usable.filter(
        (one, j) => usable.findIndex(other => other.onlineService.id === one.onlineService.id) === j,
      );
      return [key, once] as const;
    }),
  );
});

/** All versions with drafts, newest first; editors only. */
export const versionsOfOnlineService = nestedPages(OnlineServiceVersion, () => ({
  subgraph: 'catalogue',
  kind: 'online service versions',
  parent: 'uuid',
  sql: 'SELECT * FROM online_service_version WHERE online_service_id = parent.key',
  values: [],
  order: [{ column: 'number', cast: 'int', desc: true }],
}));

/** In an area or below when one is named. */
export const adoptionsOf = nestedPages<Adoption, { ars: string | null }>(Adoption, ({ ars }) => ({
  subgraph: 'catalogue',
  kind: 'adoptions',
  parent: 'uuid',
  sql: `SELECT * FROM adoption WHERE online_service_id = parent.key AND ($1::text IS NULL OR ${isWithin('ars', '$1')})`,
  values: [ars],
  order: [
    { column: 'ars', cast: 'text' },
    { column: 'id', cast: 'uuid' },
  ],
}));
