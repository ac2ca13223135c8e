/** IBAN (ISO 13616): length and structure of the country, check digits 02 to 98. */
import { isValidIBAN } from 'ibantools';

/** @param iban without spaces, in capitals */
export const isIban = (iban: string): boolean => isValidIBAN(iban);

/** As people type it: in groups, in small letters. @returns it without spaces, in capitals; null when it is none */
export function ibanOf(typed: string): string | null {
  const bare = typed.replace(/\s/g, '');
  // before capitals are made: those of some other letters are ours (ſ → S)
  if (!/^[A-Za-z0-9]+$/.test(bare)) return null;
  const iban = bare.toUpperCase();
  return isIban(iban) ? iban : null;
}
