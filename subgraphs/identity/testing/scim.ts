/** What an authority's directory sends by SCIM, as Entra ID or Keycloak would, for tests. */
import { serviceOf } from '../../../kernel/principal';
import { issueToken } from '../scim/scim.token';
import type { TestIdentity } from './identity';

export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const PERSON = 'urn:ietf:params:scim:schemas:extension:amtsgraph:2.0:User';
export const PATCH = { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'] };

export const tokenFor = (identity: TestIdentity, authorityId: string, mailDomains = ['amt.example']): Promise<string> =>
  identity.running.db.tx(serviceOf('identity'), tx => issueToken(tx, { authorityId, mailDomains }));

export async function askScim(
  identity: TestIdentity,
  bearer: string,
  method: string,
  path: string,
  body?: object | string,
) {
  const response = await fetch(`${identity.url}/scim/v2${path}`, {
    method,
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/scim+json' },
    ...(body && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
  return { status: response.status, body: (text ? JSON.parse(text) : null) as any };
}

export const scimUser = (name: string, given: object = {}) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', ENTERPRISE, PERSON],
  userName: name,
  externalId: `ext-${name}`,
  displayName: `Person ${name}`,
  name: { givenName: name, familyName: 'Amtlich' },
  emails: [{ value: `${name}@amt.example`, type: 'work', primary: true }],
  active: true,
  [PERSON]: { dateOfBirth: '1985-03-04' },
  ...given,
});
