/** Plans over the graph as it is printed: what an operation may cost in fetches. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'graphql';
import type { Staff } from '../../kernel/principal';
import { fetchesIn } from './plan';
import { Planning } from './planning';
import { readSupergraph } from './supergraph';

const file = path.join(__dirname, '..', '..', 'schema', 'supergraph.graphql');
const planning = new Planning(readSupergraph(readFileSync(file, 'utf8')));
const max: Staff = {
  kind: 'staff',
  sessionId: 's',
  staffMemberId: 'm',
  authorityId: 'a',
  departmentId: null,
  scopes: ['staff:read', 'staff:work'],
};
const fetchedFrom = (text: string): string[] =>
  [...fetchesIn(planning.planOf(parse(text), null, text, max).node)].map(({ node }) => node.serviceName);

const NAMES = 'id applicant { id displayName } agent { displayName }';

it.each([
  ['a page', `{ inbox(authorityId: "a") { nodes { ${NAMES} } } }`],
  ['its edges', `{ inbox(authorityId: "a") { edges { node { ${NAMES} } } } }`],
  ['a fragment', `{ inbox(authorityId: "a") { nodes { ...F } } } fragment F on Application { ${NAMES} }`],
  ['a live event', `subscription { inboxChanged(authorityId: "a") { kind application { ${NAMES} } } }`],
])('names on a desk’s inbox cost no fetch of their own: %s', (_, text) => {
  expect(fetchedFrom(text)).toEqual(['applications']);
});

it.each([
  ['one case', `{ application(id: "1") { ${NAMES} } }`],
  ['a list of one’s own', `{ myApplications { nodes { ${NAMES} } } }`],
  ['a live event of one’s own', `subscription { applicationChanged { application { ${NAMES} } } }`],
  [
    'what else a page leads to',
    `{ inbox(authorityId: "a") { nodes { documentRequests { application { ${NAMES} } } } } }`,
  ],
])('everywhere else identity is asked who may see a name: %s', (_, text) => {
  expect(new Set(fetchedFrom(text))).toEqual(new Set(['applications', 'identity']));
});
