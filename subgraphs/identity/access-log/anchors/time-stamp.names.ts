/** The object identifiers that time stamps and their certificates are written with. */
export const SHA_256 = '2.16.840.1.101.3.4.2.1';
/** What is stamped: TSTInfo (RFC 3161 § 2.4.2). */
export const TST_INFO = '1.2.840.113549.1.9.16.1.4';
/** A certificate's extension that says what it is for. */
export const EXTENDED_KEY_USAGE = '2.5.29.37';
/** Its purpose `id-kp-timeStamping`. */
export const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
