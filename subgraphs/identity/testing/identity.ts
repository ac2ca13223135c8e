/** For identity's tests: people with real sessions, staff in the directory, and the gateway's own two questions. */
import { issuerOf, type Population, subgraphConfig } from '../../../kernel/config';
import { newId } from '../../../kernel/ids';
import { ANONYMOUS, type Asker, type Person, type Staff, signPrincipal } from '../../../kernel/principal';
import type { Subgraph } from '../../../kernel/server/subgraph.server';
import { startTestSubgraph, type TestSubgraph } from '../../../tests/setup/subgraph';
import type { Claims } from '../sessions/session.claims';
import identity from '../subgraph';

export const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

interface Given extends Partial<Omit<Claims, 'population'>> {
  readonly population?: Population | 'machine';
}

/** Claims of a fresh access token, of the issuer that vouches for the population. */
export const claimsOf = (sub: string, { population = 'citizen', ...given }: Given = {}): Claims => ({
  iss: issuerOf(population === 'machine' ? 'staff' : population),
  sub,
  exp: inSeconds(1800),
  iat: inSeconds(0),
  jti: newId(),
  sid: newId(),
  acr: 'STORK-QAA-Level-3',
  ...(population === 'machine' && { population }),
  ...(population === 'staff' && { email_verified: true }),
  method: 'EID',
  given_name: sub[0]!.toUpperCase() + sub.slice(1),
  family_name: 'Muster',
  birthdate: '1989-04-12',
  email: `${sub}@post.example`,
  ...given,
});

export interface TestIdentity extends TestSubgraph {
  /** What the gateway hears of these claims. */
  principal(claims: Claims): Promise<{ status: number; principal: Asker | null; changesInMs: number | null }>;
  /** Somebody signed in, with a session. */
  citizen(sub: string, given?: Given): Promise<Person>;
  organisation(sub: string): Promise<Person>;
  /** Somebody of the staff, signed on. */
  employ(
    sub: string,
    roles: string[],
    place?: { authorityId?: string; departmentId?: string | null },
    given?: Given,
  ): Promise<Staff>;
  /** The lines of the gateway's stream of revocations, from now on; `next` skips heartbeats. `at`: of another replica. */
  revocations(at?: string): Promise<{ next(): Promise<Record<string, string>>; close(): void }>;
}

/** @param manifest one with planted faults, say */
export async function startTestIdentity(manifest: Subgraph = identity): Promise<TestIdentity> {
  const subgraph = await startTestSubgraph(manifest);
  const { secret } = subgraphConfig('identity');
  const sign = (body?: string) =>
    signPrincipal({ principal: ANONYMOUS, requestId: newId(), language: 'de' }, 'gateway', 'identity', secret, body);

  const principal: TestIdentity['principal'] = async claims => {
    const body = JSON.stringify({ claims });
    const response = await fetch(`${subgraph.url}/internal/principal`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await sign(body)}` },
      body,
    });
    const { principal = null, changesInMs = null } = (await response.json()) as {
      principal?: Asker;
      changesInMs?: number | null;
    };
    return { status: response.status, principal, changesInMs };
  };

  return {
    ...subgraph,
    principal,
    citizen: async (sub, given) => (await principal(claimsOf(sub, given))).principal as Person,
    organisation: async sub =>
      (
        await principal(
          claimsOf(sub, { population: 'organisation', name: `${sub} GmbH`, given_name: '', family_name: '' }),
        )
      ).principal as Person,
    async employ(sub, roles, { authorityId = newId(), departmentId = null } = {}, given = {}) {
      await subgraph.sql(
        `INSERT INTO identity.staff_member (id, version, subject, display_name, email, authority_id, department_id, roles, active, created_at)
         VALUES ($1, 1, $2, $3, $4, $5, $6, $7, true, now())`,
        [newId(), sub, `Staff ${sub}`, `${sub}@amt.example`, authorityId, departmentId, roles],
      );
      return (await principal(claimsOf(sub, { population: 'staff', acr: undefined, ...given }))).principal as Staff;
    },
    async revocations(at = subgraph.url) {
      await subgraph.published(); // what happened before is told before
      const abort = new AbortController();
      const response = await fetch(`${at}/internal/revocations`, {
        headers: { authorization: `Bearer ${await sign()}` },
        signal: abort.signal,
      });
      if (response.status !== 200) throw new Error(`Revocations answered ${response.status}.`);
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      let rest = '';
      const line = async (): Promise<string> => {
        for (;;) {
          const end = rest.indexOf('\n');
          if (end >= 0) {
            const found = rest.slice(0, end);
            rest = rest.slice(end + 1);
            return found;
          }
          const { value, done } = await reader.read();
          if (done) throw new Error('The stream of revocations has ended.');
          rest += value;
        }
      };
      return {
        async next() {
          for (;;) {
            const revocation = JSON.parse(await line()) as Record<string, string>;
            if (Object.keys(revocation).length > 0) return revocation;
          }
        },
        close: () => abort.abort(),
      };
    },
  };
}
