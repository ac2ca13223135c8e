/**
 * One spelling for texts that people write in several: for what is stored to be searched, what is searched, and who is
 * recognised. Decided in docs/adr/0031-one-folding.md; {@link foldFunction} is the same in SQL.
 *
 * Small letters without marks · umlauts written out or not are one (ä, ae, a; also å, aa) · ß is ss · the other letters
 * of DIN 91379 become its basic letters · hyphens and blanks are one blank · apostrophes are nothing.
 */

/** Written in two letters: `Æ` is ae. */
const TWO: readonly (readonly [letters: string, written: string])[] = [
  ['ßẞ', 'ss'],
  ['æÆ', 'ae'],
  ['œŒ', 'oe'],
  ['þÞ', 'th'],
];

/** One letter for another, place by place; what has no partner goes. Marks are off already. */
const CROSSED = 'ØøÐðĐđĦħĸŁłŊŋŦŧƇƈƏəƗɨıǤǥƷʒ';
const CROSSED_TO = 'ooddddhhkllnnttcceeiiiggzz';
const GREEK = 'ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩς';
const GREEK_TO = 'αβγδεζηθικλμνξοπρστυφχψωσ';
const CYRILLIC = 'АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЂЄЅІЈЉЊЋЏҐ';
const CYRILLIC_TO = 'абвгдежзиклмнопрстуфхцчшщъыьэюяђєѕіјљњћџґ';
const DASHES = '-‐‑‒–—―−';
const APOSTROPHES = `'’‘‚‛\`ʹʺʻʼʽʾʿˈˌ′″·`;
/** Blanks and ends of lines that are not ASCII, and that normalization leaves. */
const WIDE_BLANKS = '\u0085\u1680\u2028\u2029';
/** Where a long word may be broken, which way letters run, and the like; it comes along with what is pasted. */
const UNSEEN =
  '\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064' +
  '\u2066\u2067\u2068\u2069\ufe00\ufe01\ufe02\ufe0e\ufe0f\ufeff';
const FROM = `${CROSSED}${GREEK}${CYRILLIC}${DASHES}${WIDE_BLANKS}${APOSTROPHES}${UNSEEN}`;
const TO = `${CROSSED_TO}${GREEK_TO}${CYRILLIC_TO}${' '.repeat(DASHES.length + WIDE_BLANKS.length)}`;

const ONE: ReadonlyMap<string, string> = new Map([
  ...[...FROM].map((letter, place) => [letter, TO[place] ?? ''] as const),
  ...TWO.flatMap(([letters, written]) => [...letters].map(letter => [letter, written] as const)),
]);

const MARKS = /[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]/g;
const BLANKS = /[\t\n\v\f\r ]+/g;
/** Taken back to one letter, in this order. */
const WRITTEN_OUT = ['ae', 'aa', 'oe'];
/** Not in "Bauer", "neue" and "Quelle": after a, e and q these two letters are never an umlaut. */
const UE = /(?<![aeq])ue/g;

export function fold(text: string): string {
  let folded = '';
  for (const letter of text.replaceAll('´', "'").normalize('NFKD').replace(MARKS, '')) {
    folded += letter >= 'A' && letter <= 'Z' ? letter.toLowerCase() : (ONE.get(letter) ?? letter);
  }
  for (const two of WRITTEN_OUT) folded = folded.replaceAll(two, two[0]!);
  return folded.replace(UE, 'u').replace(BLANKS, ' ').replace(/^ | $/g, '');
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/**
 * The function `fold` of a schema, for its migrations. A change of the tables above is a migration that makes the
 * function anew, builds its indexes again, and folds again what is stored.
 */
export function foldFunction(schema: string): string {
  const two = TWO.flatMap(([letters, written]) => [...letters].map(letter => [letter, written] as const));
  const replaced = (text: string, pairs: readonly (readonly [string, string])[]) =>
    pairs.reduce((sql, [from, to]) => `replace(${sql}, '${from}', '${to}')`, text);
  return `CREATE OR REPLACE FUNCTION ${schema}.fold(text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $fold$
DECLARE
  folded text := lower($1 COLLATE "C");
BEGIN
  -- nearly all texts have little that is not ASCII, and what follows is slow
  IF octet_length(folded) <> length(folded) THEN
    folded := regexp_replace(normalize(replace(folded, '´', ''''), NFKD), '${MARKS.source}', '', 'g');
    folded := ${replaced('folded', two)};
    IF octet_length(folded) <> length(folded) THEN
      folded := translate(folded, ${literal(FROM)}, ${literal(TO)});
    END IF;
    folded := lower(folded COLLATE "C");
  END IF;
  folded := ${replaced(
    `translate(folded, ${literal("-'`")}, ' ')`,
    WRITTEN_OUT.map(pair => [pair, pair[0]!] as const),
  )};
  IF strpos(folded, 'ue') > 0 THEN
    folded := regexp_replace(folded, '${UE.source}', 'u', 'g');
  END IF;
  RETURN btrim(regexp_replace(folded, '${BLANKS.source}', ' ', 'g'));
END $fold$;
COMMENT ON FUNCTION ${schema}.fold IS 'One spelling for what people write in several; the same as fold of kernel/fold.ts.';
`;
}
