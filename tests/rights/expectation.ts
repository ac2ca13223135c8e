/** What the rights tables and the schema's directives let an asker read: the expectation of the matrix. */
import { SUBGRAPHS } from '../../kernel/config';
import { hasScopes } from '../../kernel/principal';
import { RIGHTS, type Who } from '../../kernel/rights';
import type { Asker } from './askers';
import { demands } from './questions';

for (const name of SUBGRAPHS) require(`../../subgraphs/${name}/subgraph`);

type Lines = readonly { readonly who: Who }[];
interface Table {
  readonly sees: Lines;
  readonly parts: readonly { readonly fields: readonly string[]; readonly lines: Lines }[];
}

const tables = new Map<string, Table>(
  RIGHTS.flatMap(({ entity, table }) => {
    const parts = Object.values((table.parts ?? {}) as Record<string, Table['parts'][number]>);
    return [entity, ...(table.with ?? [])].map(type => [type, { sees: table.sees as Lines, parts }] as const);
  }),
);
const everyPart = [...new Set([...tables.values()].flatMap(({ parts }) => parts))];

/** Is the type everybody's, so that it is no secret that one of it exists? */
export const isPublic = (type: string): boolean =>
  tables.get(type)?.sees.some(({ who }) => who === 'everybody') ?? true;

/** May the asker find a value at `Type.field` of a thing of Klara's? By what stands in the tables, and nothing else. */
export function mayRead(asker: Asker, coordinate: string): boolean {
  const [type = '', field = ''] = coordinate.split('.');
  const table = tables.get(type);
  const demand = demands.get(coordinate);
  if (demand?.scopes && !hasScopes(asker.principal, demand.scopes)) return false;
  if (demand?.authenticated && asker.principal.kind === 'anonymous') return false;
  if (asker.hidden?.includes(coordinate)) return false;
  if (!table) return true; // it carries what stands in other tables
  if (field === 'id') return true; // it was asked for; the ids of other things are looked for in the whole answer
  const is = [...(asker.isFor?.[type] ?? asker.is), 'everybody'];
  const among = (lines: Lines) => lines.some(({ who }) => is.includes(who));
  if (!among(table.sees)) return false;
  return everyPart
    .filter(({ fields }) => fields.includes(coordinate) || fields.includes(type))
    .every(({ lines }) => among(lines));
}
