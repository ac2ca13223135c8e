/** Prints the rights tables for auditors: who sees what, and who may do what, with what the schema itself demands. */
import fs from 'node:fs';
import path from 'node:path';
import { type ConstDirectiveNode, Kind, parse, valueFromASTUntyped } from 'graphql';
import { SUBGRAPHS, type SubgraphName } from '../kernel/config';
import { RIGHTS, type Rights, WHO, type Who } from '../kernel/rights';
import { SCOPES } from '../subgraphs/identity/staff/staff.roles';

/** What the schema of a subgraph demands before any table is asked. */
interface Demand {
  readonly subgraph: SubgraphName;
  readonly type: string;
  readonly field: string;
  readonly scopes: readonly (readonly string[])[] | null;
  readonly authenticated: boolean;
}

function readDemands(): Demand[] {
  return SUBGRAPHS.flatMap(subgraph => {
    const sdl = fs.readFileSync(path.join(__dirname, '..', 'schema', `${subgraph}.graphql`), 'utf8');
    return parse(sdl).definitions.flatMap(definition =>
      definition.kind === Kind.OBJECT_TYPE_DEFINITION
        ? (definition.fields ?? []).map(field => ({
            subgraph,
            type: definition.name.value,
            field: field.name.value,
            scopes: scopesIn(field.directives),
            authenticated: field.directives?.some(({ name }) => name.value === 'authenticated') === true,
          }))
        : [],
    );
  });
}

function scopesIn(directives: readonly ConstDirectiveNode[] = []): string[][] | null {
  const found = directives.find(({ name }) => name.value === 'requiresScopes');
  const value = found?.arguments?.find(({ name }) => name.value === 'scopes')?.value;
  return value ? (valueFromASTUntyped(value) as string[][]) : null;
}

const inWords = (scopes: readonly (readonly string[])[]): string =>
  scopes.map(all => all.map(scope => `\`${scope}\``).join(' and ')).join(' or ');

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  rows.length === 0 ? [] : ['', ...[head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`)];

const named = (who: Who): string => WHO[who][0];

const lines = (title: string, given: readonly { who: Who; when?: string }[]): string[][] =>
  given.map(({ who, when = 'always' }, i) => [i === 0 ? title : '', named(who), when]);

/** One row for all fields that demand the same. */
function byScopes(scoped: readonly Demand[]): string[][] {
  const fields = Map.groupBy(scoped, ({ scopes }) => inWords(scopes!));
  return [...fields].map(([scopes, alike]) => [
    alike.map(({ type, field }) => `\`${type}.${field}\``).join(', '),
    `who sees it and holds ${scopes}`,
    'always',
  ]);
}

/** All fields of the types that no line below takes out: a new one stands here, for an auditor to see. */
function plainFields(types: readonly string[], taken: readonly string[], demands: readonly Demand[]): string[] {
  const names = types.flatMap((type, i) => {
    const fields = demands
      .filter(one => one.type === type && one.scopes === null)
      .map(({ field }) => `${type}.${field}`);
    const plain = taken.includes(type) ? [] : [...new Set(fields)].filter(name => !taken.includes(name));
    return i === 0 ? plain.map(name => name.slice(type.length + 1)) : plain;
  });
  return names.length === 0 ? [] : ['', `Who sees it sees of it: ${names.map(name => `\`${name}\``).join(', ')}.`];
}

function entityTable(one: Rights<never, never>, demands: readonly Demand[]): string[] {
  const { entity, title, table: given } = one;
  const types = [entity, ...(given.with ?? [])];
  const parts: Record<string, { fields: readonly string[]; lines: readonly { who: Who; when?: string }[] }> =
    given.parts ?? {};
  const mutation = (name: string) => demands.find(({ type, field }) => type === 'Mutation' && field === name);
  return [
    '',
    `## ${title.de} · ${entity}`,
    ...(given.with ? ['', `With it and never without it: ${given.with.map(name => `\`${name}\``).join(', ')}.`] : []),
    ...table(['', 'who sees it', 'when'], lines('', given.sees as readonly { who: Who; when?: string }[])).map(row =>
      row.replace('|  | ', '| ').replace('| --- | ', '| '),
    ),
    ...plainFields(
      types,
      Object.values(parts).flatMap(({ fields }) => fields),
      demands,
    ),
    ...table(
      ['of it', 'only', 'when'],
      [
        ...Object.values(parts).flatMap(part => lines(part.fields.map(name => `\`${name}\``).join(', '), part.lines)),
        ...byScopes(demands.filter(({ type, scopes }) => scopes !== null && types.includes(type))),
      ],
    ),
    ...table(
      ['may do', 'who', 'when', 'scope'],
      Object.entries(given.does ?? {}).flatMap(([name, deeds]) =>
        (deeds as { who: Who; when?: string }[]).map(({ who, when = 'always' }, i) => {
          const scopes = mutation(name)?.scopes;
          return [i === 0 ? `\`${name}\`` : '', named(who), when, scopes ? inWords(scopes) : ''];
        }),
      ),
    ),
  ];
}

/** The text of docs/rights.md; the manifests of all subgraphs must have been loaded. */
export function printRights(): string {
  const demands = readDemands();
  const byTitle = [...RIGHTS].sort((a, b) => a.title.de.localeCompare(b.title.de, 'de'));
  return [
    '# Rights',
    '',
    'Who sees what, and who may do what (Berechtigungen). Printed by `npm run docs` from the tables that the code goes',
    'by (`<entity>.rights.ts` in the subgraph that owns it) and from the directives of the schemas; a test compares.',
    '',
    '- What no line allows is refused. What somebody may not see looks the same as what does not exist: `NOT_FOUND`.',
    '- The lines hold on every path: by id, in lists and counts, in search, as a reference from another subgraph, in a',
    '  live event (judged anew for each one) and for the address of a file (judged again when it is used).',
    '- A mutation proves the right once more inside its transaction, against what identity has told by then: it ends',
    '  with the membership, substitution or mandate it comes from.',
    '- PostgreSQL row-level security repeats the lines as a second wall (`tests/row-security.test.ts`).',
    '- Every reading of personal data by staff or a machine is noted in the access log (Datenschutzcockpit).',
    '',
    '## Who is who',
    ...table(
      ['name', 'meaning'],
      Object.values(WHO).map(([short, long]) => [short, long]),
    ),
    '',
    '## Roles of staff and their scopes',
    ...table(
      ['role', 'scopes'],
      Object.entries(SCOPES).map(([role, scopes]) => [
        role,
        inWords(scopes.map(one => [one])).replaceAll(' or ', ', '),
      ]),
    ),
    ...byTitle.flatMap(one => entityTable(one, demands)),
    '',
  ].join('\n');
}
