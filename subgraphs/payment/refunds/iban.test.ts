/** Which IBANs money is sent to. */
import { ibanOf, isIban } from './iban';

/** Check digits by the letter of ISO 13616: 98 less the rest, so 02 to 98. */
function withCheckDigits(country: string, bban: string): string {
  const digits = `${bban}${country}00`.replace(/[A-Z]/g, letter => String(letter.charCodeAt(0) - 55));
  return `${country}${String(98n - (BigInt(digits) % 97n)).padStart(2, '0')}${bban}`;
}

test.each([
  'DE02120300000000202051',
  'DE89370400440532013000',
  'AT611904300234573201',
  'CH9300762011623852957',
  'FR1420041010050500013M02606',
  'NL91ABNA0417164300',
  'GB29NWBK60161331926819',
  'NO9386011117947',
  'PL61109010140000071219812874',
  'MT84MALT011000012345MTLCAST001S',
])('%s is one', iban => {
  expect(isIban(iban)).toBe(true);
});

test('the check digits are 02 to 98: what 00, 01 and 99 leave the same rest for is refused', () => {
  const seen = new Set<string>();
  for (let account = 0; account < 400; account++) {
    const iban = withCheckDigits('DE', `12030000${String(account).padStart(10, '0')}`);
    expect(isIban(iban)).toBe(true);
    const digits = Number(iban.slice(2, 4));
    for (const other of [digits - 97, digits + 97].filter(one => one >= 0 && one <= 99)) {
      const alias = `DE${String(other).padStart(2, '0')}${iban.slice(4)}`;
      expect([alias, isIban(alias)]).toEqual([alias, false]);
      seen.add(alias.slice(2, 4));
    }
  }
  expect([...seen].sort()).toEqual(['00', '01', '99']);
});

test('length and structure are those of the country, and the country is one', () => {
  const right = withCheckDigits;
  for (const [country, bban] of [
    ['AT', '190430023457320'], // one short
    ['AT', '19043002345732011'], // one long
    ['DE', '12030000000020205'],
    ['DE', '1203000000002020511'],
    ['DE', '12030000000020205A'], // a letter where digits belong
    ['NL', '1234567890123456'.slice(0, 14)], // digits where the bank's letters belong
    ['XX', '120300000000202051'],
    ['ZZ', '120300000000202051'],
    ['EU', '120300000000202051'],
    ['US', '120300000000202051'],
  ] as const) {
    const iban = right(country, bban);
    expect([iban, isIban(iban)]).toEqual([iban, false]);
  }
});

test('one digit changed, or two swapped, is refused', () => {
  const iban = 'DE89370400440532013000';
  for (let i = 2; i < iban.length; i++) {
    for (let digit = 0; digit < 10; digit++) {
      const typed = iban.slice(0, i) + digit + iban.slice(i + 1);
      if (typed !== iban) expect([typed, isIban(typed)]).toEqual([typed, false]);
    }
    const swapped = iban.slice(0, i) + iban.slice(i + 1, i + 2) + iban[i] + iban.slice(i + 2);
    if (i + 1 < iban.length && swapped !== iban) expect([swapped, isIban(swapped)]).toEqual([swapped, false]);
  }
});

test('is typed with spaces and in small letters, and with nothing else', () => {
  for (const typed of [
    'DE02 1203 0000 0000 2020 51',
    'de02120300000000202051',
    ' DE02\u00a01203\u202f0000 0000 2020 51\t',
  ]) {
    expect(ibanOf(typed)).toBe('DE02120300000000202051');
  }
  for (const typed of [
    '',
    '   ',
    'IBAN DE02 1203 0000 0000 2020 51',
    'DE02-1203-0000-0000-2020-51',
    'DE02120300000000202051\u0000',
    'DE0212030000000020205１', // a wide digit
    'GB29NWBK6016133192681９',
    'MT84MALT011000012345MTLCaſT001S', // a long s, which is S in capitals
    'GB82WEßT12345698765432'.replace('ß', 'ẞ'),
    `DE02120300000000202051${' '.repeat(5)}1`,
  ]) {
    expect([typed, ibanOf(typed)]).toEqual([typed, null]);
  }
});
