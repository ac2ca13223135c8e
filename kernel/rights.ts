/**
 * Rights of one entity as a table: who sees it, what of it, when, and who may do which mutation to it. The code goes by
 * the same lines that `npm run docs` prints to docs/rights.md for an auditor.
 */
import type { Text } from './language';
import type { Lifecycle } from './lifecycle';
import type { Principal } from './principal';

/** Whoever may stand in a table, in plain words with the German term: a short name for the lines, and what it means. */
export const WHO = {
  everybody: ['everybody (alle)', 'Signed in or not.'],
  oneself: ['the holder of the account (Kontoinhaber:in)', 'The account that has signed in, not one acted for.'],
  applicant: [
    "the applicant's side (Antragsteller:in, Bevollmächtigte)",
    'The account applied for, and who acts for it by mandate or as a member, only in the services the mandate names.',
  ],
  agent: ['who may act for the account (Bevollmächtigte)', 'By a mandate in force.'],
  mandateSide: ['both sides of the mandate (Vollmachtgeber:in, Bevollmächtigte)', 'And members acting for either.'],
  member: ['members of the organisation (Mitglieder des Unternehmenskontos)', 'With any role in it.'],
  authority: [
    'staff of the authority in charge (Sachbearbeitung der zuständigen Stelle)',
    "With `staff:read`; who covers for a colleague (Vertretung) is of the same authority and may do the colleague's casework meanwhile. What they do needs `staff:work`.",
  ],
  decider: [
    'deciding staff of the authority in charge (zeichnungsbefugte Sachbearbeitung)',
    'The same, with `staff:decide`.',
  ],
  staff: ['staff of any authority (Beschäftigte)', 'Signed in through the directory of their authority.'],
  colleague: ['staff of the same authority (Kolleg:innen)', 'Whatever their role.'],
  lead: ["the absent person, the team's lead, the administration (Teamleitung)", 'Within one authority.'],
  administrator: ['administrators of the staff (Administration)', 'In their own authority; operators in every one.'],
  auditor: ['auditors of the authority (Revision, Datenschutz)', 'With `audit:read`.'],
  cashier: ['cashiers of the authority that receives the money (Kasse)', 'With the scope that stands beside it.'],
  editor: [
    'editors of the area (Redaktion)',
    'With `catalogue:edit`, for the area of their own authority and all below it.',
  ],
  operator: [
    'operators of the platform (Betrieb, ITV.SH)',
    'With `ops:deliveries`; they see that something failed, never a case.',
  ],
  system: ['the line-of-business system it was handed to (Fachverfahren)', 'A machine that signs in by its own name.'],
  platform: ['other parts of the platform', 'A subgraph asking for itself; asking for somebody, it is judged as them.'],
} as const satisfies Record<string, readonly [short: string, long: string]>;
export type Who = keyof typeof WHO;

/** One line of a table: who, under what condition in words, and the same as code or, for whole lists, as SQL. */
export type Line<Row> = {
  readonly who: Who;
  /** Left out: always. */
  readonly when?: string;
} & (
  | { readonly holds: (row: Row, asker: Principal) => boolean; readonly sql?: undefined }
  | { readonly sql: string; readonly holds?: undefined }
);

/** What a mutation needs. Where the code is the service's own (locks, states), only the words stand here. */
export interface Deed<Row> {
  readonly who: Who;
  readonly when?: string;
  /** Decides `possibleActions`. */
  readonly holds?: (row: Row, asker: Principal) => boolean;
}

export interface RightsTable<Row, Part extends string> {
  /** Types that are seen with the entity and never without it. */
  readonly with?: readonly string[];
  readonly sees: readonly Line<Row>[];
  /** What of it not everybody sees who sees it: fields of the schema, as `Type.field` or a whole `Type`. */
  readonly parts?: Readonly<Record<Part, { readonly fields: readonly string[]; readonly lines: readonly Line<Row>[] }>>;
  /** Name of the mutation → lines, of which one is enough. */
  readonly does?: Readonly<Record<string, readonly Deed<Row>[]>>;
}

export class Rights<Row = unknown, Part extends string = string> {
  constructor(
    readonly entity: string,
    readonly title: Text,
    readonly table: RightsTable<Row, Part>,
  ) {}

  /** May the asker see it at all? Give `ctx.asker`. */
  maySee(row: Row, asker: Principal): boolean {
    return this.table.sees.some(line => line.holds?.(row, asker));
  }

  /** May the asker, who may see it, see this part of it too? */
  maySeePart(part: Part, row: Row, asker: Principal): boolean {
    return this.table.parts?.[part].lines.some(line => line.holds?.(row, asker)) ?? false;
  }

  /** The lines that the database judges, as one condition. @param lines those of the entity or of a part */
  static sql(lines: readonly { readonly sql?: string | undefined }[]): string {
    return lines.flatMap(({ sql }) => (sql === undefined ? [] : [`(${sql})`])).join(' OR ');
  }

  /** Names of the mutations the asker may call on it now. */
  possibleActions(row: Row, asker: Principal): string[] {
    return Object.entries(this.table.does ?? {})
      .filter(([, deeds]) => deeds.some(deed => deed.holds?.(row, asker)))
      .map(([mutation]) => mutation);
  }
}

/** Every table that was written down, for `npm run docs` and the tests. */
export const RIGHTS: Rights<never, never>[] = [];

/** @param entity the GraphQL type it is about */
export function rights<Row, const Part extends string = never>(
  entity: string,
  title: Text,
  table: RightsTable<Row, Part>,
): Rights<Row, Part> {
  const made = new Rights<Row, Part>(entity, title, table);
  RIGHTS.push(made as unknown as Rights<never, never>);
  return made;
}

/**
 * The mutations of a lifecycle, each with who may do it and in which states.
 * @param who of an action; nobody for what a clock or another system does
 * @param mutationOf the mutation that takes the action; the same name when left out
 */
export function deedsOf<A extends string>(
  lifecycle: Lifecycle<string, A>,
  who: (action: A) => readonly Who[],
  mutationOf: (action: A) => string = action => action,
): Record<string, Deed<never>[]> {
  const states = new Map<string, Map<Who, Set<string>>>();
  for (const state of lifecycle.states) {
    for (const action of lifecycle.actions(state)) {
      for (const one of who(action)) {
        const mutation = mutationOf(action);
        const byWho = states.get(mutation) ?? new Map<Who, Set<string>>();
        byWho.set(one, (byWho.get(one) ?? new Set()).add(state));
        states.set(mutation, byWho);
      }
    }
  }
  const deeds = [...states].map(([mutation, byWho]) => [
    mutation,
    [...byWho].map(([one, from]) => ({ who: one, when: `in ${[...from].join(', ')}` })),
  ]);
  return Object.fromEntries(deeds);
}
