/** Brings together what the catalogue knows of a service at a place. */
import { today } from '../../../kernel/clock';
import type { Context } from '../../../kernel/context';
import { euro, type Money } from '../../../kernel/graph/money.type';
import { areaByArs } from '../areas/area.loaders';
import { type Authority } from '../authorities/authority.entity';
import { singleContactOf } from '../authorities/authority.loaders';
import { offerAt, settingsAt } from '../online-services/online-service.service';
import { feeOf } from '../online-services/settings';
import type { ResponsibilityAnswer } from '../responsibilities/responsibility.entity';
import { findResponsibility } from '../responsibilities/responsibility.finder';
import type { Service } from '../services/service.entity';
import { publishedService } from '../services/service.loaders';
import type { ServiceAtPlace } from './place.entity';

/** Null when there is no such published service or no such place. */
export async function findPlace(ctx: Context, { leikaKey, ars }: ServiceAtPlace): Promise<ServiceAtPlace | null> {
  const [service, area] = await Promise.all([publishedService(ctx, leikaKey), areaByArs(ctx).load(ars)]);
  return service && area ? { leikaKey, ars } : null;
}

export async function serviceOf(ctx: Context, { leikaKey }: ServiceAtPlace): Promise<Service> {
  return (await publishedService(ctx, leikaKey))!; // there, or findPlace had found nothing
}

export async function responsibilityOf(ctx: Context, { leikaKey, ars }: ServiceAtPlace): Promise<ResponsibilityAnswer> {
  return (await findResponsibility(ctx, { leikaKey, ars, on: today() }))!; // as above
}

export async function singleContact(ctx: Context, place: ServiceAtPlace): Promise<Authority | null> {
  const { singleContactPossible } = await serviceOf(ctx, place);
  return singleContactPossible ? singleContactOf(ctx).load(place.ars) : null;
}

/** Zero is free; null leaves the general fee. */
export async function feeOverride(ctx: Context, { leikaKey, ars }: ServiceAtPlace): Promise<Money | null> {
  const fee = feeOf(await settingsAt(ctx, leikaKey, ars));
  return fee === null ? null : euro(fee);
}

export async function adoptionAt(ctx: Context, { leikaKey, ars }: ServiceAtPlace) {
  return (await offerAt(ctx, leikaKey, ars))?.adoption ?? null;
}
