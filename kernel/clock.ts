/** The one source of time, so that tests can set it; days are those of Europe/Berlin. */

let offset = 0;

export const now = (): Date => new Date(Date.now() + offset);

/** Tests only: lets the clock of this process run ahead by so many milliseconds. */
export function shiftClock(milliseconds: number): void {
  offset = milliseconds;
}

const berlinDay = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Europe/Berlin',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
});

/** @returns the day in Europe/Berlin as `YYYY-MM-DD`. */
export const dayOf = (moment: Date): string => berlinDay.format(moment);
export const today = (): string => dayOf(now());

/** @param day `YYYY-MM-DD`  @returns the day so many calendar days later (earlier when negative). */
export function addDays(day: string, days: number): string {
  const date = new Date(`${day}T12:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}
