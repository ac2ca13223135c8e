/** SCIM's way to say no (RFC 7644 § 3.12). */

export type ScimType =
  | 'invalidFilter'
  | 'invalidPath'
  | 'invalidSyntax'
  | 'invalidValue'
  | 'mutability'
  | 'noTarget'
  | 'tooMany'
  | 'uniqueness';

/** What a directory may read; anything else that is thrown is a fault of ours. */
export class ScimError extends Error {
  constructor(
    readonly status: number,
    readonly scimType: ScimType | null,
    message: string,
  ) {
    super(message);
  }
}

export const scimError = (status: number, scimType: ScimType | null, message: string): ScimError =>
  new ScimError(status, scimType, message);
