/** Lists of services: the search, and those of an authority and a portal. */
import { today } from '../../../kernel/clock';
import type { Context } from '../../../kernel/context';
import { type Page, type PageArgs, page } from '../../../kernel/page';
import { type NestedListQuery, nestedCounts, nestedPages } from '../../../kernel/page.nested';
import { inForce } from '../entries/in-force';
import { countOf } from '../list-count';
import { understand } from './search-words';
import { Service, ServiceVersion } from './service.entity';
import type { ServiceSearch } from './service.inputs';
import { type Search, serviceList } from './service.search';

/** A page that can be counted and says what was probably meant. */
export type ServicePage = Page<Service> & { readonly didYouMean: string | null; count(ctx: Context): Promise<number> };

const asServices = ({ edges, pageInfo }: Page<ServiceVersion>): Page<Service> => {
  const shown = edges.map(({ cursor, node }) => ({ cursor, node: new Service(node) }));
  return { edges: shown, nodes: shown.map(({ node }) => node), pageInfo };
};

async function searchOf(ctx: Context, filter: ServiceSearch | null, inPortal = false): Promise<Search> {
  const text = filter?.text?.trim();
  return { filter: { ...filter }, words: text ? await understand(ctx).load(text) : null, inPortal };
}

export async function findServices(ctx: Context, filter: ServiceSearch | null, args: PageArgs): Promise<ServicePage> {
  const search = await searchOf(ctx, filter);
  const query = serviceList(search);
  const found = asServices(await ctx.read(tx => page(tx, ServiceVersion, query, args)));
  return { ...found, didYouMean: search.words?.didYouMean ?? null, count: again => countOf(again, query) };
}

const portalList = ({ search }: { search: Search }): NestedListQuery => ({ ...serviceList(search), parent: 'uuid' });
const portalPages = nestedPages(ServiceVersion, portalList);
const portalCounts = nestedCounts(portalList);

/** Services offered in the areas of a portal: those somebody is responsible for there. */
export async function servicesOfPortal(
  ctx: Context,
  portalId: string,
  filter: ServiceSearch | null,
  args: PageArgs,
): Promise<ServicePage> {
  const search = await searchOf(ctx, filter, true);
  const found = asServices(await portalPages(ctx, portalId, { search, ...args }));
  return {
    ...found,
    didYouMean: search.words?.didYouMean ?? null,
    count: again => portalCounts(again, portalId, { search }),
  };
}

const authorityList = (): NestedListQuery => ({
  subgraph: 'catalogue',
  kind: 'services of an authority',
  parent: 'uuid',
  sql: `SELECT version.*, fold(version.title ->> 'de') AS position FROM service_version AS version
        WHERE ${inForce('version', '$1::date')} AND version.leika_key IN (
          SELECT responsibility.leika_key FROM responsibility
          WHERE responsibility.authority_id = parent.key AND ${inForce('responsibility', '$1::date')})`,
  values: [today()],
  order: [
    { column: 'position', cast: 'text' },
    { column: 'leika_key', cast: 'text' },
  ],
});
const authorityPages = nestedPages(ServiceVersion, authorityList);
const authorityCounts = nestedCounts(authorityList);

/** The published services an authority is responsible for today, by title. */
export async function servicesOfAuthority(ctx: Context, authorityId: string, args: PageArgs): Promise<ServicePage> {
  const found = asServices(await authorityPages(ctx, authorityId, args));
  return { ...found, didYouMean: null, count: again => authorityCounts(again, authorityId, {}) };
}

/** All versions of a service with drafts, newest first; editors only. */
export const versionsOf = nestedPages(ServiceVersion, () => ({
  subgraph: 'catalogue',
  kind: 'versions',
  parent: 'text',
  sql: 'SELECT * FROM service_version WHERE leika_key = parent.key',
  values: [],
  order: [{ column: 'number', cast: 'int', desc: true }],
}));
