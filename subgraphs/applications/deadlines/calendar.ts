/** Days as the law counts them: which are working days, and where a period of days, months or years ends. */
import { addDays } from '../../../kernel/clock';

/** The public holidays of one state: day → name. */
export type Holidays = ReadonlyMap<string, string>;

/** Key of the state in an ARS → its two letters. */
const STATES: Readonly<Record<string, string>> = {
  '01': 'SH',
  '02': 'HH',
  '03': 'NI',
  '04': 'HB',
  '05': 'NW',
  '06': 'HE',
  '07': 'RP',
  '08': 'BW',
  '09': 'BY',
  '10': 'SL',
  '11': 'BE',
  '12': 'BB',
  '13': 'MV',
  '14': 'SN',
  '15': 'ST',
  '16': 'TH',
};

/** @returns the two letters of the state an area lies in. */
export const stateOf = (ars: string): string => STATES[ars.slice(0, 2)] ?? '';

/** 0 is Sunday. */
const weekday = (day: string): number => new Date(`${day}T12:00:00Z`).getUTCDay();

export const isWorkingDay = (day: string, holidays: Holidays): boolean =>
  weekday(day) !== 0 && weekday(day) !== 6 && !holidays.has(day);

/**
 * @param stops the clock does not end on a day on which it stood still
 * @returns the day itself when it is a working day, else the next one (§ 193 BGB, § 31 Abs. 3 VwVfG).
 */
export function workingDayFrom(day: string, holidays: Holidays, stops: readonly Stop[] = []): string {
  let reached = day;
  while (!isWorkingDay(reached, holidays) || isStopped(reached, stops)) reached = addDays(reached, 1);
  return reached;
}

const isStopped = (day: string, stops: readonly Stop[]): boolean =>
  stops.some(({ from, to }) => from <= day && day < to);

/** The day with the same number so many months later; the month's last day where there is none (§ 188 Abs. 2, 3 BGB). */
export function addMonths(day: string, months: number): string {
  const [year, month, number] = day.split('-').map(Number) as [number, number, number];
  const last = new Date(Date.UTC(year, month - 1 + months + 1, 0));
  last.setUTCDate(Math.min(number, last.getUTCDate()));
  return last.toISOString().slice(0, 10);
}

/** @returns how many days `to` lies after `from`. */
export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(`${to}T12:00:00Z`) - Date.parse(`${from}T12:00:00Z`)) / 86_400_000);

/** @returns the day as German letters write it, such as `24.12.2026`. */
export const germanDay = (day: string): string => day.split('-').reverse().join('.');

/** A stop of the clock: from its first day up to, and without, the day it went on. */
export interface Stop {
  readonly from: string;
  readonly to: string;
}

/** How long a period is. */
export interface Period {
  readonly days?: number;
  /** Which days count; all when left out. */
  readonly unit?: 'CALENDAR_DAYS' | 'WORKING_DAYS';
  readonly months?: number;
  readonly years?: number;
  /** It goes on to the end of the year. */
  readonly endOfYear?: boolean;
}

/**
 * The last day of a period that an event on `day` sets off; that day itself does not count (§ 187 Abs. 1 BGB). Days on
 * which the clock stood still are made up for one by one, so a stop never makes it end earlier; a clock that stands
 * still from the first day on starts the day after it goes on.
 */
export function endOf(day: string, period: Period, holidays: Holidays, stops: readonly Stop[] = []): string {
  let reached = addMonths(day, (period.months ?? 0) + 12 * (period.years ?? 0));
  if (period.endOfYear) reached = `${reached.slice(0, 4)}-12-31`;
  while (isStopped(reached, stops)) reached = addDays(reached, 1);
  let left = period.days ?? 0;
  while (left > 0) {
    reached = addDays(reached, 1);
    if (!isStopped(reached, stops) && (period.unit !== 'WORKING_DAYS' || isWorkingDay(reached, holidays))) left -= 1;
  }
  return reached;
}
