/** SCIM's way to say no (RFC 7644 § 3.12). */
import SCIMMY from 'scimmy';
import { newId } from '../../../kernel/ids';
import { logger } from '../../../kernel/log';
import { Refusal } from '../../../kernel/refusal';

type Kind = 'invalidValue' | 'invalidSyntax' | 'mutability' | 'uniqueness' | null;

export const scimError = (status: number, kind: Kind, message: string): Error =>
  new SCIMMY.Types.Error(status, kind as string, message);

const FAULT = 'Something went wrong';

/** @param detail of an answer with status 500 */
export const isOurFault = (detail: unknown): boolean => String(detail).startsWith(FAULT);

/** SCIMMY takes any failure for a missing resource: a directory would then create its people twice. */
export async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SCIMMY.Types.Error) throw error;
    if (error instanceof Refusal) throw scimError(503, null, 'Try again later.');
    const reference = newId();
    logger('identity').error('fault', { error, requestId: reference });
    throw scimError(500, null, `${FAULT} (${reference}).`);
  }
}

/** Those that a filter finds. SCIMMY breaks on a comparison that makes no sense, such as a text with a number. */
export function matching(filter: SCIMMY.Types.Filter, all: readonly object[]): object[] {
  try {
    return filter.match([...all]);
  } catch (error) {
    if (error instanceof SCIMMY.Types.Error) throw error;
    throw new SCIMMY.Types.Error(400, 'invalidFilter', 'The filter compares what cannot be compared.');
  }
}
