/** SCIM's way to say no (RFC 7644 § 3.12). */
import SCIMMY from 'scimmy';
import { newId } from '../../../kernel/ids';
import { logger } from '../../../kernel/log';
import { Refusal } from '../../../kernel/refusal';

type Kind = 'invalidValue' | 'invalidSyntax' | 'mutability' | 'uniqueness' | null;

export const scimError = (status: number, kind: Kind, message: string): Error =>
  new SCIMMY.Types.Error(status, kind as string, message);

/** SCIMMY takes any failure for a missing resource: a directory would then create its people twice. */
export async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SCIMMY.Types.Error) throw error;
    if (error instanceof Refusal) throw scimError(503, null, 'Try again later.');
    const reference = newId();
    logger('identity').error('fault', { error, requestId: reference });
    throw scimError(500, null, `Something went wrong (${reference}).`);
  }
}
