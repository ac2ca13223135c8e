/** The history of an application in the graph, with the proof of its chain. */
import { Directive, Field, Int, ObjectType } from 'type-graphql';
import { batch, groupBy } from '../../../kernel/context';
import { DateTimeScalar } from '../../../kernel/graph/scalars';
import { type Page, type PageArgs, readCursor, signCursor } from '../../../kernel/page';
import type { Audience } from './application.history';
import { isApplicantSide } from './application.rights';
import { ApplicationState, type HistoryAction, PublicStatus } from './application.states';

@ObjectType('HistoryEntry', {
  description: 'One step in the life of an application, linked to the one before (Historie).',
})
export class HistoryEntry {
  applicationId!: string;

  @Field(() => Int, { description: 'The position in the chain.' })
  sequence!: number;

  @Field(() => DateTimeScalar, { description: 'When it happened.' })
  occurredAt!: Date;

  @Field(() => String, { description: 'Who did it, as shown to the asker.' })
  actorName!: string;

  @Field(() => String, { description: 'The mutation or clock event.' })
  action!: HistoryAction;

  @Field(() => PublicStatus, { description: 'The public state after it.' })
  publicStatus!: PublicStatus;

  @Directive('@requiresScopes(scopes: [["staff:read"]])')
  @Field(() => ApplicationState, { nullable: true, description: 'The state after it; null for applicants.' })
  state!: ApplicationState | null;

  @Field(() => String, {
    nullable: true,
    description: 'The exact text the hash was made of; null where the asker may see only the hash.',
  })
  canonical!: string;

  @Field(() => String, { description: 'The hash of the entry before.' })
  previousHash!: string;

  @Field(() => String, { description: 'The SHA-256 of previousHash and canonical.' })
  hash!: string;
}

/** The whole chain of the asker's audience, from its first entry; the proof needs all of it anyway. */
export const historyOfApplication = batch<string, HistoryEntry[]>(async (ids, ctx) => {
  const audience: Audience = isApplicantSide(ctx.asker) ? 'APPLICANT' : 'STAFF';
  const found: HistoryEntry[] = await ctx.read(tx =>
    tx.query(
      `SELECT application_id AS "applicationId", sequence, occurred_at AS "occurredAt",
         coalesce(actor_name, '–') AS "actorName", action, public_status AS "publicStatus", state, canonical,
         previous_hash AS "previousHash", hash
       FROM history_entry WHERE application_id = ANY($1) AND audience = $2 ORDER BY application_id, sequence`,
      [ids, audience],
    ),
  );
  return groupBy(found, entry => entry.applicationId);
});

const KIND = 'history';

/** A page of a chain that is loaded as a whole. */
export function historyPage(applicationId: string, chain: readonly HistoryEntry[], args: PageArgs): Page<HistoryEntry> {
  const cursorOf = ({ sequence }: HistoryEntry) => signCursor('applications', KIND, [applicationId, sequence]);
  const from = args.after == null ? 0 : startAfter(applicationId, args.after);
  const nodes = chain.slice(from, from + args.first);
  return {
    edges: nodes.map(node => ({ cursor: cursorOf(node), node })),
    nodes,
    pageInfo: {
      hasNextPage: chain.length > from + nodes.length,
      endCursor: nodes.length > 0 ? cursorOf(nodes.at(-1)!) : null,
    },
  };
}

function startAfter(applicationId: string, after: string): number {
  const [of, sequence] = readCursor('applications', KIND, after);
  return of === applicationId && typeof sequence === 'number' ? sequence : 0;
}
