/** What identity asks other subgraphs. */
import { ask } from '../../kernel/ask';
import type { Envelope } from '../../kernel/principal';

export const asks = {
  authority: 'query ($id: ID!) { authority(id: $id) { id name kind parent { id } } }',
} as const;

export interface Place {
  readonly authorityId: string;
  readonly departmentId: string | null;
}

interface Authority {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly parent: { readonly id: string } | null;
}

/** @returns null when there is none  @throws Refusal TRY_AGAIN when the catalogue does not answer */
export async function askAuthority(id: string, asked: Envelope): Promise<Authority | null> {
  const { authority } = await ask<{ authority: Authority | null }>('identity', 'authority', { id }, asked);
  return authority;
}

/**
 * The authority somebody works for, and the department when it is one.
 * @returns null when there is no such authority  @throws Refusal TRY_AGAIN when the catalogue does not answer
 */
export async function askPlace(id: string, asked: Envelope): Promise<Place | null> {
  const authority = await askAuthority(id, asked);
  if (!authority) return null;
  return authority.kind === 'DEPARTMENT' && authority.parent
    ? { authorityId: authority.parent.id, departmentId: authority.id }
    : { authorityId: authority.id, departmentId: null };
}
