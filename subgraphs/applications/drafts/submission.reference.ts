/** File references (Aktenzeichen): year, a short code of the authority, a running number, such as `2026-K3M7Q-00012`. */
import { createHash } from 'node:crypto';
import { today } from '../../../kernel/clock';
import type { Tx } from '../../../kernel/database/database';

/** Without letters that are taken for digits. */
const LETTERS = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';

/** Five letters that follow from the authority; two authorities with the same ones share a counter. */
function seriesOf(authorityId: string): string {
  const bytes = createHash('sha256').update(`series${authorityId}`).digest();
  return [0, 1, 2, 3, 4].map(i => LETTERS[bytes[i]! % LETTERS.length]).join('');
}

/** Takes the next number; call it last, because its counter is locked until the commit. */
export async function nextReference(tx: Tx, authorityId: string): Promise<string> {
  const series = seriesOf(authorityId);
  const year = Number(today().slice(0, 4));
  const [{ issued }]: [{ issued: number }] = await tx.query(
    `INSERT INTO reference_counter AS counter (series, year, issued) VALUES ($1, $2, 1)
     ON CONFLICT (series, year) DO UPDATE SET issued = counter.issued + 1 RETURNING issued`,
    [series, year],
  );
  return `${year}-${series}-${String(issued).padStart(5, '0')}`;
}
