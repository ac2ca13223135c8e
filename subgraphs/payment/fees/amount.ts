/** Amounts in words, and tax, with whole cents only. */
import type { Language } from '../../../kernel/language';

/** @example inWords(123450, 'de') === '1.234,50 €' */
export function inWords(amountMinor: number, language: Language): string {
  const cents = String(amountMinor % 100).padStart(2, '0');
  const grouped = String(Math.trunc(amountMinor / 100)).replace(/\B(?=(\d{3})+$)/g, language === 'de' ? '.' : ',');
  return language === 'de' ? `${grouped},${cents} €` : `€${grouped}.${cents}`;
}

const RATE = /^(\d{1,2})(?:\.(\d{1,2}))?$/;
export const isTaxRate = (text: string): boolean => RATE.test(text);

/** @param ratePercent a decimal such as `19` or `7.5`  @returns the tax in cents, half a cent rounded up */
export function taxOf(netMinor: number, ratePercent: string): number {
  const match = RATE.exec(ratePercent);
  if (!match) throw new Error('This is no tax rate.');
  const hundredths = Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'));
  return Math.trunc((netMinor * hundredths + 5_000) / 10_000);
}
