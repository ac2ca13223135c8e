/** Batched loads of services and their versions. */
import { today } from '../../../kernel/clock';
import { batch, byKey, type Context } from '../../../kernel/context';
import { rows } from '../../../kernel/database/database';
import { holdsOn } from '../entries/in-force';
import { Service, ServiceVersion } from './service.entity';
import { publicRights } from './service.rights';

/** A service that is or once was published, so that old cases keep their title. */
export const serviceByKey = batch<string, Service>(async (keys, ctx) => {
  const versions = await ctx.read(tx =>
    rows(
      tx,
      ServiceVersion,
      `SELECT DISTINCT ON (leika_key) * FROM service_version
       WHERE leika_key = ANY($1) AND published_at IS NOT NULL AND valid_from <= $2
       ORDER BY leika_key, (valid_to IS NULL OR valid_to >= $2) DESC, valid_from DESC, number DESC`,
      [keys, today()],
    ),
  );
  return byKey(
    versions.map(version => new Service(version)).filter(service => publicRights.maySee(service, ctx.asker)),
    service => service.leikaKey,
  );
});

/** A service only while it is published. */
export async function publishedService(ctx: Context, leikaKey: string): Promise<Service | null> {
  const service = await serviceByKey(ctx).load(leikaKey);
  return service && holdsOn(service.current, today()) ? service : null;
}

export async function publishedServices(ctx: Context, leikaKeys: readonly string[]): Promise<Service[]> {
  const found = await Promise.all(leikaKeys.map(leikaKey => publishedService(ctx, leikaKey)));
  return found.filter(service => service !== null);
}
