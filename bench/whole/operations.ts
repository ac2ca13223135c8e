/** The requests that are measured: what visitors, applicants and caseworkers do all day. */
import { MUSTERSTADT, TRADE_REGISTRATION } from '../../dev/demo/facts';
import { operation } from '../../dev/demo/operations';
import type { Asker } from '../../tests/hostile/client';
import type { World } from '../../tests/hostile/world';
import type { Must } from '../whole';

export interface Read {
  readonly name: string;
  readonly ask: () => Promise<void>;
  readonly must?: Must;
}

export const CHEAPEST = 'the cheapest real field';

const PAGE = 50;
const inbox = (fields: string) => `query ($id: ID!, $after: String, $filter: InboxFilter, $sort: InboxSort) {
  inbox(authorityId: $id, first: ${PAGE}, after: $after, filter: $filter, sort: $sort) {
    nodes { id version reference state receivedAt ${fields} } pageInfo { hasNextPage endCursor } } }`;
const BARE = inbox('');
const JOINED = inbox(`service { leikaKey title } applicant { id displayName } deadlines { id kind dueOn }
  thread { id unreadCount }`);
const COUNT =
  'query ($id: ID!, $filter: InboxFilter) { inbox(authorityId: $id, first: 1, filter: $filter) { totalCount } }';
const FILE = `query ($id: ID!) { application(id: $id) { id version reference state publicStatus formData
  service { leikaKey title } applicant { id displayName } assignee { id displayName } deadlines { id kind dueOn state }
  documents { id filename } documentRequests { id state } notes { id text } payments { id state }
  history(first: 20) { nodes { sequence occurredAt summary } } thread { id messages(first: 5) { nodes { id title } } } possibleActions } }`;
const MAILBOX = `{ mailbox { id unreadCount threads(first: 20) { nodes { id subject messages(first: 3) { nodes { id title body } } } } } }`;
const MINE = '{ myApplications(first: 20) { nodes { id reference publicStatus service { title } } } }';
const LOG = 'query ($id: ID!) { authorityAccessLog(authorityId: $id, first: 50) { nodes { action actorName } } }';

const most = (ratio: number): Must => ({ most: ratio, against: 'field' });

export async function reads(world: World): Promise<Read[]> {
  const { id } = await world.claimed();
  const at = { id: world.authorityId };
  const service = { leikaKey: TRADE_REGISTRATION, ars: MUSTERSTADT.municipalityArs };
  const read = (name: string, who: Asker, query: string, variables: object = {}, must?: Must): Read => ({
    name,
    async ask() {
      const { body } = await who.ask(query, variables);
      if (body.errors) throw new Error(`${name}: ${JSON.stringify(body.errors).slice(0, 300)}`);
    },
    ...(must && { must }),
  });
  return [
    read('nothing but __typename', world.max, '{ __typename }'),
    read(CHEAPEST, world.klara, 'query ($key: LeikaKey!) { service(leikaKey: $key) { title } }', {
      key: TRADE_REGISTRATION,
    }),
    read('inbox of 50', world.max, BARE, at),
    read('inbox of 50 with service, applicant, deadlines and thread', world.max, JOINED, at, most(4)),
    read('inbox of 50 of a state', world.max, BARE, { ...at, filter: { states: ['IN_REVIEW'] } }),
    read('inbox of 50 of nobody', world.max, BARE, { ...at, filter: { unassignedOnly: true } }),
    read('inbox of 50 with an answer', world.max, BARE, { ...at, filter: { answeredOnly: true } }),
    read('inbox of 50 by a family name', world.max, BARE, { ...at, filter: { text: 'Öztürk' } }),
    read('inbox of 50 by deadline', world.max, BARE, { ...at, sort: 'DEADLINE_FIRST' }),
    read('desk of a department', world.max, BARE, { id: world.departmentId }),
    read('number of cases of a state', world.max, COUNT, { ...at, filter: { states: ['IN_REVIEW'] } }),
    read('case file', world.max, FILE, { id }, most(5)),
    read('preflight', world.nobody, operation('Story05Preflight'), service, most(3)),
    read(
      'search',
      world.nobody,
      operation('Story03Search'),
      { text: 'Gewerbe anmelden', host: MUSTERSTADT.portalHost },
      most(4),
    ),
    read('mailbox', world.klara, MAILBOX, {}, most(3)),
    read('own applications', world.klara, MINE),
    read('access log of an authority', world.thea, LOG, at),
  ];
}

type Step = (name: string, work: () => Promise<void>, must?: Must) => Promise<void>;

/** One case from its draft to its decision; what lies between the steps is not measured. */
export function writes(world: World): (step: Step) => Promise<void> {
  return async step => {
    let draft!: Awaited<ReturnType<World['draft']>>;
    await step('createDraft', async () => {
      draft = await world.draft();
    });
    await world.pay(draft.id);
    for (let i = 0; i < 3; i += 1) await world.upload({ applicationId: draft.id });
    await step(
      'submitApplication with 3 documents',
      async () => {
        const { refusal } = await world.submit(await fresh(world, draft.id));
        if (refusal) throw new Error(JSON.stringify(refusal));
      },
      { most: 6, against: 'plain' },
    );
    const received = await world.until(draft.id, 'RECEIVED');
    await step('claimApplication', async () => {
      const input = { applicationId: received.id, expectedVersion: received.version };
      await world.max.done('claimApplication', input, 'application { id version }');
    });
    const claimed = await world.until(draft.id, 'IN_REVIEW');
    await step('decideApplication', async () => {
      await world.max.done('decideApplication', world.decideInput(claimed), 'application { id version }');
    });
  };
}

async function fresh(world: World, id: string): Promise<{ id: string; version: number }> {
  const { body } = await world.klara.ask('query ($id: ID!) { application(id: $id) { version } }', { id });
  return { id, version: body.data.application.version };
}
