/**
 * Dates of birth as registers keep them: a day that there was, or one known in part, with zeros for what is unknown
 * (`1990-05-00`, `1990-00-00`, `0000-00-00`). Always `YYYY-MM-DD`.
 */
import { today } from '../../../kernel/clock';

/**
 * Also `1990` and `1990-05`, as OpenID providers write what they do not wholly know.
 * @returns null for what can be no date of birth, such as `1990-02-30` or a day to come
 */
export function birthDate(text: string): string | null {
  const [, year, month = '00', day = '00'] = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(text.trim()) ?? [];
  if (year === undefined) return null;
  const date = `${year}-${month}-${day}`;
  if (year !== '0000' && (year < '1850' || date > today())) return null;
  if (Number(month) > 12) return null;
  // of an unknown year or month the longest counts
  const [y, m] = [year === '0000' ? 2000 : Number(year), month === '00' ? 1 : Number(month)];
  return Number(day) <= new Date(Date.UTC(y, m, 0)).getUTCDate() ? date : null;
}

export const isWhollyKnown = (date: string): boolean => !/^0000|-00/.test(date);
