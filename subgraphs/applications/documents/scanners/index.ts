/** The malware scanners: one line each. */
import { isProduction, setting } from '../../../../kernel/config';
import type { Scanner } from './scanner';

export const SCANNERS: Readonly<Record<string, () => Scanner>> = {};

/**
 * The scanner of this process; null when there is none.
 * @throws Error in production without one, unless that was allowed by name
 */
export function scanner(): Scanner | null {
  const [make] = Object.values(SCANNERS);
  if (make) return make();
  if (isProduction() && setting('UPLOADS_WITHOUT_SCANNER') !== 'true') {
    throw new Error('Uploads need a virus scanner in production; UPLOADS_WITHOUT_SCANNER=true allows them without.');
  }
  return null;
}
